"""How much is under way, and how much one caller may ask for.

Lives here: the bound on what waits for the model because of HTTP, and one bucket of tokens for each
caller. Not here: the numbers (`bot.web.settings`), and the limits on one request (`bot.web.body`).
"""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

from bot.errors import BusyError, GavelError, sole
from bot.model import Comment, Scores, Verdict
from bot.web.services import WebServices
from bot.web.settings import Limits


@dataclass(slots=True)
class Admission:
    """Counts what HTTP has under way at the model; more than `limits` allow is refused at once.

    The bounds lie far below the room of the scorer's queue, so that a flood over HTTP neither
    fills it for others nor makes them wait for long.
    """

    limits: Limits
    comments: int = 0
    characters: int = 0
    refused: int = 0

    @contextmanager
    def room(self, texts: Sequence[str]) -> Iterator[None]:
        """Count texts as under way while inside; raise `BusyError` when they do not fit.

        What alone is more than fits is let in when nothing else is there.
        """
        size = sum(map(len, texts))
        if self.comments and not self._fits(len(texts), size):
            self.refused += 1
            raise BusyError("more comments are being screened than may be; try again")
        self.comments += len(texts)
        self.characters += size
        try:
            yield
        finally:
            self.comments -= len(texts)
            self.characters -= size

    def _fits(self, count: int, size: int) -> bool:
        return (
            self.comments + count <= self.limits.comments_under_way
            and self.characters + size <= self.limits.characters_under_way
        )

    def many(
        self, submit: Callable[[Comment], Awaitable[Verdict]]
    ) -> Callable[[Sequence[Comment]], Awaitable[list[Verdict]]]:
        """Return what submits comments side by side: all of them have room, or none is begun."""

        async def submit_many(comments: Sequence[Comment]) -> list[Verdict]:
            with self.room([comment.text for comment in comments]):
                if len(comments) == 1:
                    return [await submit(comments[0])]
                return await _side_by_side(submit, comments)

        return submit_many

    def bound(self, services: WebServices) -> WebServices:
        """Return services of which those that use the model are counted."""

        async def submit(comment: Comment) -> Verdict:
            with self.room((comment.text,)):
                return await services.submit(comment)

        async def preview(comment: Comment) -> Verdict:
            with self.room((comment.text,)):
                return await services.preview(comment)

        async def score(texts: Sequence[str]) -> Sequence[Scores]:
            with self.room(texts):
                return await services.score(texts)

        return replace(services, submit=submit, preview=preview, score=score)


async def _side_by_side(
    submit: Callable[[Comment], Awaitable[Verdict]], comments: Sequence[Comment]
) -> list[Verdict]:
    """Submit all; when one fails, cancel the others and raise what it raised."""

    async def one(comment: Comment) -> Verdict:
        return await submit(comment)

    try:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(one(each)) for each in comments]
    except ExceptionGroup as group:
        raise sole(group, GavelError) from None
    return [task.result() for task in tasks]


@dataclass(slots=True)
class Rates:
    """One bucket of tokens a caller, refilled evenly; there are as many as there are keys."""

    limits: Limits
    now: Callable[[], float] = time.monotonic
    _buckets: dict[str, tuple[float, float]] = field(default_factory=dict)

    def take(self, caller: str, count: int = 1) -> float:
        """Take tokens and return 0; or take none, and return the seconds until there are enough.

        A request for more than a whole bucket is let in when the bucket is full, and paid for
        afterwards.
        """
        now, per_second = self.now(), self.limits.per_minute / 60
        tokens, then = self._buckets.get(caller, (float(self.limits.burst), now))
        tokens = min(self.limits.burst, tokens + (now - then) * per_second)
        wanted = min(count, self.limits.burst)
        if tokens < wanted:
            self._buckets[caller] = tokens, now
            return (wanted - tokens) / per_second
        self._buckets[caller] = tokens - count, now
        return 0.0


def retry_after(seconds: float) -> str:
    """Return the header's value: whole seconds, at least one."""
    return str(max(1, math.ceil(seconds)))
