"""Screens an archive: the live engine, fed from a file.

Lives here: in which order archived comments are judged, and in which order their verdicts come
out; when many hands are called. Not here: reading (`bot.archive`), judging (`bot.judges`), the
processes of a crew (`bot.app.crew`), reporting (`bot.report`).
"""

from __future__ import annotations

import asyncio
import gc
import math
import time
from array import array
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from itertools import chain, islice
from typing import Generic, Protocol

from bot.judges import Alone, Beside, Judge, Judged, Pair
from bot.model import Comment, Verdict
from bot.packing import pack, unpack
from bot.pipeline import Pipeline
from bot.spool import Spool

CHUNK = 512
_LARGEST_CHUNK = 4096
_BLINK = 0.1
_RARELY = (100_000, 20, 50)
_UNJUDGED = -1


class Helpers(Protocol):
    """Processes that judge as this one does; they start at the first call."""

    @property
    def size(self) -> int:
        """How many there are."""
        ...

    def worth(self, done: int, seconds: float) -> bool:
        """Tell whether to call them, when one process took so many seconds of work for so many."""
        ...

    async def judge(self, comments: Sequence[Comment]) -> Sequence[bytes]:
        """Return each judgement, written down."""
        ...


def nothing_to_tell(_count: int) -> None:
    """Report no progress."""


def never() -> bool:
    """Run to the end."""
    return False


def replay(
    comments: Iterable[Comment],
    pipeline: Pipeline,
    *,
    progress: Callable[[int], None] = nothing_to_tell,
    stopped: Callable[[], bool] = never,
    crew: Helpers | None = None,
) -> AsyncIterator[tuple[Comment, Verdict]]:
    """Yield every comment with its verdict, in the order of the file.

    Rules that ask the history see the comments in the order of their times, whatever the order of
    the file; only then do comments wait, on disk. `progress` is told how many were screened since
    its last call. Once `stopped` says so, what was screened until then is yielded and no more: an
    interrupted run loses nothing that it has done. Of a large archive `crew` may judge the rest.
    """
    # Handed on as it is: another generator around it would cost every comment.
    return _Run(Alone(pipeline), progress, stopped, crew).judged(comments)


async def replay_both(
    comments: Iterable[Comment],
    before: Pipeline,
    after: Pipeline,
    *,
    progress: Callable[[int], None] = nothing_to_tell,
    stopped: Callable[[], bool] = never,
) -> AsyncIterator[tuple[Comment, Verdict, Verdict]]:
    """Yield every comment with the verdicts of two pipelines, else as `replay`.

    Texts are folded once, and scored once where both pipelines have the same model.
    """
    run = _Run(Beside(before, after), progress, stopped, None)
    async for comment, pair in run.judged(comments):
        if pair is not None:
            yield comment, *pair


def replay_pairs(
    comments: Iterable[Comment],
    before: Pipeline,
    after: Pipeline,
    *,
    progress: Callable[[int], None] = nothing_to_tell,
    stopped: Callable[[], bool] = never,
    crew: Helpers | None = None,
) -> AsyncIterator[tuple[Comment, Pair | None]]:
    """Yield what `replay_both` does, but `None` where both let a comment through in silence.

    No verdict is made of those: it is they who make an archive large. Where the models differ,
    there is always a pair, for its scores.
    """
    return _Run(Beside(before, after, sparing=True), progress, stopped, crew).judged(comments)


@dataclass(slots=True)
class _Run(Generic[Judged]):
    """One pass over an archive, streaming for as long as that is right."""

    judge: Judge[Judged]
    progress: Callable[[int], None]
    stopped: Callable[[], bool]
    crew: Helpers | None
    _begun: float = field(default_factory=time.monotonic)
    _worked: float = field(default_factory=time.process_time)
    _done: int = 0
    _called: Helpers | None = None

    async def judged(self, comments: Iterable[Comment]) -> AsyncIterator[tuple[Comment, Judged]]:
        """Yield every comment with what the judge says of it, in order."""
        unread = iter(comments)
        rest: list[Comment] = []
        async for chunk, said in self._stream(unread, rest):
            for pair in zip(chunk, said, strict=True):
                yield pair
            self._finish(len(chunk))
        if rest:
            async for pair in self._in_time_order(chain(rest, unread)):
                yield pair

    async def _stream(
        self, unread: Iterator[Comment], rest: list[Comment]
    ) -> AsyncIterator[tuple[list[Comment], Sequence[Judged]]]:
        """Yield chunks, judged, up to the first that needs a history: that is put into `rest`."""
        waiting: deque[tuple[list[Comment], asyncio.Future[Sequence[Judged]]]] = deque()
        try:
            while not self.stopped() and (chunk := list(islice(unread, self._size()))):
                if any(map(self.judge.asks_history, {comment.source for comment in chunk})):
                    rest += chunk
                    break
                if self.crew and self.crew.worth(self._done, time.process_time() - self._worked):
                    self._called = self.crew
                waiting.append((chunk, asyncio.ensure_future(self._ask(chunk))))
                while len(waiting) >= (2 * self._called.size if self._called else 1):
                    yield waiting[0][0], await waiting[0][1]
                    waiting.popleft()
            while waiting:
                yield waiting[0][0], await waiting[0][1]
                waiting.popleft()
        finally:
            for _, said in waiting:
                said.cancel()

    async def _ask(self, chunk: Sequence[Comment]) -> Sequence[Judged]:
        if self._called is None:
            return await self.judge.judge(chunk)
        written = await self._called.judge(chunk)
        return [self.judge.read(*each) for each in zip(chunk, written, strict=True)]

    async def _in_time_order(
        self, comments: Iterable[Comment]
    ) -> AsyncIterator[tuple[Comment, Judged]]:
        """Judge in the order of times, then yield in the order of the file."""
        held = _Held(comments)
        order = iter(held.in_time_order())
        while not self.stopped() and (places := list(islice(order, self._size()))):
            said = await self.judge.judge([held.comment(place) for place in places])
            for place, judged in zip(places, said, strict=True):
                held.keep(place, self.judge.write(judged))
            self._finish(len(places))
        for comment, written in held.judged():
            yield comment, self.judge.read(comment, written)

    def _finish(self, count: int) -> None:
        self._done += count
        self.progress(count)

    def _size(self) -> int:
        """Return how many to judge at once: the work of a blink, so that a stop is quick."""
        seconds = max(time.monotonic() - self._begun, 1e-6)
        return min(max(CHUNK, int(self._done * _BLINK / seconds)), _LARGEST_CHUNK)


class _Held:
    """Comments that wait on disk for their turn, and then with what was said of them."""

    def __init__(self, comments: Iterable[Comment]) -> None:
        self._comments, self._judgements = Spool(), Spool()
        self._starts, self._times = array("Q"), array("d")
        for comment in comments:
            self._starts.append(self._comments.end)
            self._times.append(_seconds(comment.created_at))
            self._comments.append(pack([comment]))
        self._starts.append(self._comments.end)
        self._kept = array("q", [_UNJUDGED]) * len(self._times)
        self._sizes = array("L", [0]) * len(self._times)

    def in_time_order(self) -> list[int]:
        """Return the places of the comments by their times; those without one first, as they stand."""
        return sorted(range(len(self._times)), key=self._times.__getitem__)

    def comment(self, place: int) -> Comment:
        """Return a comment."""
        start, end = self._starts[place : place + 2]
        return unpack(self._comments.read(start, end - start))[0]

    def keep(self, place: int, written: bytes) -> None:
        """Keep what was said of a comment."""
        self._kept[place], self._sizes[place] = self._judgements.end, len(written)
        self._judgements.append(written)

    def judged(self) -> Iterator[tuple[Comment, bytes]]:
        """Yield what was judged, in the order in which it came."""
        for place, (kept, size) in enumerate(zip(self._kept, self._sizes, strict=True)):
            if kept != _UNJUDGED:
                yield self.comment(place), self._judgements.read(kept, size)


def _seconds(time_: datetime | None) -> float:
    return time_.timestamp() if time_ else -math.inf


@contextmanager
def few_collections() -> Iterator[None]:
    """Let the collector of circles rest in a process that does nothing else.

    Comments by the million make no circles, and looking for some costs a tenth of the time.
    """
    before = gc.get_threshold()
    gc.freeze()
    gc.set_threshold(*_RARELY)
    try:
        yield
    finally:
        gc.set_threshold(*before)
        gc.unfreeze()
