"""Comments that are screened after their sender was answered.

Lives here: a bounded queue that a kill does not empty: what was taken is stored, screened, and only
then let go of. Not here: reading requests (`bot.web.comments`).
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from functools import partial

from bot.errors import BusyError, GavelError
from bot.model import Comment, Verdict
from bot.ports import ArrivalStore, Clock

_LOG = logging.getLogger(__name__)

AT_ONCE = 32
"""Comments screened side by side, so that the model has batches."""

_PAUSE = 0.5
_LONGEST_PAUSE = 60.0


class Arrivals:
    """Screens what was taken through `submit`, which returns once the verdict is stored."""

    def __init__(
        self,
        submit: Callable[[Comment], Awaitable[Verdict]],
        store: ArrivalStore,
        clock: Clock,
        most: int,
    ) -> None:
        self._submit = submit
        self._store = store
        self._clock = clock
        self._most = most
        self._queue: asyncio.Queue[tuple[int, Comment]] = asyncio.Queue()
        self.under_way = 0

    async def take(self, comments: Sequence[Comment]) -> None:
        """Store comments, to be screened soon; raise `BusyError` when too many wait already."""
        if self.under_way + len(comments) > self._most:
            raise BusyError("too many comments wait to be screened")
        # Counted before they are stored: others are taken meanwhile.
        self.under_way += len(comments)
        try:
            numbers = await self._store.take(comments)
        except BaseException:
            self.under_way -= len(comments)
            raise
        for pair in zip(numbers, comments, strict=True):
            self._queue.put_nowait(pair)

    async def run(self) -> None:
        """Screen until cancelled, beginning with what the last run had taken."""
        left = await self._store.waiting()
        self.under_way += len(left)
        for pair in left:
            self._queue.put_nowait(pair)
        async with asyncio.TaskGroup() as group:
            for _ in range(AT_ONCE):
                group.create_task(self._work())

    async def _work(self) -> None:
        while True:
            number, comment = await self._queue.get()
            await self._surely(partial(self._screen, comment))
            await self._surely(partial(self._store.done, number))
            self.under_way -= 1

    async def _screen(self, comment: Comment) -> None:
        try:
            await self._submit(comment)
        except GavelError:
            raise
        except Exception as error:  # noqa: BLE001 - one comment must not stop those behind it
            _LOG.error("comment %s cannot be screened: %s", comment.id, type(error).__name__)

    async def _surely(self, work: Callable[[], Awaitable[None]]) -> None:
        """Do it, for as long as it takes."""
        pause = _PAUSE
        while True:
            try:
                return await work()
            except GavelError as error:
                if not isinstance(error, BusyError):
                    _LOG.warning("a comment is tried again: %s", type(error).__name__)
                await self._clock.sleep(pause)
                pause = min(2 * pause, _LONGEST_PAUSE)
