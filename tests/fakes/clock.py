"""A clock whose hands the test turns."""

from __future__ import annotations

import asyncio
import heapq
from datetime import UTC, datetime, timedelta
from itertools import count

from bot.outbox import SystemClock

NOON = datetime(2024, 5, 1, 12, tzinfo=UTC)


class LeapingClock(SystemClock):
    """The time of this machine, until a test leaps ahead; one that is stopped moves by leaps only."""

    def __init__(self, *, stopped: bool = False) -> None:
        self.ahead = timedelta(0)
        self._stopped_at = super().now() if stopped else None

    def now(self) -> datetime:
        return (self._stopped_at or super().now()) + self.ahead


class ManualClock:
    """Stands still until `advance`; sleepers wake in the order of their times."""

    def __init__(self, start: datetime = NOON) -> None:
        self._now = start
        self._sleepers: list[tuple[datetime, int, asyncio.Event]] = []
        self._order = count()
        self._asleep = asyncio.Event()

    def now(self) -> datetime:
        return self._now

    async def sleep(self, seconds: float) -> None:
        alarm = asyncio.Event()
        until = self._now + timedelta(seconds=seconds)
        heapq.heappush(self._sleepers, (until, next(self._order), alarm))
        self._asleep.set()
        await alarm.wait()

    async def until_asleep(self) -> None:
        """Wait until somebody sleeps, and so has done all that was to be done by now."""
        while not self._sleepers:
            self._asleep.clear()
            await asyncio.wait_for(self._asleep.wait(), 60)

    def advance(self, by: timedelta) -> None:
        """Move on, waking whoever slept until then."""
        self._now += by
        while self._sleepers and self._sleepers[0][0] <= self._now:
            heapq.heappop(self._sleepers)[2].set()
