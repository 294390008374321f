"""How the running bot does: counted as it works, told when asked.

Lives here: `Pulse`, which counts, and a scorer that is timed. Not here: who serves it (`bot.web`).
"""

from __future__ import annotations

import logging
import time
from bisect import bisect_left
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import accumulate

from bot.errors import GavelError
from bot.model import Comment, ModelInfo, Priority, Scores, Verdict
from bot.ports import Clock, Scorer, Timings, Vitals

_LOG = logging.getLogger(__name__)

BOUNDS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
"""Seconds."""

FRESH = timedelta(minutes=10)
"""For how long an alarm counts as a problem."""

QUIET = timedelta(minutes=1)
"""For how long the same alarm is not told again."""


@dataclass(slots=True)
class Stopwatch:
    """Counts how long something took."""

    _buckets: list[int] = field(default_factory=lambda: [0] * (len(BOUNDS) + 1))
    _total: float = 0.0

    @contextmanager
    def timed(self) -> Iterator[None]:
        """Count what happens inside, also when it fails."""
        start = time.perf_counter()
        try:
            yield
        finally:
            seconds = time.perf_counter() - start
            self._buckets[bisect_left(BOUNDS, seconds)] += 1
            self._total += seconds

    @property
    def timings(self) -> Timings:
        """What was counted until now."""
        sums = tuple(accumulate(self._buckets))
        return Timings(BOUNDS, sums[:-1], sums[-1], self._total)


@dataclass(slots=True)
class Pulse:
    """Counts from the start on; `backlog` and `connected` ask others when they are asked."""

    clock: Clock
    backlog: Callable[[], Awaitable[int]]
    connected: Callable[[], bool | None] = lambda: None
    screening: Stopwatch = field(default_factory=Stopwatch)
    scoring: Stopwatch = field(default_factory=Stopwatch)
    queued: int = 0
    failed: int = 0
    screened: Counter[tuple[str, str]] = field(default_factory=Counter)
    last_error: str = ""
    started_at: datetime = field(init=False)
    _alarms: dict[str, datetime] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Begin to count."""
        self.started_at = self.clock.now()

    @contextmanager
    def at_work(self) -> Iterator[None]:
        """Count a comment as on its way while inside."""
        self.queued += 1
        try:
            with self.screening.timed():
                yield
        finally:
            self.queued -= 1

    def judged(self, comment: Comment, verdict: Verdict) -> None:
        """Count a verdict that is stored; one that a failure of ours has spoiled is alarming."""
        self.screened[comment.source, str(verdict.action)] += 1
        failures = [item.what for item in verdict.missing if item.failed]
        if failures:
            self.failed += 1
            self.alarm(f"comments could not be judged and went to review: {', '.join(failures)}")

    def alarm(self, text: str) -> None:
        """Tell the operator of what must be mended; the same again is told once in a while."""
        now = self.clock.now()
        told = self._alarms.get(text)
        if told is not None and now - told < QUIET:
            return
        _LOG.error("%s", text)
        self.last_error = text
        self._alarms = {**self._fresh_alarms(), text: now}

    async def vitals(self) -> Vitals:
        """Return how the bot does now; never raise."""
        connected, problems = self.connected(), list(self._fresh_alarms())
        if connected is False:
            problems.append("not connected to Discord")
        try:
            backlog = await self.backlog()
        except GavelError as error:
            backlog = 0
            problems.append(str(error))
        return Vitals(
            problems=tuple(problems),
            started_at=self.started_at,
            screened=dict(self.screened),
            failed=self.failed,
            screening=self.screening.timings,
            scoring=self.scoring.timings,
            queued=self.queued,
            backlog=backlog,
            connected=connected,
            last_error=self.last_error,
        )

    def _fresh_alarms(self) -> dict[str, datetime]:
        since = self.clock.now() - FRESH
        return {text: at for text, at in self._alarms.items() if at >= since}


@dataclass(frozen=True, slots=True)
class TimedScorer:
    """A scorer whose calls are timed."""

    scorer: Scorer
    watch: Stopwatch

    @property
    def model(self) -> ModelInfo:
        """Name, revision and labels."""
        return self.scorer.model

    async def score(
        self, texts: Sequence[str], priority: Priority = Priority.BULK
    ) -> Sequence[Scores]:
        """Score `texts`, timed."""
        with self.watch.timed():
            return await self.scorer.score(texts, priority)

    async def close(self) -> None:
        """Release the model."""
        await self.scorer.close()
