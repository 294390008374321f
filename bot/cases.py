"""The nouns of the moderators' queue: frozen values, like those of `bot.model`.

Lives here: what a case is, what moderators say of it and do because of it, and how the queue is
counted. Not here: what may be done with a case (`bot.review`), and where it is kept (`bot.store`).
"""

from __future__ import annotations

import enum
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from bot.model import Action, Comment, Effect, Verdict


class Decision(enum.StrEnum):
    """What a moderator says of a verdict."""

    UPHOLD = "uphold"
    DISMISS = "dismiss"
    UNSURE = "unsure"


@dataclass(frozen=True, slots=True)
class Review:
    """A moderator's decision; the label from which rules are tuned."""

    verdict_id: str
    moderator: str
    decision: Decision
    at: datetime
    note: str = ""


@dataclass(frozen=True, slots=True)
class Note:
    """What a moderator wrote beside a case."""

    moderator: str
    text: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Deed:
    """An effect that was carried out because of a case, or could not be (`done` false)."""

    effect: Effect
    done: bool
    at: datetime
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Case:
    """One comment in the moderators' queue; it stays the same case across edits.

    `comment` and `verdict` are the latest; `review` is the decision that stands, `withdrawn` are
    those taken back. `revision` grows with every change. `comment` loses text and author when it
    is forgotten.
    """

    number: int
    comment: Comment
    verdict: Verdict
    opened_at: datetime
    revision: int = 1
    review: Review | None = None
    withdrawn: tuple[Review, ...] = ()
    notes: tuple[Note, ...] = ()
    deeds: tuple[Deed, ...] = ()
    assignee: str | None = None
    deleted: bool = False

    @property
    def settled(self) -> bool:
        """Whether a moderator has decided; `UNSURE` leaves it to another one."""
        return self.review is not None and self.review.decision is not Decision.UNSURE

    @property
    def changed_since(self) -> bool:
        """Whether the comment was edited after the decision, into something that is flagged."""
        return (
            self.review is not None
            and self.review.verdict_id != self.verdict.id
            and self.verdict.action >= Action.FLAG
        )

    @property
    def waiting(self) -> bool:
        """Whether it belongs in the queue."""
        return not self.settled or self.changed_since


@dataclass(frozen=True, slots=True)
class Pause:
    """Since when rules do not act on their own, and who wanted it so."""

    moderator: str
    at: datetime


@dataclass(frozen=True, slots=True)
class RuleCounts:
    """How a rule has done: comments it matched, and what moderators said of its cases."""

    rule: str
    hits: int
    upheld: int
    dismissed: int
    waiting: int


@dataclass(frozen=True, slots=True)
class DayCounts:
    """How many cases were opened and decided on a day (UTC)."""

    day: date
    opened: int
    decided: int


@dataclass(frozen=True, slots=True)
class QueueCounts:
    """How the queue has done since a time; `rules` holds the rules with the most hits first.

    `days` holds every day on which something was opened or decided, in order.
    """

    screened: int
    opened: int
    decided: int
    waiting: int
    median_decision: timedelta | None
    rules: tuple[RuleCounts, ...]
    days: tuple[DayCounts, ...] = ()
