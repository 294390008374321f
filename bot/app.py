"""The composition root: builds all parts from settings, and closes them in reverse.

Lives here: which engine, store and edge are put together for which use. Not here: any work.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

from bot.pipeline import Pipeline
from bot.ports import Scorer
from bot.rules import load_rules
from bot.scoring import open_scorer
from bot.store.memory import MemoryHistory
from bot.store.score_cache import SqliteScoreCache

SCORE_CACHE_BYTES = 512 * 1024 * 1024


@asynccontextmanager
async def offline_scorer(model: str, *, cache: Path | None) -> AsyncIterator[Scorer]:
    """Yield the scorer of `model`; `cache` is the folder of the score cache, `None` for none."""
    async with AsyncExitStack() as stack:
        scores = None
        if cache is not None:
            scores = SqliteScoreCache(cache / "scores.sqlite", SCORE_CACHE_BYTES)
            stack.callback(scores.close)
        scorer = open_scorer(model, cache=scores)
        stack.push_async_callback(scorer.close)
        yield scorer


@asynccontextmanager
async def offline_pipeline(
    rules: Path, model: str, *, cache: Path | None, score_all: bool = True
) -> AsyncIterator[Pipeline]:
    """Yield the live engine with a history in memory and no sinks: a dry run is nothing else.

    Reports show scores of comments that no rule asked about; without need, `score_all` is false.
    """
    async with offline_scorer(model, cache=cache) as scorer:
        ruleset = load_rules(rules, labels=scorer.model.labels)
        yield Pipeline(
            rules=lambda: ruleset,
            scorer=scorer,
            history=MemoryHistory(),
            score_all=score_all,
        )
