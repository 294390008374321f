"""The outbox on the real store: delivered once, retried with backoff, given up loudly."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import PostponedError, StoreError
from bot.model import Delivery
from bot.outbox import Backoff, Outbox
from bot.store.database import Database
from bot.store.deliveries import SqliteDeliveries
from bot.store.sqlite import Store, open_store
from tests.fakes.clock import ManualClock
from tests.fakes.sinks import RecordingSink, refusal

SECOND = timedelta(seconds=1)


class Post:
    """An outbox with its store, its clock and what it lost."""

    def __init__(self, store: Store, clock: ManualClock, *sinks: RecordingSink) -> None:
        self.store, self.clock, self.sinks = store, clock, sinks
        self.lost: list[tuple[str, str]] = []
        self.outbox = Outbox(
            store.deliveries,
            sinks,
            lambda delivery, error: self.lost.append((delivery.key, error)),
            clock,
            Backoff(give_up_after=timedelta(minutes=5), fewest_tries=4),
            chance=lambda: 0.0,
        )

    async def put(self, *keys: str, sink: str = "sink") -> None:
        await self.store.cases.tell([Delivery(key, sink) for key in keys])

    async def round(self) -> int:
        return sum([await self.outbox.deliver_due(sink) for sink in self.sinks])


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
async def store(tmp_path: Path, clock: ManualClock) -> AsyncIterator[Store]:
    opened = open_store(tmp_path / "store.sqlite", now=clock.now)
    yield opened
    await opened.close()


async def test_what_was_delivered_is_not_delivered_again(store: Store, clock: ManualClock) -> None:
    sink = RecordingSink()
    post = Post(store, clock, sink)
    await post.put("a", "b")
    assert await post.round() == 2
    await post.put("a")
    assert await post.round() == 0
    assert sorted(sink.tries) == ["a", "b"]


async def test_retries_wait_longer_each_time(store: Store, clock: ManualClock) -> None:
    sink = RecordingSink(refuse=[refusal(), refusal(), refusal()])
    post = Post(store, clock, sink)
    await post.put("a")
    tried_at = []
    for second in range(12):
        if await post.round():
            tried_at.append(second)
        clock.advance(SECOND)
    assert tried_at == [0, 1, 3, 7]
    assert list(sink.seen) == ["a"]


async def test_the_wait_that_the_other_side_asked_for_is_kept(
    store: Store, clock: ManualClock
) -> None:
    post = Post(store, clock, RecordingSink(refuse=[refusal(retry_after=30)]))
    await post.put("a")
    await post.round()
    clock.advance(29 * SECOND)
    assert await post.round() == 0
    clock.advance(SECOND)
    assert await post.round() == 1


async def test_what_is_put_off_comes_at_its_time_and_counts_as_no_try(
    store: Store, clock: ManualClock
) -> None:
    sink = RecordingSink(refuse=[PostponedError("quiet hours", 2 * 24 * 3600)])
    post = Post(store, clock, sink)
    await post.put("a")
    await post.round()
    clock.advance(timedelta(days=2) - SECOND)
    assert await post.round() == 0
    clock.advance(SECOND)
    assert await post.round() == 1
    assert post.lost == []
    assert sink.seen["a"].attempts == 1


async def test_gives_up_loudly_and_at_once_when_told_that_it_is_pointless(
    store: Store, clock: ManualClock
) -> None:
    post = Post(store, clock, RecordingSink(refuse=[refusal(final=True)]))
    await post.put("a")
    await post.round()
    assert post.lost == [("a", "not now")]
    assert [each.key for each in await store.deliveries.lost()] == ["a"]


async def test_gives_up_after_its_time(store: Store, clock: ManualClock) -> None:
    post = Post(store, clock, RecordingSink(refuse=[refusal() for _ in range(99)]))
    await post.put("a")
    while not post.lost:
        await post.round()
        clock.advance(SECOND)
    assert await post.round() == 0


async def test_a_clock_that_is_set_ahead_loses_nothing(store: Store, clock: ManualClock) -> None:
    sink = RecordingSink(refuse=[refusal()])
    post = Post(store, clock, sink)
    await post.put("a")
    clock.advance(timedelta(days=400))
    await post.round()
    clock.advance(SECOND)
    await post.round()
    assert list(sink.seen) == ["a"]
    assert post.lost == []


async def test_a_clock_that_is_set_back_holds_nothing_up(store: Store, clock: ManualClock) -> None:
    sink, other = RecordingSink(refuse=[refusal(retry_after=30)]), RecordingSink("other")
    post = Post(store, clock, sink, other)
    await post.put("a")
    await post.round()
    clock.advance(timedelta(days=-1))
    await post.put("b", sink="other")
    await post.round()
    assert list(other.seen) == ["b"]
    clock.advance(29 * SECOND)
    assert await post.round() == 0
    clock.advance(SECOND)
    assert await post.round() == 1


async def test_a_sink_with_a_fault_is_tried_again(store: Store, clock: ManualClock) -> None:
    sink = RecordingSink(refuse=[ZeroDivisionError("a fault of the sink")])
    post = Post(store, clock, sink)
    await post.put("a")
    await post.round()
    clock.advance(SECOND)
    await post.round()
    assert list(sink.seen) == ["a"]


async def test_running_serves_every_sink_and_what_a_dead_process_left(
    store: Store, clock: ManualClock
) -> None:
    good, bad = RecordingSink("good"), RecordingSink("bad", [refusal() for _ in range(99)])
    post = Post(store, clock, bad, good)
    await post.put("left", sink="good")
    await store.deliveries.claim("good", clock.now(), 1)
    await post.put("b", sink="bad")
    running = asyncio.create_task(post.outbox.run())
    while "left" not in good.seen or not bad.tries:
        await asyncio.sleep(0.01)
        clock.advance(SECOND)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running


class FullDisk(SqliteDeliveries):
    """Deliveries on a disk that is full for the next claims, and the first mark of each."""

    def __init__(self, database: Database, failures: int) -> None:
        super().__init__(database)
        self.failures = failures
        self.refused: set[str] = set()

    async def delivered(self, delivery: Delivery) -> None:
        if delivery.key not in self.refused:
            self.refused.add(delivery.key)
            raise StoreError("the disk is full")
        await super().delivered(delivery)

    async def claim(self, sink: str, now: datetime, limit: int) -> Sequence[Delivery]:
        if self.failures:
            self.failures -= 1
            raise StoreError("the disk is full")
        return await super().claim(sink, now, limit)


async def test_a_full_disk_stops_the_outbox_only_while_it_is_full(
    store: Store, clock: ManualClock
) -> None:
    sink = RecordingSink()
    post = Post(store, clock, sink)
    full = FullDisk(store.database, failures=2)
    await post.put("a")
    running = asyncio.create_task(replace(post.outbox, store=full).run())
    while await store.deliveries.waiting():
        await asyncio.sleep(0.01)
        clock.advance(SECOND)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    assert sink.tries == ["a"]
    assert full.refused == {"a"}


@given(st.integers(1, 200), st.floats(0, 1, exclude_max=True))
def test_waits_stay_within_their_bounds(attempts: int, chance: float) -> None:
    backoff = Backoff()
    wait = backoff.wait(attempts, chance)
    assert backoff.first / 2 <= wait <= backoff.longest
    assert wait <= backoff.wait(attempts + 1, chance)
