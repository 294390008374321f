"""Bulk work beside the live bot: it keeps nobody waiting, and ends when the bot does."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Sequence

import pytest

from bot.app.aside import Aside, StoppingError
from bot.model import Scores
from bot.ports import Scorer
from tests.fakes.scorer import FixedScorer


async def test_the_loop_goes_on_while_bulk_work_computes() -> None:
    begun, enough = threading.Event(), threading.Event()

    async def busy(_: Scorer) -> None:
        begun.set()
        while not enough.is_set():
            sum(range(1_000))

    working = asyncio.create_task(Aside(FixedScorer()).run(busy))
    try:
        async with asyncio.timeout(60):
            await asyncio.to_thread(begun.wait)
            for _ in range(5):
                await asyncio.sleep(0.01)
        assert not working.done()
    finally:
        enough.set()
    await working


async def test_the_model_is_shared_and_its_errors_come_across() -> None:
    async def ask(scorer: Scorer) -> Sequence[Scores]:
        return await scorer.score(["you fool", "hello"])

    scorer = FixedScorer({"you fool": {"insult": 0.9}})
    scored = await Aside(scorer).run(ask)
    assert [each.values["insult"] for each in scored] == [0.9, 0.0]
    await scorer.close()
    with pytest.raises(Exception, match="the scorer is closed"):
        await Aside(scorer).run(ask)


async def test_what_is_under_way_ends_at_its_next_item() -> None:
    aside = Aside(FixedScorer())
    seen = []

    async def read(_: Scorer) -> None:
        for item in aside.each(range(10**9)):
            seen.append(item)
            if item == 10:
                aside.close()

    with pytest.raises(StoppingError):
        await aside.run(read)
    assert seen[-1] == 10


async def test_bulk_texts_reach_the_model_in_small_batches_and_in_order() -> None:
    texts = [f"text {number}" for number in range(100)]

    async def ask(scorer: Scorer) -> Sequence[Scores]:
        return await scorer.score(texts)

    scorer = FixedScorer({text: {"insult": i / 100} for i, text in enumerate(texts)})
    scored = await Aside(scorer).run(ask)
    assert [each.values["insult"] for each in scored] == [i / 100 for i in range(100)]
    assert max(len(asked) for asked, _ in scorer.asked) <= 16
