"""Messages that were deleted while the bot was away, or with their channel, are told of."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.chat.house import House, house
from tests.fakes.discord.faults import Fault

GONE = "The message was deleted."


async def flagged(gavel: House, *texts: str) -> list[str]:
    """Say things that get cards, one after another; return the ids of the messages."""
    said = []
    for number, text in enumerate(texts, 1):
        said.append(await gavel.discord.say(gavel.ann, gavel.general, text))
        await gavel.until_cards(number)
    return said


def asked_for(gavel: House, message: str) -> int:
    path = f"/channels/{gavel.general}/messages/{message}"
    return gavel.discord.rest.asked.count(("GET", path))


async def test_what_was_deleted_before_a_start_is_marked(tmp_path: Path) -> None:
    async with house(tmp_path) as gavel:
        async with gavel.running():
            first, second = await flagged(gavel, "you muppet", "you great muppet")
        gavel.discord.world.delete(gavel.general, second)
        async with gavel.running():
            await gavel.discord.until(lambda: GONE in gavel.field("Decision", 1))
            await gavel.discord.until(lambda: asked_for(gavel, first))
            assert gavel.field("Decision", 0) == ""
            assert len(gavel.cards) == 2


async def test_what_was_deleted_during_a_lost_session_is_marked(tmp_path: Path) -> None:
    async with house(tmp_path) as gavel, gavel.running():
        (message,) = await flagged(gavel, "you muppet")
        gavel.discord.faults.refuse_resume = True
        gavel.discord.world.delete(gavel.general, message)
        await gavel.discord.gateway.drop()
        await gavel.discord.until(lambda: GONE in gavel.field("Decision"))


async def test_a_channel_that_is_gone_took_its_messages_with_it(tmp_path: Path) -> None:
    async with house(tmp_path) as gavel:
        async with gavel.running():
            await flagged(gavel, "you muppet")
        del gavel.discord.world.channels[gavel.general]
        async with gavel.running():
            await gavel.discord.until(lambda: GONE in gavel.field("Decision"))


@pytest.mark.parametrize("thread", [False, True])
async def test_a_channel_or_thread_is_deleted_under_the_eyes_of_the_bot(
    tmp_path: Path, *, thread: bool
) -> None:
    async with house(tmp_path) as gavel, gavel.running():
        world = gavel.discord.world
        place = world.add_thread("talk", gavel.general) if thread else world.add_channel("talk")
        about = world.channels[place]
        kind = "THREAD" if thread else "CHANNEL"
        await gavel.discord.gateway.dispatch(f"{kind}_CREATE", about)
        await gavel.discord.say(gavel.ann, place, "you muppet")
        await gavel.until_cards(1)
        del world.channels[place]
        await gavel.discord.gateway.dispatch(f"{kind}_DELETE", about)
        await gavel.discord.until(lambda: GONE in gavel.field("Decision"))


@pytest.mark.parametrize("kind", ["5xx", "no answer"])
async def test_a_message_that_cannot_be_asked_for_is_not_called_deleted(
    tmp_path: Path, kind: str
) -> None:
    async with house(tmp_path) as gavel:
        async with gavel.running():
            first, second = await flagged(gavel, "you muppet", "you great muppet")
        gavel.discord.world.delete(gavel.general, second)
        path = f"/messages/{first}$"
        gavel.discord.faults.requests.append(Fault(kind, "GET", path, times=1))  # type: ignore[arg-type]
        async with gavel.running():
            await gavel.discord.until(lambda: GONE in gavel.field("Decision", 1))
            await gavel.discord.until(lambda: asked_for(gavel, first))
            assert gavel.field("Decision", 0) == ""


async def test_settled_cases_and_what_the_bot_took_down_are_not_asked_for(tmp_path: Path) -> None:
    async with house(tmp_path) as gavel:
        async with gavel.running():
            settled, known, last = await flagged(gavel, "a muppet", "b muppet", "c muppet")
            await gavel.discord.press(gavel.mod, gavel.review, gavel.card(0), "False alarm")
            await gavel.until_titled("False alarm", 0)
            await gavel.discord.delete(gavel.general, known)
            await gavel.discord.until(lambda: GONE in gavel.field("Decision", 1))
        gavel.discord.rest.asked.clear()
        async with gavel.running():
            await gavel.discord.until(lambda: asked_for(gavel, last))
            assert not asked_for(gavel, settled)
            assert not asked_for(gavel, known)
