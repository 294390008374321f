"""What the review channel is told, also when telling it fails."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from bot.app.effect import Effect, consequences
from bot.app.health import Pulse
from bot.app.notices import Notices
from bot.app.rules import LiveRules
from bot.chat.words import escaped
from bot.errors import StoreError
from bot.model import Delivery
from bot.rules import ExampleResult, RuleBook, RuleSet
from tests.app.running import RULES
from tests.fakes.clock import ManualClock
from tests.fakes.quotas import MemoryQuotas


class NoProof:
    """What speaks for rules cannot be had."""

    async def examples(self, _: RuleSet) -> Sequence[ExampleResult]:
        return ()

    async def effect(self, _old: RuleSet, _new: RuleSet) -> Effect:
        raise StoreError("the database is locked")


async def none_waits() -> int:
    return 0


async def test_a_notice_is_stored_when_telling_it_returns() -> None:
    stored: list[Delivery] = []

    async def queue(deliveries: Sequence[Delivery]) -> None:
        stored.extend(deliveries)

    notices = Notices(queue, Pulse(ManualClock(), none_waits))
    await notices.tell("key", "a rule ran away")
    assert [each.payload for each in stored] == [{"text": "a rule ran away"}]


async def test_a_notice_that_cannot_be_stored_alarms_the_operator() -> None:
    async def full(_: Sequence[Delivery]) -> None:
        raise StoreError("the disk is full")

    pulse = Pulse(ManualClock(), none_waits)
    await Notices(full, pulse).tell("key", "a rule ran away")
    assert (await pulse.vitals()).problems == (
        "a notice could not be stored (the disk is full): a rule ran away",
    )


async def test_without_a_review_channel_the_log_hears_of_it(
    caplog: pytest.LogCaptureFixture,
) -> None:
    notices = Notices(None, Pulse(ManualClock(), none_waits))
    await notices.tell("key", "a rule ran away")
    assert caplog.messages == ["a rule ran away"]


async def test_the_log_hears_it_without_the_markup_of_discord(
    caplog: pytest.LogCaptureFixture,
) -> None:
    told = (
        f"**Reloaded.** `a.b`: added ||{escaped('go die-cast *')}||\n```\nregex: '\\bcat|dog'\n```"
    )
    await Notices(None, Pulse(ManualClock(), none_waits)).tell("key", told)
    assert caplog.messages == ["Reloaded. a.b: added go die-cast *\nregex: '\\bcat|dog'\n"]


async def test_new_rules_are_live_also_when_their_effect_cannot_be_told(tmp_path: Path) -> None:
    said: list[str] = []

    async def tell(_: str, text: str) -> None:
        said.append(text)

    path = tmp_path / "house.yaml"
    path.write_text(RULES, encoding="utf-8")
    rules = LiveRules(RuleBook(path), tell, NoProof(), MemoryQuotas(), ManualClock())
    path.write_text(RULES.replace("level: high", "level: low"), encoding="utf-8")
    answer = await rules.reload()
    assert answer.splitlines() == [
        "**The rules were reloaded.**",
        "changed `house.muppet`: level high → low",
        "What they do could not be tried out: the database is locked",
    ]
    assert said == [answer]
    assert str(rules.current.rules[0].level) == "low"


def test_the_effect_in_words() -> None:
    found = Effect(total=1, newly_flagged=1)
    found.after["a"] = 1
    assert consequences(found, ["a", "b"], 20_000) == [
        "Of the last day's 1 message: 1 newly flagged.",
        "`a`: 1 hit instead of 0",
    ]
    assert consequences(Effect(total=5), [], 5) == [
        "Of the newest 5 messages of the last day: none would have been treated otherwise."
    ]
    (nothing,) = consequences(Effect(), ["a"], 5)
    assert nothing.startswith("No message of the last day is stored")
