"""Who was forgotten is on no card any more, whatever Discord still shows."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

from bot.chat.edge import ChatEdge
from tests.chat.house import House, house

WORDS = "hello there"


async def forget(gavel: House, edge: ChatEdge, author: str) -> None:
    desk, now = edge.client.services.desk, datetime.now(UTC)
    await gavel.store.upkeep.forget("discord", author, desk.cards, now, desk.cards_anew)


async def quoted(gavel: House, number: int = 1) -> str:
    """Have Bob answer what Ann said, on a card that quotes it; return the message's id."""
    bob = gavel.discord.world.add_member("bob")
    said = await gavel.discord.say(gavel.ann, gavel.general, WORDS)
    answer = {"message_reference": {"message_id": said}}
    for each in range(number):
        await gavel.discord.say(bob, gavel.general, f"you muppet {each}", **answer)
        await gavel.until_cards(each + 1)
        assert WORDS in gavel.field("Replied to", each)
    return said


async def test_a_forgotten_author_leaves_the_card(tmp_path: Path) -> None:
    async with house(tmp_path) as gavel, gavel.running() as edge:
        await gavel.discord.say(gavel.ann, gavel.general, "hello there")
        await gavel.discord.say(gavel.ann, gavel.general, "you muppet 0")
        await gavel.until_cards(1)
        assert "hello there" in gavel.field("Before it")
        await forget(gavel, edge, gavel.ann)
        await gavel.discord.until(lambda: not gavel.cards)
        (card,) = gavel.discord.posted(gavel.review)
        assert card["embeds"][0]["description"] == "*no text*"
        assert gavel.ann not in json.dumps(card["embeds"])
        assert "hello there" not in json.dumps(card["embeds"])


async def test_a_forgotten_author_leaves_the_cards_that_quoted_them(tmp_path: Path) -> None:
    async with house(tmp_path) as gavel, gavel.running() as edge:
        await quoted(gavel, 2)
        await forget(gavel, edge, gavel.ann)
        await gavel.discord.until(lambda: WORDS not in json.dumps(gavel.cards))
        assert "**ann**" not in json.dumps(gavel.cards)
        assert ["bob" in gavel.field("Author", each) for each in (0, 1)] == [True, True]


async def test_no_later_drawing_of_a_card_brings_a_forgotten_author_back(tmp_path: Path) -> None:
    async with house(tmp_path) as gavel:
        async with gavel.running() as edge:
            await quoted(gavel)
            await forget(gavel, edge, gavel.ann)
            await gavel.discord.until(lambda: WORDS not in json.dumps(gavel.cards))
        # What the last run read is not remembered by the next.
        async with gavel.running():
            await gavel.discord.press(gavel.mod, gavel.review, gavel.card(), "False alarm")
            await gavel.until_titled("False alarm")
            assert WORDS not in json.dumps(gavel.cards)
            assert gavel.ann not in json.dumps(gavel.cards[0]["embeds"])


async def test_a_new_card_quotes_only_what_was_written_since(tmp_path: Path) -> None:
    async with house(tmp_path) as gavel, gavel.running() as edge:
        said = await quoted(gavel)
        await forget(gavel, edge, gavel.ann)
        await gavel.discord.say(gavel.ann, gavel.general, "good evening")
        bob = gavel.discord.world.add_member("robert")
        answer = {"message_reference": {"message_id": said}}
        await gavel.discord.say(bob, gavel.general, "great muppet", **answer)
        await gavel.until_cards(2)
        assert gavel.field("Replied to", 1) == ""
        assert "good evening" in gavel.field("Before it", 1)


async def test_what_was_edited_before_it_was_forgotten_is_not_filed_again(tmp_path: Path) -> None:
    async with house(tmp_path) as gavel:
        async with gavel.running() as edge:
            said = await gavel.discord.say(gavel.ann, gavel.general, "you muppet 0")
            await gavel.until_cards(1)
            await gavel.discord.edit(gavel.general, said, "you muppet 1")
            await gavel.discord.until(lambda: " 1||" in gavel.embed()["description"])
            await forget(gavel, edge, gavel.ann)
            await gavel.discord.until(lambda: not gavel.cards)
        async with gavel.running() as edge:
            other = await gavel.discord.say(gavel.mod, gavel.general, "you muppet 2")
            await gavel.until_cards(1)
            await edge.client.intake.settled()
            assert await gavel.store.places.stored_text("discord", gavel.general, said) is None
            assert await gavel.store.places.stored_text("discord", gavel.general, other)
            assert " 1||" not in json.dumps(gavel.discord.posted(gavel.review))


async def test_an_edit_made_since_is_screened(tmp_path: Path) -> None:
    async with house(tmp_path) as gavel, gavel.running() as edge:
        said = await gavel.discord.say(gavel.ann, gavel.general, "you hero")
        await forget(gavel, edge, gavel.ann)
        await gavel.discord.edit(gavel.general, said, "you muppet")
        await gavel.until_cards(1)
