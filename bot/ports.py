"""The ports: what the core asks of engines and edges, as protocols.

Lives here: the shape of a scorer, a history, a sink, the stores of cases and deliveries, and a
clock. Their implementations live in `bot.scoring`, `bot.store`, `bot.chat` and `bot.web`; working
fakes live in `tests.fakes`.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from bot.cases import Case, Pause, QueueCounts
from bot.model import (
    Action,
    Comment,
    Delivery,
    History,
    HistoryQuery,
    Match,
    ModelInfo,
    Priority,
    Scores,
    Verdict,
)


class Scorer(Protocol):
    """Scores texts with a model.

    n texts give n rows, in order, for every n; a row never depends on its neighbours.
    """

    @property
    def model(self) -> ModelInfo:
        """Name, revision and labels of the model; answers without loading its weights."""
        ...

    async def score(
        self, texts: Sequence[str], priority: Priority = Priority.BULK
    ) -> Sequence[Scores]:
        """Score `texts`; raise `bot.errors.ScoringError` when the model cannot answer."""
        ...

    async def close(self) -> None:
        """Release the model; waiting callers get an error, none hangs."""
        ...


class HistoryStore(Protocol):
    """Remembers comments and matches, and answers questions as of a comment's own time."""

    def answer(self, comment: Comment, queries: Sequence[HistoryQuery]) -> History:
        """Answer `queries` as of `comment.created_at`, the comment itself not counted.

        A query that cannot be answered (no time, no author) gets `None`.
        """
        ...

    def answer_many(
        self, asked: Sequence[tuple[Comment, Sequence[HistoryQuery]]]
    ) -> Sequence[History]:
        """Answer the queries of each comment, in order."""
        ...

    def record(self, comment: Comment, matches: Sequence[Match]) -> None:
        """Remember a screened comment."""
        ...

    def record_many(self, screened: Sequence[tuple[Comment, Sequence[Match]]]) -> None:
        """Remember comments, each with its matches, in order."""
        ...


class Sink(Protocol):
    """Takes deliveries out of the outbox. `deliver` may be called again with the same key."""

    @property
    def name(self) -> str:
        """The name under which deliveries address this sink."""
        ...

    async def deliver(self, delivery: Delivery) -> None:
        """Deliver once; raise `bot.errors.DeliveryError` to be tried again later.

        `bot.errors.PostponedError` puts it off without having tried.
        """
        ...


class Clock(Protocol):
    """Tells the time and waits; tests turn its hands."""

    def now(self) -> datetime:
        """Return the time, aware UTC."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Wait."""
        ...


Told = Callable[[Case], Sequence[Delivery]]
"""What is to be told of a case as it now is; called inside the transaction that stores both."""


class CaseStore(Protocol):
    """Keeps verdicts and the moderators' queue. Each method is one transaction."""

    async def save(
        self, comment: Comment, verdict: Verdict, told: Told, *, opens: bool
    ) -> Case | None:
        """Store a verdict and what is to be told of its case, together.

        `opens` makes a case of it; a comment that has a case already (an edit) updates that one.
        """
        ...

    async def change(self, number: int, change: Callable[[Case], Case], told: Told) -> Case:
        """Replace a case by `change` of it, alone among all writers; what it raises is raised.

        An unchanged case is not stored, and nothing is told. Raise `KeyError` for no such case.
        """
        ...

    async def case(self, number: int) -> Case | None:
        """Return a case."""
        ...

    async def case_of(self, source: str, channel: str, comment_id: str) -> Case | None:
        """Return the case of a comment."""
        ...

    async def queue(self, limit: int) -> Sequence[Case]:
        """Return the cases that wait, gravest first, then oldest."""
        ...

    async def upheld_before(self, case: Case) -> int:
        """Return how many other comments of this author were upheld."""
        ...

    async def spend(self, rule: str, day: str, per_day: int, key: str) -> bool:
        """Count one action of a rule; false when the day's quota is spent. Once for a `key`."""
        ...

    async def paused(self) -> Pause | None:
        """Return the pause that holds, also over restarts."""
        ...

    async def pause(self, pause: Pause | None) -> None:
        """Begin a pause, or end it with `None`."""
        ...


class DeliveryStore(Protocol):
    """The outbox's memory."""

    async def requeue(self) -> int:
        """Make due again what was claimed when the process died; return how many."""
        ...

    async def claim(self, sink: str, now: datetime, limit: int) -> Sequence[Delivery]:
        """Take due deliveries of a sink, oldest first; `attempts` counts this one."""
        ...

    async def next_due(self, sink: str) -> datetime | None:
        """Return when the next unclaimed delivery of a sink is due."""
        ...

    async def delivered(self, delivery: Delivery) -> None:
        """Mark as done; its key is never delivered again."""
        ...

    async def retry(self, delivery: Delivery, due_at: datetime, error: str) -> None:
        """Give back, to be claimed at `due_at`."""
        ...

    async def postpone(self, delivery: Delivery, due_at: datetime) -> None:
        """Give back, to be claimed at `due_at`, as if this time had not been."""
        ...

    async def hasten(self, sink: str, by: timedelta) -> None:
        """Have all that waits for a sink be due so much earlier: its clock was set back."""
        ...

    async def give_up(self, delivery: Delivery, error: str) -> None:
        """Mark as lost."""
        ...


class Positions(Protocol):
    """How far each channel has been read, so that what was missed is read exactly once."""

    async def positions(self, source: str) -> Mapping[str, int]:
        """Return channel → the id up to which all is stored."""
        ...

    async def advance(self, source: str, channel: str, position: int) -> None:
        """Store that all up to `position` is stored; it never goes back."""
        ...

    async def stored_text(self, source: str, channel: str, comment_id: str) -> str | None:
        """Return a stored comment's text as last screened, or `None` when it is not stored."""
        ...


@dataclass(frozen=True, slots=True)
class Placement:
    """Where a sink shows a case, and which revision of it."""

    place: str
    revision: int


class Placements(Protocol):
    """Where cases are shown."""

    async def placement(self, sink: str, number: int) -> Placement | None:
        """Return where `sink` shows a case."""
        ...

    async def placed(self, sink: str, number: int, placement: Placement) -> None:
        """Remember where a case is shown."""
        ...

    async def unplaced(self, sink: str, limit: int) -> tuple[Sequence[Case], int]:
        """Return the cases that wait and that `sink` does not show, gravest first, and how many."""
        ...


class Statistics(Protocol):
    """Counts for moderators."""

    async def counts(self, since: datetime) -> QueueCounts:
        """Return how the queue and the rules have done since a time."""
        ...


@dataclass(frozen=True, slots=True)
class Timings:
    """How long something took, in seconds: for each bound, ascending, how many took no longer."""

    bounds: tuple[float, ...]
    within: tuple[int, ...]
    count: int
    total: float


@dataclass(frozen=True, slots=True)
class Vitals:
    """How a running bot does. `problems` say what to mend; without any, all is well.

    `screened` counts comments by (source, action) since the start, `failed` those that could not be
    judged. `screening` times a comment from its coming to its being stored, `scoring` the calls of
    the model. `queued` comments are being screened now; `backlog` counts deliveries that wait.
    `connected` is `None` where no chat is served.
    """

    problems: tuple[str, ...]
    started_at: datetime
    screened: Mapping[tuple[str, str], int]
    failed: int
    screening: Timings
    scoring: Timings
    queued: int
    backlog: int
    connected: bool | None
    last_error: str = ""


Health = Callable[[], Awaitable[Vitals]]
"""Tells how the bot does at this moment; it never raises."""


@dataclass(frozen=True, slots=True)
class ApiKey:
    """A key of a program that calls us: `digest` is all that is kept of its secret."""

    prefix: str
    name: str
    digest: str
    scopes: frozenset[str]
    created_at: datetime
    revoked_at: datetime | None = None


class KeyStore(Protocol):
    """Keeps the keys of programs that call us."""

    async def keys(self) -> Sequence[ApiKey]:
        """Return all keys, the oldest first, the revoked ones too."""
        ...

    async def add(self, key: ApiKey) -> bool:
        """Store a key; false when a key that is not revoked has its name."""
        ...

    async def revoke(self, name: str, at: datetime) -> bool:
        """Revoke the key of a name; false when there is none that is not revoked."""
        ...


@dataclass(frozen=True, slots=True)
class KeptAnswer:
    """What was answered to a request that may come again: `fingerprint` tells it from others.

    `ids` are those of verdicts or, where comments were only taken, of comments.
    """

    fingerprint: str
    ids: tuple[str, ...]
    status: int


class AnswerStore(Protocol):
    """Keeps answers under the names that their callers gave to the requests."""

    async def recall(self, caller: str, name: str) -> KeptAnswer | None:
        """Return what was answered to a caller's request."""
        ...

    async def remember(self, caller: str, name: str, answer: KeptAnswer, at: datetime) -> None:
        """Keep an answer for a day."""
        ...


@dataclass(frozen=True, slots=True)
class StoredVerdict:
    """A verdict as it is stored, with its comment as it last read and its case, if it has one.

    `current` is false when the comment was screened again since. `position` orders verdicts by the
    time at which they were stored.
    """

    position: int
    comment: Comment
    verdict: Verdict
    case: Case | None
    current: bool


@dataclass(frozen=True, slots=True)
class VerdictQuery:
    """Which verdicts are wanted, newest first; `None` and empty leave a question out.

    `since` is the time of the comment; `undecided` wants those that wait for a moderator; `before`
    is the position after which to go on.
    """

    actions: frozenset[Action] = frozenset()
    source: str | None = None
    channel: str | None = None
    author: str | None = None
    comment: str | None = None
    since: datetime | None = None
    undecided: bool = False
    before: int | None = None


class VerdictStore(Protocol):
    """Looks verdicts up."""

    async def verdict(self, verdict_id: str) -> StoredVerdict | None:
        """Return a verdict."""
        ...

    async def verdicts(self, query: VerdictQuery, limit: int) -> Sequence[StoredVerdict]:
        """Return verdicts, the one stored last first."""
        ...


class ArrivalStore(Protocol):
    """Keeps comments that were taken and are not yet screened, so that no kill loses one."""

    async def take(self, comments: Sequence[Comment]) -> Sequence[int]:
        """Store comments; return the numbers that they got."""
        ...

    async def waiting(self) -> Sequence[tuple[int, Comment]]:
        """Return what was taken and is not done, in the order of its coming."""
        ...

    async def done(self, number: int) -> None:
        """Let go of a comment that was screened."""
        ...
