"""The rule set: evaluates comments, one or many, by looking at facts only.

Lives here: `RuleSet` and `LoadedRule`. Evaluation is pure; it reads no clock, no file and no
store. Many comments take the way of columns first: a rule looks at a comment only where its
screen leaves the answer open.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from bot.errors import Location
from bot.model import (
    Evaluation,
    Evasion,
    ExceptionHit,
    Facts,
    HistoryQuery,
    Match,
    Missing,
    Outcome,
    Rule,
    RuleStatus,
    Span,
    Unknown,
)
from bot.rules.batch import Batch
from bot.rules.conditions import Condition
from bot.rules.conditions.base import Anchors, canonical
from bot.rules.conditions.text import Words
from bot.rules.example_language import ExampleLists
from bot.rules.exceptions import RuleException, excused_spans, find_covers
from bot.rules.language import RuleSpec
from bot.rules.look import NOTHING_EXCUSED, Answer, Excused, Look
from bot.rules.matcher import Hits, Matcher, Term
from bot.rules.matches import match_of
from bot.rules.reason import Reason
from bot.rules.scope import Scope
from bot.rules.trace import RuleTrace, trace_rule
from bot.yamlfile import Located

ACTIVE = (RuleStatus.LIVE, RuleStatus.SHADOW)

_NOTHING = Evaluation()
_CHUNK = 8192
# Sources are few; but a client may name its own.
_MOST_SOURCES = 64


@dataclass(frozen=True)
class LoadedRule:
    """A rule with all that evaluation, examples and lint need of it."""

    rule: Rule
    when: Condition
    scope: Scope
    reason: Reason | None
    examples: ExampleLists
    spec: RuleSpec

    @cached_property
    def terms(self) -> frozenset[int]:
        """The matcher's numbers of all its word entries."""
        return frozenset().union(*(part.term_ids() for part in self.when.walk()))

    @cached_property
    def patterns(self) -> frozenset[int]:
        """The matcher's numbers of all its regexes."""
        return frozenset().union(*(part.pattern_ids() for part in self.when.walk()))

    @cached_property
    def anchors(self) -> Anchors | None:
        """The numbers of the entries without any of which it does not match, if it has such."""
        return self.when.anchors()

    def may_match(self, hits: Hits) -> bool:
        """Tell whether its answer may be other than NO_MATCH, as far as hits tell."""
        if self.anchors is None:
            return True
        terms, patterns = self.anchors
        return not (terms.isdisjoint(hits.terms) and patterns.isdisjoint(hits.patterns))

    @cached_property
    def told_labels(self) -> frozenset[str]:
        """The labels whose scores its reason tells."""
        return self.reason.labels if self.reason else frozenset()

    @cached_property
    def digest(self) -> str:
        """A hash of what the rule means; comments, order and place do not matter."""
        rule = self.rule
        meaning = {
            "id": rule.id,
            "title": rule.title,
            "status": str(rule.status),
            "level": str(rule.level),
            "action": str(rule.action),
            "labels": sorted(rule.labels),
            "effects": [(effect.kind, str(effect.duration)) for effect in rule.effects],
            "reason": rule.reason,
            "quota": rule.quota_per_day,
            "scope": self.scope.meaning(),
            "when": {self.when.name: self.when.meaning()},
        }
        return _hash(canonical(meaning))

    def places(self, hits: Hits | None) -> dict[Span, Evasion]:
        """Return the places of all that its words and regexes found, and the least guessing."""
        if hits is None:
            return {}
        found: dict[Span, Evasion] = {}
        for span, _, evasion, _ in hits.of(self.terms, self.patterns):
            if evasion < found.setdefault(span, evasion):
                found[span] = evasion
        return found


@dataclass(frozen=True)
class LoadedList:
    """A list of one rule file: its name there, its entries, and whether anything uses it.

    A named pattern comes as a list without entries.
    """

    name: str
    where: Location
    entries: tuple[Located[str], ...]
    used: bool
    noun: str = "list"


@dataclass(frozen=True, slots=True)
class _OfSource:
    """The active rules for comments from one source, and what they ask of the history."""

    rules: tuple[LoadedRule, ...]
    queries: tuple[HistoryQuery, ...]


@dataclass(frozen=True, eq=False)
class RuleSet:
    """Rules and exceptions, loaded together."""

    loaded: tuple[LoadedRule, ...]
    exceptions: tuple[RuleException, ...]
    matcher: Matcher
    lists: tuple[LoadedList, ...] = ()
    _active: tuple[LoadedRule, ...] = field(init=False, repr=False)
    _exception_terms: frozenset[int] = field(init=False, repr=False)
    _exception_patterns: frozenset[int] = field(init=False, repr=False)
    _by_source: dict[str, _OfSource] = field(init=False, repr=False, default_factory=dict)

    def __post_init__(self) -> None:
        active = tuple(each for each in self.loaded if each.rule.status in ACTIVE)
        object.__setattr__(self, "_active", active)
        terms = frozenset[int]().union(*(each.terms for each in self.exceptions))
        object.__setattr__(self, "_exception_terms", terms)
        patterns = frozenset[int]().union(*(each.patterns for each in self.exceptions))
        object.__setattr__(self, "_exception_patterns", patterns)

    @cached_property
    def terms(self) -> tuple[Term, ...]:
        """The word entries of its rules, each once, in order."""
        entries = {
            Term(entry, part.evasion): None
            for each in self.loaded
            for part in each.when.walk()
            if isinstance(part, Words)
            for entry in part.all_entries
        }
        return tuple(entries)

    @cached_property
    def rules(self) -> tuple[Rule, ...]:
        """All rules by id, drafts and retired ones too."""
        return tuple(each.rule for each in self.loaded)

    @cached_property
    def id(self) -> str:
        """A hash of all that can change a verdict: order, comments and drafts cannot."""
        rules = [each.digest for each in self._active]
        exceptions = [each.meaning() for each in self.exceptions]
        return _hash(canonical({"rules": sorted(rules), "exceptions": exceptions}))

    @cached_property
    def history_queries(self) -> tuple[HistoryQuery, ...]:
        """What the active rules ask of the history, each question once."""
        return _queries(self._active)

    def history_queries_of(self, source: str) -> tuple[HistoryQuery, ...]:
        """Return what the active rules for comments from `source` ask of the history."""
        return self._of_source(source).queries

    @cached_property
    def labels_used(self) -> frozenset[str]:
        """The labels that active rules compare or tell."""
        compared = {t.label for each in self._active for t in each.rule.thresholds}
        return frozenset(compared).union(*(each.told_labels for each in self._active))

    def evaluate(self, facts: Facts) -> Evaluation:
        """Return what the rules say of one comment."""
        hits = self.matcher.find(facts.text)
        rules = [
            each for each in self._of_source(facts.comment.source).rules if each.may_match(hits)
        ]
        return self._evaluate(facts, hits, rules)

    def evaluate_many(self, facts: Sequence[Facts]) -> list[Evaluation]:
        """Return what `evaluate` says of each comment; clean ones share one empty evaluation."""
        result: list[Evaluation] = []
        for start in range(0, len(facts), _CHUNK):
            result += self._evaluate_chunk(facts[start : start + _CHUNK])
        return result

    def wanting_scores(self, facts: Sequence[Facts]) -> list[int]:
        """Return the places of comments that cannot be decided without scores, whatever they say.

        Quick, and not complete: where words decide whether scores matter, `evaluate` tells.
        """
        batch = Batch(facts, [None] * len(facts))
        settled = batch.flags(_has_scores)
        wanted = batch.nowhere()
        for each in self._active_in(batch):
            if each.rule.thresholds and not settled.all():
                for row in np.flatnonzero(each.when.screen(batch).match & ~settled).tolist():
                    wanted[row] = settled[row] = not each.scope.excludes(facts[row].comment)
        return [int(row) for row in np.flatnonzero(wanted)]

    def answer(self, loaded: LoadedRule, facts: Facts) -> Answer:
        """Return what one rule's condition says, whatever its status; scope is not looked at."""
        return loaded.when.test(self._look(loaded, facts, self.matcher.find(facts.text)))

    def explain(self, facts: Facts) -> tuple[RuleTrace, ...]:
        """Return the trace of every rule, drafts and retired ones too."""
        hits = self.matcher.find(facts.text)
        _, excepted = self._excuse(facts, hits, self.loaded)
        return tuple(
            trace_rule(
                each.rule,
                each.when,
                self._look(each, facts, hits),
                _inactive(each.rule) or each.scope.excludes(facts.comment),
                tuple(dict.fromkeys(e.exception for e in excepted if e.rule == each.rule.id)),
            )
            for each in self.loaded
        )

    def _active_in(self, batch: Batch) -> tuple[LoadedRule, ...]:
        """Return the active rules that any comment of the batch may concern."""
        if len(batch.sources) == 1:
            return self._of_source(*batch.sources).rules
        return self._active

    def _of_source(self, source: str) -> _OfSource:
        known = self._by_source.get(source)
        if known is None:
            rules = tuple(each for each in self._active if each.scope.takes(source))
            known = _OfSource(rules, _queries(rules))
            if len(self._by_source) >= _MOST_SOURCES:
                self._by_source.clear()
            self._by_source[source] = known
        return known

    def _look(self, loaded: LoadedRule, facts: Facts, hits: Hits | None) -> Look:
        excused, _ = self._excuse(facts, hits, (loaded,))
        spared = excused.get(loaded.rule.id, NOTHING_EXCUSED)
        return Look(facts, hits, spared, loaded.terms, loaded.patterns)

    def _evaluate_chunk(self, facts: Sequence[Facts]) -> list[Evaluation]:
        result = [_NOTHING] * len(facts)
        hits = self.matcher.find_many([each.text for each in facts])
        for row, rules in self._open(Batch(facts, hits)).items():
            result[row] = self._evaluate(facts[row], hits[row], rules)
        return result

    def _open(self, batch: Batch) -> dict[int, list[LoadedRule]]:
        """Return, by row, the rules whose answer may be other than NO_MATCH."""
        excepted = batch.terms(self._exception_terms) | batch.patterns(self._exception_patterns)
        rows: dict[int, list[LoadedRule]] = {int(row): [] for row in np.flatnonzero(excepted)}
        for each in self._active_in(batch):
            for row in np.flatnonzero(each.when.screen(batch).match).tolist():
                rows.setdefault(row, []).append(each)
        return rows

    def _evaluate(self, facts: Facts, hits: Hits | None, rules: Sequence[LoadedRule]) -> Evaluation:
        excused, excepted = self._excuse(facts, hits, self._active)
        matches: list[Match] = []
        unknown: list[Unknown] = []
        needs_scores = False
        for each in rules:
            if each.scope.excludes(facts.comment):
                continue
            look = Look(
                facts, hits, excused.get(each.rule.id, NOTHING_EXCUSED), each.terms, each.patterns
            )
            answer = each.when.test(look)
            if answer.outcome is Outcome.MATCH:
                matches.append(match_of(each.rule, each.reason, answer, facts))
                needs_scores |= bool(each.told_labels) and _waits(facts, look.lack("scores"))
            elif answer.outcome is Outcome.UNKNOWN:
                rule = each.rule
                unknown.append(Unknown(rule.id, rule.action, rule.status, answer.missing))
                needs_scores |= any(_waits(facts, item) for item in answer.missing)
        if not (matches or unknown or excepted):
            return _NOTHING
        matches.sort(key=lambda match: (-match.action, match.rule))
        return Evaluation(tuple(matches), tuple(unknown), excepted, needs_scores)

    def _excuse(
        self, facts: Facts, hits: Hits | None, rules: Sequence[LoadedRule]
    ) -> tuple[dict[str, Excused], tuple[ExceptionHit, ...]]:
        """Return what exceptions cancel, by rule, whether or not the rule would have matched."""
        if hits is None or (
            self._exception_terms.isdisjoint(hits.terms)
            and self._exception_patterns.isdisjoint(hits.patterns)
        ):
            return {}, ()
        found = find_covers(self.exceptions, facts.comment, hits)
        excused: dict[str, Excused] = {}
        excepted: list[ExceptionHit] = []
        for each in rules if found else ():
            places = each.places(hits)
            if places and not each.scope.excludes(facts.comment):
                excused[each.rule.id], named = excused_spans(found, each.rule.id, places)
                excepted += named
        return excused, tuple(excepted)


def _has_scores(facts: Facts) -> bool:
    return facts.scores is not None


def _queries(rules: Sequence[LoadedRule]) -> tuple[HistoryQuery, ...]:
    asked = (query for each in rules for part in each.when.walk() for query in part.queries())
    return tuple(dict.fromkeys(asked))


def _inactive(rule: Rule) -> str:
    return "" if rule.status in ACTIVE else f"the rule is {rule.status}: it is not evaluated"


def _waits(facts: Facts, item: Missing) -> bool:
    """Tell whether asking the model could still bring this input."""
    return facts.scores is None and item.what == "scores" and not item.failed


def _hash(text: str) -> str:
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()
