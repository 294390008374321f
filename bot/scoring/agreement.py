"""Whether an engine says what Detoxify says, and which one is the best that does.

Lives here: the texts on which engines are compared, the differences that are allowed, and the
self-test by which installation picks a precision. Not here: engines, their speed
(`bot.scoring.tuning`), or where results are kept.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from bot.errors import Location, Problem, UserError
from bot.scoring.catalogue import ModelFiles
from bot.scoring.engine import Layout, Precision, Probabilities
from bot.scoring.loading import load_fast, load_reference, usual_layout
from bot.scoring.tokens import Window
from bot.scoring.tuning import live_ms, tokens_per_second, tune

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

    `tokens_per_second` of bulk work, cut as `layout` says; `live_ms`, the milliseconds of a
    25-token comment alone.
    """

    precision: Precision
    agreement: Agreement
    layout: Layout
    tokens_per_second: float
    live_ms: float

    def note(self) -> dict[str, Any]:
        """Return the trial as it is written beside the model."""
        return asdict(self)

    @property
    def passed(self) -> bool:
        """Whether the precision agrees with the reference."""
        return self.agreement.within(BARS[self.precision])


def self_test(files: ModelFiles, precisions: Sequence[Precision]) -> Trial:
    """Return the fastest precision that agrees with Detoxify, and the layout that suits it here.

    Raise `UserError` for bad files, and with the numbers when none agrees.
    """
    windows, expected = _expected(files)
    trials = [_try(files, precision, windows, expected) for precision in precisions]
    chosen = choose(trials, files.name)
    layout, speed = tune(files, chosen.precision, windows, chosen.tokens_per_second)
    return replace(chosen, layout=layout, tokens_per_second=speed)


def _try(
    files: ModelFiles, precision: Precision, windows: Sequence[Window], expected: Probabilities
) -> Trial:
    layout = usual_layout(files)
    loaded = load_fast(files, precision, layout)
    agreement = compare(expected, loaded.engine.run(windows))
    speed = tokens_per_second(loaded, windows)
    return Trial(precision, agreement, layout, speed, live_ms(loaded, windows))


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
