"""Every bar of scoring in one run: `python -m tests.benchmarks.scoring_bars [DATA] [--quick] [--only PART]`.

Prints one line a bar: what was measured, the bar, and whether it is met. Ratios come from turns of
one run: in each, `Detoxify.predict` and the engines score the same comments. `compact` is the
shipped model; BERT-base has random weights, which count for speed and memory alone, and runs in
int8, as installation chooses where that agrees. Comments, at most of news length, and labelled
sets come from `DATA` (or `GAVEL_DATA`, or ../shared/data). The speeds are promised for two cores
with matrix units. Exit status 1 if any is missed. Run it when nothing else runs; `--quick` takes
fewer texts for all but the labelled sets.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import chain
from pathlib import Path

import numpy as np
from detoxify import Detoxify

from bot.scoring import open_scorer
from bot.scoring.agreement import BARS, compare
from bot.scoring.catalogue import COMPACT, ModelFiles, find
from bot.scoring.engine import Precision
from bot.scoring.loading import load_fast, load_reference
from bot.scoring.reference import load_detoxify
from tests.benchmarks import compact, scoring
from tests.benchmarks.bars import Bar, tell

ROOT = Path(__file__).parent.parent.parent

BASE_PRECISION = Precision.INT8
ROWS = 32
SHORT = range(20, 31)
"""Tokens of a short comment, as chats have them."""

SCORE, RATIO, TIME = "{:.4f}", "{:.1f}", "{:.2f}"


@dataclass(frozen=True)
class Extent:
    """How much is measured: turns of the speed, comments in each, live calls, texts compared."""

    turns: int
    comments: int
    calls: int
    texts: int


FULL = Extent(turns=10, comments=200, calls=500, texts=2000)
QUICK = Extent(turns=1, comments=48, calls=100, texts=60)


# --- speed -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Watch:
    """Seconds a comment of each contender, from turns that follow each other."""

    taken: dict[str, list[float]] = field(default_factory=dict)

    def time(self, name: str, count: int, work: Callable[[], object]) -> None:
        """Run `work`, which scores `count` comments, and note what one took."""
        self.taken.setdefault(name, []).append(scoring.seconds(work) / count)

    def mean(self, name: str) -> float:
        """Return the mean over all turns."""
        return statistics.fmean(self.taken[name])


def speed_bars(base: ModelFiles, texts: Sequence[str], extent: Extent) -> Iterator[Bar]:
    """Yield the ratios to `predict`; print the shares of the peak and short comments a second."""
    small = find(COMPACT)
    models = {"BERT-base": (base, BASE_PRECISION), COMPACT: (small, small.precision())}
    peak = scoring.matrix_peak()
    loaded = {name: load_fast(*model) for name, model in models.items()}
    detoxify = load_detoxify(base.read(), base.folder, base.longest_input())
    windows = [of_text[0] for of_text in loaded[COMPACT].encoder.encode(texts)]
    short = [window for window in windows if len(window.ids) in SHORT][:ROWS]
    watch = Watch()
    for one in loaded.values():
        one.engine.run([*short, *windows[: extent.comments]])
    for start in range(0, extent.turns * extent.comments, extent.comments):
        part = texts[start : start + extent.comments]
        cut = windows[start : start + extent.comments]
        watch.time("alone", len(part), partial(one_by_one, detoxify, part))
        watch.time("lists", len(part[:ROWS]), partial(detoxify.predict, list(part[:ROWS])))
        for name, one in loaded.items():
            watch.time(name, len(cut), partial(one.engine.run, cut))
            watch.time(f"{name} short", len(short), partial(one.engine.run, short))
    tokens = statistics.fmean(len(window.ids) for window in windows)
    for name, (files, precision) in models.items():
        rate = scoring.work(files, tokens) / watch.mean(name)
        print(
            f"      {name}, {precision}: {watch.mean(name) * 1e3:.2f} ms a comment of {tokens:.0f}"
            f" tokens, {rate / peak:.0%} of the peak;"
            f" {1 / watch.mean(f'{name} short'):,.0f} short comments/s in batches of {ROWS}"
        )
    alone, lists, of_base = watch.mean("alone"), watch.mean("lists"), watch.mean("BERT-base")
    yield Bar("BERT-base, times predict on one comment at a time", alone / of_base, 10, RATIO)
    yield Bar("BERT-base, times predict on lists of 32", lists / of_base, 40, RATIO)
    yield Bar(
        "compact, times predict of BERT-base, one at a time", alone / watch.mean(COMPACT), 60, RATIO
    )


def one_by_one(detoxify: Detoxify, texts: Sequence[str]) -> None:
    """Score as most people do."""
    for text in texts:
        detoxify.predict(text)


def live_bars(base: ModelFiles, calls: int) -> Iterator[Bar]:
    """Yield how long a comment of 25 tokens takes through the port, from the event loop."""
    small = find(COMPACT)
    p50, p99 = np.quantile(scoring.live_times(small, small.precision(), calls), [0.5, 0.99])
    yield Bar("compact, a short comment alone, p50, ms", p50, 4, TIME, at_most=True)
    yield Bar("compact, a short comment alone, p99, ms", p99, 15, TIME, at_most=True)
    p50 = np.quantile(scoring.live_times(base, BASE_PRECISION, calls), 0.5)
    yield Bar("BERT-base, a short comment alone, p50, ms", p50, 14, TIME, at_most=True)


# --- what is computed ------------------------------------------------------------------------


def agreement_bars(texts: Sequence[str]) -> Iterator[Bar]:
    """Yield how far `compact` lies from `Detoxify.predict`, and from itself in other company."""
    files = find(COMPACT)
    reference = load_reference(files)
    windows = [window for of_text in reference.encoder.encode(texts) for window in of_text]
    expected = reference.engine.run(windows)
    for precision in (files.precision(), Precision.F32):
        engine = load_fast(files, precision).engine
        together = engine.run(windows)
        found, bar = compare(expected, together), BARS[precision]
        name, form = f"compact in {precision}", "{:.5f}"
        yield Bar(f"{name}, largest difference", found.largest, bar.largest, form, at_most=True)
        yield Bar(f"{name}, 99 % of differences", found.p99, bar.p99, form, at_most=True)
        yield Bar(f"{name}, decisions turned", found.flips, bar.flips, "{:.2%}", at_most=True)
        some = slice(None, None, 20)
        alone = np.concatenate([engine.run([window]) for window in windows[some]])
        moved = compare(alone, together[some]).largest
        yield Bar(f"{name}, alone or in a batch", moved, 2e-3, form, at_most=True)


def quality_bars(data: Path) -> Iterator[Bar]:
    """Yield how well `compact` tells what people labelled, scored as Gavel scores."""
    scorer = open_scorer(COMPACT)

    async def all_of(texts: Sequence[str]) -> list[dict[str, float]]:
        return [dict(row.values) for row in await scorer.score(texts)]

    with asyncio.Runner() as runner:
        sets = compact.labelled(lambda texts: runner.run(all_of(texts)), compact.HELD, data)
        bars = compact.bars({quality.name: quality for quality in sets})
        runner.run(scorer.close())
    yield from bars


# --- what it takes ---------------------------------------------------------------------------

_CACHED = (
    "import sys; from bot.cli import main; main(sys.argv[1:]);"
    "print(len({'torch', 'openvino', 'transformers'} & set(sys.modules)), file=sys.stderr)"
)


def memory_bars(base: ModelFiles, comments: int) -> Iterator[Bar]:
    """Yield the peak of a scoring process, and what a dry run of known scores imports."""
    yield Bar(
        "compact, peak memory, MB", scoring.memory(find(COMPACT), comments), 450, at_most=True
    )
    yield Bar("BERT-base, peak memory, MB", scoring.memory(base, comments), 1200, at_most=True)
    yield Bar("cached dry run, heavy libraries imported", cached_imports(), 0, at_most=True)


def cached_imports() -> int:
    """Return how many of torch, OpenVINO and transformers a second dry run imports."""
    words = ["dryrun", str(ROOT / "bot/samples/thread.jsonl")]
    with tempfile.TemporaryDirectory() as home:
        for _ in range(2):
            done = subprocess.run(
                [sys.executable, "-c", _CACHED, *words],
                cwd=home,
                env={**os.environ, "PYTHONPATH": str(ROOT), "GAVEL_HOME": home},
                check=True,
                capture_output=True,
                text=True,
            )
    return int(done.stderr.split()[-1])


def parts(data: Path, scratch: Path, extent: Extent) -> dict[str, Callable[[], Iterator[Bar]]]:
    """Return what can be measured, by name; the timed parts come first."""
    texts = scoring.comments(next((data / "dev").glob("jigsaw_slice*")))
    base = scoring.random_base(scratch)
    return {
        "speed": lambda: speed_bars(base, texts, extent),
        "live": lambda: live_bars(base, extent.calls),
        "memory": lambda: memory_bars(base, extent.calls),
        "agreement": lambda: agreement_bars(texts[: extent.texts]),
        "quality": lambda: quality_bars(data),
    }


def main() -> None:
    """Print all bars, or those of one part."""
    parser = argparse.ArgumentParser(description=__doc__)
    default = os.environ.get("GAVEL_DATA", "../shared/data")
    parser.add_argument("data", nargs="?", type=Path, default=Path(default))
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--only", help="speed, live, memory, agreement or quality")
    options = parser.parse_args()
    print(f"      load before: {os.getloadavg()[0]:.1f}")
    with tempfile.TemporaryDirectory() as scratch:
        known = parts(options.data, Path(scratch), QUICK if options.quick else FULL)
        wanted = [options.only] if options.only else list(known)
        tell(chain.from_iterable(known[name]() for name in wanted))


if __name__ == "__main__":
    main()
