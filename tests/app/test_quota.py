"""A rule that spent its quota stays in shadow, whatever else is saved, until it is mended."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

import pytest

from bot.app.effect import Effect
from bot.app.rules import LiveRules
from bot.model import RuleStatus
from bot.rules import ExampleResult, RuleBook, RuleSet
from tests.app.running import RULES
from tests.fakes.clock import ManualClock
from tests.fakes.quotas import MemoryQuotas

OTHER = """
rules:
  - {id: house.acorn, when: {words: [acorn]}, then: {action: flag}}
"""
HELD = "`house.muppet` has spent today's quota and was not changed: it is still only counted."


class Untried:
    async def examples(self, _: RuleSet) -> Sequence[ExampleResult]:
        return ()

    async def effect(self, _old: RuleSet, _new: RuleSet) -> Effect:
        return Effect()


class House:
    """Rules in two files, of which one rule has spent its quota."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.muppet, self.acorn = folder / "muppet.yaml", folder / "acorn.yaml"
        self.muppet.write_text(RULES, encoding="utf-8")
        self.acorn.write_text(OTHER, encoding="utf-8")
        self.clock = ManualClock()
        self.quotas = MemoryQuotas()
        self.told: list[str] = []
        self.rules = self.loaded()

    def loaded(self) -> LiveRules:
        return LiveRules(RuleBook(self.folder), self.tell, Untried(), self.quotas, self.clock)

    async def restart(self) -> None:
        self.rules = self.loaded()
        await self.rules.resume()

    async def tell(self, _key: str, text: str) -> None:
        self.told.append(text)

    @property
    def status(self) -> RuleStatus:
        return {each.id: each.status for each in self.rules.current.rules}["house.muppet"]

    def change(self, path: Path, old: str, new: str) -> None:
        path.write_text(path.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")


@pytest.fixture
async def house(tmp_path: Path) -> House:
    house = House(tmp_path)
    assert await house.rules.spend("house.muppet")
    assert not await house.rules.spend("house.muppet")
    return house


async def test_saving_another_rule_does_not_set_it_free(house: House) -> None:
    for change in (("acorn]", "acorn, oak]"), ("oak]", "elm]")):
        house.change(house.acorn, *change)
        said = await house.rules.reload()
        assert house.status is RuleStatus.SHADOW
        assert "changed `house.acorn`" in said
        assert "status" not in said
        assert HELD in said.splitlines()


async def test_a_moderator_who_reloads_is_told_that_it_stays(house: House) -> None:
    assert await house.rules.reload() == f"The rules have not changed.\n{HELD}"
    assert house.status is RuleStatus.SHADOW


async def test_a_change_of_the_rule_itself_sets_it_free(house: House) -> None:
    house.change(house.muppet, "level: high", "level: low")
    said = await house.rules.reload()
    assert house.status is RuleStatus.LIVE
    assert "spent" not in said
    house.change(house.muppet, "level: low", "level: high")
    await house.rules.reload()
    assert house.status is RuleStatus.LIVE


async def test_a_reload_on_the_next_day_sets_it_free(house: House) -> None:
    house.clock.advance(timedelta(days=1))
    assert "status shadow → live" in await house.rules.reload()
    assert house.status is RuleStatus.LIVE


async def test_a_rule_that_is_removed_is_not_spoken_of(house: House) -> None:
    house.muppet.unlink()
    assert "spent" not in await house.rules.reload()


async def test_rules_with_mistakes_leave_it_as_it_is(house: House) -> None:
    house.change(house.acorn, "rules:", "ruels:")
    assert "have mistakes" in await house.rules.reload()
    house.change(house.acorn, "ruels:", "rules:")
    assert HELD in await house.rules.reload()
    assert house.status is RuleStatus.SHADOW


async def test_a_rule_put_in_shadow_by_hand_is_free_after_a_reload(house: House) -> None:
    assert house.rules.shadow("house.acorn")
    await house.rules.reload()
    assert {str(each.status) for each in house.rules.current.rules} == {"shadow", "live"}


async def test_a_restart_does_not_set_it_free(house: House) -> None:
    await house.restart()
    assert house.status is RuleStatus.SHADOW
    assert await house.rules.reload() == f"The rules have not changed.\n{HELD}"
    await house.restart()
    assert house.status is RuleStatus.SHADOW
    assert house.told == []


async def test_a_restart_on_the_next_day_sets_it_free(house: House) -> None:
    house.clock.advance(timedelta(days=1))
    await house.restart()
    assert house.status is RuleStatus.LIVE


async def test_a_change_while_the_bot_was_away_sets_it_free_with_a_whole_quota(
    house: House,
) -> None:
    house.change(house.muppet, "level: high", "level: low")
    await house.restart()
    assert house.status is RuleStatus.LIVE
    assert house.quotas.renewed == ["house.muppet"]


async def test_a_change_gives_it_a_whole_quota_over_restarts_too(house: House) -> None:
    house.change(house.muppet, "level: high", "level: low")
    await house.rules.reload()
    assert house.quotas.renewed == ["house.muppet"]
    await house.restart()
    assert house.status is RuleStatus.LIVE
    assert await house.rules.spend("house.muppet")


async def test_a_store_that_is_full_leaves_it_in_shadow_or_free_as_it_should(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    house = House(tmp_path)
    house.quotas.full = True
    assert await house.rules.spend("house.muppet")
    assert not await house.rules.spend("house.muppet")
    house.change(house.muppet, "level: high", "level: low")
    await house.rules.reload()
    assert house.status is RuleStatus.LIVE
    assert [each.message for each in caplog.records if each.levelname == "ERROR"] == [
        "that house.muppet spent its quota could not be stored",
        "the quota of house.muppet, which was changed, could not be renewed",
    ]


async def test_the_end_of_the_day_sets_it_free_by_itself(house: House) -> None:
    house.clock.advance(timedelta(days=1))
    watching = asyncio.create_task(house.rules.watch())
    try:
        async with asyncio.timeout(30):
            while not house.told:
                house.clock.advance(timedelta(seconds=1))
                await asyncio.sleep(0.01)
    finally:
        watching.cancel()
    (said,) = house.told
    assert "changed `house.muppet`: status shadow → live" in said
    assert house.status is RuleStatus.LIVE
