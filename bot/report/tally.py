"""Counts screened comments one by one into a summary.

Lives here: what is counted, what is kept to be shown, and how much. Not here: how it looks
(`bot.report.page`, `bot.report.terminal`). Memory grows with rules, authors and days, not with
comments: of those only the most telling ones are held.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import partial

from bot.model import Action, Comment, Evasion, Match, RuleStatus, Verdict
from bot.proportion import Proportion
from bot.report.context import ContextIndex
from bot.report.keep import Best, by_score, by_strength, chance, identity
from bot.report.phrases import group_by_phrase
from bot.report.stats import Quality, ScoreCounts
from bot.report.values import (
    ASKS_A_MODERATOR,
    Listing,
    RuleSummary,
    Screened,
    Shown,
    Summary,
    Workload,
)

HIGH_SCORE = 0.8
"""From here on we say that the model objects."""
LOW_SCORE = 0.2
"""Below this we say that the model sees nothing."""

_SHOWN = 500
_SHOWN_A_RULE = 25
_SHOWN_ERRORS = 100
_SHOWN_DISAGREEMENTS = 50
_SAMPLE = 400

Kept = Best[Screened]


@dataclass(slots=True)
class _RuleCount:
    hits: int = 0
    sole: int = 0
    shadow: int = 0
    disguised: int = 0
    authors: set[str] = field(default_factory=set)
    labels: Counter[bool] = field(default_factory=Counter)
    examples: Kept = field(default_factory=lambda: Kept(_SHOWN_A_RULE))

    def add(self, screened: Screened, match: Match) -> None:
        comment = screened.comment
        self.hits += 1
        self.sole += _only_this_catches(match, screened.verdict)
        self.shadow += match.status is RuleStatus.SHADOW
        self.disguised += match.evasion is Evasion.STRONG
        if author := author_key(comment):
            self.authors.add(author)
        if comment.label is not None:
            self.labels[comment.label] += 1
        self.examples.add(by_strength(screened), screened)

    def summary(self, rule: str, abusive: int) -> RuleSummary:
        labels = self.labels
        known = Quality(labels[True], labels[False], abusive - labels[True])
        return RuleSummary(
            rule=rule,
            hits=self.hits,
            sole=self.sole,
            shadow=self.shadow,
            disguised=self.disguised,
            authors=len(self.authors),
            quality=known if labels else None,
        )


def _only_this_catches(match: Match, verdict: Verdict) -> bool:
    bar = min(match.action, ASKS_A_MODERATOR)
    return not any(
        other.rule != match.rule and other.status is RuleStatus.LIVE and other.action >= bar
        for other in verdict.matches
    )


def _labels_to_review(verdict: Verdict) -> set[str]:
    return {
        label
        for match in verdict.acting
        if match.action >= ASKS_A_MODERATOR
        for label in match.labels
    }


def author_key(comment: Comment) -> str:
    """Return what tells authors apart; empty when nobody knows who wrote it."""
    return comment.author.id or comment.author.name


@dataclass(slots=True)
class _Days:
    """The span of time that the comments cover, and how many went to review on each day."""

    first: datetime | None = None
    last: datetime | None = None
    undated: int = 0
    reviews: Counter[date] = field(default_factory=Counter)

    def add(self, time: datetime | None, *, flagged: bool) -> None:
        if time is None:
            self.undated += 1
            return
        if self.first is None or time < self.first:
            self.first = time
        if self.last is None or time > self.last:
            self.last = time
        if flagged:
            self.reviews[time.date()] += 1

    def workload(self) -> Workload | None:
        if self.first is None or self.last is None:
            return None
        busiest = max(self.reviews.items(), key=lambda day: (day[1], day[0]), default=None)
        return Workload(self.first, self.last, self.reviews.total(), busiest)


@dataclass(slots=True)
class Tally:
    """Takes screened comments in any order; the summary does not depend on it."""

    _actions: list[int] = field(default_factory=lambda: [0] * len(Action))
    _authors: set[str] = field(default_factory=set)
    _rules: defaultdict[str, _RuleCount] = field(default_factory=lambda: defaultdict(_RuleCount))
    _scores: ScoreCounts = field(default_factory=ScoreCounts)
    _days: _Days = field(default_factory=_Days)
    _degraded: int = 0
    _missing: Counter[str] = field(default_factory=Counter)
    _origins: set[tuple[str, str]] = field(default_factory=set)
    _labels: Counter[tuple[bool, bool]] = field(default_factory=Counter)
    _by_label: defaultdict[str, Counter[bool]] = field(default_factory=lambda: defaultdict(Counter))
    _context: ContextIndex = field(default_factory=ContextIndex)
    _caught: Kept = field(default_factory=lambda: Kept(_SHOWN))
    _misses: Kept = field(default_factory=lambda: Kept(_SHOWN_ERRORS))
    _false_alarms: Kept = field(default_factory=lambda: Kept(_SHOWN_ERRORS))
    _words_only: Kept = field(default_factory=lambda: Kept(_SHOWN_DISAGREEMENTS))
    _model_only: Kept = field(default_factory=lambda: Kept(_SHOWN_DISAGREEMENTS))
    _unnoticed: Kept = field(default_factory=lambda: Kept(_SAMPLE))
    _ordinary: Kept = field(default_factory=lambda: Kept(_SAMPLE))

    def add(self, screened: Screened) -> None:
        """Count one screened comment."""
        comment, verdict = screened.comment, screened.verdict
        flagged = screened.flagged
        self._actions[verdict.action] += 1
        self._origins.add((verdict.ruleset, verdict.model))
        self._context.add(comment, verdict.action)
        self._days.add(comment.created_at, flagged=flagged)
        self._add_scores(screened)
        if flagged and (author := author_key(comment)):
            self._authors.add(author)
        if verdict.degraded:
            self._degraded += 1
            self._missing.update({item.what for item in verdict.missing})
        if comment.label is not None:
            self._add_labelled(screened, abusive=comment.label)
        if verdict.matches or flagged:
            self._caught.add(by_strength(screened), screened)
            for match in {match.rule: match for match in verdict.matches}.values():
                self._rules[match.rule].add(screened, match)

    def _add_scores(self, screened: Screened) -> None:
        """Count the scores; keep the comments on which words and model do not agree."""
        comment, verdict = screened.comment, screened.verdict
        if verdict.scores is None:
            return
        self._scores.add(verdict.scores.values, abusive=comment.label)
        top = screened.top_score
        if not verdict.matches:
            self._add_unmatched(screened, top)
        elif any(match.spans for match in verdict.matches):
            if top < LOW_SCORE:
                self._words_only.add(by_strength(screened), screened)
        elif top >= HIGH_SCORE:
            self._model_only.add(by_score(screened), screened)

    def _add_unmatched(self, screened: Screened, top: float) -> None:
        comment = screened.comment
        if top >= HIGH_SCORE:
            self._unnoticed.add(by_score(screened), screened)
        elif self._ordinary.admits(number := chance(comment)):
            self._ordinary.add((number, *identity(comment)), screened)

    def _add_labelled(self, screened: Screened, *, abusive: bool) -> None:
        self._labels[abusive, screened.flagged] += 1
        for label in _labels_to_review(screened.verdict):
            self._by_label[label][abusive] += 1
        if abusive and not screened.flagged:
            self._misses.add(by_score(screened), screened)
        elif screened.flagged and not abusive:
            self._false_alarms.add(by_strength(screened), screened)

    def summary(self) -> Summary:
        """Freeze what was counted; more may be added afterwards."""
        caught = self._caught_items()
        unnoticed = self._unnoticed.items()
        listed = (self._misses, self._false_alarms, self._words_only, self._model_only)
        shown = self._show([*caught, *unnoticed, *(i for kept in listed for i in kept.items())])
        rows = partial(_listing, shown=shown)
        return Summary(
            total=sum(self._actions),
            actions={action: self._actions[action] for action in Action},
            authors=len(self._authors),
            rules=self._rule_summaries(),
            histograms=self._scores.histograms(),
            workload=self._days.workload(),
            undated=self._days.undated,
            degraded=self._degraded,
            missing=dict(sorted(self._missing.items(), key=lambda item: (-item[1], item[0]))),
            rulesets=tuple(sorted({ruleset for ruleset, _ in self._origins})),
            models=tuple(sorted({model for _, model in self._origins})),
            caught=rows(self._caught.total, caught),
            quality=self._quality(),
            labels=self._label_precisions(),
            misses=rows(self._misses.total, self._misses.items()),
            false_alarms=rows(self._false_alarms.total, self._false_alarms.items()),
            words_only=rows(self._words_only.total, self._words_only.items()),
            model_only=rows(self._model_only.total, self._model_only.items()),
            unnoticed=rows(self._unnoticed.total, unnoticed),
            phrases=group_by_phrase(
                [shown[id(item)] for item in unnoticed],
                [item.comment.text for item in self._ordinary.items()],
            ),
        )

    def _caught_items(self) -> list[Screened]:
        """Return the strongest comments of all, and of each rule, each once, strongest first."""
        examples = (item for rule in self._rules.values() for item in rule.examples.items())
        kept = {id(item): item for item in (*self._caught.items(), *examples)}
        return sorted(kept.values(), key=by_strength, reverse=True)

    def _show(self, items: list[Screened]) -> dict[int, Shown]:
        """Look up the context of all `items` in one pass."""
        unique = {id(item): item for item in items}
        contexts = self._context.around(item.comment for item in unique.values())
        return {
            name: Shown(item, context)
            for (name, item), context in zip(unique.items(), contexts, strict=True)
        }

    @property
    def _abusive(self) -> int:
        return self._labels[True, True] + self._labels[True, False]

    def _label_precisions(self) -> tuple[tuple[str, Proportion], ...]:
        """Return how right the rules of each label are, the most frequent first."""
        counted = sorted(self._by_label.items(), key=lambda item: (-item[1].total(), item[0]))
        return tuple((label, Proportion(found[True], found.total())) for label, found in counted)

    def _rule_summaries(self) -> tuple[RuleSummary, ...]:
        abusive = self._abusive
        rules = (count.summary(rule, abusive) for rule, count in self._rules.items())
        return tuple(sorted(rules, key=lambda rule: (-rule.hits, rule.rule)))

    def _quality(self) -> Quality | None:
        labels = self._labels
        if not labels:
            return None
        return Quality(labels[True, True], labels[False, True], labels[True, False])


def _listing(total: int, items: Iterable[Screened], *, shown: dict[int, Shown]) -> Listing[Shown]:
    return Listing(total, tuple(shown[id(item)] for item in items))
