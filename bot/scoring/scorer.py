"""The scorer that everybody gets: cache, windows and batches around one engine.

Lives here: `ModelScorer`, the implementation of the Scorer port, and the `ScoreCache` protocol.
Not here: what an engine computes, or where a model lies.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import ParamSpec, Protocol, TypeVar

import numpy as np

from bot.errors import ScoringError, sole
from bot.model import ModelInfo, Priority, Scores
from bot.scoring.batcher import Batcher, Row
from bot.scoring.batches import plan
from bot.scoring.engine import Loaded
from bot.scoring.tokens import Encoder, Window

P = ParamSpec("P")
T = TypeVar("T")

ROOM = 2048
"""Live windows that may wait before callers are refused."""

_TEXTS_AT_ONCE = 64
_BATCHES_AHEAD = 2
_SHORT = 300
"""Characters of a text that is encoded sooner than another thread wakes up."""


class ScoreCache(Protocol):
    """Remembers scores of texts, by model and revision. Called from one thread at a time."""

    def get_many(self, model: ModelInfo, texts: Sequence[str]) -> Mapping[str, Scores]:
        """Return the scores that are known, by text."""
        ...

    def put_many(self, model: ModelInfo, scores: Mapping[str, Scores]) -> None:
        """Remember scores, by text."""
        ...


class ModelScorer:
    """Scores texts with one model; loads it at the first text that no cache knows."""

    def __init__(
        self, model: ModelInfo, load: Callable[[], Loaded], cache: ScoreCache | None = None
    ) -> None:
        self._model = model
        self._load = load
        self._cache = cache
        self._loading: asyncio.Task[tuple[Encoder, Batcher, int]] | None = None
        # One thread computes; tokenising and the cache have their own, so that a bulk caller's
        # preparations never keep a live caller's batch from starting.
        self._compute = ThreadPoolExecutor(1, "gavel-model")
        self._prepare = ThreadPoolExecutor(1, "gavel-texts")
        self._closed = False

    @property
    def model(self) -> ModelInfo:
        """Name, revision and labels."""
        return self._model

    async def score(
        self, texts: Sequence[str], priority: Priority = Priority.BULK
    ) -> Sequence[Scores]:
        """Return one row a text, in order; equal texts are computed once."""
        if self._closed:
            raise ScoringError("the scorer is closed")
        distinct = list(dict.fromkeys(texts))
        known = await self._remembered(distinct)
        missing = [text for text in distinct if text not in known]
        if missing:
            known.update(await self._compute_scores(missing, priority))
        return [known[text] for text in texts]

    async def close(self) -> None:
        """Refuse all that wait and release the model."""
        self._closed = True
        if self._loading is not None:
            loaded = await asyncio.gather(self._loading, return_exceptions=True)
            if not isinstance(loaded[0], BaseException):
                await loaded[0][1].close()
        self._compute.shutdown()
        self._prepare.shutdown()

    async def _remembered(self, texts: Sequence[str]) -> dict[str, Scores]:
        if self._cache is None or not texts:
            return {}
        return dict(await self._in_background(self._cache.get_many, self._model, texts))

    async def _compute_scores(self, texts: list[str], priority: Priority) -> Mapping[str, Scores]:
        encoder, batcher, budget = await self._ready()
        try:
            windows = await self._encoded(encoder, texts)
        except Exception as error:
            raise ScoringError(f"the tokenizer failed: {error}") from error
        flat = [window for of_text in windows for window in of_text]
        rows = iter(await _in_batches(batcher, flat, priority, budget))
        good: dict[str, Scores] = {}
        failure: ScoringError | None = None
        for text, of_text in zip(texts, windows, strict=True):
            result = self._strongest([next(rows) for _ in of_text])
            if isinstance(result, ScoringError):
                failure = result
            else:
                good[text] = result
        # What was computed is kept even when another text of the same call fails.
        if self._cache is not None and good:
            await self._in_background(self._cache.put_many, self._model, good)
        if failure is not None:
            raise failure
        return good

    async def _encoded(self, encoder: Encoder, texts: list[str]) -> list[tuple[Window, ...]]:
        if len(texts) == 1 and len(texts[0]) <= _SHORT:
            return encoder.encode(texts)
        windows: list[tuple[Window, ...]] = []
        for start in range(0, len(texts), _TEXTS_AT_ONCE):
            part = texts[start : start + _TEXTS_AT_ONCE]
            windows += await self._in_background(encoder.encode, part)
        return windows

    async def _in_background(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._prepare, partial(work, *args, **kwargs))

    def _strongest(self, rows: Sequence[Row]) -> Scores | ScoringError:
        numbers = []
        for row in rows:
            if isinstance(row, ScoringError):
                return row
            numbers.append(row)
        highest = np.clip(np.max(numbers, axis=0), 0.0, 1.0).tolist()
        return Scores(
            self._model.id,
            self._model.revision,
            dict(zip(self._model.labels, highest, strict=True)),
            windows=len(rows),
        )

    async def _ready(self) -> tuple[Encoder, Batcher, int]:
        if self._loading is None or _failed(self._loading):
            self._loading = asyncio.create_task(self._start())
        # Shielded: a cancelled caller must not stop the loading that others wait for.
        return await asyncio.shield(self._loading)

    async def _start(self) -> tuple[Encoder, Batcher, int]:
        loop = asyncio.get_running_loop()
        loaded = await loop.run_in_executor(self._compute, self._load)
        batcher = Batcher(loaded.engine.run, self._compute, budget=loaded.budget, room=ROOM)
        return loaded.encoder, batcher, loaded.budget


def _failed(task: asyncio.Task[object]) -> bool:
    return task.done() and (task.cancelled() or task.exception() is not None)


async def _in_batches(
    batcher: Batcher, windows: Sequence[Window], priority: Priority, budget: int
) -> list[Row]:
    """Compute windows of similar length together, a few batches ahead so that others get in."""
    if len(windows) == 1:
        return await batcher.submit(windows, priority)
    rows: dict[int, Row] = {}
    ahead = asyncio.Semaphore(_BATCHES_AHEAD)

    async def compute(batch: Sequence[int]) -> None:
        async with ahead:
            answers = await batcher.submit([windows[i] for i in batch], priority)
        rows.update(zip(batch, answers, strict=True))

    try:
        async with asyncio.TaskGroup() as group:
            for batch in plan([len(window.ids) for window in windows], budget):
                group.create_task(compute(batch))
    except ExceptionGroup as group:
        raise sole(group, ScoringError) from None
    return [rows[i] for i in range(len(windows))]
