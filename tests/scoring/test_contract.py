from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.model import ModelInfo
from bot.ports import Scorer
from bot.scoring import open_scorer
from bot.scoring.catalogue import find
from bot.scoring.cuda import CudaEngine
from bot.scoring.engine import Loaded, Precision
from bot.scoring.reference import load_detoxify
from bot.scoring.scorer import ModelScorer
from bot.scoring.tokens import load_encoder
from tests.fakes.scorer import FixedScorer
from tests.scoring import tiny
from tests.scoring.contract import ScorerContract


class TestReference(ScorerContract):
    @pytest.fixture(params=tiny.KINDS)
    async def scorer(
        self, request: pytest.FixtureRequest, tiny_models: dict[str, Path]
    ) -> AsyncIterator[Scorer]:
        scorer = open_scorer(str(tiny_models[request.param]), engine="reference")
        yield scorer
        await scorer.close()


class TestFast(ScorerContract):
    @pytest.fixture(params=[(kind, p) for kind in tiny.KINDS for p in Precision], ids="-".join)
    async def scorer(
        self, request: pytest.FixtureRequest, tiny_models: dict[str, Path]
    ) -> AsyncIterator[Scorer]:
        kind, precision = request.param
        scorer = open_scorer(str(tiny_models[kind]), engine=precision)
        yield scorer
        await scorer.close()


class TestCuda(ScorerContract):
    """The engine for a card, on the processor: the same code but for the device."""

    @pytest.fixture
    async def scorer(self, tiny_models: dict[str, Path]) -> AsyncIterator[Scorer]:
        files = find(str(tiny_models["bert"]))

        def load() -> Loaded:
            detoxify = load_detoxify(files.read(), files.folder, files.longest_input())
            encoder = load_encoder(files.folder, files.longest_input())
            return Loaded(encoder, CudaEngine(detoxify, "cpu"), budget=1024)

        scorer = ModelScorer(ModelInfo("tiny", "1", files.labels()), load)
        yield scorer
        await scorer.close()


class TestFake(ScorerContract):
    @pytest.fixture
    def scorer(self) -> Scorer:
        return FixedScorer(lambda text: {"toxicity": (len(text) % 10) / 10})
