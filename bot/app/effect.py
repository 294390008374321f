"""What other rules would have done to comments of the past, counted and in words.

Lives here: the sentences of a reload's notice. The verdicts come from the live engine
(`bot.replay`); whole reports of such differences are made by `bot.report`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from bot.model import Action, Comment, Verdict
from bot.pipeline import Pipeline
from bot.ports import Scorer
from bot.replay import replay_both
from bot.rules import Reloaded, RuleSet
from bot.store.memory import MemoryHistory
from bot.verdict import Policy

_MOST_TOLD = 15


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


def changes(done: Reloaded, old: RuleSet, new: RuleSet) -> list[str]:
    """Return what a reload changed, a rule a line."""
    before = {rule.id: rule for rule in old.rules}
    after = {rule.id: rule for rule in new.rules}
    lines = [f"added `{name}` ({after[name].status})" for name in done.added]
    lines += [f"removed `{name}` (was {before[name].status})" for name in done.removed]
    for name in done.changed:
        was, now = before[name].status, after[name].status
        lines.append(f"changed `{name}`" + (f" ({was} → {now})" if was is not now else ""))
    if not lines and old.id != new.id:
        lines.append("exceptions or lists changed")
    return _few(lines)


def consequences(found: Effect, done: Reloaded) -> list[str]:
    """Return what the last day's comments say of a reload."""
    if not found.total:
        return ["No message of the last day is stored, so nothing can be said of the effect."]
    flags = [
        f"{count:,} {what}"
        for count, what in (
            (found.newly_flagged, "newly flagged"),
            (found.no_longer_flagged, "no longer flagged"),
            (found.treated_otherwise, "treated otherwise"),
        )
        if count
    ]
    said = ", ".join(flags) or "no message treated otherwise"
    rules = [*done.added, *done.changed, *done.removed]
    return [f"On the last day's {found.total:,} messages: {said}.", *_few(_hits(found, rules))]


def _hits(found: Effect, rules: Iterable[str]) -> Iterator[str]:
    for rule in rules:
        if found.before[rule] or found.after[rule]:
            yield f"`{rule}`: {found.before[rule]:,} → {found.after[rule]:,} hits"


def _few(lines: Iterable[str]) -> list[str]:
    every = list(lines)
    left_out = len(every) - _MOST_TOLD
    return [*every[:_MOST_TOLD], f"and {left_out:,} more"] if left_out > 0 else every
