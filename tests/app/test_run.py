"""`gavel run`, the real command against a fake Discord: the whole path, and how it ends."""

from __future__ import annotations

import re
from pathlib import Path

import aiohttp

from tests.app.running import town


async def test_from_a_message_to_the_statistics(tmp_path: Path) -> None:
    async with town(tmp_path) as here, here.running() as gavel:
        discord, world = here.discord, here.discord.world

        await discord.say(here.ann, here.general, "what a lovely day")
        await discord.say(here.ann, here.general, "you muppet")

        await here.until_cards(1)
        (card,) = here.cards
        assert card["embeds"][0]["title"] == "Case 1 · To review · high"
        assert card["embeds"][0]["description"] == "||you __**muppet**__||"

        press = await discord.press(here.mod, here.review, card["id"], "Uphold")
        await press.answered()

        await discord.until(lambda: world.members[here.ann].muted_until)
        ((what, whom, reason),) = world.audit
        assert (what, whom) == ("timeout", here.ann)
        assert reason == f"Gavel case 1: house.muppet (decided by {here.mod})"

        await here.until_told("2 screened, 1 case, 0 waiting", "stats", days=1)
        assert world.pings == []

        await gavel.stop()


async def test_http_and_discord_are_served_by_one_engine(tmp_path: Path) -> None:
    config = "http: {port: 0, open_metrics: true}\n"
    async with town(tmp_path, config=config) as here, here.serving() as bot:
        (listening,) = [line for line in bot.out if line.startswith("Listening at ")]
        await here.discord.say(here.ann, here.general, "you muppet")
        await here.until_cards(1)
        address = listening.removeprefix("Listening at ")
        async with aiohttp.ClientSession(address) as web:
            async with web.get("/readyz") as answer:
                assert await answer.json() == {
                    "ready": True,
                    "checks": {"store": True, "chat": True},
                }
            async with web.get("/metrics") as answer:
                told = await answer.text()
        assert 'gavel_comments_total{source="discord",action="flag"} 1' in told
        assert "gavel_chat_connected 1" in told
        assert re.search(r"gavel_scoring_seconds_count [1-9]", told)
        assert "muppet" not in told
