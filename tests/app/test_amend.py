"""Examples and exceptions from a card, written into the rules of a running bot."""

from pathlib import Path

import pytest

import bot
from bot.config import ships_with_gavel
from tests.app.running import RULES, Town, town
from tests.fakes.discord import Visit


async def more(here: Town, what: str) -> Visit:
    """Choose from the menu of the first card."""
    card = str(here.cards[0]["id"])
    menu = await here.discord.press(here.mod, here.review, card, "More")
    await menu.text()
    (shown,) = menu.shown
    return await here.discord.forge(here.mod, here.review, shown, "gavel:do-0:1", [what])


async def test_an_exception_holds_at_once_and_an_example_is_kept(tmp_path: Path) -> None:
    async with town(tmp_path) as here, here.serving():
        await here.discord.say(here.ann, here.general, "the muppet show is on")
        await here.until_cards(1)

        asked = await more(here, "except")
        await asked.answered()
        done = await here.discord.submit(here.mod, asked, words="muppet show", reason="a show")
        assert "The rules were reloaded." in await done.text()
        await here.discord.say(here.ann, here.general, "the muppet show again")
        await here.discord.say(here.ann, here.general, "you muppet")
        await here.until_cards(2)
        assert here.cards[1]["embeds"][0]["description"] == "||you __**muppet**__||"

        chosen = await more(here, "nomatch")
        await chosen.text()
        (menu,) = chosen.shown
        example = await here.discord.forge(
            here.mod, here.review, menu, "gavel:nomatch-0:1", ["house.muppet"]
        )
        # With the exception the rule leaves it alone: the example holds.
        assert "under `examples.no_match`" in await example.text()
        assert here.rules_file.read_text(encoding="utf-8").startswith(RULES.partition("    ex")[0])


async def test_an_example_that_fails_is_a_known_gap_and_is_kept_once(tmp_path: Path) -> None:
    async with town(tmp_path) as here, here.serving():
        await here.discord.say(here.ann, here.general, "the muppet show is on")
        await here.until_cards(1)
        for said in (
            (
                f"Added to `{here.rules_file}`, under `examples.todo_no_match`:\n"
                '```\n- {text: "the muppet show is on"}\n```\n'
                "The rule does not live up to it yet: it is written down as a known gap."
            ),
            "`house.muppet` has this example already.",
        ):
            chosen = await more(here, "nomatch")
            await chosen.text()
            (menu,) = chosen.shown
            example = await here.discord.forge(
                here.mod, here.review, menu, "gavel:nomatch-0:1", ["house.muppet"]
            )
            assert await example.text() == said


@pytest.mark.parametrize(
    ("path", "ships"),
    [
        (Path(bot.__file__).parent / "starter" / "spam.yaml", True),
        (Path(bot.__file__).parent.parent / "rules" / "spam.yaml", False),
        (Path("rules/house.yaml"), False),
    ],
)
def test_what_an_update_replaces_is_known(path: Path, ships: bool) -> None:
    assert ships_with_gavel(path) is ships
