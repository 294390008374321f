"""Commands and menus: private answers for moderators, refusals for everybody else."""

import asyncio
import re
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.cases import Case, Pause, QueueCounts, RuleCounts
from bot.chat.answers import fitted, queue_embed, rules_lines, stats_text, verdict_text
from bot.chat.presses import Reply, explained, printed, said
from bot.chat.settings import CARDS, Explained
from bot.model import Action, Level, Mode, Rule, RuleStatus, Scores
from tests.chat.house import House, house
from tests.fakes.discord.limits import check_message
from tests.store.examples import NOON, comment, verdict


@pytest.fixture
async def gavel(tmp_path: Path) -> AsyncIterator[House]:
    async with house(tmp_path) as built, built.running():
        yield built


COMMANDS: list[tuple[str, dict[str, Any]]] = [
    ("screen", {"text": "x"}),
    ("case", {"number": 1}),
    ("queue", {}),
    ("stats", {}),
    ("why", {"message": "1"}),
    ("pause", {"on": True}),
    ("dryrun", {}),
    ("rules list", {}),
    ("rules show", {"rule": "abuse.spam"}),
    ("rules reload", {}),
    ("rules test", {}),
    ("rules shadow", {"rule": "abuse.spam"}),
]


async def test_every_command_is_for_moderators_only(gavel: House) -> None:
    names = {name.partition(" ")[0] for name, _ in COMMANDS}
    known = {each["name"] for each in gavel.discord.world.commands}
    assert known == names | {"Screen this", "Missed abuse"}
    for name, options in COMMANDS:
        visit = await gavel.discord.command(gavel.ann, gavel.general, name, **options)
        assert "Only moderators" in await visit.text(), name
    message = await gavel.discord.say(gavel.ann, gavel.general, "hi")
    for menu in ("Screen this", "Missed abuse"):
        visit = await gavel.discord.menu(gavel.ann, gavel.general, message, menu)
        assert "Only moderators" in await visit.text()


async def ask(gavel: House, name: str, **options: Any) -> str:
    return await (await gavel.discord.command(gavel.mod, gavel.review, name, **options)).text()


async def test_screen_tells_and_keeps_nothing(gavel: House) -> None:
    text = await ask(gavel, "screen", text="you muppet")
    assert text.startswith("**To review**")
    assert r"**abuse\.muppet** (live)" in text
    assert await gavel.store.cases.queue(5) == []


async def test_queue_and_case(gavel: House) -> None:
    assert await ask(gavel, "queue") == "The queue is empty."
    await gavel.discord.say(gavel.ann, gavel.general, "you muppet")
    await gavel.until_cards(1)
    placed = None
    while placed is None:
        placed = await gavel.store.places.placement(CARDS, 1)
        await asyncio.sleep(0.01)
    guild = gavel.discord.world.guild_id
    link = f"https://discord.com/channels/{guild}/{gavel.review}/{placed.place}"
    assert rf"**[1]({link})** To review · abuse\.muppet · ||you muppet||" in await ask(
        gavel, "queue"
    )
    assert "Case 1 · To review · high" in await ask(gavel, "case", number=1)
    assert "no case 7" in await ask(gavel, "case", number=7)


async def test_a_case_is_decided_where_moderators_are_and_nowhere_else(gavel: House) -> None:
    await gavel.discord.say(gavel.ann, gavel.general, "you muppet")
    await gavel.until_cards(1)
    asked = await gavel.discord.command(gavel.mod, gavel.general, "case", number=1)
    assert "Case 1" in await asked.text()
    (elsewhere,) = asked.shown.values()
    assert not elsewhere["components"]
    visit = await gavel.discord.command(gavel.mod, gavel.review, "case", number=1)
    await visit.text()
    (shown,) = visit.shown
    done = await gavel.discord.forge(gavel.mod, gavel.review, shown, "gavel:unsure:1")
    assert await done.text() == "Done."
    await gavel.until_titled("Unsure · Case 1")


async def test_rules_are_listed_shown_and_completed(gavel: House) -> None:
    assert r"**abuse\.spam** live · To remove (remove)" in await ask(gavel, "rules list")
    assert (
        "effects on the author: warn" in (await ask(gavel, "rules show", rule="abuse.spam")).lower()
    )
    assert "```\n- id: abuse.spam\n```" in await ask(gavel, "rules show", rule="abuse.spam")
    assert "There is no rule nothing." in await ask(gavel, "rules show", rule="nothing")
    visit = await gavel.discord.command(
        gavel.mod, gavel.review, "rules show", asking="rule", rule="mup"
    )
    await visit.answered()
    assert [each["value"] for each in visit.choices] == ["abuse.muppet"]
    stranger = await gavel.discord.command(
        gavel.ann, gavel.review, "rules show", asking="rule", rule=""
    )
    await stranger.answered()
    assert stranger.choices == []


def link_to(gavel: House, message: str, channel: str = "") -> str:
    guild = gavel.discord.world.guild_id
    return f"https://discord.com/channels/{guild}/{channel or gavel.general}/{message}"


async def test_why_reads_a_message_of_any_channel_by_its_link(gavel: House) -> None:
    message = await gavel.discord.say(gavel.ann, gavel.general, "you hero")
    assert "the trace of you hero" in await ask(gavel, "why", message=link_to(gavel, message))
    asked = await gavel.discord.command(gavel.mod, gavel.general, "why", message=message)
    assert await asked.text() == "```\nthe trace of you hero\n```"
    assert "link or id" in await ask(gavel, "why", message="that one")
    assert "cannot be read, and no case" in await ask(gavel, "why", message=message)


async def test_why_reads_nothing_out_that_its_asker_cannot_read(gavel: House) -> None:
    world = gavel.discord.world
    secret = world.add_channel("owners", private_to=(world.add_role("Owner"),))
    await gavel.discord.gateway.dispatch("CHANNEL_CREATE", world.channels[secret])
    message = await gavel.discord.say(gavel.ann, secret, "you hero")
    said = await ask(gavel, "why", message=link_to(gavel, message, secret))
    assert "cannot be read, and no case" in said


async def test_why_tells_of_a_message_that_is_gone_from_its_case(gavel: House) -> None:
    message = await gavel.discord.say(gavel.ann, gavel.general, "you muppet")
    await gavel.until_cards(1)
    await gavel.discord.delete(gavel.general, message)
    assert "the trace of you muppet" in await ask(gavel, "why", message=link_to(gavel, message))


class Anything:
    """A condition."""

    def describe(self) -> str:
        return "anything"


def rule(number: int) -> Rule:
    status = RuleStatus.LIVE if number else RuleStatus.SHADOW
    return Rule(f"pack.{number}", "A title", status, Level.HIGH, Action.FLAG, Anything())


def test_all_rules_are_listed_however_many_there_are() -> None:
    few, many = (said("\n".join(rules_lines([rule(n) for n in range(count)]))) for count in (3, 99))
    assert few.text.splitlines()[:2] == [
        "3 rules: 2 live, 1 shadow",
        r"**pack\.0** shadow · To review (flag) · A title",
    ]
    assert isinstance(many.file, str)
    assert many.file.splitlines()[-1] == "pack.98 live · To review (flag) · A title"


def test_a_trace_is_attached_where_it_is_long_and_where_there_is_more_than_is_shown() -> None:
    assert explained(Explained("a", "a")) == Reply(embed={"description": "```\na\n```"})
    assert explained(Explained("a", "ab")).file == "ab"
    assert explained(Explained("a" * 4_000, "whole")) == Reply(file="whole")


def test_what_a_terminal_would_show_is_attached_where_it_is_long() -> None:
    assert printed("*a*\n```b").text == "```\n*a*\n'''b\n```"
    assert printed("x" * 3_000).file == "x" * 3_000


def test_a_long_queue_fits_into_its_embed() -> None:
    cases = [
        replace(Case(n, of, verdict(of), NOON), assignee="5")
        for n in range(50)
        for of in [comment(n)]
    ]
    links = {each.number: "https://discord.com/channels/" + "1" * 60 for each in cases}
    drawn = queue_embed(cases, links, Pause("5", NOON))
    check_message({"embeds": [drawn]})
    assert re.search(r"… and \d+ more$", drawn["description"])


def test_a_case_without_a_card_leads_to_its_message() -> None:
    waiting = Case(7, comment(), verdict(comment()), NOON)
    said = queue_embed([waiting], {7: ""})["description"]
    assert said.startswith(
        r"**[7](https://x.example/1)** To review · abuse\.directed · ||you muppet||"
    )


def test_scores_of_a_text_are_told_with_the_highest_first() -> None:
    given = Scores("fixed", "1", {"toxicity": 0.88, "insult": 0.93})
    found = verdict_text(replace(verdict(comment()), scores=given)).splitlines()
    assert [line.split()[2] for line in found if "█" in line] == ["insult", "toxicity"]


async def test_a_miss_is_filed_with_the_rule_that_should_have_caught_it(gavel: House) -> None:
    message = await gavel.discord.say(gavel.ann, gavel.general, "you puppet")
    menu = await gavel.discord.menu(gavel.mod, gavel.general, message, "Missed abuse")
    assert "Which rule" in await menu.text()
    (shown,) = menu.shown
    (select,) = menu.shown[shown]["components"][0]["components"]
    assert [each["value"] for each in select["options"]] == [
        "abuse.address",
        "abuse.insult",
        "abuse.muppet",
        "abuse.spam",
    ]
    filed = await gavel.discord.forge(
        gavel.mod, gavel.general, shown, select["custom_id"], ["abuse.muppet"]
    )
    assert "Filed as case 1" in await filed.text()
    await gavel.until_titled("Upheld · Case 1")
    assert gavel.field("Notes") == rf"<@{gavel.mod}> missed by abuse\.muppet"


async def test_what_rules_found_was_not_missed(gavel: House) -> None:
    message = await gavel.discord.say(gavel.ann, gavel.general, "you muppet")
    await gavel.until_cards(1)
    menu = await gavel.discord.menu(gavel.mod, gavel.general, message, "Missed abuse")
    assert await menu.text() == "It was not missed: it is case 1, found by `abuse.muppet`."


async def test_screen_this_tells_what_would_become_of_a_message(gavel: House) -> None:
    message = await gavel.discord.say(gavel.ann, gavel.general, "you hero")
    visit = await gavel.discord.menu(gavel.mod, gavel.general, message, "Screen this")
    assert (await visit.text()).startswith("**Let through**\nNo rule matches.")


async def test_a_dry_run_of_a_channel_tells_and_attaches_the_report(gavel: House) -> None:
    for text in ("you muppet", "you hero"):
        await gavel.discord.say(gavel.ann, gavel.general, text)
    visit = await gavel.discord.command(gavel.mod, gavel.general, "dryrun", hours=1)
    assert await visit.text() == "1 of 2 flagged"
    (shown,) = visit.shown.values()
    assert shown["files"] == [("gavel-dry-run.html", b"<html></html>")]


async def test_a_pause_keeps_rules_from_acting_alone(tmp_path: Path) -> None:
    async with house(tmp_path, mode=Mode.ENFORCE) as gavel, gavel.running():
        assert "only file cases" in await ask(gavel, "pause", on=True)
        await gavel.discord.say(gavel.ann, gavel.general, "buy now")
        await gavel.until_cards(1)
        assert gavel.discord.world.audit == []
        await ask(gavel, "pause", on=False)
        await gavel.discord.say(gavel.ann, gavel.general, "buy now, again")
        await gavel.discord.until(lambda: gavel.discord.world.audit)


async def test_statistics_come_with_a_picture(gavel: House) -> None:
    await gavel.discord.say(gavel.ann, gavel.general, "you muppet")
    await gavel.until_cards(1)
    visit = await gavel.discord.command(gavel.mod, gavel.review, "stats", days=30)
    assert "**The last 30 days**: 1 screened, 1 case, 1 waiting" in await visit.text()
    (shown,) = visit.shown.values()
    ((name, content),) = shown["files"]
    assert name == "gavel-stats.png"
    assert content.startswith(b"\x89PNG")


async def test_a_pause_holds_over_a_restart_and_says_who_wanted_it(tmp_path: Path) -> None:
    async with house(tmp_path, mode=Mode.ENFORCE) as gavel:
        async with gavel.running():
            await ask(gavel, "pause", on=True)
        async with gavel.running():
            await gavel.discord.say(gavel.ann, gavel.general, "buy now")
            await gavel.until_cards(1)
            assert gavel.discord.world.audit == []
            for command in ("queue", "stats"):
                assert f"**Paused** by <@{gavel.mod}>" in await ask(gavel, command)
            await ask(gavel, "pause", on=False)
            assert "Paused" not in await ask(gavel, "queue")


def test_statistics_tell_precision_with_its_interval() -> None:
    rules = (RuleCounts("a.rule", 40, 9, 1, 2), RuleCounts("b.rule", 3, 0, 0, 3))
    counts = QueueCounts(1_000, 15, 10, 5, timedelta(minutes=9), rules)
    text = stats_text(counts, timedelta(days=5))
    assert "10 decided (2.0 a day)" in text
    assert "Median time to a decision: 9 min" in text
    assert "`███████░` 90 % (60–98 %, of 10 decided, 1 false alarm)" in text
    assert r"**b\.rule** 3 hits, 3 waiting, none decided" in text


def test_long_answers_say_what_they_leave_out() -> None:
    text = fitted(["x" * 100] * 50)
    assert len(text) < 2_000
    assert text.endswith("… and 32 more")
