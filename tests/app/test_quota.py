"""A rule that spent its quota stays in shadow, whatever else is saved, until it is mended."""

from __future__ import annotations

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
        self.muppet, self.acorn = folder / "muppet.yaml", folder / "acorn.yaml"
        self.muppet.write_text(RULES, encoding="utf-8")
        self.acorn.write_text(OTHER, encoding="utf-8")
        self.clock = ManualClock()
        self.rules = LiveRules(RuleBook(folder), self.tell, Untried(), self.clock)
        assert self.rules.spend("house.muppet")
        assert not self.rules.spend("house.muppet")

    async def tell(self, _key: str, _text: str) -> None:
        """Post nowhere."""

    @property
    def status(self) -> RuleStatus:
        return {each.id: each.status for each in self.rules.current.rules}["house.muppet"]

    def change(self, path: Path, old: str, new: str) -> None:
        path.write_text(path.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")


@pytest.fixture
def house(tmp_path: Path) -> House:
    return House(tmp_path)


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
