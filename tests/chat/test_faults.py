"""What a network and a service do wrong: nothing is lost, nothing is shown twice."""

import asyncio
import json
import sqlite3
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import pytest

from bot.errors import ScoringError, UserError
from tests.chat.house import House, house
from tests.fakes.discord import Fault
from tests.fakes.scorer import FixedScorer


async def say_many(gavel: House, count: int, start: int = 0) -> None:
    for number in range(start, start + count):
        await gavel.discord.say(gavel.ann, gavel.general, f"you muppet {number}")


def run(statement: str, connection: sqlite3.Connection) -> None:
    connection.execute(statement)


def broken(_: str) -> dict[str, float]:
    raise ScoringError("the model is down")


def shown(gavel: House) -> list[int]:
    """Return the numbers of the messages that have cards, one for each card."""
    texts = [each["embeds"][0]["description"] for each in gavel.cards]
    return sorted(int(text.rstrip("|").rsplit(maxsplit=1)[1]) for text in texts)


async def all_once(gavel: House, count: int) -> None:
    await gavel.discord.until(lambda: len(shown(gavel)) >= count)
    await asyncio.sleep(0.1)
    assert shown(gavel) == list(range(count))


async def test_messages_of_a_downtime_are_read_back_once_and_in_order(tmp_path: Path) -> None:
    async with house(tmp_path) as gavel:
        async with gavel.running():
            for number in range(3):
                # Live messages are screened side by side; only what is read back keeps its order.
                await say_many(gavel, 1, start=number)
                await gavel.until_cards(number + 1)
        await say_many(gavel, 4, start=3)
        async with gavel.running():
            await all_once(gavel, 7)
        cases = await gavel.store.cases.queue(99)
        by_time = sorted(cases, key=lambda case: case.number)
        assert [case.comment.text for case in by_time] == [f"you muppet {n}" for n in range(7)]


async def test_an_edit_made_during_a_downtime_is_screened_in_its_own_case(
    tmp_path: Path,
) -> None:
    async with house(tmp_path) as gavel:
        world = gavel.discord.world
        async with gavel.running():
            fine = await gavel.discord.say(gavel.ann, gavel.general, "you hero")
            await say_many(gavel, 1)
            await gavel.until_cards(1)
        (flagged,) = set(world.messages[gavel.general]) - {fine}
        world.edit(gavel.general, fine, {"content": "you muppet 1"})
        world.edit(gavel.general, flagged, {"content": "you great muppet 0"})
        async with gavel.running():
            await all_once(gavel, 2)
            await gavel.discord.until(lambda: "great" in gavel.embed()["description"])


async def test_an_edit_made_while_a_session_was_lost_is_screened(tmp_path: Path) -> None:
    async with house(tmp_path) as gavel, gavel.running():
        fine = await gavel.discord.say(gavel.ann, gavel.general, "you hero")
        await say_many(gavel, 1)
        await gavel.until_cards(1)
        gavel.discord.faults.refuse_resume = True
        gavel.discord.world.edit(gavel.general, fine, {"content": "you muppet 1"})
        await gavel.discord.gateway.drop()
        gavel.discord.faults.refuse_resume = False
        await all_once(gavel, 2)


async def test_dropped_connections_lose_and_double_nothing(tmp_path: Path) -> None:
    async with house(tmp_path) as gavel, gavel.running():
        for number in range(20):
            await say_many(gavel, 1, start=number)
            await gavel.discord.gateway.drop()
        await all_once(gavel, 20)
        assert gavel.discord.gateway.resumed


async def test_a_refused_resume_is_read_back(tmp_path: Path) -> None:
    async with house(tmp_path) as gavel, gavel.running():
        await say_many(gavel, 1)
        await gavel.until_cards(1)
        gavel.discord.faults.refuse_resume = True
        await gavel.discord.gateway.drop()
        await say_many(gavel, 3, start=1)
        gavel.discord.faults.refuse_resume = False
        await all_once(gavel, 4)
        assert gavel.discord.gateway.identified == 2


@pytest.mark.parametrize("kind", ["429", "429 without Via", "lost answer", "no answer"])
async def test_each_card_is_seen_once_through_failing_requests(tmp_path: Path, kind: str) -> None:
    async with house(tmp_path) as gavel, gavel.running():
        path = f"/channels/{gavel.review}/messages$"
        gavel.discord.faults.requests.append(Fault(kind, "POST", path, times=4))  # type: ignore[arg-type]  # one of its literals
        await say_many(gavel, 5)
        await all_once(gavel, 5)


async def test_a_503_is_tried_again(tmp_path: Path) -> None:
    async with house(tmp_path) as gavel, gavel.running():
        gavel.discord.faults.requests.append(Fault("5xx", "POST", "/messages$"))
        await say_many(gavel, 1)
        await all_once(gavel, 1)


async def test_a_card_posted_before_a_kill_is_found_again(tmp_path: Path) -> None:
    async with house(tmp_path) as gavel:
        async with gavel.running():
            await say_many(gavel, 1)
            await gavel.until_cards(1)
        # As if the process had died between the posting and the remembering.
        for statement in ("DELETE FROM placement", "UPDATE delivery SET state = 'claimed'"):
            await gavel.store.database.write(partial(run, statement))
        gavel.discord.world.nonces.clear()
        async with gavel.running():
            await say_many(gavel, 1, start=1)
            await all_once(gavel, 2)


async def test_a_card_posted_before_a_kill_is_found_by_what_changed_since(tmp_path: Path) -> None:
    async with house(tmp_path) as gavel:
        async with gavel.running():
            await say_many(gavel, 1)
            await gavel.until_cards(1)
        # As above; and the delivery that posted it is not tried again for a while.
        later = "UPDATE delivery SET state = 'due', due_at = due_at + 3600000000"
        for statement in ("DELETE FROM placement", later):
            await gavel.store.database.write(partial(run, statement))
        gavel.discord.world.nonces.clear()
        (message,) = gavel.discord.world.messages[gavel.general]
        async with gavel.running():
            await gavel.discord.edit(gavel.general, message, "you great muppet 0")
            await gavel.discord.until(
                lambda: any("great" in each["embeds"][0]["description"] for each in gavel.cards)
            )
            assert shown(gavel) == [0]


async def test_malformed_events_end_nothing(tmp_path: Path) -> None:
    async with house(tmp_path) as gavel, gavel.running():
        for event in (
            {"op": 0, "t": "MESSAGE_CREATE", "s": 900, "d": {"id": "nonsense"}},
            {"op": 0, "t": "NEVER_HEARD_OF", "s": 901, "d": None},
            {"op": 77},
        ):
            await gavel.discord.gateway.send_raw(json.dumps(event))
            await asyncio.sleep(0.05)
        await gavel.discord.until(lambda: gavel.discord.gateway.identified >= 2)
        await say_many(gavel, 1)
        await all_once(gavel, 1)


async def test_a_revoked_token_stops_the_bot_with_a_way_out(tmp_path: Path) -> None:
    async with house(tmp_path) as gavel:
        gavel.discord.faults.token_revoked = True
        with pytest.raises(UserError, match="refuses the token"):
            async with gavel.running():
                raise AssertionError("it must not start")
        assert len(gavel.discord.rest.asked) <= 3


async def test_a_token_revoked_on_the_way_is_not_hammered(tmp_path: Path) -> None:
    async with house(tmp_path) as gavel, gavel.running() as edge:
        gavel.discord.faults.token_revoked = True
        before = len(gavel.discord.rest.asked)
        await say_many(gavel, 5)
        await asyncio.sleep(0.5)
        assert len(gavel.discord.rest.asked) - before <= 3 + 5, "three calls, and those under way"
        await gavel.discord.gateway.drop()
        await gavel.discord.until(edge.client.is_closed)


async def test_a_locked_store_delays_messages_and_loses_none(tmp_path: Path) -> None:
    async with house(tmp_path) as gavel, gavel.running():
        gavel.locked = True
        await say_many(gavel, 3)
        await asyncio.sleep(0.1)
        gavel.locked = False
        await all_once(gavel, 3)


async def test_a_deleted_card_is_posted_again_when_its_case_changes(tmp_path: Path) -> None:
    async with house(tmp_path) as gavel, gavel.running():
        await say_many(gavel, 1)
        await gavel.until_cards(1)
        (message,) = gavel.discord.world.messages[gavel.general]
        await gavel.discord.delete(gavel.review, gavel.card())
        await gavel.discord.edit(gavel.general, message, "you muppet 0 ")
        await gavel.until_cards(1)


async def test_a_deleted_review_channel_raises_an_alarm_and_cards_wait(tmp_path: Path) -> None:
    async with house(tmp_path) as gavel, gavel.running():
        channel = gavel.discord.world.channels.pop(gavel.review)
        await say_many(gavel, 1)
        await gavel.discord.until(lambda: gavel.alarms)
        assert "cards cannot be shown" in gavel.alarms[0]
        gavel.discord.world.channels[gavel.review] = channel
        await all_once(gavel, 1)


async def test_an_old_card_of_a_text_that_passed_its_time_says_so(tmp_path: Path) -> None:
    async with house(tmp_path) as gavel, gavel.running():
        await say_many(gavel, 1)
        await gavel.until_cards(1)
        await gavel.discord.press(gavel.mod, gavel.review, gavel.card(), "False alarm")
        await gavel.until_titled("False alarm")
        now = datetime.now(UTC)
        await gavel.store.upkeep.expire("discord", now + timedelta(days=1), lambda _: (), now)
        for label in ("Undo", "Why?"):
            press = await gavel.discord.press(gavel.mod, gavel.review, gavel.card(), label)
            assert await press.text() == (
                "Text and author of case 1 were removed for good: nothing can be done with it any"
                " more. What was decided still counts."
            )


async def test_a_text_that_passed_its_time_leaves_its_card(tmp_path: Path) -> None:
    async with house(tmp_path) as gavel, gavel.running() as edge:
        await say_many(gavel, 1)
        await gavel.until_cards(1)
        await gavel.discord.press(gavel.mod, gavel.review, gavel.card(), "False alarm")
        await gavel.until_titled("False alarm")
        desk, now = edge.client.services.desk, datetime.now(UTC)
        await gavel.store.upkeep.expire("discord", now + timedelta(days=1), desk.cards, now)
        await gavel.discord.until(lambda: not gavel.cards)
        (card,) = gavel.discord.posted(gavel.review)
        assert "muppet 0" not in json.dumps(card["embeds"])
        assert card["embeds"][0]["title"].startswith("False alarm · Case 1")


async def test_a_model_that_fails_is_never_clean(tmp_path: Path) -> None:
    async with house(tmp_path) as gavel:
        gavel.scorer = FixedScorer(broken)
        async with gavel.running():
            await gavel.discord.say(gavel.ann, gavel.general, "you hero")
            await gavel.until_cards(1)
            assert "missing: scores" in gavel.field("Why")


def with_a_bug(_: str) -> dict[str, float]:
    raise ZeroDivisionError


async def test_a_fault_of_our_own_is_answered_too(tmp_path: Path) -> None:
    async with house(tmp_path) as gavel:
        gavel.scorer = FixedScorer(with_a_bug)
        async with gavel.running():
            asked = await gavel.discord.command(gavel.mod, gavel.review, "screen", text="hi")
            assert await asked.text() == (
                "That did not work, by a fault of Gavel's. Its log tells more."
            )


async def test_messages_without_their_text_raise_an_alarm_and_are_not_clean(
    tmp_path: Path,
) -> None:
    async with house(tmp_path) as gavel, gavel.running():
        posted = gavel.discord.world.post(gavel.general, gavel.ann, {"content": "you muppet"})
        posted["content"] = ""  # Without the intent, history comes without text as well.
        event = gavel.discord.world.event(posted)
        await gavel.discord.gateway.dispatch("MESSAGE_CREATE", event)
        await gavel.discord.until(lambda: gavel.alarms)
        assert "Message Content Intent" in gavel.alarms[0]
        assert await gavel.store.places.stored_text("discord", gavel.general, event["id"]) is None


async def test_a_stop_is_graceful(tmp_path: Path) -> None:
    async with house(tmp_path) as gavel:
        async with gavel.running():
            await say_many(gavel, 5)
        async with gavel.running():
            await all_once(gavel, 5)
