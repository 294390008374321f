from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.ports import Scorer
from bot.scoring import open_scorer
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


class TestFake(ScorerContract):
    @pytest.fixture
    def scorer(self) -> Scorer:
        return FixedScorer(lambda text: {"toxicity": (len(text) % 10) / 10})
