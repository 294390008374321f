"""More cards than can be read, and quiet hours: what waits is listed, and follows."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from sqlite3 import Connection
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.cases import Case
from bot.chat.digest import SHOW, digest, update_at, update_due
from bot.chat.settings import CARDS, DIGEST, QuietHours
from bot.chat.ui import to_view
from bot.store.database import to_micros
from tests.chat.house import House, house
from tests.fakes.clock import LeapingClock
from tests.fakes.discord import Fault
from tests.fakes.discord.limits import check_message
from tests.store.examples import MATCH, NOON, comment, verdict

MINUTE = timedelta(minutes=1)


async def say_many(gavel: House, count: int) -> None:
    for number in range(count):
        await gavel.discord.say(gavel.ann, gavel.general, f"you muppet {number}")


@asynccontextmanager
async def stopped(tmp_path: Path, **more: Any) -> AsyncIterator[House]:
    """Yield a house whose clock moves by leaps only: what is due later never comes by itself."""
    async with house(tmp_path, clock=LeapingClock(stopped=True), **more) as gavel:
        yield gavel


async def leaping(gavel: House, by: timedelta, true: Callable[[], object]) -> None:
    """Let time pass until something is true."""
    async with asyncio.timeout(60):
        while not true():
            gavel.clock.ahead += by
            await asyncio.sleep(0.15)


async def all_had_their_turn(gavel: House, count: int) -> None:
    """Wait until so many cases are shown, or put off until later."""

    def put_off(connection: Connection) -> int:
        query = "SELECT count(*) FROM delivery WHERE sink = ? AND state = 'due' AND due_at > ?"
        row = connection.execute(query, (CARDS, to_micros(gavel.clock.now()))).fetchone()
        return int(row[0])

    async with asyncio.timeout(60):
        while len(gavel.cards) + await gavel.store.database.read(put_off) < count:  # noqa: ASYNC110 - the store tells nobody
            await asyncio.sleep(0.02)


async def at_rest(gavel: House) -> None:
    """Let time pass until nothing waits."""
    async with asyncio.timeout(60):
        while await gavel.store.deliveries.waiting():
            gavel.clock.ahead += timedelta(seconds=5)
            await asyncio.sleep(0.15)


def titled(gavel: House, text: str) -> bool:
    return any(text in each["title"] for each in gavel.summaries)


async def until_listed(gavel: House, text: str) -> None:
    """Leap to the next update of the summary, and wait until it says something."""
    gavel.clock.ahead += timedelta(seconds=5)
    await gavel.discord.until(lambda: titled(gavel, text))


async def test_a_flood_is_listed_in_one_message_until_all_cards_are_shown(tmp_path: Path) -> None:
    async with stopped(tmp_path, cards_per_minute=3) as gavel, gavel.running():
        await say_many(gavel, 8)
        await all_had_their_turn(gavel, 8)
        await until_listed(gavel, "5 cases wait")
        assert len(gavel.cards) == 3
        (summary,) = gavel.summaries
        assert summary["description"].count(r"To review · abuse\.muppet · [message](https://") == 5
        await leaping(gavel, timedelta(seconds=20), lambda: titled(gavel, "All cards are shown"))
        assert len(gavel.cards) == 8
        assert len(gavel.summaries) == 1


async def test_a_flood_of_trifles_keeps_nothing_grave_waiting(tmp_path: Path) -> None:
    async with stopped(tmp_path, cards_per_minute=3) as gavel, gavel.running():
        await say_many(gavel, 5)
        await all_had_their_turn(gavel, 5)
        await until_listed(gavel, "2 cases wait")
        await gavel.discord.say(gavel.ann, gavel.general, "buy now")
        await gavel.until_cards(4)
        assert "critical" in gavel.embed(3)["title"]


async def test_a_new_flood_gets_a_new_message(tmp_path: Path) -> None:
    async with stopped(tmp_path, cards_per_minute=2) as gavel, gavel.running():
        for flood in (1, 2):
            await say_many(gavel, 3)
            await all_had_their_turn(gavel, 3 * flood)
            assert len(gavel.cards) < 3 * flood
            gavel.clock.ahead += timedelta(seconds=5)
            await gavel.discord.until(lambda: len(gavel.summaries) == flood)  # noqa: B023 - awaited at once
            await at_rest(gavel)
            assert len(gavel.cards) == 3 * flood
            assert gavel.summaries[-1]["title"] == "All cards are shown"
        assert len(gavel.summaries) == 2


async def execute(gavel: House, statement: str) -> None:
    await gavel.store.database.write(lambda connection: connection.execute(statement))


async def test_a_summary_posted_before_a_kill_is_found_by_the_next_update(tmp_path: Path) -> None:
    async with stopped(tmp_path, cards_per_minute=1) as gavel:
        # As if the process had died between the posting and the remembering.
        await execute(
            gavel,
            "CREATE TRIGGER killed BEFORE INSERT ON placement WHEN new.revision = 1 AND"
            f" new.sink = '{DIGEST}' BEGIN SELECT raise(ABORT, 'killed'); END",
        )
        async with gavel.running():
            await say_many(gavel, 3)
            await all_had_their_turn(gavel, 3)
            await until_listed(gavel, "2 cases wait")
        await execute(gavel, "DROP TRIGGER killed")
        await execute(gavel, "DELETE FROM delivery WHERE sink = 'discord.digest'")
        gavel.discord.world.nonces.clear()
        async with gavel.running():
            await gavel.store.cases.tell([update_due(gavel.clock.now())])
            await at_rest(gavel)
            assert [each["title"] for each in gavel.summaries] == ["All cards are shown"]


async def test_a_summary_that_a_kill_kept_from_being_posted_is_posted(tmp_path: Path) -> None:
    async with stopped(tmp_path, cards_per_minute=1) as gavel:
        async with gavel.running():
            await say_many(gavel, 3)
            await all_had_their_turn(gavel, 3)
            post = f"/channels/{gavel.review}/messages$"
            gavel.discord.faults.requests.append(Fault("no answer", "POST", post, times=99))
            gavel.clock.ahead += timedelta(seconds=5)
            asked = gavel.discord.faults.requests[0]
            await gavel.discord.until(lambda: asked.times < 99)
        gavel.discord.faults.requests.clear()
        async with gavel.running():
            await leaping(gavel, timedelta(seconds=1), lambda: gavel.summaries)
            await at_rest(gavel)
            assert [each["title"] for each in gavel.summaries] == ["All cards are shown"]


async def test_updates_that_are_due_together_are_one_message(tmp_path: Path) -> None:
    async with stopped(tmp_path, cards_per_minute=1) as gavel, gavel.running():
        await say_many(gavel, 3)
        await all_had_their_turn(gavel, 3)
        now = gavel.clock.now()
        await gavel.store.cases.tell([update_at(now + timedelta(seconds=n)) for n in (1, 2, 3, 4)])
        await until_listed(gavel, "2 cases wait")
        await at_rest(gavel)
        assert [each["title"] for each in gavel.summaries] == ["All cards are shown"]


async def test_a_waiting_case_can_be_shown_and_decided_at_once(tmp_path: Path) -> None:
    async with stopped(tmp_path, cards_per_minute=1) as gavel, gavel.running():
        await say_many(gavel, 1)
        await gavel.until_cards(1)
        await say_many(gavel, 1)
        await all_had_their_turn(gavel, 2)
        await until_listed(gavel, "1 case waits")
        (message,) = [
            each for each in gavel.discord.posted(gavel.review) if "waits" in str(each["embeds"])
        ]
        card = await gavel.discord.forge(gavel.mod, gavel.review, message["id"], SHOW, ["2"])
        assert "Case 2 · To review" in await card.text()
        (private,) = card.shown
        decided = await gavel.discord.forge(gavel.mod, gavel.review, private, "gavel:dismiss:2")
        assert await decided.text() == "Done."
        await leaping(gavel, timedelta(seconds=20), lambda: titled(gavel, "All cards are shown"))
        assert len(gavel.cards) == 1, "a case that is settled wants no card"


async def test_a_clock_that_is_set_back_holds_no_card_up(tmp_path: Path) -> None:
    async with stopped(tmp_path, cards_per_minute=3) as gavel, gavel.running():
        await say_many(gavel, 3)
        await gavel.until_cards(3)
        gavel.clock.ahead = timedelta(hours=-1)
        await say_many(gavel, 2)
        await gavel.until_cards(5)


async def test_in_quiet_hours_only_what_cannot_wait_is_posted(tmp_path: Path) -> None:
    async with stopped(tmp_path) as gavel:
        now = gavel.clock.now()
        gavel.quiet_hours = QuietHours((now - 2 * MINUTE).time(), (now + 60 * MINUTE).time())
        morning = gavel.quiet_hours.until(now)
        assert morning is not None
        async with gavel.running():
            await say_many(gavel, 2)
            await gavel.discord.say(gavel.ann, gavel.general, "buy now")
            await all_had_their_turn(gavel, 3)
            assert "To remove · critical" in gavel.embed()["title"]
            assert len(gavel.cards) == 1
            assert gavel.summaries == []
        async with gavel.running():
            # The summary is due at once, the cards five seconds later.
            gavel.clock.ahead = morning + timedelta(seconds=1) - now
            await gavel.discord.until(lambda: titled(gavel, "2 cases wait"))
            assert len(gavel.cards) == 1
            await leaping(gavel, timedelta(seconds=1), lambda: len(gavel.cards) == 3)
            await leaping(gavel, timedelta(seconds=2), lambda: titled(gavel, "All cards"))


def test_a_summary_fits_however_many_and_long_its_cases_are() -> None:
    match = replace(MATCH, rule="a-pack-with-a-name.and-a-rule-with-a-longer-name" * 3)
    link = {"link": "https://discord.com/channels/1/2/" + "3" * 20}
    cases = [
        Case(10**9 + n, replace(of, attributes=link), verdict(of, matches=(match,)), NOON)
        for n in range(40)
        for of in [comment(n)]
    ]
    drawn = digest(cases, 700)
    check_message({"embeds": [drawn.embed], "components": drawn.components})
    assert len(to_view(drawn.components).children) == 1
    assert drawn.embed["description"].endswith("more; `/queue` lists the gravest")


MOMENTS = st.integers(1_700_000_000 * 10**6, 1_900_000_000 * 10**6).map(
    lambda micros: datetime.fromtimestamp(0, UTC) + timedelta(microseconds=micros)
)


@given(MOMENTS)
def test_updates_within_seconds_are_one_and_none_is_in_the_past(now: datetime) -> None:
    due = update_due(now)
    assert due.due_at is not None
    assert now < due.due_at <= now + timedelta(seconds=5)
    assert update_due(due.due_at - timedelta(microseconds=1)).key == due.key
    assert update_due(due.due_at).key != due.key


BERLIN = ZoneInfo("Europe/Berlin")
NIGHT = QuietHours(time(23), time(7), "Europe/Berlin")


@pytest.mark.parametrize(
    ("now", "until"),
    [
        (datetime(2026, 7, 1, 22, 59, tzinfo=BERLIN), None),
        (datetime(2026, 7, 1, 23, 0, tzinfo=BERLIN), datetime(2026, 7, 2, 7, tzinfo=BERLIN)),
        (datetime(2026, 7, 2, 6, 59, tzinfo=BERLIN), datetime(2026, 7, 2, 7, tzinfo=BERLIN)),
        (datetime(2026, 7, 2, 7, 0, tzinfo=BERLIN), None),
        # The night on which the clocks go back, and the one on which they go forward.
        (datetime(2026, 10, 24, 23, 30, tzinfo=BERLIN), datetime(2026, 10, 25, 7, tzinfo=BERLIN)),
        (datetime(2026, 3, 28, 23, 30, tzinfo=BERLIN), datetime(2026, 3, 29, 7, tzinfo=BERLIN)),
    ],
)
def test_quiet_hours_end_in_the_morning_of_their_zone(
    now: datetime, until: datetime | None
) -> None:
    assert NIGHT.until(now.astimezone(UTC)) == until


@given(st.times(), st.times(), MOMENTS)
def test_quiet_hours_end_within_a_day_and_begin_again_only_a_day_later(
    start: time, end: time, now: datetime
) -> None:
    until = QuietHours(start, end).until(now)
    if until is not None:
        assert now < until <= now + timedelta(days=1)
        assert until.time() == end
