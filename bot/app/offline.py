"""What commands at the terminal use: an engine that keeps nothing but scores, and tells nobody.

Lives here: the scorer with its cache, and the pipeline with a history in memory. Not here: what
runs live (`bot.app.live`).
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

from bot.config import MIB, Settings
from bot.pipeline import Pipeline
from bot.ports import Scorer
from bot.rules import load_rules
from bot.scoring import open_scorer
from bot.store.memory import MemoryHistory
from bot.store.score_cache import SqliteScoreCache


@asynccontextmanager
async def offline_scorer(settings: Settings) -> AsyncIterator[Scorer]:
    """Yield the scorer that the settings name, with its cache."""
    async with AsyncExitStack() as stack:
        cache = None
        if settings.cache is not None:
            path = settings.cache.path / "scores.sqlite"
            cache = SqliteScoreCache(path, settings.cache.megabytes * MIB)
            stack.callback(cache.close)
        scorer = open_scorer(settings.model.name, cache=cache, device=settings.model.device)
        stack.push_async_callback(scorer.close)
        yield scorer


@asynccontextmanager
async def offline_pipeline(
    settings: Settings, *, score_all: bool = True
) -> AsyncIterator[Pipeline]:
    """Yield the live engine with a history in memory and no sinks: a dry run is nothing else.

    Reports show scores of comments that no rule asked about; without need, `score_all` is false.
    """
    async with offline_scorer(settings) as scorer:
        ruleset = load_rules(settings.rules_path, labels=scorer.model.labels)
        yield Pipeline(
            rules=lambda: ruleset,
            scorer=scorer,
            history=MemoryHistory(),
            policy=settings.policy,
            score_all=score_all,
        )
