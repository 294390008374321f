import functools
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from bot.model import ModelInfo
from bot.ports import Scorer
from bot.scoring.catalogue import find
from bot.scoring.cuda import CudaEngine
from bot.scoring.engine import Loaded, Precision
from bot.scoring.loading import load
from bot.scoring.reference import load_detoxify
from bot.scoring.scorer import ModelScorer
from bot.scoring.tokens import load_encoder
from tests.fakes.scorer import FixedScorer
from tests.scoring import tiny
from tests.scoring.contract import ScorerContract

COMBINATIONS = [
    *((kind, "reference") for kind in tiny.KINDS),
    ("bert", "int8"),
    ("roberta", "int8"),
    ("bert", "bf16"),
    ("xlm-roberta", "f32"),
    ("albert", "f32"),
    ("bert", "cuda on the processor"),
]


@pytest.fixture(scope="module")
def load_once(tiny_models: dict[str, Path]) -> Callable[[str, str], ModelScorer]:
    """Return a scorer of a tiny model; its engine is loaded once for all tests."""

    @functools.cache
    def loaded(kind: str, engine: str) -> Loaded:
        files = find(str(tiny_models[kind]))
        if engine in loading_kinds:
            return load(files, engine)
        detoxify = load_detoxify(files.read(), files.folder, files.longest_input())
        encoder = load_encoder(files.folder, files.longest_input())
        return Loaded(encoder, CudaEngine(detoxify, "cpu"), budget=1024)

    loading_kinds = ("reference", *Precision)

    def scorer(kind: str, engine: str) -> ModelScorer:
        labels = find(str(tiny_models[kind])).labels()
        return ModelScorer(ModelInfo(kind, engine, labels), lambda: loaded(kind, engine))

    return scorer


class TestEngines(ScorerContract):
    @pytest.fixture(params=COMBINATIONS, ids=" ".join)
    async def scorer(
        self,
        request: pytest.FixtureRequest,
        load_once: Callable[[str, str], ModelScorer],
    ) -> AsyncIterator[Scorer]:
        scorer = load_once(*request.param)
        yield scorer
        await scorer.close()


class TestFake(ScorerContract):
    @pytest.fixture
    def scorer(self) -> Scorer:
        return FixedScorer(lambda text: {"toxicity": (len(text) % 10) / 10})
