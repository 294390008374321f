"""What other rules would have done to comments of the past, counted and in words.

Lives here: the sentences of a reload's notice. The verdicts come from the live engine
(`bot.replay`); whole reports of such differences are made by `bot.report`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field

from bot.chat.words import escaped
from bot.model import Action, Comment, Edit, EditDetail, Verdict
from bot.pipeline import Pipeline
from bot.ports import Scorer
from bot.replay import replay_both
from bot.report import words
from bot.rules import ExampleResult, RuleSet, edits_between
from bot.store.memory import MemoryHistory
from bot.verdict import Policy

MOST_COMMENTS = 20_000
"""Of the last day, on which the effect of new rules is told."""

_MOST_TOLD = 15
_ENTRIES = 8


@dataclass(slots=True)
class Effect:
    """Counts over comments: what their verdicts were, and what they would be."""

    total: int = 0
    newly_flagged: int = 0
    no_longer_flagged: int = 0
    treated_otherwise: int = 0
    before: Counter[str] = field(default_factory=Counter)
    after: Counter[str] = field(default_factory=Counter)

    def add(self, old: Verdict, new: Verdict) -> None:
        """Count one comment."""
        was, would = (verdict.action >= Action.FLAG for verdict in (old, new))
        self.total += 1
        self.newly_flagged += would and not was
        self.no_longer_flagged += was and not would
        self.treated_otherwise += was and would and old.action is not new.action
        self.before.update(match.rule for match in old.matches)
        self.after.update(match.rule for match in new.matches)


async def effect(
    comments: Iterable[Comment], old: RuleSet, new: RuleSet, scorer: Scorer, policy: Policy
) -> Effect:
    """Return what `new` rules would have done to comments, beside `old` ones."""
    before, after = (
        Pipeline(lambda rules=rules: rules, scorer, MemoryHistory(), policy)  # type: ignore[misc]
        for rules in (old, new)
    )
    counted = Effect()
    async for _, was, would in replay_both(comments, before, after):
        counted.add(was, would)
    return counted


def changes(old: RuleSet, new: RuleSet) -> list[str]:
    """Return what was edited between two rule sets, a rule or exception a line."""
    lines = [_edited(each) for each in edits_between(old, new)]
    return _few(lines) or ["Only drafts, retired rules or examples are other ones."]


def failures(results: Iterable[ExampleResult], edited: Collection[str]) -> list[str]:
    """Return whether examples of edited rules fail."""
    failed = Counter(each.rule for each in results if each.failed and each.rule in edited)
    return _few(
        f"**{words.plural(count, 'example')} of `{rule}` failed**: `/rules test` tells which"
        for rule, count in failed.items()
    )


def consequences(found: Effect, edited: Iterable[str], most: int = MOST_COMMENTS) -> list[str]:
    """Return what the last day's comments, at `most` so many, say of edited rules."""
    if not found.total:
        return ["No message of the last day is stored, so nothing can be said of the effect."]
    counted = words.plural(found.total, "message")
    of = f"newest {counted} of the last day" if found.total == most else f"last day's {counted}"
    flags = [
        f"{count:,} {what}"
        for count, what in (
            (found.newly_flagged, "newly flagged"),
            (found.no_longer_flagged, "no longer flagged"),
            (found.treated_otherwise, "treated otherwise"),
        )
        if count
    ]
    said = ", ".join(flags) or "none would have been treated otherwise"
    return [f"Of the {of}: {said}.", *_few(_hits(found, edited))]


def _edited(edit: Edit) -> str:
    details = "; ".join(map(_detail, edit.details))
    return f"{edit.kind} `{edit.rule}`" + (f": {details}" if details else "")


def _detail(detail: EditDetail) -> str:
    """Return one edit; entries of lists are shown to those who want to see them."""
    if not detail.entries:
        return escaped(detail.said)
    shown = ", ".join(escaped(each) for each in detail.entries[:_ENTRIES])
    more = ", …" if len(detail.entries) > _ENTRIES else ""
    return f"{escaped(detail.said)} ||{shown}{more}||"


def _hits(found: Effect, rules: Iterable[str]) -> Iterator[str]:
    for rule in rules:
        was, would = found.before[rule], found.after[rule]
        if was != would:
            yield f"`{rule}`: {words.plural(would, 'hit')} instead of {was:,}"
        elif was:
            yield f"`{rule}`: {words.plural(was, 'hit')}, as before"


def _few(lines: Iterable[str]) -> list[str]:
    every = list(lines)
    left_out = len(every) - _MOST_TOLD
    return [*every[:_MOST_TOLD], f"and {left_out:,} more"] if left_out > 0 else every
