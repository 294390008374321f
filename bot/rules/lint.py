"""What a rule author should look at, though the rules load: one small function a finding.

Lives here: the checks behind `gavel rules check`, in a table. Errors that keep rules from
loading are found by the loader.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Collection, Iterator
from datetime import date
from pathlib import Path
from typing import TypeVar

from bot.errors import Location, Problem, Severity, did_you_mean
from bot.model import LABELS, RuleStatus
from bot.rules.conditions.base import Condition, canonical
from bot.rules.conditions.score import Score
from bot.rules.conditions.text import Regex, Words
from bot.rules.kinds import Comparison, Globs
from bot.rules.loader import read_rules
from bot.rules.ruleset import ACTIVE, LoadedRule, RuleSet
from bot.text import fold_many
from bot.yamlfile import Located, Report

SOURCES = ("discord", "http", "archive")
_SHORTEST = 3

C = TypeVar("C", bound=Condition)

_WORD = r"[^\W\d_]+(?:[ '-][^\W\d_]+)*"
_ONLY_WORDS = re.compile(rf"(?:\\b)?(?:{_WORD}|\((?:\?:)?{_WORD}(?:\|{_WORD})*\))(?:\\b)?")

Finding = tuple[str, str, Location, str]
"""Code, message, place, hint."""


def check_rules(
    path: Path, *, labels: Collection[str] | None = None, today: date | None = None
) -> list[Problem]:
    """Return all that is wrong with the rules: errors, or else warnings, by place.

    `today` is the day on which exceptions are judged to have expired; without it none is.
    """
    report = Report()
    ruleset = read_rules(path, report, labels=labels)
    if ruleset is None:
        return list(report.problems)
    for code, message, where, hint in lint(ruleset, today):
        report.add(Problem(code, message, where, hint, Severity.WARNING))
    return list(report.problems)


def lint(ruleset: RuleSet, today: date | None = None) -> Iterator[Finding]:
    """Yield the findings on a rule set."""
    for loaded in ruleset.loaded:
        for check in RULE_CHECKS:
            yield from check(loaded)
    yield from _entries(ruleset)
    yield from _unused_lists(ruleset)
    yield from _same_conditions(ruleset)
    yield from _exceptions(ruleset, today)


# --- one rule --------------------------------------------------------------------------------


def _examples(loaded: LoadedRule) -> Iterator[Finding]:
    rule, examples = loaded.rule, loaded.examples
    if rule.status is RuleStatus.RETIRED:
        return
    if not examples.match:
        hint = "add a comment that it must match under examples: match:"
        yield ("no-examples", f"the rule {rule.id} has no example that matches", _id(loaded), hint)
    if not examples.no_match and rule.status is RuleStatus.LIVE:
        hint = "add a comment that it must leave alone under examples: no_match:"
        message = f"the live rule {rule.id} has no example that it leaves alone"
        yield ("no-counterexample", message, _id(loaded), hint)


def _thresholds(loaded: LoadedRule) -> Iterator[Finding]:
    for score in _of(loaded, Score):
        for label, each in score.thresholds_by_label.items():
            where = each.node.location
            if label not in LABELS:
                hint = did_you_mean(label, LABELS)
                yield ("strange-label", f"no model of ours has the label {label}", where, hint)
            if not _reachable(each.value):
                message = f"{label} {each.value} never holds: scores lie between 0 and 1"
                yield ("unreachable", message, where, "choose a threshold below 1")
            elif _always(each.value):
                message = f"{label} {each.value} always holds: scores lie between 0 and 1"
                yield ("always-true", message, where, "choose a threshold above 0")


def _reachable(comparison: Comparison) -> bool:
    return comparison.holds(0.0) or comparison.holds(1.0) or 0 < comparison.value < 1


def _always(comparison: Comparison) -> bool:
    return comparison.sign != "==" and comparison.holds(0.0) and comparison.holds(1.0)


def _word_like_regexes(loaded: LoadedRule) -> Iterator[Finding]:
    for regex in _of(loaded, Regex):
        for pattern in regex.pattern:
            if _ONLY_WORDS.fullmatch(pattern.value):
                yield (
                    "regex-of-words",
                    "this regex only lists words",
                    pattern.node.location,
                    "write a words condition: it sees through disguises",
                )


def _sources(loaded: LoadedRule) -> Iterator[Finding]:
    for source in loaded.spec.scope.sources or ():
        if "*" not in source and "?" not in source and source not in SOURCES:
            hint = did_you_mean(source, SOURCES)
            message = f"the rule {loaded.rule.id} is for the source {source}"
            yield ("strange-source", f"{message}, which Gavel does not have", _id(loaded), hint)


RULE_CHECKS: tuple[Callable[[LoadedRule], Iterator[Finding]], ...] = (
    _examples,
    _thresholds,
    _word_like_regexes,
    _sources,
)


# --- words and lists -------------------------------------------------------------------------


def _entries(ruleset: RuleSet) -> Iterator[Finding]:
    groups = [each.entries for each in ruleset.lists]
    groups += [words.entries for each in ruleset.loaded for words in _of(each, Words)]
    groups += [each.words for each in ruleset.exceptions]
    for entries in groups:
        yield from _duplicates(entries)
        for entry in entries:
            yield from _entry(entry)


def _duplicates(entries: tuple[Located[str], ...]) -> Iterator[Finding]:
    first: dict[str, Located[str]] = {}
    for entry in entries:
        key = " ".join(entry.value.casefold().split())
        if key in first:
            hint = f"the first is on line {first[key].node.line + 1}; remove one"
            message = f'the entry "{entry.value}" stands here twice'
            yield ("duplicate-entry", message, entry.node.location, hint)
        first.setdefault(key, entry)


def _entry(entry: Located[str]) -> Iterator[Finding]:
    text, where = entry.value, entry.node.location
    letters = text.strip("*")
    if text.startswith("*") and text.endswith("*") and len(letters) < _SHORTEST:
        message = f'"{text}" finds "{letters}" inside countless innocent words'
        yield (
            "short-wildcard",
            message,
            where,
            f'write at least {_SHORTEST} letters, or "{letters}"',
        )
    hidden = next((c for c in text if unicodedata.category(c) == "Cf"), None)
    if hidden is not None:
        message = f"the entry holds an invisible character (U+{ord(hidden):04X})"
        yield ("invisible-character", message, where, "type the entry anew")


def _unused_lists(ruleset: RuleSet) -> Iterator[Finding]:
    for each in ruleset.lists:
        if not each.used:
            message = f'no rule of this file uses the {each.noun} "{each.name}"'
            yield (f"unused-{each.noun}", message, each.where, "remove it, or use it in a rule")


def _same_conditions(ruleset: RuleSet) -> Iterator[Finding]:
    first: dict[str, LoadedRule] = {}
    for each in ruleset.loaded:
        if each.rule.status not in ACTIVE:
            continue
        key = canonical([each.when.name, each.when.meaning(), each.scope.meaning()])
        if key in first:
            other = first[key].rule.id
            message = f"the rule {each.rule.id} asks the same as {other}"
            yield ("same-condition", message, _id(each), "one of them suffices")
        first.setdefault(key, each)


# --- exceptions ------------------------------------------------------------------------------


def _exceptions(ruleset: RuleSet, today: date | None) -> Iterator[Finding]:
    for each in ruleset.exceptions:
        name, where = each.id.value, each.id.node.location
        if today is not None and each.expires is not None and each.expires <= today:
            message = f"the exception {name} has expired on {each.expires}"
            yield ("expired-exception", message, where, "renew or remove it")
        for glob, found in _rules_of(ruleset, each.rules):
            if not found:
                message = f"no rule fits {glob.value}"
                yield ("exception-without-rule", message, glob.node.location, "check the id")
        rules = [loaded for loaded in ruleset.loaded if each.is_for(loaded.rule.id)]
        if rules:
            yield from _useless_words(ruleset, rules, each.words)


def _rules_of(
    ruleset: RuleSet, globs: tuple[Located[str], ...]
) -> Iterator[tuple[Located[str], bool]]:
    for glob in globs:
        match = Globs((glob.value,)).match
        yield glob, any(match(loaded.rule.id) for loaded in ruleset.loaded)


def _useless_words(
    ruleset: RuleSet, rules: list[LoadedRule], words: tuple[Located[str], ...]
) -> Iterator[Finding]:
    """Yield the innocent words in which no rule finds anything."""
    texts = fold_many([word.value.strip("*") for word in words])
    for word, hits in zip(words, ruleset.matcher.find_many(texts), strict=True):
        # With a wildcard, the word itself is only a part of what the exception covers.
        if "*" in word.value or any(loaded.places(hits) for loaded in rules):
            continue
        message = f'no rule that it is for finds anything in "{word.value}"'
        yield ("useless-exception", message, word.node.location, "remove the word")


def _of(loaded: LoadedRule, kind: type[C]) -> list[C]:
    return [part for part in loaded.when.walk() if isinstance(part, kind)]


def _id(loaded: LoadedRule) -> Location:
    return loaded.spec.id.node.location
