"""Whether an engine says what Detoxify says, and how fast it is here.

Lives here: the texts on which engines are compared, the differences that are allowed, and the
self-test by which installation picks a precision. Not here: engines, or where results are kept.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from bot.errors import Location, Problem, UserError
from bot.scoring.catalogue import ModelFiles
from bot.scoring.engine import Engine, Precision, Probabilities
from bot.scoring.loading import load_fast, load_reference
from bot.scoring.tokens import Window

THRESHOLDS = (0.5, 0.8)
"""Scores at which rules usually decide; an engine must not decide otherwise."""


@dataclass(frozen=True, slots=True)
class Agreement:
    """How far two engines lie apart: largest difference, 99th percentile, share of flips.

    A flip is one label of one text on another side of a threshold; the share is of all of them.
    """

    largest: float
    p99: float
    flips: float

    def within(self, bar: Agreement) -> bool:
        """Tell whether no figure exceeds the bar's."""
        return self.largest <= bar.largest and self.p99 <= bar.p99 and self.flips <= bar.flips

    def __str__(self) -> str:
        return f"largest difference {self.largest:.5f}, 99 % within {self.p99:.5f}, flips {self.flips:.2%}"


BARS: Mapping[Precision, Agreement] = {
    Precision.INT8: Agreement(0.02, 0.003, 0.002),
    Precision.BF16: Agreement(0.01, 0.005, 0.002),
    Precision.F32: Agreement(1e-4, 1e-4, 0.002),
}


def compare(reference: Probabilities, other: Probabilities) -> Agreement:
    """Compare two arrays (texts, labels)."""
    apart = np.abs(reference - other)
    flips = np.mean([(reference >= at) != (other >= at) for at in THRESHOLDS])
    return Agreement(float(apart.max()), float(np.quantile(apart, 0.99)), float(flips))


def probe_texts() -> list[str]:
    """Return single comments, and runs of them joined to the length of news comments."""
    lines = (Path(__file__).parent / "probe.txt").read_text(encoding="utf-8").splitlines()
    single = [line for line in lines if line and not line.startswith("#")]
    joined = [" ".join(single[i : i + 6]) for i in range(0, len(single), 2)]
    return [*single, *joined, " ".join(single)]


@dataclass(frozen=True, slots=True)
class Trial:
    """What the self-test found for one precision on this machine.

    `tokens_per_second` in sorted batches; `live_ms`, the milliseconds of a 25-token comment alone.
    """

    precision: Precision
    agreement: Agreement
    tokens_per_second: float
    live_ms: float

    def note(self) -> dict[str, Any]:
        """Return the trial as it is written beside the model."""
        return asdict(self)

    @property
    def passed(self) -> bool:
        """Whether the precision agrees with the reference."""
        return self.agreement.within(BARS[self.precision])


def try_precisions(files: ModelFiles, precisions: Sequence[Precision]) -> list[Trial]:
    """Run each precision against Detoxify on the probe texts; raise `UserError` for bad files."""
    windows, expected = _expected(files)
    trials = []
    for precision in precisions:
        engine = load_fast(files, precision).engine
        agreement = compare(expected, engine.run(windows))
        trials.append(Trial(precision, agreement, *_speed(engine, windows)))
    return trials


def _expected(files: ModelFiles) -> tuple[list[Window], Probabilities]:
    """Return the windows of the probe texts, and what Detoxify's own `predict` says of them."""
    reference = load_reference(files)
    windows = [w for of_text in reference.encoder.encode(probe_texts()) for w in of_text]
    try:
        expected = reference.engine.run(windows)
    except Exception as error:  # noqa: BLE001 - what Detoxify raises on an odd model, it alone knows
        raise _unfit(files, f"Detoxify's own predict fails with it: {error}") from None
    if not np.isfinite(expected).all():
        raise _unfit(files, "it gives scores that are not numbers")
    return windows, expected


def _unfit(files: ModelFiles, reason: str) -> UserError:
    hint = "its weights are damaged, or its training went astray; take another checkpoint"
    return UserError(
        Problem(
            "model.unfit",
            f"this model cannot be used: {reason}",
            Location(str(files.checkpoint)),
            hint,
        )
    )


def choose(trials: Sequence[Trial], name: str) -> Trial:
    """Return the fastest trial that agrees; raise `UserError` with the numbers when none does."""
    passed = [trial for trial in trials if trial.passed]
    if not passed:
        numbers = "; ".join(f"{trial.precision}: {trial.agreement}" for trial in trials)
        raise UserError(
            Problem(
                "model.agreement",
                f"no engine agrees with Detoxify's own predict for {name} ({numbers})",
                hint="please report this, with these numbers and the name of your processor",
            )
        )
    return max(passed, key=lambda trial: trial.tokens_per_second)


def _speed(engine: Engine, windows: Sequence[Window]) -> tuple[float, float]:
    short = min(windows, key=lambda window: abs(len(window.ids) - 25))
    tokens = sum(len(window.ids) for window in windows)
    bulk = min(_seconds(engine, windows) for _ in range(3))
    live = min(_seconds(engine, [short]) for _ in range(10))
    return tokens / bulk, live * 1000


def _seconds(engine: Engine, windows: Sequence[Window]) -> float:
    start = time.perf_counter()
    engine.run(windows)
    return time.perf_counter() - start
