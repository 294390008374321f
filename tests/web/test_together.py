"""Comments screened together get what they would get alone."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from bot.app.together import LONGEST, MOST, Together
from bot.errors import StoreError
from bot.model import Author, Comment, History, HistoryQuery, Match
from bot.pipeline import Pipeline
from bot.rules import load_rules
from bot.store.memory import MemoryHistory
from tests.chat.house import write_rules
from tests.fakes.clock import NOON
from tests.fakes.scorer import FixedScorer

FLOOD = """
rules:
  - id: spam.flood
    title: Many comments in a minute
    status: live
    level: low
    when: {rate: {comments: ">= 3", within: 1m, per: author}}
    then: {action: flag}
"""


def pipeline(rules: Path, scorer: FixedScorer | None = None) -> Pipeline:
    scorer = scorer or FixedScorer(lambda text: {"insult": len(text) % 10 / 10})
    ruleset = load_rules(rules, labels=scorer.model.labels)
    return Pipeline(lambda: ruleset, scorer, MemoryHistory(), score_all=True)


def comments(texts: Sequence[str]) -> list[Comment]:
    return [
        Comment(
            id=str(n),
            text=text,
            source="http",
            author=Author("ann"),
            created_at=NOON + timedelta(seconds=n),
        )
        for n, text in enumerate(texts)
    ]


async def test_together_and_alone_give_the_same_verdicts(tmp_path: Path) -> None:
    rules = write_rules(tmp_path)
    many = comments(["hello", "you muppet", "buy now", "a" * (LONGEST + 1)] * 30)
    alone = pipeline(rules)
    wanted = [await alone.screen(each) for each in many]
    scorer = FixedScorer(lambda text: {"insult": len(text) % 10 / 10})
    together = Together(pipeline(rules, scorer))
    assert await asyncio.gather(*map(together.screen, many)) == wanted
    assert len(scorer.asked) < len(many)


async def test_the_history_sees_them_in_the_order_of_their_times(tmp_path: Path) -> None:
    rules = tmp_path / "flood.yaml"
    rules.write_text(FLOOD, encoding="utf-8")
    many = comments(["one", "two", "three", "four", "five"])
    together = Together(pipeline(rules))
    found = await asyncio.gather(*map(together.screen, reversed(many)))
    actions = [str(verdict.action) for verdict in reversed(found)]
    alone = pipeline(rules)
    assert actions == [str((await alone.screen(each)).action) for each in many]
    assert "flag" in actions


class BrokenHistory(MemoryHistory):
    def answer(self, comment: Comment, queries: Sequence[HistoryQuery]) -> History:
        raise StoreError(f"{len(queries)} questions on {comment.id}: the disk is full")

    def record(self, comment: Comment, matches: Sequence[Match]) -> None:
        """Remember nothing."""


async def test_a_failure_reaches_all_that_wait_and_the_next_ones_work(tmp_path: Path) -> None:
    rules = tmp_path / "flood.yaml"
    rules.write_text(FLOOD, encoding="utf-8")
    broken = replace(pipeline(rules), history=BrokenHistory())
    together = Together(broken)
    many = comments(["one", "two", "three"])
    failed = await asyncio.gather(*map(together.screen, many), return_exceptions=True)
    assert [type(each) for each in failed] == [StoreError] * 3
    with pytest.raises(StoreError):
        await together.screen(many[0])


async def test_nobody_is_forgotten_who_comes_in_the_moment_in_which_batches_end(
    tmp_path: Path,
) -> None:
    together = Together(pipeline(write_rules(tmp_path)))
    first, *others = comments(["hello"] * (MOST + 1))

    async def twice() -> None:
        await together.screen(first)
        await together.screen(first)

    async with asyncio.timeout(60):
        await asyncio.gather(twice(), *map(together.screen, others))


async def test_whoever_hangs_up_holds_up_nobody(tmp_path: Path) -> None:
    together = Together(pipeline(write_rules(tmp_path)))
    *many, last = comments([*["hello"] * MOST * 2, "you muppet"])
    gone = [asyncio.create_task(together.screen(each)) for each in many]
    stays = asyncio.create_task(together.screen(last))
    await asyncio.sleep(0)
    for each in gone:
        each.cancel()
    async with asyncio.timeout(60):
        assert str((await stays).action) == "flag"
