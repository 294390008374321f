"""Counting that is worth trusting: proportions with intervals, and histograms of scores.

Lives here: Wilson intervals, precision, recall and F1, histograms and what can be read off them.
Not here: whose comments are counted (`bot.report.tally`).
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field

BINS = 50
_FINE = 1000
_A_BIN = _FINE // BINS
_Z95 = 1.959963984540054


@dataclass(frozen=True, slots=True)
class Interval:
    """A 95 % interval."""

    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Proportion:
    """`hits` out of `of`; without any trial nothing is known, and the value is `None`."""

    hits: int
    of: int

    @property
    def value(self) -> float | None:
        """The share itself."""
        return self.hits / self.of if self.of else None

    @property
    def interval(self) -> Interval | None:
        """Wilson's 95 % interval, which holds for few trials and near 0 and 1."""
        if not self.of:
            return None
        n, share, z2 = self.of, self.hits / self.of, _Z95 * _Z95
        middle = (share + z2 / (2 * n)) / (1 + z2 / n)
        half = _Z95 / (1 + z2 / n) * math.sqrt(share * (1 - share) / n + z2 / (4 * n * n))
        return Interval(max(0.0, middle - half), min(1.0, middle + half))


@dataclass(frozen=True, slots=True)
class Quality:
    """How decisions agree with labels: hits, false alarms and misses among labelled comments."""

    hits: int
    false_alarms: int
    misses: int

    @property
    def precision(self) -> Proportion:
        """Of the comments caught, how many are abusive."""
        return Proportion(self.hits, self.hits + self.false_alarms)

    @property
    def recall(self) -> Proportion:
        """Of the abusive comments, how many are caught."""
        return Proportion(self.hits, self.hits + self.misses)

    @property
    def f1(self) -> float | None:
        """The harmonic mean of precision and recall."""
        share = self._overlap.value
        return None if share is None else 2 * share / (1 + share)

    @property
    def f1_interval(self) -> Interval | None:
        """The interval of F1.

        F1 is no proportion, but it grows with one (the hits among all that is caught or abusive),
        so that the ends of Wilson's interval can be carried over.
        """
        ends = self._overlap.interval
        if ends is None:
            return None
        return Interval(2 * ends.low / (1 + ends.low), 2 * ends.high / (1 + ends.high))

    @property
    def _overlap(self) -> Proportion:
        return Proportion(self.hits, self.hits + self.false_alarms + self.misses)


@dataclass(frozen=True, slots=True)
class Point:
    """Precision and recall of flagging at or above `threshold`."""

    threshold: float
    precision: float
    recall: float


@dataclass(frozen=True, slots=True)
class Histogram:
    """Scores of one label in `BINS` equal bins over [0, 1], in all and by the comments' labels.

    `fine_grained` counts the same scores in thousandths.
    """

    label: str
    counts: tuple[int, ...]
    abusive: tuple[int, ...]
    fine: tuple[int, ...]
    fine_grained: tuple[int, ...]

    @property
    def total(self) -> int:
        """How many comments were scored."""
        return sum(self.counts)

    def at_or_above(self, threshold: float) -> int:
        """How many scores reach `threshold`, which is rounded to thousandths."""
        return sum(self.fine_grained[min(max(0, round(threshold * _FINE)), _FINE) :])

    def threshold_for(self, wanted: int) -> float:
        """Return the lowest threshold, in thousandths, that no more than `wanted` scores reach."""
        reached = 0
        for place in reversed(range(_FINE)):
            reached += self.fine_grained[place]
            if reached > wanted:
                return (place + 1) / _FINE
        return 0.0

    @property
    def curve(self) -> tuple[Point, ...]:
        """Precision against recall, one point a bin, strictest first; empty without labels."""
        positives = sum(self.abusive)
        points, hits, alarms = [], 0, 0
        for place in reversed(range(BINS)):
            hits += self.abusive[place]
            alarms += self.fine[place]
            if positives and hits + alarms:
                points.append(Point(place / BINS, hits / (hits + alarms), hits / positives))
        return tuple(points)


@dataclass(slots=True)
class ScoreCounts:
    """Counts scores of one label; exact whatever the order, for it only adds whole numbers."""

    every: list[int] = field(default_factory=lambda: [0] * _FINE)
    abusive: list[int] = field(default_factory=lambda: [0] * BINS)
    fine: list[int] = field(default_factory=lambda: [0] * BINS)

    def add(self, score: float, *, abusive: bool | None) -> None:
        """Count one score of a comment whose label is `abusive`."""
        place = bin_of(score)
        self.every[place] += 1
        if abusive is not None:
            (self.abusive if abusive else self.fine)[place // _A_BIN] += 1

    def histogram(self, label: str) -> Histogram:
        """Freeze the counts."""
        every = self.every
        coarse = (sum(every[place : place + _A_BIN]) for place in range(0, _FINE, _A_BIN))
        return Histogram(label, tuple(coarse), tuple(self.abusive), tuple(self.fine), tuple(every))


def bin_of(score: float) -> int:
    """Return which thousandth a score falls into."""
    # 0.57 * 1000 is a hair below 570; a score that equals a threshold must reach it.
    return min(int(score * _FINE + 1e-9), _FINE - 1)
