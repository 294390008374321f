"""The whole path, as one reads it: a message, its card, a press, the effect, the statistics."""

from pathlib import Path

from tests.chat.house import house
from tests.chat.test_messages import stored


async def test_from_a_message_to_the_statistics(tmp_path: Path) -> None:
    async with house(tmp_path) as gavel, gavel.running():
        discord, world = gavel.discord, gavel.discord.world

        fine = await discord.say(gavel.ann, gavel.general, "what a lovely day")
        await stored(gavel, fine)
        abuse = await discord.say(gavel.ann, gavel.general, "you muppet")

        await gavel.until_cards(1)
        card = gavel.embed()
        assert card["title"] == "Case 1 · To review · high"
        assert card["description"] == "||you __**muppet**__||"
        assert abuse in card["url"]

        press = await discord.press(gavel.mod, gavel.review, gavel.card(), "Uphold")
        await press.answered()

        await discord.until(lambda: world.members[gavel.ann].muted_until)
        ((what, whom, reason),) = world.audit
        assert (what, whom) == ("timeout", gavel.ann)
        assert reason == f"Gavel case 1: abuse.muppet (decided by {gavel.mod})"
        await gavel.until_titled("Upheld · Case 1")

        stats = await discord.command(gavel.mod, gavel.review, "stats", days=1)
        text = await stats.text()
        assert "**The last day**: 2 screened, 1 case, 0 waiting" in text
        assert r"**abuse\.muppet** 1 hit · precision `████████` 100 %" in text
        assert world.pings == []
