"""`gavel run`, the real command against a fake Discord: the whole path, and how it ends."""

from __future__ import annotations

from pathlib import Path

from tests.app.running import town


async def test_from_a_message_to_the_statistics(tmp_path: Path) -> None:
    async with town(tmp_path) as here, here.running() as gavel:
        discord, world = here.discord, here.discord.world

        await discord.say(here.ann, here.general, "what a lovely day")
        await discord.say(here.ann, here.general, "you muppet")

        await here.until_cards(1)
        (card,) = here.cards
        assert card["embeds"][0]["title"] == "Case 1 · flag · high"
        assert card["embeds"][0]["description"] == "||you __**muppet**__||"

        press = await discord.press(here.mod, here.review, card["id"], "Uphold")
        assert await press.answered() < 3

        await discord.until(lambda: world.members[here.ann].muted_until)
        ((what, whom, reason),) = world.audit
        assert (what, whom) == ("timeout", here.ann)
        assert reason == f"Gavel case 1: house.muppet (decided by {here.mod})"

        stats = await discord.command(here.mod, here.review, "stats", days=1)
        text = await stats.text()
        assert "2 screened, 1 cases, 0 waiting" in text
        assert world.pings == []

        assert await gavel.stop() == 0, gavel.err
