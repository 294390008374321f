"""Messages in: what becomes a comment, edits and deletions on cards, and what is let be."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.model import Comment
from bot.store.codec import load
from tests.chat.house import House, house


@pytest.fixture
async def gavel(tmp_path: Path) -> AsyncIterator[House]:
    async with house(tmp_path) as built, built.running():
        yield built


async def read(gavel: House, message: str) -> Comment | None:
    """Return a message as stored, if it is."""
    row = await gavel.store.database.read(
        lambda connection: connection.execute(
            "SELECT body FROM comment WHERE id = ?", (message,)
        ).fetchone()
    )
    return load(Comment, row[0]) if row else None


async def stored(gavel: House, message: str) -> Comment:
    """Return a message once it is stored."""
    async with asyncio.timeout(60):
        while (found := await read(gavel, message)) is None:  # noqa: ASYNC110 - the store tells nobody
            await asyncio.sleep(0.01)
    return found


async def let_be(gavel: House, message: str) -> bool:
    """Say whether a message is not stored, once a later one is."""
    await stored(gavel, await gavel.discord.say(gavel.ann, gavel.general, "the last one"))
    return await read(gavel, message) is None


async def test_a_message_becomes_a_comment_with_all_that_rules_may_ask(gavel: House) -> None:
    world = gavel.discord.world
    first = await gavel.discord.say(gavel.ann, gavel.general, "hello")
    role = world.add_role("Regular")
    event = {"guild_id": world.guild_id, "role": world.roles[role]}
    await gavel.discord.gateway.dispatch("GUILD_ROLE_CREATE", event)
    bob = world.add_member("bob", role)
    message = await gavel.discord.say(
        bob,
        gavel.general,
        f"<@{gavel.ann}> look",
        message_reference={"message_id": first},
        attachments=[{"id": "1", "filename": "a.png", "size": 1, "url": "u", "proxy_url": "p"}],
        embeds=[{"type": "rich", "title": "A title", "description": "and more"}],
    )
    comment = await stored(gavel, message)
    assert (comment.source, comment.channel) == ("discord", gavel.general)
    assert comment.author.name == "bob"
    assert comment.author.roles == ("Regular",)
    assert comment.author.is_bot is False
    assert comment.author.account_created_at is not None
    assert comment.author.joined_at is not None
    assert comment.parent_id == first
    assert comment.attributes["attachments"] == ("a.png",)
    assert comment.attributes["embeds"] == ("A title", "and more")
    assert comment.attributes["mentions"] == (gavel.ann,)
    assert str(comment.attributes["link"]).endswith(message)


async def test_bots_and_the_review_channel_are_let_be(gavel: House) -> None:
    robot = gavel.discord.world.add_member("robot", bot=True)
    machine = await gavel.discord.say(robot, gavel.general, "you muppet")
    said = await gavel.discord.say(gavel.mod, gavel.review, "he said muppet")
    assert await let_be(gavel, machine)
    assert await let_be(gavel, said)
    assert gavel.cards == []


async def test_exempt_roles_and_channels_are_let_be(tmp_path: Path) -> None:
    async with house(tmp_path) as gavel:
        world = gavel.discord.world
        trusted = world.add_role("Trusted")
        bob, venting = world.add_member("bob", trusted), world.add_channel("venting")
        thread = world.add_thread("more venting", venting)
        gavel.exempt_roles, gavel.exempt_channels = frozenset({trusted}), frozenset({venting})
        async with gavel.running():
            for author, channel in (
                (bob, gavel.general),
                (gavel.ann, venting),
                (gavel.ann, thread),
            ):
                await gavel.discord.say(author, channel, "you muppet")
                await automod(gavel, author, channel)
            await gavel.discord.say(gavel.ann, gavel.general, "a muppet at last")
            await gavel.until_cards(1)
            await asyncio.sleep(0.1)
            assert "at last" in gavel.embed()["description"]
            assert len(gavel.cards) == 1


async def test_a_thread_is_screened_with_its_channel(gavel: House) -> None:
    thread = gavel.discord.world.add_thread("talk", gavel.general)
    await gavel.discord.gateway.dispatch(
        "THREAD_CREATE", {**gavel.discord.world.channels[thread], "newly_created": True}
    )
    await gavel.discord.say(gavel.ann, thread, "you muppet")
    await gavel.until_cards(1)
    assert gavel.field("Where") == f"<#{thread}>"


async def test_an_edit_updates_the_one_card(gavel: House) -> None:
    message = await gavel.discord.say(gavel.ann, gavel.general, "you muppet")
    await gavel.until_cards(1)
    await gavel.discord.edit(gavel.general, message, "you great muppet")
    await gavel.discord.until(lambda: "great" in gavel.embed()["description"])
    await gavel.discord.edit(gavel.general, message, "you hero")
    await gavel.discord.until(lambda: "hero" in gavel.embed()["description"])
    assert len(gavel.cards) == 1


async def test_an_edit_into_abuse_is_caught(gavel: House) -> None:
    message = await gavel.discord.say(gavel.ann, gavel.general, "you hero")
    await gavel.discord.edit(gavel.general, message, "you muppet")
    await gavel.until_cards(1)


async def test_a_deletion_shows_on_the_card(gavel: House) -> None:
    message = await gavel.discord.say(gavel.ann, gavel.general, "you muppet")
    await gavel.until_cards(1)
    await gavel.discord.delete(gavel.general, message)
    await gavel.discord.until(lambda: "was deleted" in gavel.field("Decision"))


async def test_a_card_shows_the_parent_and_what_stood_before(gavel: House) -> None:
    parent = await gavel.discord.say(gavel.mod, gavel.general, "the parent")
    for text in ("one", "two", "three"):
        await gavel.discord.say(gavel.mod, gavel.general, text)
    reference = {"message_id": parent}
    await gavel.discord.say(gavel.ann, gavel.general, "you muppet", message_reference=reference)
    await gavel.until_cards(1)
    assert gavel.field("Replied to") == "**mod** ||the parent||"
    assert gavel.field("Before it") == "**mod** ||two||\n**mod** ||three||"


async def automod(gavel: House, author: str, channel: str, **more: object) -> None:
    """Have Discord's own filter tell of a text."""
    event = {
        "guild_id": gavel.discord.world.guild_id,
        "action": {"type": 1, "metadata": {}},
        "rule_id": "5",
        "rule_trigger_type": 1,
        "user_id": author,
        "channel_id": channel,
        "content": "you muppet",
        "matched_keyword": None,
        "matched_content": None,
        **more,
    }
    await gavel.discord.gateway.dispatch("AUTO_MODERATION_ACTION_EXECUTION", event)


async def test_what_automod_blocked_is_screened_once_with_its_author(gavel: House) -> None:
    await automod(gavel, gavel.ann, gavel.general)
    await automod(gavel, gavel.ann, gavel.general)
    await gavel.until_cards(1)
    assert gavel.field("Author") == f"<@{gavel.ann}> ann"
    await gavel.discord.say(gavel.ann, gavel.general, "a muppet again")
    await gavel.until_cards(2)
    assert "again" in gavel.embed(1)["description"]


async def test_what_automod_let_pass_is_left_to_its_message(gavel: House) -> None:
    await automod(gavel, gavel.ann, gavel.general, message_id="123456789012345678")
    await automod(gavel, gavel.ann, gavel.review)
    await automod(gavel, gavel.ann, gavel.general, content="")
    await gavel.discord.say(gavel.ann, gavel.general, "a muppet after all")
    await gavel.until_cards(1)
    await asyncio.sleep(0.1)
    assert "after all" in gavel.embed()["description"]
    assert len(gavel.cards) == 1


async def test_who_left_since_is_screened_all_the_same(gavel: House) -> None:
    await automod(gavel, "987654321098765432", gavel.general)
    await gavel.until_cards(1)


async def test_user_text_pings_nobody(gavel: House) -> None:
    text = f"@everyone <@{gavel.mod}> <@&{gavel.mods}> muppet"
    await gavel.discord.say(gavel.ann, gavel.general, text)
    await gavel.until_cards(1)
    gavel.discord.world.pings.clear()
    await gavel.discord.press(gavel.mod, gavel.review, gavel.card(), "Uphold")
    await gavel.until_titled("Upheld")
    assert gavel.discord.world.pings == []
