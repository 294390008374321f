"""Rules that change while the bot runs: taken over whole, told in words, or left alone."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from pathlib import Path

from bot.app.rules import LiveRules
from bot.rules import RuleBook
from tests.app.running import RULES, Town, town
from tests.app.test_quota import Untried
from tests.fakes.clock import ManualClock
from tests.fakes.quotas import MemoryQuotas

MORE = """
  - id: house.walnut
    title: Mentions walnuts
    status: shadow
    level: low
    when: {words: [walnut]}
    then: {action: flag}
    examples:
      match: [{text: a walnut}]
      no_match: [{text: a hazel}]
  - id: house.acorn
    title: Mentions acorns
    status: live
    level: low
    when: {words: [acorn]}
    then: {action: flag}
    examples:
      match: [{text: an acorn}]
      no_match: [{text: a hazel}]
"""


def write(here: Town, text: str) -> None:
    here.rules_file.write_text(text, encoding="utf-8")


async def test_a_change_is_live_and_told_with_what_it_would_have_done(tmp_path: Path) -> None:
    async with town(tmp_path) as here, here.serving():
        say = here.discord.say
        for text in ("you muppet", "a walnut and an acorn", "an acorn", "what a lovely day"):
            await say(here.ann, here.general, text)
        await here.until_told("4 screened", "stats", days=1)
        write(here, RULES.replace("status: live", "status: shadow") + MORE)
        said = await here.until_notice("The rules were reloaded.")
        assert said == (
            "**The rules were reloaded.**\n"
            "added `house.acorn`: live, To review \\(flag\\)\n"
            "changed `house.muppet`: status live → shadow\n"
            "added `house.walnut`: shadow, To review \\(flag\\)\n"
            "Of the last day's 4 messages: 2 newly flagged, 1 no longer flagged.\n"
            "`house.acorn`: 2 hits instead of 0\n"
            "`house.walnut`: 1 hit instead of 0\n"
            "`house.muppet`: 1 hit, as before"
        )
        await say(here.ann, here.general, "acorn again, you muppet")
        await here.until_cards(2)
        assert "acorn" in here.cards[1]["embeds"][0]["description"]
        assert len(here.notices) == 1


async def test_a_change_between_the_loading_and_the_first_look_is_noticed(tmp_path: Path) -> None:
    path, clock = tmp_path / "house.yaml", ManualClock()
    path.write_text(RULES, encoding="utf-8")
    told: list[str] = []

    async def tell(_: str, text: str) -> None:
        told.append(text)

    rules = LiveRules(RuleBook(path), tell, Untried(), MemoryQuotas(), clock)
    path.write_text(RULES.replace("level: high", "level: low"), encoding="utf-8")
    watching = asyncio.create_task(rules.watch())
    for _ in range(3):
        await clock.until_asleep()
        clock.advance(timedelta(seconds=1))
    await clock.until_asleep()
    watching.cancel()
    assert "changed `house.muppet`: level high → low" in "".join(told)


async def test_rules_with_mistakes_change_nothing_and_are_told_once(tmp_path: Path) -> None:
    async with town(tmp_path) as here, here.serving():
        write(here, RULES.replace("level: high", "level: hihg"))
        said = await here.until_notice("have mistakes")
        assert "the rules from before stay live" in said
        assert '"level" must be low, medium, high or critical' in said
        assert "house.yaml:7:12" in said
        again = await here.command("rules reload")
        assert "have mistakes" in again
        assert len(here.notices) == 1
        await here.discord.say(here.ann, here.general, "you muppet")
        await here.until_cards(1)

        write(here, RULES)
        await here.until_notice("The rules were reloaded.")
        assert await here.command("rules reload") == "The rules have not changed."
        assert len(here.notices) == 2


async def test_a_notice_of_mistakes_shows_as_many_as_fit(tmp_path: Path) -> None:
    async with town(tmp_path) as here, here.serving():
        write(here, RULES.replace("rules:", "ruels:"))
        said = await here.until_notice("have mistakes")
        assert 'needs one of the keys "rules"' in said
        assert 'did you mean "rules"?' in said
        assert "more:" not in said

        write(here, RULES + "".join(f"    key{n}: wrong\n" for n in range(80)))
        said = await here.until_notice("more: `gavel rules check` shows all")
        assert 'has no key "key0"' in said
        assert 'has no key "key1"' in said
        assert len(said) < 1_500


async def test_examples_that_fail_under_new_rules_are_told(tmp_path: Path) -> None:
    async with town(tmp_path) as here, here.serving():
        write(here, RULES.replace("words: [muppet]", "words: [turnip]"))
        said = await here.until_notice("The rules were reloaded.")
        assert "**1 example of `house.muppet` failed**: `/rules test` tells which" in said


async def test_a_changed_word_list_is_a_change(tmp_path: Path) -> None:
    listed = RULES.replace("words: [muppet]", "words: {list: names}").replace(
        "rules:\n", "lists:\n  names: {file: names.txt}\nrules:\n"
    )
    (tmp_path / "rules").mkdir()
    words = tmp_path / "rules" / "names.txt"
    words.write_text("muppet\n", encoding="utf-8")
    async with town(tmp_path, rules=listed) as here, here.serving():
        words.write_text("muppet\nturnip\n", encoding="utf-8")
        said = await here.until_notice("The rules were reloaded.")
        assert "changed `house.muppet`: 1 entry added ||turnip||" in said


async def test_a_rule_is_shadowed_by_command_until_the_next_reload(tmp_path: Path) -> None:
    async with town(tmp_path) as here, here.serving():
        said = await here.command("rules shadow", rule="house.muppet")
        assert "only counted" in said
        assert "**house\\.muppet** shadow" in await here.command("rules list")
        said = await here.command("rules reload")
        assert "changed `house.muppet`: status shadow → live" in said
        assert "**house\\.muppet** live" in await here.command("rules list")


async def test_examples_are_run_by_command(tmp_path: Path) -> None:
    async with town(tmp_path) as here, here.serving():
        said = await here.command("rules test")
        assert said == "```\n2 examples, 0 failed; 0 known gaps, 0 closed\n```"
        write(here, RULES.replace("text: you hero", "text: a muppet"))
        assert await here.command("rules reload") == "The rules have not changed."
        said = await here.command("rules test")
        assert "2 examples, 1 failed" in said
        assert "house.muppet: expected no match, got match: 'a muppet'" in said


RUNAWAY = """
pack: {name: house, description: Rules of the tests}
rules:
  - id: house.spam
    title: Spam that is removed at once
    status: live
    level: critical
    when: {words: [buy now]}
    then: {action: remove}
    quota: {per_day: 2}
    reason: "matched {match}"
    examples:
      match: [{text: buy now}]
      no_match: [{text: good bye}]
"""


async def test_a_rule_that_runs_away_is_shadowed_and_the_channel_is_told(tmp_path: Path) -> None:
    async with town(tmp_path, rules=RUNAWAY, mode="enforce") as here:
        messages = here.discord.world.messages[here.general]
        async with here.serving():
            for number in range(3):
                await here.discord.say(here.ann, here.general, f"buy now {number}")
                await here.until_cards(number + 1)
            said = await here.until_notice("quota")
            assert said.startswith("`house.spam` has done all that its quota allows today")
            await here.discord.until(lambda: len(messages) == 1)
            await only_counted(here)
        async with here.serving():
            await only_counted(here)
        assert len(messages) == 5
        assert len(here.notices) == 1


async def only_counted(here: Town) -> None:
    """Say what the rule is about, and see that it acts no more."""
    assert "**house\\.spam** shadow" in await here.command("rules list")
    await here.discord.say(here.ann, here.general, "buy now again")
    await here.discord.say(here.ann, here.general, "good bye")
    stats = await here.discord.command(here.mod, here.review, "stats", days=1)
    assert "3 cases" in await stats.text()
