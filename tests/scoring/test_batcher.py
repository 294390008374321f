import asyncio
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from bot.errors import ScoringError
from bot.model import Priority
from bot.scoring.batcher import ISOLATION_SECONDS, Batcher
from bot.scoring.tokens import Window
from tests.fakes.engine import FakeEngine

LIVE, BULK = Priority.LIVE, Priority.BULK


def windows(*texts: str) -> list[Window]:
    return [Window(text, tuple(range(10))) for text in texts]


@pytest.fixture
def engine() -> FakeEngine:
    return FakeEngine()


@pytest.fixture
async def batcher(engine: FakeEngine) -> AsyncIterator[Batcher]:
    with ThreadPoolExecutor(1) as executor:
        batcher = Batcher(engine.run, executor, budget=40, room=5)
        yield batcher
        engine.gate.set()
        await batcher.close()


async def occupy(batcher: Batcher, engine: FakeEngine) -> asyncio.Task[object]:
    """Make the engine busy with one text until `engine.gate` is set."""
    engine.gate.clear()
    task: asyncio.Task[object] = asyncio.create_task(batcher.submit(windows("first"), BULK))
    assert await asyncio.to_thread(engine.started.wait, 60)
    return task


async def test_rows_in_order(batcher: Batcher) -> None:
    rows = await batcher.submit(windows("a", "bbb", "cc"), LIVE)
    assert [round(float(row[0]) * 1000) for row in rows if not isinstance(row, ScoringError)] == [
        1,
        3,
        2,
    ]


class StoppedClock(asyncio.SelectorEventLoop):
    """A loop in which no time passes: who waits for a time waits forever."""

    def time(self) -> float:
        return 0.0


def test_no_artificial_delay(engine: FakeEngine) -> None:
    async def alone() -> None:
        with ThreadPoolExecutor(1) as executor:
            batcher = Batcher(engine.run, executor, budget=40, room=5)
            for _ in range(50):
                await batcher.submit(windows("alone"), LIVE)
            await batcher.close()

    with asyncio.Runner(loop_factory=StoppedClock) as runner:
        runner.run(alone())
    assert engine.batches == [["alone"]] * 50


async def test_who_waits_is_computed_together_up_to_the_budget(
    batcher: Batcher, engine: FakeEngine
) -> None:
    first = await occupy(batcher, engine)
    waiting = [asyncio.create_task(batcher.submit(windows(name), BULK)) for name in "abcdef"]
    await asyncio.sleep(0)
    engine.gate.set()
    await asyncio.gather(first, *waiting)
    assert engine.batches == [["first"], ["a", "b", "c", "d"], ["e", "f"]]


async def test_live_goes_before_bulk(batcher: Batcher, engine: FakeEngine) -> None:
    first = await occupy(batcher, engine)
    bulk = asyncio.create_task(batcher.submit(windows("bulk"), BULK))
    await asyncio.sleep(0)
    live = asyncio.create_task(batcher.submit(windows("live"), LIVE))
    await asyncio.sleep(0)
    engine.gate.set()
    await asyncio.gather(first, bulk, live)
    assert engine.batches == [["first"], ["live"], ["bulk"]]


async def test_the_chat_goes_first_then_who_waits_then_bulk(
    batcher: Batcher, engine: FakeEngine
) -> None:
    first = await occupy(batcher, engine)
    asked = [BULK, Priority.PROMPT, LIVE]
    tasks = [asyncio.create_task(batcher.submit(windows(str(each)), each)) for each in asked]
    await asyncio.sleep(0)
    engine.gate.set()
    await asyncio.gather(first, *tasks)
    assert engine.batches[1:] == [[str(each)] for each in sorted(asked)]


async def test_cancelled_callers_cost_nothing(batcher: Batcher, engine: FakeEngine) -> None:
    first = await occupy(batcher, engine)
    gone = asyncio.create_task(batcher.submit(windows("gone"), LIVE))
    stays = asyncio.create_task(batcher.submit(windows("stays"), LIVE))
    await asyncio.sleep(0)
    gone.cancel()
    engine.gate.set()
    await asyncio.gather(first, stays)
    assert ["stays"] in engine.batches
    assert not any("gone" in batch for batch in engine.batches)


async def test_full_queue_tells_live_callers_at_once(batcher: Batcher, engine: FakeEngine) -> None:
    first = await occupy(batcher, engine)
    waiting = [asyncio.create_task(batcher.submit(windows(name), LIVE)) for name in "abcde"]
    await asyncio.sleep(0)
    with pytest.raises(ScoringError, match="too busy"):
        await batcher.submit(windows("one too many"), LIVE)
    engine.gate.set()
    await asyncio.gather(first, *waiting)
    assert await batcher.submit(windows("later"), LIVE)


async def test_poisoned_text_fails_alone(batcher: Batcher, engine: FakeEngine) -> None:
    first = await occupy(batcher, engine)
    good = asyncio.create_task(batcher.submit(windows("good", "also good"), LIVE))
    bad = asyncio.create_task(batcher.submit(windows("POISON", "innocent"), LIVE))
    await asyncio.sleep(0)
    engine.gate.set()
    await first
    assert not any(isinstance(row, ScoringError) for row in await good)
    poisoned, innocent = await bad
    assert isinstance(poisoned, ScoringError)
    assert isinstance(innocent, np.ndarray)


async def test_poisoned_text_fails_alone_however_slow_the_model_is(
    batcher: Batcher, engine: FakeEngine
) -> None:
    engine.seconds = 0.6 * ISOLATION_SECONDS
    poisoned, *innocent = await batcher.submit(windows("POISON", "a", "b", "c"), LIVE)
    assert isinstance(poisoned, ScoringError)
    assert all(isinstance(row, np.ndarray) for row in innocent)


async def test_nan_is_an_error_of_its_row(batcher: Batcher) -> None:
    good, bad = await batcher.submit(windows("fine", "NAN"), LIVE)
    assert isinstance(good, np.ndarray)
    assert isinstance(bad, ScoringError)
    assert "not a number" in str(bad)


async def test_model_raises_every_waiter_is_told_and_the_next_call_works(
    batcher: Batcher, engine: FakeEngine
) -> None:
    engine.broken, engine.seconds = True, 0.1
    callers = [batcher.submit(windows(*"abcd"), BULK) for _ in range(3)]
    async with asyncio.timeout(60):
        answers = await asyncio.gather(*callers)
    assert all(isinstance(row, ScoringError) for rows in answers for row in rows)
    engine.broken, engine.seconds = False, 0.0
    (row,) = await batcher.submit(windows("again"), LIVE)
    assert isinstance(row, np.ndarray)


async def test_a_broken_model_is_soon_given_up(batcher: Batcher, engine: FakeEngine) -> None:
    engine.broken, engine.seconds = True, 0.1
    await batcher.submit(windows(*"abcdefghijklmnopqrstuvwxyz"), BULK)
    # Halving to the end would have taken 51 runs.
    assert len(engine.batches) <= 12


async def test_close_answers_all_who_wait(engine: FakeEngine) -> None:
    with ThreadPoolExecutor(1) as executor:
        batcher = Batcher(engine.run, executor, budget=40, room=5)
        first = await occupy(batcher, engine)
        waiting = [asyncio.create_task(batcher.submit(windows("w"), p)) for p in (LIVE, BULK)]
        await asyncio.sleep(0)
        closing = asyncio.create_task(batcher.close())
        await asyncio.sleep(0)
        engine.gate.set()
        await closing
        assert await first
        for each in await asyncio.gather(*waiting, return_exceptions=True):
            assert isinstance(each, ScoringError)
        with pytest.raises(ScoringError, match="closed"):
            await batcher.submit(windows("late"), LIVE)
