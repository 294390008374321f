"""The outbox: delivers what was stored with a verdict, at least once, and gives up loudly.

Lives here: claiming, retrying with backoff, and telling when something is lost. Each sink has a
worker of its own, so that one that is slow or down holds up no other. Not here: what is delivered
(`bot.review`), how (`bot.chat`, `bot.web`) and where it waits (`bot.store`).
"""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from bot.errors import DeliveryError, PostponedError, StoreError
from bot.model import Delivery
from bot.ports import Clock, DeliveryStore, Sink

_LOG = logging.getLogger(__name__)

_NOTICEABLE = timedelta(seconds=5)
"""By how much a clock must be set back to be worth a thought."""


class SystemClock:
    """The time of this machine."""

    def now(self) -> datetime:
        """Return the time, aware UTC."""
        return datetime.now(UTC)

    async def sleep(self, seconds: float) -> None:
        """Wait."""
        await asyncio.sleep(seconds)


@dataclass(frozen=True, slots=True)
class Backoff:
    """How long to wait before the next try, and when to give up.

    The wait doubles from `first` to `longest`; chance takes up to half of it away, so that many
    deliveries do not come back at one moment. Nothing is given up before `fewest_tries`: a clock
    that was set ahead, or a night that was waited for, is no failure.
    """

    first: timedelta = timedelta(seconds=1)
    longest: timedelta = timedelta(minutes=10)
    give_up_after: timedelta = timedelta(days=1)
    fewest_tries: int = 20

    def wait(self, attempts: int, chance: float) -> timedelta:
        """Return the wait after `attempts` tries; `chance` is in [0, 1)."""
        doubled: timedelta = self.first * 2 ** min(attempts - 1, 30)
        return min(doubled, self.longest) * (1 - chance / 2)


@dataclass(frozen=True, slots=True)
class Outbox:
    """Delivers to `sinks` until cancelled; `lost` hears of what was given up, and why.

    `at_once` deliveries of one sink run at a time. `idle` is how long a sink that had nothing to do
    waits before it asks again.
    """

    store: DeliveryStore
    sinks: Sequence[Sink]
    lost: Callable[[Delivery, str], None]
    clock: Clock
    backoff: Backoff = Backoff()
    chance: Callable[[], float] = random.random
    at_once: int = 4
    idle: timedelta = timedelta(milliseconds=100)
    _looked_at: dict[str, datetime] = field(default_factory=dict)

    async def run(self) -> None:
        """Deliver until cancelled; begin with what a dead process left behind."""
        again = await self.store.requeue()
        if again:
            _LOG.info("%d deliveries of the last run are tried again", again)
        async with asyncio.TaskGroup() as group:
            for sink in self.sinks:
                group.create_task(self._serve(sink), name=f"outbox-{sink.name}")

    async def deliver_due(self, sink: Sink) -> int:
        """Try what is due for a sink now; return how many were tried."""
        now = self.clock.now()
        set_back = self._looked_at.get(sink.name, now) - now
        self._looked_at[sink.name] = now
        if set_back > _NOTICEABLE:
            _LOG.warning(
                "the clock was set back by %s; %s is served as before", set_back, sink.name
            )
            await self.store.hasten(sink.name, set_back)
        due = await self.store.claim(sink.name, now, self.at_once)
        await asyncio.gather(*(self._deliver(sink, each) for each in due))
        return len(due)

    async def _serve(self, sink: Sink) -> None:
        while True:
            try:
                tried = await self.deliver_due(sink)
            except StoreError:
                _LOG.exception("the outbox cannot use its store")
                tried = 0
            if not tried:
                await self.clock.sleep(self.idle.total_seconds())

    async def _deliver(self, sink: Sink, delivery: Delivery) -> None:
        try:
            await sink.deliver(delivery)
        except PostponedError as error:
            due = self.clock.now() + timedelta(seconds=error.wait)
            await self._surely(lambda: self.store.postpone(delivery, due))
        except DeliveryError as error:
            await self._failed(delivery, str(error), error.retry_after, final=error.final)
        except Exception as error:  # noqa: BLE001 - a fault of one sink must not stop the others
            _LOG.exception("%s failed on %s", sink.name, delivery.key)
            await self._failed(delivery, repr(error), None, final=False)
        else:
            await self._surely(lambda: self.store.delivered(delivery))

    async def _failed(
        self, delivery: Delivery, error: str, retry_after: float | None, *, final: bool
    ) -> None:
        now = self.clock.now()
        waited = now - (delivery.created_at or now)
        tried = delivery.attempts >= self.backoff.fewest_tries
        if final or (tried and waited >= self.backoff.give_up_after):
            await self._surely(lambda: self.store.give_up(delivery, error))
            _LOG.error("gave up on %s after %d tries: %s", delivery.key, delivery.attempts, error)
            self.lost(delivery, error)
            return
        wait = self.backoff.wait(delivery.attempts, self.chance())
        if retry_after is not None:
            wait = max(wait, timedelta(seconds=retry_after))
        await self._surely(lambda: self.store.retry(delivery, now + wait, error))

    async def _surely(self, mark: Callable[[], Awaitable[None]]) -> None:
        """Mark a delivery, for as long as it takes: unmarked, it would wait for the next start."""
        while True:
            try:
                return await mark()
            except StoreError:
                _LOG.exception("the outbox cannot use its store")
                await self.clock.sleep(self.idle.total_seconds())
