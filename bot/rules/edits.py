"""What was edited between two rule sets, told in words.

Lives here: `edits_between`. It compares what rules mean, not how their files are written. Not here:
what an edit does to comments (`bot.replay`) and how it is shown (`bot.report`).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from bot.model import Edit, EditDetail
from bot.rules.exceptions import RuleException
from bot.rules.ruleset import ACTIVE, LoadedRule, RuleSet

_NOUNS = {
    "entries": ("entry", "entries"),
    "pattern": ("pattern", "patterns"),
    "for": ("rule it is for", "rules it is for"),
    "not_channels": ("excluded channel", "excluded channels"),
    "not_domains": ("excluded domain", "excluded domains"),
    "not_roles": ("excluded role", "excluded roles"),
    "exempt_roles": ("exempt role", "exempt roles"),
    "needs": ("needed fact", "needed facts"),
}
"""What a list of the rule language holds, where its key is not the noun itself."""

CONDITION_WORDS = {
    "words": "words",
    "regex": "pattern",
    "score": "score of the model",
    "links": "links",
    "mentions": "mentions",
    "attachments": "attachments",
    "length": "length",
    "shape": "shape of the text",
    "author": "facts about the author",
    "rate": "rate of comments",
    "time": "time of day or week",
    "reply": "being a reply",
    "quoted": "being a quotation",
    "all": "all of several",
    "any": "one of several",
    "not": "something that must not hold",
}
"""What each condition asks about, beside its key."""
_SIGNS = {">=": "≥", "<=": "≤"}
_NOTHING = "none"


def edits_between(old: RuleSet, new: RuleSet) -> tuple[Edit, ...]:
    """Return what became of each rule and exception, by id; drafts and retired ones do not count."""
    before, after = _active(old), _active(new)
    rules = [
        _rule(before.get(name), after.get(name), old, new)
        for name in sorted(before.keys() | after.keys())
    ]
    spared, spares = _exceptions(old), _exceptions(new)
    exceptions = [
        _exception(spared.get(name), spares.get(name))
        for name in sorted(spared.keys() | spares.keys())
    ]
    return tuple(edit for edit in (*rules, *exceptions) if edit is not None)


def _active(rules: RuleSet) -> dict[str, LoadedRule]:
    return {each.rule.id: each for each in rules.loaded if each.rule.status in ACTIVE}


def _exceptions(rules: RuleSet) -> dict[str, RuleException]:
    return {each.id.value: each for each in rules.exceptions}


def _rule(
    old: LoadedRule | None, new: LoadedRule | None, olds: RuleSet, news: RuleSet
) -> Edit | None:
    if old is None and new is not None:
        details = (
            EditDetail(f"{new.rule.status}, {new.rule.action.written}"),
            *_inactive(new, olds),
        )
        return Edit(new.rule.id, new.rule.title, "added", details)
    if new is None and old is not None:
        details = (
            EditDetail(f"was {old.rule.status}, {old.rule.action.written}"),
            *_inactive(old, news),
        )
        return Edit(old.rule.id, old.rule.title, "removed", details)
    if old is None or new is None or old.digest == new.digest:
        return None
    return Edit(new.rule.id, new.rule.title, "changed", tuple(_rule_details(old, new)))


def _inactive(rule: LoadedRule, others: RuleSet) -> list[EditDetail]:
    """Tell that the other side knows the rule, though it does not use it."""
    return [
        EditDetail(f"{each.rule.status} on the other side")
        for each in others.loaded
        if each.rule.id == rule.rule.id
    ]


def _rule_details(old: LoadedRule, new: LoadedRule) -> Iterator[EditDetail]:
    for name, was, now in (
        ("status", old.rule.status, new.rule.status),
        ("action", old.rule.action.written, new.rule.action.written),
        ("level", old.rule.level, new.rule.level),
        ("quota a day", old.rule.quota_per_day, new.rule.quota_per_day),
    ):
        if was != now:
            yield EditDetail(f"{name} {_told(was)} → {_told(now)}")
    yield from _conditions(
        [{old.when.name: old.when.meaning()}], [{new.when.name: new.when.meaning()}], ()
    )
    yield from _walk(old.scope.meaning(), new.scope.meaning(), ("scope",))
    for name, differs in (
        ("title", old.rule.title != new.rule.title),
        ("reason", old.rule.reason != new.rule.reason),
        ("labels", set(old.rule.labels) != set(new.rule.labels)),
        ("effects on the author", old.rule.effects != new.rule.effects),
    ):
        if differs:
            yield EditDetail(f"other {name}")


def _exception(old: RuleException | None, new: RuleException | None) -> Edit | None:
    known = new or old
    if known is None or (old and new and old.meaning() == new.meaning()):
        return None
    rules = ", ".join(sorted(each.value for each in known.rules))
    name = f"exception {known.id.value}"
    if old is None or new is None:
        kind = "added" if old is None else "removed"
        count = len(known.entries) + len(known.written_out)
        said = f"for {rules}: {count} innocent {_noun('entries', count)}"
        return Edit(name, known.reason, kind, (EditDetail(said),))
    return Edit(name, known.reason, "changed", tuple(_walk(old.meaning(), new.meaning(), ())))


def _walk(old: Any, new: Any, path: tuple[str, ...]) -> Iterator[EditDetail]:
    """Tell the differences of two meanings; `path` names the way to them."""
    if old == new:
        return
    if isinstance(old, Mapping) and isinstance(new, Mapping):
        for key in dict.fromkeys((*old, *new)):
            yield from _walk(old.get(key), new.get(key), (*path, key))
    elif _are_conditions(old) and _are_conditions(new):
        yield from _conditions(old, new, path)
    elif _are_words(old) and _are_words(new):
        yield from _words(set(old or ()), set(new or ()), path)
    elif isinstance(old or new, Mapping | list) and (old is None or new is None):
        yield EditDetail(f"{_way(path)} {'added' if old is None else 'removed'}")
    else:
        yield EditDetail(f"{_way(path)} {_told(old)} → {_told(new)}")


def _conditions(
    old: Sequence[Mapping[str, Any]], new: Sequence[Mapping[str, Any]], path: tuple[str, ...]
) -> Iterator[EditDetail]:
    """Compare conditions of one kind in pairs: rules seldom have two alike side by side."""
    olds, news = _by_kind(old), _by_kind(new)
    for kind in dict.fromkeys((*olds, *news)):
        was, now = olds[kind], news[kind]
        was, now = (
            [each for each in was if each not in now],
            [each for each in now if each not in was],
        )
        for before, after in zip(was, now, strict=False):
            yield from _walk(before, after, (*path, kind))
        if surplus := len(now) - len(was):
            does = "added" if surplus > 0 else "removed"
            yield EditDetail(f"condition {does}: {_condition(kind)}")


def _condition(kind: str) -> str:
    said = CONDITION_WORDS.get(kind, kind)
    return said if said == kind else f"{said} ({kind})"


def _by_kind(conditions: Sequence[Mapping[str, Any]]) -> defaultdict[str, list[Any]]:
    kinds: defaultdict[str, list[Any]] = defaultdict(list)
    for each in conditions:
        for kind, meaning in each.items():
            kinds[kind].append(meaning)
    return kinds


def _words(old: set[str], new: set[str], path: tuple[str, ...]) -> Iterator[EditDetail]:
    for does, entries in (("added", new - old), ("removed", old - new)):
        if entries:
            noun = _noun(path[-1] if path else "", len(entries))
            yield EditDetail(f"{len(entries):,} {noun} {does}", tuple(sorted(entries)))


def _noun(key: str, count: int) -> str:
    one, many = _NOUNS.get(key, (key.removesuffix("s"), key))
    return one if count == 1 else many


def _are_words(value: object) -> bool:
    return value is None or (
        isinstance(value, list) and all(isinstance(each, str) for each in value)
    )


def _are_conditions(value: object) -> bool:
    return (
        isinstance(value, list) and bool(value) and all(isinstance(each, Mapping) for each in value)
    )


def _way(path: tuple[str, ...]) -> str:
    """Name a place in a condition; what only groups conditions says nothing to a reader."""
    steps = [step for step in path if step not in {"all", "any", "conditions", "condition"}]
    return " ".join(steps).replace("_", " ")


def _told(value: object) -> str:
    if value is None:
        return _NOTHING
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, str):
        sign, _, number = value.partition(" ")
        return f"{_SIGNS.get(sign, sign)} {number}".strip()
    return str(value)
