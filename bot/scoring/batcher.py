"""Who is computed next, with whom, and what happens when it fails.

Lives here: one queue in front of one engine, for asyncio callers. Live callers go before bulk
ones; whoever waits when the engine becomes free is computed together, up to a budget of tokens,
and nobody waits for company. Not here: texts, caching or models.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, field

import numpy as np

from bot.errors import BusyError, ScoringError
from bot.model import Priority
from bot.scoring.engine import Probabilities
from bot.scoring.tokens import Window

Row = Probabilities | ScoringError
"""One window's probabilities (labels), or why there are none."""

Run = Callable[[Sequence[Window]], Probabilities]

ISOLATION_SECONDS = 0.5
"""How long a failed batch is searched for the window that spoils it."""


@dataclass(slots=True)
class _Request:
    windows: Sequence[Window]
    tokens: int
    answer: asyncio.Future[list[Row]] = field(repr=False)


class Batcher:
    """Feeds an engine from one thread; lives on the event loop of its first caller.

    `budget` tokens are computed together at most, unless one request alone has more. At most
    `room` windows of live and of prompt callers each wait; one more is refused at once, so that a
    flood is told and not buffered. Bulk callers are not refused: they wait, and should ask for one
    batch at a time.
    """

    def __init__(self, run: Run, executor: Executor, *, budget: int, room: int) -> None:
        self._run = run
        self._executor = executor
        self._budget = budget
        self._room = room
        self._waiting: dict[Priority, deque[_Request]] = {p: deque() for p in Priority}
        self._wake = asyncio.Event()
        self._worker: asyncio.Task[None] | None = None
        self._closed = False

    async def submit(self, windows: Sequence[Window], priority: Priority) -> list[Row]:
        """Return a row a window, in order; raise `ScoringError` when full or closed."""
        if self._closed:
            raise ScoringError("the scorer is closed")
        queue = self._waiting[priority]
        if priority is not Priority.BULK and _count(queue) + len(windows) > self._room:
            raise BusyError(f"too busy: {self._room} comments already wait to be scored")
        if self._worker is None:
            self._worker = asyncio.create_task(self._work())
        request = _Request(
            windows,
            sum(len(window.ids) for window in windows),
            asyncio.get_running_loop().create_future(),
        )
        queue.append(request)
        self._wake.set()
        return await request.answer

    async def close(self) -> None:
        """Refuse all that wait, finish what is being computed."""
        self._closed = True
        for queue in self._waiting.values():
            while queue:
                _answer(queue.popleft(), ScoringError("the scorer was closed"))
        self._wake.set()
        if self._worker is not None:
            await self._worker

    async def _work(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            batch = self._next_batch()
            if batch:
                windows = [window for request in batch for window in request.windows]
                rows = await loop.run_in_executor(self._executor, _isolate, self._run, windows)
                _hand_out(batch, rows)
            elif self._closed:
                return
            else:
                self._wake.clear()
                await self._wake.wait()

    def _next_batch(self) -> list[_Request]:
        """Take waiting requests of the first priority that has any, as many as fit together."""
        batch: list[_Request] = []
        tokens = 0
        queue = next(filter(None, self._waiting.values()), self._waiting[Priority.BULK])
        while queue and (not batch or tokens + queue[0].tokens <= self._budget):
            request = queue.popleft()
            # A caller that was cancelled while waiting costs nothing.
            if not request.answer.done():
                batch.append(request)
                tokens += request.tokens
        return batch


def _count(queue: Iterable[_Request]) -> int:
    return sum(len(request.windows) for request in queue if not request.answer.done())


def _answer(request: _Request, result: list[Row] | ScoringError) -> None:
    if request.answer.done():
        return
    if isinstance(result, ScoringError):
        request.answer.set_exception(result)
    else:
        request.answer.set_result(result)


def _hand_out(batch: Sequence[_Request], rows: Sequence[Row]) -> None:
    position = 0
    for request in batch:
        end = position + len(request.windows)
        _answer(request, list(rows[position:end]))
        position = end


def _isolate(run: Run, windows: Sequence[Window]) -> list[Row]:
    """Run the windows; when that fails, halve until only the guilty ones have no row."""
    deadline = time.monotonic() + ISOLATION_SECONDS
    # One guilty window is found within so many failures, however slow the engine is.
    failures, enough = 0, len(windows).bit_length()
    rows: list[Row] = []
    pending = [windows]
    while pending:
        part = pending.pop()
        outcome = _attempt(run, part)
        if not isinstance(outcome, ScoringError):
            rows.extend(outcome)
            continue
        failures += 1
        if len(part) == 1 or (failures > enough and time.monotonic() > deadline):
            # Past the deadline the engine itself is broken: everybody is told, nobody waits.
            rows.extend([outcome] * len(part))
        else:
            middle = len(part) // 2
            pending += [part[middle:], part[:middle]]
    return rows


def _attempt(run: Run, windows: Sequence[Window]) -> list[Row] | ScoringError:
    try:
        result = run(windows)
    except Exception as error:  # noqa: BLE001 - whatever an engine raises, its callers must be told
        return ScoringError(f"the model failed: {str(error) or type(error).__name__}")
    if len(result) != len(windows):
        return ScoringError(f"the model gave {len(result)} rows for {len(windows)} texts")
    finite = [bool(np.isfinite(row).all()) for row in result]
    return [
        row if good else ScoringError("the model gave a score that is not a number")
        for row, good in zip(result, finite, strict=True)
    ]
