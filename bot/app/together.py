"""Comments that come at the same time, screened together.

Lives here: who is screened with whom. A comment gets the verdict that it would get alone; only the
work is shared. Not here: screening (`bot.pipeline`).
"""

from __future__ import annotations

import asyncio
from collections import deque
from datetime import UTC, datetime

from bot.model import Comment, Priority, Verdict
from bot.pipeline import Pipeline

AT_ONCE = 2
"""Batches under way: while the model computes one, the next is folded."""

MOST = 32
"""Comments of one batch."""

LONGEST = 2_000
"""Characters; a longer text is screened by itself, so that nobody waits for it."""

_BEFORE_ALL = datetime.min.replace(tzinfo=UTC)

_Waiting = tuple[Comment, asyncio.Future[Verdict]]


class Together:
    """Screens what waits, as soon as it can: nobody waits for company."""

    def __init__(self, pipeline: Pipeline) -> None:
        self._pipeline = pipeline
        self._waiting: deque[_Waiting] = deque()
        self._tasks: set[asyncio.Task[None]] = set()
        self._working = 0

    async def screen(self, comment: Comment) -> Verdict:
        """Return the verdict on one comment."""
        if len(comment.text) > LONGEST or self._pipeline.in_turn(comment.source):
            return await self._pipeline.screen(comment, Priority.PROMPT)
        answer: asyncio.Future[Verdict] = asyncio.get_running_loop().create_future()
        self._waiting.append((comment, answer))
        if self._working < AT_ONCE:
            self._working += 1
            task = asyncio.create_task(self._work())
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        return await answer

    async def _work(self) -> None:
        # Counted down in the moment in which nobody waits: whoever comes next finds it so.
        try:
            while self._waiting:
                await self._judge(self._next())
        finally:
            self._working -= 1

    async def _judge(self, batch: list[_Waiting]) -> None:
        comments = [comment for comment, _ in batch]
        try:
            verdicts = await self._pipeline.screen_many(comments, Priority.PROMPT)
        except Exception as error:  # noqa: BLE001 - whatever it was, those who wait must be told
            for _, answer in batch:
                if not answer.done():
                    answer.set_exception(error)
            return
        for (_, answer), verdict in zip(batch, verdicts, strict=True):
            if not answer.done():
                answer.set_result(verdict)

    def _next(self) -> list[_Waiting]:
        """Take the comments of a batch, in the order of their times, as the history wants them."""
        count = min(MOST, len(self._waiting))
        taken = [self._waiting.popleft() for _ in range(count)]
        wanted = [each for each in taken if not each[1].done()]
        return sorted(wanted, key=lambda each: each[0].created_at or _BEFORE_ALL)
