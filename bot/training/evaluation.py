"""Measures how good scores are: pure functions over arrays, and one over any scorer.

Lives here: areas, intervals, calibration, movement between swapped identities, tables by
functionality. Not here: which files are measured (`gavel model eval`, `bot.training.__main__`)
and how figures are shown.
"""

import math
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bot.training.data import LABELS

Array = NDArray[np.float64]
ScoreTexts = Callable[[Sequence[str]], Sequence[Mapping[str, float]]]

THRESHOLD = 0.5
_BINS = 10
_DRAWS = 200


@dataclass(frozen=True, slots=True)
class LabelQuality:
    """How well one label is told on one set; fractions in [0, 1], `nan` where undefined."""

    label: str
    rows: int
    positives: int
    auc: float
    auc_low: float
    auc_high: float
    average_precision: float
    recall_at_1_percent_false: float
    calibration_error: float


@dataclass(frozen=True, slots=True)
class Functionality:
    """How many cases of one functional test get the right answer at 0.5."""

    name: str
    cases: int
    right: int


@dataclass(frozen=True, slots=True)
class SetQuality:
    """All that is measured on one set; `movement` where it holds identity-swapped pairs."""

    name: str
    rows: int
    labels: tuple[LabelQuality, ...]
    movement: float | None = None
    functionalities: tuple[Functionality, ...] = ()


def auc(truth: Array, score: Array) -> float:
    """Return the area under the ROC curve by ranks, ties counted half; `nan` without both classes."""
    positive = truth >= THRESHOLD
    count = int(positive.sum())
    if count in (0, len(truth)):
        return math.nan
    _, inverse, sizes = np.unique(score, return_inverse=True, return_counts=True)
    middle = np.cumsum(sizes) - (sizes - 1) / 2
    return float(
        (middle[inverse][positive].sum() - count * (count + 1) / 2) / (count * (len(truth) - count))
    )


def auc_interval(truth: Array, score: Array, seed: int = 0) -> tuple[float, float]:
    """Return the 95 % interval of the area by bootstrap over rows; the same seed gives the same interval."""
    rng = np.random.default_rng(seed)
    areas = []
    for _ in range(_DRAWS):
        rows = rng.integers(0, len(truth), len(truth))
        areas.append(auc(truth[rows], score[rows]))
    known = [area for area in areas if not math.isnan(area)]
    if not known:
        return math.nan, math.nan
    low, high = np.percentile(known, (2.5, 97.5))
    return float(low), float(high)


def average_precision(truth: Array, score: Array) -> float:
    """Return the mean precision at each positive, from the highest score down; `nan` without positives."""
    order = np.argsort(-score, kind="stable")
    hit = truth[order] >= THRESHOLD
    if not hit.any():
        return math.nan
    precision = np.cumsum(hit) / np.arange(1, len(hit) + 1)
    return float(precision[hit].mean())


def recall_at(truth: Array, score: Array, false_share: float = 0.01) -> float:
    """Return the share of positives found when at most `false_share` of the negatives are flagged."""
    positive = truth >= THRESHOLD
    negatives = np.sort(score[~positive])[::-1]
    if not positive.any() or len(negatives) == 0:
        return math.nan
    bar = negatives[int(len(negatives) * false_share)]
    return float((score[positive] > bar).mean())


def calibration_error(truth: Array, score: Array) -> float:
    """Return the expected calibration error over ten equal bins."""
    bins = np.minimum((score * _BINS).astype(int), _BINS - 1)
    error = 0.0
    for index in np.unique(bins):
        inside = bins == index
        error += inside.mean() * abs(score[inside].mean() - truth[inside].mean())
    return float(error)


def label_quality(label: str, truth: Array, score: Array) -> LabelQuality:
    """Measure one label over the rows where it was annotated."""
    low, high = auc_interval(truth, score)
    return LabelQuality(
        label=label,
        rows=len(truth),
        positives=int((truth >= THRESHOLD).sum()),
        auc=auc(truth, score),
        auc_low=low,
        auc_high=high,
        average_precision=average_precision(truth, score),
        recall_at_1_percent_false=recall_at(truth, score),
        calibration_error=calibration_error(truth, score),
    )


def movement(rows: Sequence[Mapping[str, object]], score: Array) -> float | None:
    """Return the mean absolute difference of toxicity between the two variants of each pair, if any."""
    pairs: dict[object, list[float]] = defaultdict(list)
    for row, value in zip(rows, score, strict=True):
        if "variant" in row:
            pairs[row.get("id")].append(float(value))
    moved = [abs(pair[0] - pair[1]) for pair in pairs.values() if len(pair) == 2]
    return float(np.mean(moved)) if moved else None


def functionalities(
    rows: Sequence[Mapping[str, object]], truth: Array, score: Array
) -> tuple[Functionality, ...]:
    """Count right answers by the column `functionality`, where rows have one."""
    right: dict[str, list[bool]] = defaultdict(list)
    for row, wanted, value in zip(rows, truth, score, strict=True):
        if "functionality" in row and not math.isnan(wanted):
            right[str(row["functionality"])].append((value >= THRESHOLD) == (wanted >= THRESHOLD))
    return tuple(Functionality(name, len(hits), sum(hits)) for name, hits in sorted(right.items()))


def evaluate(name: str, rows: Sequence[Mapping[str, object]], score: ScoreTexts) -> SetQuality:
    """Measure a scorer on rows of `{text, labels, …}`; a label that is absent is left out."""
    scored = score([str(row["text"]) for row in rows])
    truth = {label: _column([_labels(row) for row in rows], label) for label in LABELS}
    found = {label: _column(scored, label) for label in LABELS}
    measured = []
    for label in LABELS:
        known = ~np.isnan(truth[label]) & ~np.isnan(found[label])
        if known.any():
            measured.append(label_quality(label, truth[label][known], found[label][known]))
    toxicity = found["toxicity"]
    return SetQuality(
        name=name,
        rows=len(rows),
        labels=tuple(measured),
        movement=movement(rows, toxicity),
        functionalities=functionalities(rows, truth["toxicity"], toxicity),
    )


def _labels(row: Mapping[str, object]) -> Mapping[str, float]:
    labels = row.get("labels")
    return labels if isinstance(labels, Mapping) else {}


def _column(rows: Sequence[Mapping[str, float]], label: str) -> Array:
    return np.array([row.get(label, math.nan) for row in rows], dtype=np.float64)
