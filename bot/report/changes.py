"""What a comparison of two sets of verdicts is made of: frozen results, without presentation.

Lives here: `Change`, `Difference` and their parts, and the limits that a comparison may break. Not
here: the counting (`bot.report.comparison`) and the showing (`bot.report.compare_page`).
"""

from __future__ import annotations

import enum
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.model import Action, Comment, Match, Rule, Verdict
from bot.report.stats import Histogram, Quality
from bot.report.values import ASKS_A_MODERATOR, Context, Listing


class Kind(enum.StrEnum):
    """What became of a comment's verdict."""

    NEW = "newly flagged"
    GONE = "no longer flagged"
    ACTION = "action changed"
    SAME = "unchanged"


@dataclass(frozen=True, slots=True)
class Change:
    """A comment, the verdict on it before, and the verdict after."""

    comment: Comment
    old: Verdict
    new: Verdict

    @property
    def kind(self) -> Kind:
        """What became of the verdict."""
        before, after = self.old.action, self.new.action
        if before is after:
            return Kind.SAME
        if (before >= ASKS_A_MODERATOR) is (after >= ASKS_A_MODERATOR):
            return Kind.ACTION
        return Kind.NEW if after > before else Kind.GONE

    @property
    def came(self) -> tuple[Match, ...]:
        """The live matches that are new, or that now do something else."""
        before = self.actions_before
        return tuple(m for m in self.new.acting if before.get(m.rule) is not m.action)

    @property
    def went(self) -> tuple[Match, ...]:
        """The live matches of before whose rules match no longer."""
        after = {match.rule for match in self.new.acting}
        return tuple(match for match in self.old.acting if match.rule not in after)

    @property
    def actions_before(self) -> dict[str, Action]:
        """What each live rule that matched before did."""
        return {match.rule: match.action for match in self.old.acting}


@dataclass(frozen=True, slots=True)
class ShownChange:
    """A change and the thread around the comment."""

    change: Change
    context: Context


@dataclass(frozen=True, slots=True)
class RuleChange:
    """What changed with one rule; `hits` are those of a live rule, `shadow` those in shadow.

    `newly_flagged` counts the newly flagged comments that the rule newly catches, and `alone` those
    that no other rule newly catches; `no_longer` counts the comments that left the list when the
    rule stopped to catch them. `otherwise` counts the comments that it matches before and after, with
    another action; `moved` those that stay on their side of the list, and get another action when
    the rule starts, stops or acts otherwise.
    """

    rule: str
    hits_before: int
    hits_after: int
    started: int
    stopped: int
    newly_flagged: int
    alone: int
    no_longer: int
    shadow_before: int = 0
    shadow_after: int = 0
    otherwise: int = 0
    moved: int = 0

    @property
    def changed(self) -> bool:
        """Whether the rule matches other comments than before, or matches them otherwise."""
        return (
            bool(self.started or self.stopped or self.otherwise)
            or self.shadow_before != self.shadow_after
        )


@dataclass(frozen=True, slots=True)
class ScoreShift:
    """How one label's score moved between two models, over the comments that both scored."""

    label: str
    mean: float
    mean_absolute: float
    far: int
    before: Histogram
    after: Histogram


@dataclass(frozen=True, slots=True)
class ThresholdAdvice:
    """The threshold that flags as many comments with the new model as the old one did.

    `same_rate` is `None` where no comment reached it before: there is no rate to keep.
    """

    rule: str
    label: str
    operator: str
    value: float
    reached_before: int
    reached_after: int
    same_rate: float | None


@dataclass(frozen=True, slots=True)
class Difference:
    """All that a comparison says; the same whatever the order of the comments."""

    total: int
    kinds: Mapping[Kind, int]
    moves: Mapping[tuple[Action, Action], int]
    other_reasons: int
    rules: tuple[RuleChange, ...]
    newly_flagged: Listing[ShownChange]
    no_longer_flagged: Listing[ShownChange]
    action_changed: Listing[ShownChange]
    shifts: tuple[ScoreShift, ...] = ()
    quality_before: Quality | None = None
    quality_after: Quality | None = None
    first: datetime | None = None
    last: datetime | None = None

    @property
    def days(self) -> int | None:
        """How many calendar days the comments touch; `None` for less than a day and no dates."""
        if self.first is None or self.last is None or self.last - self.first < timedelta(days=1):
            return None
        return (self.last.date() - self.first.date()).days + 1

    @property
    def flagged_before(self) -> int:
        """How many comments went to review before."""
        return sum(n for (old, _), n in self.moves.items() if old >= ASKS_A_MODERATOR)

    @property
    def flagged_after(self) -> int:
        """How many comments go to review now."""
        return sum(n for (_, new), n in self.moves.items() if new >= ASKS_A_MODERATOR)

    def raised_to(self, action: Action) -> int:
        """How many comments are now treated at least as harshly as `action`, and were not."""
        return sum(n for (old, new), n in self.moves.items() if old < action <= new)


def limits_passed(
    difference: Difference, *, max_new: int | None = None, fail_on: Action | None = None
) -> tuple[str, ...]:
    """Return a sentence for each limit that the comparison breaks; none when all is well."""
    broken = []
    new = difference.kinds[Kind.NEW]
    if max_new is not None and new > max_new:
        broken.append(f"{_comments(new)} newly flagged; the limit is {max_new:,}.")
    if fail_on is not None and (raised := difference.raised_to(fail_on)):
        broken.append(f"{_comments(raised)} newly treated with “{fail_on}” or more.")
    return tuple(broken)


def _comments(number: int) -> str:
    return "1 comment is" if number == 1 else f"{number:,} comments are"


def threshold_advice(difference: Difference, rules: Sequence[Rule]) -> tuple[ThresholdAdvice, ...]:
    """Return, for each threshold of `rules`, the one that keeps the rate under the new model.

    What no comment reaches, before or after, is left out.
    """
    shifts = {shift.label: shift for shift in difference.shifts}
    return tuple(
        ThresholdAdvice(
            rule=rule.id,
            label=threshold.label,
            operator=threshold.operator,
            value=threshold.value,
            reached_before=reached,
            reached_after=now,
            same_rate=shift.after.threshold_for(reached) if reached else None,
        )
        for rule in rules
        for threshold in rule.thresholds
        if threshold.operator in {">", ">="} and (shift := shifts.get(threshold.label))
        for reached in [shift.before.at_or_above(threshold.value)]
        for now in [shift.after.at_or_above(threshold.value)]
        if reached or now
    )
