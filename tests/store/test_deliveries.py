"""The outbox's memory: due, claimed, then done or lost; a key is queued once."""

from datetime import timedelta

from bot.model import Delivery
from bot.store.sqlite import Store
from tests.store.examples import NOON

LATER = NOON + timedelta(minutes=5)


async def claim(store: Store, sink: str = "s") -> list[str]:
    return [each.key for each in await store.deliveries.claim(sink, NOON, 2)]


async def test_claims_what_is_due_oldest_first_and_only_once(store: Store) -> None:
    waiting = Delivery("later", "s", due_at=LATER)
    await store.cases.tell([Delivery("a", "s"), Delivery("b", "s"), waiting, Delivery("c", "t")])
    assert await claim(store) == ["a", "b"]
    assert await claim(store) == []
    assert await claim(store, "t") == ["c"]
    assert await store.deliveries.next_due("s") == LATER
    assert await store.deliveries.next_due("t") is None


async def test_what_was_given_back_comes_again_at_its_time(store: Store) -> None:
    await store.cases.tell([Delivery("a", "s")])
    (first,) = await store.deliveries.claim("s", NOON, 1)
    await store.deliveries.retry(first, LATER, "no answer")
    assert await claim(store) == []
    (second,) = await store.deliveries.claim("s", LATER, 1)
    assert (first.attempts, second.attempts) == (1, 2)
    assert second.created_at == NOON


async def test_what_was_put_off_counts_as_no_try(store: Store) -> None:
    await store.cases.tell([Delivery("a", "s")])
    (first,) = await store.deliveries.claim("s", NOON, 1)
    await store.deliveries.postpone(first, LATER)
    assert await claim(store) == []
    (second,) = await store.deliveries.claim("s", LATER, 1)
    assert (first.attempts, second.attempts) == (1, 1)


async def test_what_a_dead_process_had_claimed_is_due_again(store: Store) -> None:
    await store.cases.tell([Delivery("a", "s")])
    await claim(store)
    assert await store.deliveries.requeue() == 1
    assert await claim(store) == ["a"]


async def test_a_key_is_queued_once_even_after_it_was_delivered(store: Store) -> None:
    await store.cases.tell([Delivery("a", "s")])
    (first,) = await store.deliveries.claim("s", NOON, 1)
    await store.deliveries.delivered(first)
    await store.cases.tell([Delivery("a", "s")])
    assert await claim(store) == []
    assert await store.deliveries.waiting() == 0


async def test_what_is_lost_is_listed(store: Store) -> None:
    await store.cases.tell([Delivery("a", "s", {"case": 1})])
    (first,) = await store.deliveries.claim("s", NOON, 1)
    await store.deliveries.give_up(first, "gone")
    (lost,) = await store.deliveries.lost()
    assert (lost.key, lost.payload) == ("a", {"case": 1})
