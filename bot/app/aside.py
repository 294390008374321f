"""Bulk work beside the live bot: in a thread with an event loop of its own.

Lives here: getting there and back. What is folded, evaluated or rendered there keeps no live
message and no button waiting; the model is shared, and live texts go before these.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable, Coroutine, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from bot.errors import GavelError
from bot.model import ModelInfo, Priority, Scores
from bot.ports import Scorer

T = TypeVar("T")

_AT_ONCE = 16


class StoppingError(GavelError):
    """The bot stops; the work was given up."""


@dataclass(frozen=True, slots=True)
class Aside:
    """A place for bulk work that ends soon after `close`."""

    scorer: Scorer
    _stopping: threading.Event = field(default_factory=threading.Event)

    async def run(self, work: Callable[[Scorer], Coroutine[object, object, T]]) -> T:
        """Return what `work` returns; the scorer that it is given may be used there."""
        across = _Across(self.scorer, asyncio.get_running_loop(), self._stopping)
        return await asyncio.to_thread(lambda: asyncio.run(work(across)))

    def each(self, items: Iterable[T]) -> Iterator[T]:
        """Yield `items` for as long as the bot runs; then raise `StoppingError`."""
        for item in items:
            if self._stopping.is_set():
                raise StoppingError("the bot stops")
            yield item

    def close(self) -> None:
        """Let what is under way end at its next item."""
        self._stopping.set()


@dataclass(frozen=True, slots=True)
class _Across:
    """The live loop's scorer, for another loop."""

    scorer: Scorer
    home: asyncio.AbstractEventLoop
    stopping: threading.Event

    @property
    def model(self) -> ModelInfo:
        return self.scorer.model

    async def score(
        self, texts: Sequence[str], priority: Priority = Priority.BULK
    ) -> Sequence[Scores]:
        if self.stopping.is_set():
            raise StoppingError("the bot stops")
        asked: Awaitable[Sequence[Scores]] = asyncio.wrap_future(
            asyncio.run_coroutine_threadsafe(self._score(texts, priority), self.home)
        )
        return await asked

    async def _score(self, texts: Sequence[str], priority: Priority) -> Sequence[Scores]:
        # A live text waits for the batch that is being computed: let it be a small one.
        scores: list[Scores] = []
        for start in range(0, len(texts), _AT_ONCE):
            scores += await self.scorer.score(texts[start : start + _AT_ONCE], priority)
        return scores

    async def close(self) -> None:
        """Leave the model to the live loop."""
