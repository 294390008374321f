"""The ports: what the core asks of engines and edges, as protocols.

Lives here: the shape of a scorer, a history and a sink. Their implementations live in
`bot.scoring`, `bot.store`, `bot.chat` and `bot.web`; working fakes live in `tests.fakes`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from bot.model import Comment, Delivery, History, HistoryQuery, Match, ModelInfo, Priority, Scores


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

    def record(self, comment: Comment, matches: Sequence[Match]) -> None:
        """Remember a screened comment."""
        ...


class Sink(Protocol):
    """Takes deliveries out of the outbox. `deliver` may be called again with the same key."""

    @property
    def name(self) -> str:
        """The name under which deliveries address this sink."""
        ...

    async def deliver(self, delivery: Delivery) -> None:
        """Deliver once; raise `bot.errors.DeliveryError` to be tried again later."""
        ...
