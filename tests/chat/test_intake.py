"""Intake on the real store: exactly once, in order, whatever is cut off when."""

import asyncio
import random
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.chat.intake import EDITS_WITHIN, MOST_AT_ONCE, SCREENED_AT_ONCE, Intake
from bot.chat.reading import Reading
from bot.errors import StoreError
from bot.model import Comment, Verdict
from bot.store.sqlite import Store, open_store
from tests.fakes.clock import ManualClock
from tests.store.examples import comment, told, verdict


class Channel:
    """A channel that remembers its messages, as Discord does."""

    def __init__(self) -> None:
        self.messages: dict[int, Comment | None] = {}
        self.edits: set[int] = set()
        self.failing = self.failing_edits = 0

    async def after(self, _: str, position: int) -> AsyncIterator[tuple[int, Comment | None]]:
        if self.failing:
            self.failing -= 1
            raise ConnectionError("no answer")
        for message in sorted(each for each in self.messages if each > position):
            await asyncio.sleep(0)
            yield message, self.messages[message]

    async def edited(self, _: str, position: int, since: datetime) -> AsyncIterator[Comment]:
        if self.failing_edits:
            self.failing_edits -= 1
            raise ConnectionError("no answer")
        for number in sorted(self.edits, reverse=True):
            found = self.messages[number]
            assert found is not None
            if number <= position and found.created_at is not None and found.created_at > since:
                yield found

    def add(self, number: int, text: str = "hi") -> Comment:
        self.messages[number] = added = comment(number, text)
        return added

    def edit(self, number: int, text: str) -> None:
        self.add(number, text)
        self.edits.add(number)


class Bench:
    """An intake between a channel and the store; `screened` lists what was submitted."""

    def __init__(self, store: Store, channel: Channel) -> None:
        self.store, self.channel = store, channel
        self.screened: list[tuple[str, str]] = []
        self.failures = self.busy = 0
        self.gate = asyncio.Event()
        self.gate.set()
        self.clock = ManualClock()
        self.intake = Intake(
            self.submit, store.places, channel, self.clock, store.upkeep.forgotten_at
        )

    async def submit(self, of: Comment) -> Verdict:
        await self.gate.wait()
        if self.failures:
            self.failures -= 1
            raise StoreError("the disk is full")
        self.screened.append((of.id, of.text))
        found = verdict(of)
        await self.store.cases.save(of, found, told, opens=True)
        return found

    async def position(self) -> int | None:
        return (await self.store.places.positions("discord")).get("10")

    @property
    def ids(self) -> list[int]:
        return [int(each) for each, _ in self.screened]


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    opened = open_store(tmp_path / "store.sqlite")
    yield opened
    await opened.close()


@pytest.fixture
def bench(store: Store) -> Bench:
    return Bench(store, Channel())


async def test_a_first_start_begins_at_the_newest_message(bench: Bench) -> None:
    bench.channel.add(5)
    await bench.intake.start({"10": 5})
    await bench.intake.settled()
    bench.intake.message(bench.channel.add(6))
    await bench.intake.settled()
    assert bench.ids == [6]
    assert await bench.position() == 6


async def test_what_was_missed_is_read_back_in_order(bench: Bench) -> None:
    await bench.store.places.advance("discord", "10", 5)
    for number in (9, 6, 7, 4):
        bench.channel.add(number)
    bench.channel.messages[8] = None
    await bench.intake.start({"10": 9})
    await bench.intake.settled()
    assert bench.ids == [6, 7, 9]
    assert await bench.position() == 9


async def test_a_channel_made_while_we_were_away_is_read_from_its_beginning(bench: Bench) -> None:
    await bench.store.places.advance("discord", "7", 8)
    bench.channel.add(11)
    await bench.intake.start({"10": 11})
    await bench.intake.settled()
    assert bench.ids == [11]


async def test_messages_that_come_before_the_start_are_read_back_with_all_before_them(
    bench: Bench,
) -> None:
    await bench.store.places.advance("discord", "10", 1)
    bench.channel.add(2)
    bench.intake.message(bench.channel.add(3))
    await bench.intake.start({"10": 3})
    await bench.intake.settled()
    assert bench.ids == [2, 3]


async def test_a_first_start_does_not_pass_over_a_message_that_came_before_it(
    bench: Bench,
) -> None:
    bench.channel.add(2)
    bench.intake.message(bench.channel.add(3))
    await bench.intake.start({"10": 3})
    await bench.intake.settled()
    assert bench.ids == [3]


async def test_live_messages_wait_their_turn_while_a_channel_is_read_back(bench: Bench) -> None:
    await bench.store.places.advance("discord", "10", 1)
    bench.channel.add(2)
    bench.gate.clear()
    await bench.intake.start({"10": 2})
    await asyncio.sleep(0)
    bench.intake.message(bench.channel.add(3))
    bench.gate.set()
    await bench.intake.settled()
    assert bench.ids == [2, 3]


async def test_an_event_that_comes_twice_is_screened_once(bench: Bench) -> None:
    await bench.intake.start({"10": 0})
    await bench.intake.settled()
    twice = bench.channel.add(1)
    bench.intake.message(twice)
    bench.intake.message(twice)
    await bench.intake.settled()
    bench.intake.message(twice)
    bench.intake.look_back_everywhere()
    await bench.intake.settled()
    assert bench.ids == [1]


async def test_the_position_stays_before_what_is_still_under_way(bench: Bench) -> None:
    await bench.intake.start({"10": 0})
    await bench.intake.settled()
    bench.gate.clear()
    bench.intake.message(bench.channel.add(1))
    bench.intake.message(bench.channel.add(2))
    await asyncio.sleep(0.05)
    await bench.intake.close()
    assert await bench.position() == 0
    again = Bench(bench.store, bench.channel)
    await again.intake.start({"10": 2})
    await again.intake.settled()
    assert again.ids == [1, 2]


async def test_what_could_not_be_stored_is_read_back(bench: Bench) -> None:
    await bench.intake.start({"10": 0})
    await bench.intake.settled()
    bench.failures = 2
    for number in (1, 2, 3):
        bench.intake.message(bench.channel.add(number))
    while sorted(bench.ids) != [1, 2, 3]:
        await asyncio.sleep(0.01)
        bench.clock.advance(bench.clock.now() - bench.clock.now().replace(year=2023))
    await bench.intake.settled()
    assert await bench.position() == 3


async def test_a_failing_history_is_asked_again(bench: Bench) -> None:
    await bench.store.places.advance("discord", "10", 1)
    bench.channel.add(2)
    bench.channel.failing = 2
    await bench.intake.start({"10": 2})
    while not bench.ids:
        await asyncio.sleep(0.01)
        bench.clock.advance(bench.clock.now() - bench.clock.now().replace(year=2023))
    await bench.intake.settled()
    assert bench.ids == [2]


async def test_a_flood_is_bounded_and_nothing_of_it_is_lost(bench: Bench) -> None:
    await bench.intake.start({"10": 0})
    await bench.intake.settled()
    bench.gate.clear()
    for number in range(1, 2 * MOST_AT_ONCE + 1):
        bench.intake.message(bench.channel.add(number))
    assert len(bench.intake._tasks) <= MOST_AT_ONCE + 1
    bench.gate.set()
    await bench.intake.settled()
    assert sorted(bench.ids) == list(range(1, 2 * MOST_AT_ONCE + 1))


async def test_of_a_burst_few_messages_are_screened_side_by_side(bench: Bench) -> None:
    under_way: list[int] = []
    full, gate = asyncio.Event(), asyncio.Event()

    async def submit(of: Comment) -> Verdict:
        under_way.append(bench.busy)
        bench.busy += 1
        if bench.busy == SCREENED_AT_ONCE:
            full.set()
        await gate.wait()
        await asyncio.sleep(0)
        bench.busy -= 1
        return await bench.submit(of)

    store = bench.store
    bench.intake = Intake(
        submit, store.places, bench.channel, bench.clock, store.upkeep.forgotten_at
    )
    await bench.intake.start({"10": 0})
    await bench.intake.settled()
    for number in range(1, 60):
        bench.intake.message(bench.channel.add(number))
    await asyncio.wait_for(full.wait(), 30)
    gate.set()
    await bench.intake.settled()
    assert sorted(bench.ids) == list(range(1, 60))
    assert max(under_way) == SCREENED_AT_ONCE - 1


async def test_an_edit_is_screened_after_its_original_and_only_when_the_text_changed(
    bench: Bench,
) -> None:
    await bench.intake.start({"10": 0})
    await bench.intake.settled()
    bench.gate.clear()
    first = bench.channel.add(1, "nice")
    bench.intake.message(first)
    await asyncio.sleep(0.01)
    bench.intake.aside(replace(first, text="nasty"))
    bench.gate.set()
    await bench.intake.settled()
    bench.intake.aside(replace(first, text="nasty"))
    await bench.intake.settled()
    assert bench.screened == [("1", "nice"), ("1", "nasty")]
    case = await bench.store.cases.case_of("discord", "10", "1")
    assert case is not None
    assert case.comment.text == "nasty"


async def restarted(bench: Bench, newest: int) -> Bench:
    await bench.intake.close()
    again = Bench(bench.store, bench.channel)
    await again.intake.start({"10": newest})
    await again.intake.settled()
    return again


async def test_an_edit_made_while_we_were_away_is_screened_once(bench: Bench) -> None:
    await bench.intake.start({"10": 0})
    await bench.intake.settled()
    for number in (1, 2, 3):
        bench.intake.message(bench.channel.add(number, "nice"))
    await bench.intake.settled()
    bench.channel.edit(2, "nasty")
    again = await restarted(bench, 3)
    assert again.screened == [("2", "nasty")]
    assert (await restarted(again, 3)).screened == []


async def test_a_first_start_looks_for_no_edits(bench: Bench) -> None:
    bench.channel.edit(1, "nasty")
    await bench.intake.start({"10": 5})
    await bench.intake.settled()
    assert bench.ids == []


async def test_edits_are_looked_for_after_a_lost_session_until_they_are_found(
    bench: Bench,
) -> None:
    await bench.intake.start({"10": 0})
    await bench.intake.settled()
    bench.intake.message(bench.channel.add(1, "nice"))
    await bench.intake.settled()
    bench.channel.edit(1, "nasty")
    bench.channel.failing_edits = 2
    bench.intake.look_back_everywhere()
    while len(bench.ids) < 2:
        await asyncio.sleep(0.01)
        bench.clock.advance(timedelta(minutes=1))
    await bench.intake.settled()
    assert bench.screened == [("1", "nice"), ("1", "nasty")]


async def test_old_messages_are_not_looked_through(bench: Bench) -> None:
    await bench.intake.start({"10": 0})
    await bench.intake.settled()
    bench.intake.message(bench.channel.add(1, "nice"))
    await bench.intake.settled()
    bench.channel.edit(1, "nasty")
    bench.clock.advance(EDITS_WITHIN + timedelta(days=1))
    bench.intake.look_back_everywhere()
    await bench.intake.settled()
    assert bench.screened == [("1", "nice")]


@given(st.lists(st.integers(1, 30), unique=True, max_size=15), st.randoms())
def test_the_position_never_passes_what_is_not_done(
    messages: list[int], chance: random.Random
) -> None:
    reading = Reading(0, behind=False)
    open_ones = [each for each in sorted(messages) if reading.arrived(each)]
    assert open_ones == sorted(messages)
    while open_ones:
        finished = open_ones.pop(chance.randrange(len(open_ones)))
        reading.done(finished)
        assert all(each > reading.position for each in open_ones)
    assert reading.position == max(messages, default=0)
