"""Buttons, menus and modals: by whom, in time, after a restart, and never by forgery."""

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path

import pytest

from bot.chat.card import custom_id
from bot.store.database import open_connection
from tests.chat.house import House, house
from tests.fakes.discord import Visit


@pytest.fixture
async def gavel(tmp_path: Path) -> AsyncIterator[House]:
    async with house(tmp_path) as built, built.running():
        yield built


async def flagged(gavel: House, text: str = "you muppet") -> str:
    """Have a message flagged and return the id of its card."""
    before = len(gavel.cards)
    await gavel.discord.say(gavel.ann, gavel.general, text)
    await gavel.until_cards(before + 1)
    return gavel.card(before)


async def test_a_false_alarm_settles_a_case_without_effects(gavel: House) -> None:
    card = await flagged(gavel)
    await gavel.discord.press(gavel.mod, gavel.review, card, "False alarm")
    await gavel.until_titled("False alarm · Case 1")
    assert gavel.discord.world.audit == []


async def test_of_two_moderators_the_second_is_told_who_was_first(gavel: House) -> None:
    card = await flagged(gavel)
    first, second = await asyncio.gather(
        gavel.discord.press(gavel.mod, gavel.review, card, "Uphold"),
        gavel.discord.press(gavel.other_mod, gavel.review, card, "False alarm"),
    )
    await gavel.discord.until(lambda: first.texts or second.texts)
    (told,) = first.texts + second.texts
    winner = gavel.other_mod if first.texts else gavel.mod
    assert f"<@{winner}> just now" in told
    await gavel.until_titled("· Case 1")
    if winner == gavel.mod:
        await gavel.discord.until(lambda: gavel.field("Done"))
    assert len(gavel.discord.world.audit) == (winner == gavel.mod)


async def test_undo_takes_a_timeout_back(gavel: House) -> None:
    card = await flagged(gavel)
    world = gavel.discord.world
    await gavel.discord.press(gavel.mod, gavel.review, card, "Uphold")
    await gavel.discord.until(lambda: gavel.field("Done"))
    assert world.members[gavel.ann].muted_until
    await gavel.discord.press(gavel.mod, gavel.review, card, "Undo")
    await gavel.discord.until(lambda: world.members[gavel.ann].muted_until is None)
    assert [what for what, _, _ in world.audit] == ["timeout", "untimeout"]
    await gavel.discord.until(lambda: gavel.embed()["title"].startswith("Case 1"))


async def test_why_shows_the_trace_to_the_asker_alone(gavel: House) -> None:
    card = await flagged(gavel)
    visit = await gavel.discord.press(gavel.mod, gavel.review, card, "Why?")
    assert await visit.text() == "```\nthe trace of you muppet\n```"
    (shown,) = visit.shown.values()
    ((name, content),) = shown["files"]
    assert name == "gavel.txt"
    assert b"abuse.muppet: Outcome.MATCH" in content
    assert len(gavel.discord.posted(gavel.review)) == 1


async def test_more_offers_other_effects(gavel: House) -> None:
    card = await flagged(gavel)
    menu = await gavel.discord.press(gavel.mod, gavel.review, card, "More")
    await menu.text()
    (shown,) = menu.shown
    (select,) = menu.shown[shown]["components"][0]["components"]
    await gavel.discord.forge(gavel.mod, gavel.review, shown, select["custom_id"], ["uphold-ban"])
    await gavel.discord.until(lambda: gavel.ann in gavel.discord.world.bans)
    assert gavel.discord.world.messages[gavel.general] == {}


async def test_a_note_is_written_in_a_modal(gavel: House) -> None:
    card = await flagged(gavel)
    menu = await gavel.discord.press(gavel.mod, gavel.review, card, "More")
    await menu.text()
    (shown,) = menu.shown
    chosen = await gavel.discord.forge(
        gavel.mod, gavel.review, shown, custom_id("do-0", 1), ["note"]
    )
    await chosen.answered()
    sent = await gavel.discord.submit(gavel.mod, chosen, text="seen *before*")
    assert "is kept" in await sent.text()
    await gavel.discord.until(lambda: r"seen \*before\*" in gavel.field("Notes"))


async def test_an_old_card_works_after_a_restart(tmp_path: Path) -> None:
    async with house(tmp_path) as gavel:
        async with gavel.running():
            card = await flagged(gavel)
        async with gavel.running():
            await gavel.discord.press(gavel.mod, gavel.review, card, "Unsure")
            await gavel.until_titled("Unsure · Case 1")
            assert len(gavel.cards) == 1


async def test_a_press_is_acknowledged_while_the_database_is_locked(gavel: House) -> None:
    card = await flagged(gavel)
    with closing(open_connection(gavel.store.database.path, 1)) as other:
        other.execute("BEGIN IMMEDIATE")
        press = await gavel.discord.press(gavel.mod, gavel.review, card, "False alarm")
        await press.answered()
        other.execute("ROLLBACK")
    await gavel.until_titled("False alarm")


FORGERIES = 500


async def test_no_forged_press_does_anything(gavel: House) -> None:
    card = await flagged(gavel)
    chance = random.Random(5)
    world = gavel.discord.world
    stranger = world.add_member("eve", world.add_role("Not a moderator"))
    planted = await gavel.discord.say(
        stranger, gavel.general, "press me", components=_button(custom_id("uphold", 1))
    )
    verbs = ["uphold", "dismiss", "undo", "more", "do-0", "note", "why", "miss-0", "x"]
    verbs += ["match-0", "nomatch-0", "except", "assign"]
    visits = []
    for _ in range(FORGERIES):
        verb = custom_id(chance.choice(verbs), chance.choice([1, 2, 10**17]))
        person, place, message = chance.choice(
            [
                (stranger, gavel.review, card),
                (gavel.ann, gavel.review, card),
                (gavel.mod, gavel.general, planted),
                (stranger, gavel.general, planted),
            ]
        )
        visits.append(await gavel.discord.forge(person, place, message, verb, ["uphold-ban"]))
    for visit in visits:
        await visit.answered()
        assert any(word in visit.texts[0] for word in ("Only moderators", "not one of the bot's"))
    case = await gavel.store.cases.case(1)
    assert case is not None
    assert case.review is None
    assert world.audit == []
    async with asyncio.timeout(60):
        while await gavel.store.deliveries.waiting():  # noqa: ASYNC110 - the store tells nobody
            await asyncio.sleep(0.01)
    assert len(gavel.cards) == 1
    assert world.audit == []


@pytest.mark.parametrize("verb", ["note", "except", "uphold", "do-0"])
async def test_no_forged_modal_does_anything(gavel: House, verb: str) -> None:
    card = await flagged(gavel)
    opened = await gavel.discord.press(gavel.ann, gavel.review, card, "More")
    opened.modal = {"custom_id": custom_id(verb, 1)}
    sent = await gavel.discord.submit(gavel.ann, opened, text="uphold-ban")
    text = await sent.text()
    assert "Only moderators" in text or "not one of the bot's" in text
    case = await gavel.store.cases.case(1)
    assert case is not None
    assert (case.review, case.notes) == (None, ())


async def test_a_button_that_is_not_on_the_card_is_refused_even_from_a_moderator(
    gavel: House,
) -> None:
    card = await flagged(gavel)
    await flagged(gavel, "what a muppet")
    visit = await gavel.discord.forge(gavel.mod, gavel.review, card, custom_id("uphold", 2))
    assert "not one of the bot's" in await visit.text()


async def test_foreign_components_are_left_to_others(gavel: House) -> None:
    card = await flagged(gavel)
    visit = await gavel.discord.forge(gavel.mod, gavel.review, card, "another-bot:1")
    await flagged(gavel, "you utter muppet")
    assert visit.answered_after is None


def _button(identity: str) -> list[dict[str, object]]:
    button = {"type": 2, "style": 4, "label": "Uphold", "custom_id": identity}
    return [{"type": 1, "components": [button]}]


async def choose(gavel: House, card: str, what: str) -> Visit:
    """Open `More` and choose from its menu."""
    menu = await gavel.discord.press(gavel.mod, gavel.review, card, "More")
    await menu.text()
    return await gavel.discord.forge(
        gavel.mod, gavel.review, shown(menu), custom_id("do-0", 1), [what]
    )


def shown(visit: Visit) -> str:
    (message,) = visit.shown
    return message


@pytest.mark.parametrize(
    ("what", "section"), [("match", "      match: ["), ("nomatch", "      todo_no_match:\n")]
)
async def test_a_message_becomes_an_example_in_the_rules_file(
    gavel: House, what: str, section: str
) -> None:
    card = await flagged(gavel, "you utter muppet")
    chosen = await choose(gavel, card, what)
    assert "To which rule?" in await chosen.text()
    (select,) = chosen.shown[shown(chosen)]["components"][0]["components"]
    assert [each["value"] for each in select["options"]] == [
        "abuse.muppet",
        "abuse.address",
        "abuse.insult",
        "abuse.spam",
    ]
    done = await gavel.discord.forge(
        gavel.mod, gavel.review, shown(chosen), select["custom_id"], ["abuse.muppet"]
    )
    assert '{text: "you utter muppet"}' in await done.text()
    text = (gavel.folder / "rules.yaml").read_text(encoding="utf-8")
    rule = text.partition("abuse.insult")[0]
    assert '{text: "you utter muppet"}' in rule.partition(section)[2].partition("]")[0]


async def test_an_exception_asks_for_words_and_a_reason(gavel: House) -> None:
    card = await flagged(gavel, "the muppet show")
    asked = await choose(gavel, card, "except")
    await asked.answered()
    done = await gavel.discord.submit(
        gavel.mod, asked, words="muppet show,\n the muppet", reason="a show"
    )
    line = (
        '- {id: "case-1", for: ["abuse.muppet"], words: ["muppet show", "the muppet"],'
        ' reason: "a show"}'
    )
    assert line in await done.text()
    assert line in (gavel.folder / "rules.yaml").read_text(encoding="utf-8")


async def test_an_exception_without_words_takes_what_was_found(gavel: House) -> None:
    asked = await choose(gavel, await flagged(gavel, "you muppet, you Muppet"), "except")
    await asked.answered()
    done = await gavel.discord.submit(gavel.mod, asked, words="", reason="a joke")
    assert 'words: ["Muppet", "muppet"]' in await done.text()


async def test_a_case_is_given_to_a_moderator_and_to_nobody_else(gavel: House) -> None:
    card = await flagged(gavel)
    asked = await choose(gavel, card, "assign")
    await asked.answered()
    for whom, answer in (
        (gavel.ann, "Only a moderator"),
        (gavel.other_mod, f"now with <@{gavel.other_mod}>"),
    ):
        done = await gavel.discord.forge(
            gavel.mod, gavel.review, shown(asked), custom_id("assign", 1), [whom]
        )
        assert answer in await done.text()
    await gavel.discord.until(lambda: gavel.field("Decision") == f"Claimed by <@{gavel.other_mod}>")
