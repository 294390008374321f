import asyncio
import math
import threading
from collections.abc import AsyncIterator, Callable, Sequence
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tokenizers import Tokenizer

from bot.errors import ScoringError, UserError
from bot.model import ModelInfo, Priority, Scores
from bot.ports import Scorer
from bot.scoring import open_scorer
from bot.scoring.catalogue import find
from bot.scoring.engine import Loaded
from bot.scoring.loading import load
from bot.scoring.scorer import ModelScorer
from bot.scoring.tokens import Encoder, Window, load_encoder
from bot.store.score_cache import SqliteScoreCache
from tests.fakes.engine import FakeEngine

INFO = ModelInfo("fake", "1", ("length", "spaces"))
LIMIT = 1 << 20


@pytest.fixture
def engine() -> FakeEngine:
    return FakeEngine()


@pytest.fixture
def loaded(engine: FakeEngine, tiny_models: dict[str, Path]) -> Callable[[], Loaded]:
    return lambda: Loaded(load_encoder(tiny_models["bert"], 128), engine, budget=200)


@pytest.fixture
async def scorer(loaded: Callable[[], Loaded]) -> AsyncIterator[ModelScorer]:
    scorer = ModelScorer(INFO, loaded)
    yield scorer
    await scorer.close()


async def test_duplicates_are_computed_once(scorer: Scorer, engine: FakeEngine) -> None:
    rows = await scorer.score(["same", "other", "same", "same"])
    assert len(rows) == 4
    assert sorted(text for batch in engine.batches for text in batch) == ["other", "same"]


async def test_the_maximum_of_the_windows_counts(scorer: Scorer) -> None:
    (row,) = await scorer.score(["a" * 90 + " " + "b " * 150])
    assert row.windows > 1
    assert row.values["length"] < 0.3
    assert row.values["spaces"] > 0.3


async def test_batches_hold_texts_of_similar_length(scorer: Scorer, engine: FakeEngine) -> None:
    await scorer.score([word * count for count in (1, 40, 2, 41, 3, 42) for word in "ab"])
    for batch in engine.batches:
        assert max(map(len, batch)) - min(map(len, batch)) < 10


async def test_a_failing_text_keeps_no_neighbour_from_the_cache(
    loaded: Callable[[], Loaded], engine: FakeEngine, tmp_path: Path
) -> None:
    cache = SqliteScoreCache(tmp_path / "scores.sqlite", LIMIT)
    scorer = ModelScorer(INFO, loaded, cache)
    with pytest.raises(ScoringError):
        await scorer.score(["good", "NAN", "POISON"])
    assert set(cache.get_many(INFO, ["good", "NAN", "POISON"])) == {"good"}
    engine.batches.clear()
    await scorer.score(["good"])
    assert engine.batches == []
    await scorer.close()
    cache.close()


async def test_everything_cached_loads_no_model(
    loaded: Callable[[], Loaded], tmp_path: Path
) -> None:
    cache = SqliteScoreCache(tmp_path / "scores.sqlite", LIMIT)
    first = ModelScorer(INFO, loaded, cache)
    fresh = await first.score(["one", "two", "x" * 500])
    await first.close()

    def must_not_load() -> Loaded:
        raise AssertionError("loaded")

    second = ModelScorer(INFO, must_not_load, cache)
    assert list(await second.score(["one", "two", "x" * 500])) == list(fresh)
    await second.close()
    cache.close()


async def test_loading_fails_for_all_and_is_tried_again(loaded: Callable[[], Loaded]) -> None:
    attempts = []

    def load_at_second_try() -> Loaded:
        attempts.append(1)
        if len(attempts) == 1:
            raise UserError("the file is gone")
        return loaded()

    scorer = ModelScorer(INFO, load_at_second_try)
    first = await asyncio.gather(scorer.score(["a"]), scorer.score(["b"]), return_exceptions=True)
    assert all(isinstance(error, UserError) for error in first)
    assert len(await scorer.score(["a"])) == 1
    await scorer.close()


async def test_live_call_overtakes_a_long_bulk_call(
    scorer: ModelScorer, engine: FakeEngine
) -> None:
    engine.onward.clear()
    bulk = asyncio.create_task(scorer.score([f"bulk {i} " + "w " * 40 for i in range(60)]))
    assert await asyncio.to_thread(engine.reached.wait, 60)
    live = asyncio.create_task(scorer.score(["live"], Priority.LIVE))
    _, batcher, _ = await scorer._ready()
    async with asyncio.timeout(60):
        while not batcher._waiting[Priority.LIVE]:  # noqa: ASYNC110 - a queue tells nobody
            await asyncio.sleep(0.001)
    engine.onward.set()
    await live
    assert engine.batches.index(["live"]) == 3
    assert len(await bulk) == 60


class GatedEncoder(Encoder):
    """Encodes many texts only once the gate is open."""

    def __init__(self, tokenizer: Tokenizer) -> None:
        super().__init__(tokenizer, 128)
        self.reached, self.gate = threading.Event(), threading.Event()

    def encode(self, texts: Sequence[str]) -> list[tuple[Window, ...]]:
        if len(texts) > 1:
            self.reached.set()
            self.gate.wait(60)
        return super().encode(texts)


async def test_a_short_comment_does_not_wait_while_many_are_encoded(
    engine: FakeEngine, tiny_models: dict[str, Path]
) -> None:
    encoder = GatedEncoder(Tokenizer.from_file(str(tiny_models["bert"] / "tokenizer.json")))
    scorer = ModelScorer(INFO, lambda: Loaded(encoder, engine, budget=200))
    bulk = asyncio.create_task(scorer.score([f"bulk {i}" for i in range(20)]))
    await asyncio.to_thread(encoder.reached.wait, 60)
    await scorer.score(["live"], Priority.LIVE)
    assert engine.batches == [["live"]]
    encoder.gate.set()
    assert len(await bulk) == 20
    await scorer.close()


async def test_cancelled_bulk_call_stops(scorer: ModelScorer, engine: FakeEngine) -> None:
    engine.onward.clear()
    bulk = asyncio.create_task(scorer.score([f"bulk {i} " + "w " * 40 for i in range(200)]))
    assert await asyncio.to_thread(engine.reached.wait, 60)
    bulk.cancel()
    with pytest.raises(asyncio.CancelledError):
        await bulk
    engine.onward.set()
    await scorer.score(["next"])
    assert len(engine.batches) == 4


async def test_closing_while_scoring_leaves_nobody_waiting(
    loaded: Callable[[], Loaded], engine: FakeEngine
) -> None:
    before = set(threading.enumerate())
    scorer = ModelScorer(INFO, loaded)
    engine.gate.clear()
    calls = [asyncio.create_task(scorer.score([f"text {i} " * 20])) for i in range(4)]
    assert await asyncio.to_thread(engine.started.wait, 60)
    closing = asyncio.create_task(scorer.close())
    await asyncio.sleep(0)
    engine.gate.set()
    async with asyncio.timeout(60):
        await closing
        answers = await asyncio.gather(*calls, return_exceptions=True)
    assert [each for each in answers if not isinstance(each, ScoringError | list)] == []
    left = set(threading.enumerate()) - before
    assert not [each for each in left if each.name.startswith("gavel-")]


@pytest.fixture(scope="module")
def real(tiny_models: dict[str, Path]) -> dict[str, Loaded]:
    return {
        engine: load(find(str(tiny_models[kind])), engine)
        for kind, engine in [("bert", "int8"), ("roberta", "bf16"), ("albert", "f32")]
    }


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    texts=st.lists(
        st.text(max_size=60) | st.text(alphabet="you the.\ud800 \0", min_size=60, max_size=700),
        max_size=12,
    ),
    engine=st.sampled_from(["int8", "bf16", "f32"]),
)
async def test_law_8_neighbours_and_batches_change_no_score(
    real: dict[str, Loaded], texts: list[str], engine: str
) -> None:
    loaded = real[engine]
    count = 7 if engine == "bf16" else 6
    scorer = ModelScorer(ModelInfo("m", "1", tuple("abcdefg"[:count])), lambda: loaded)
    together = await scorer.score(texts)
    assert len(together) == len(texts)
    for text, row in zip(texts, together, strict=True):
        (alone,) = await scorer.score([text], Priority.LIVE)
        assert _apart(alone, row) <= 2e-3
        assert all(math.isfinite(value) for value in row.values.values())
    await scorer.close()


def _apart(one: Scores, other: Scores) -> float:
    return max(abs(one.values[label] - other.values[label]) for label in one.values)


def test_unknown_names_get_a_hint(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"not installed") as caught:
        open_scorer("original-small")
    assert "gavel model install original-small" in caught.value.render()
    with pytest.raises(UserError, match="there is no model") as caught:
        open_scorer("orignal")
    assert 'did you mean "original"?' in caught.value.render()
    with pytest.raises(UserError, match="there is no engine"):
        open_scorer("compact", engine="fastest")
    with pytest.raises(UserError, match="one checkpoint"):
        open_scorer(str(tmp_path))


async def test_missing_cuda_is_a_clear_answer(tiny_models: dict[str, Path]) -> None:
    scorer = open_scorer(str(tiny_models["bert"]), device="cuda")
    with pytest.raises(UserError, match="no CUDA device") as caught:
        await scorer.score(["hello"])
    assert "model.device: cpu" in caught.value.render()
    await scorer.close()


def test_each_engine_has_its_own_revision(tiny_models: dict[str, Path]) -> None:
    name = str(tiny_models["bert"])
    revisions = {open_scorer(name, engine=e).model.revision for e in ("reference", "int8", "f32")}
    assert len(revisions) == 3
