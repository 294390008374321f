"""How fast a model is on this machine, and how bulk work is cut so that it is fastest.

Lives here: the two speeds, and the search for streams and batch size. A live comment always has the
whole processor; bulk work may do better in several streams of a core or more each. Not here:
whether the scores are right (`bot.scoring.agreement`).
"""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from dataclasses import replace

from bot.scoring.batches import plan
from bot.scoring.catalogue import ModelFiles
from bot.scoring.engine import Engine, Layout, Loaded, Precision
from bot.scoring.loading import MOST_AT_ONCE, load_fast, usual_layout
from bot.scoring.tokens import Window

BATCHES = (512, 1024, 2048)
_WORTHWHILE = 1.05
"""How much faster a layout must be to be taken: less is noise, and streams cost memory."""

_TURN_SECONDS = 0.1
"""How long a live comment may wait for the bulk work before it."""

_COPIES = 2
_MOST_RUNS, _ENOUGH_SECONDS = 3, 1.0
_SHORT_TOKENS, _SHORT_RUNS = 25, 10


def tune(
    files: ModelFiles, precision: Precision, windows: Sequence[Window], speed: float
) -> tuple[Layout, float]:
    """Return the layout that is fastest, and the tokens per second that it gives.

    `speed`, in tokens per second, is that of the usual layout. First streams are tried, then sizes
    of batches with the best number of streams: few trials, since each compiles the model anew.
    """
    usual = usual_layout(files)
    turn = int(speed * _TURN_SECONDS)
    best = replace(usual, at_once=min(max(usual.at_once, turn), MOST_AT_ONCE))
    for streams in stream_counts(_cores()):
        tried, tried_speed = _better(files, precision, windows, (best, speed), streams=streams)
        if tried == best:
            break
        best, speed = tried, tried_speed
    for batch in BATCHES:
        if batch != usual.batch and batch < best.at_once:
            best, speed = _better(files, precision, windows, (best, speed), batch=batch)
    return best, speed


def _better(
    files: ModelFiles,
    precision: Precision,
    windows: Sequence[Window],
    best: tuple[Layout, float],
    **change: int,
) -> tuple[Layout, float]:
    """Return the best so far, or what it becomes by the change if that is clearly faster."""
    layout = replace(best[0], **change)
    speed = tokens_per_second(load_fast(files, precision, layout), windows)
    return (layout, speed) if speed > best[1] * _WORTHWHILE else best


def stream_counts(cores: int) -> list[int]:
    """Return the numbers of streams to try beside one: powers of two, a core or more each."""
    return [1 << power for power in range(1, cores.bit_length())]


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def tokens_per_second(loaded: Loaded, windows: Sequence[Window]) -> float:
    """Return how many tokens bulk work gets through, handed over as a long list of texts would be."""
    many = list(windows) * _COPIES
    calls = [[many[i] for i in each] for each in plan([len(w.ids) for w in many], loaded.budget)]
    tokens = sum(len(window.ids) for window in many)
    _seconds(loaded.engine, calls)
    taken: list[float] = []
    while len(taken) < _MOST_RUNS and sum(taken) < _ENOUGH_SECONDS:
        taken.append(_seconds(loaded.engine, calls))
    return tokens / min(taken)


def live_ms(loaded: Loaded, windows: Sequence[Window]) -> float:
    """Return the milliseconds of a comment of about 25 tokens alone."""
    short = min(windows, key=lambda window: abs(len(window.ids) - _SHORT_TOKENS))
    return min(_seconds(loaded.engine, [[short]]) for _ in range(_SHORT_RUNS)) * 1000


def _seconds(engine: Engine, calls: Sequence[Sequence[Window]]) -> float:
    start = time.perf_counter()
    for call in calls:
        engine.run(call)
    return time.perf_counter() - start
