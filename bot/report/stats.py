"""Counting that is worth trusting: quality by decisions and labels, and histograms of scores.

Lives here: precision, recall and F1, histograms and what can be read off them.
Not here: whose comments are counted
(`bot.report.tally`) and intervals (`bot.proportion`).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from bot.model import LABELS
from bot.proportion import Interval, Proportion

BINS = 50
_FINE = 1000
_A_BIN = _FINE // BINS


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
        return sum(self.fine_grained[max(0, round(threshold * _FINE)) :])

    def passing(self, operator: str, threshold: float) -> int:
        """Count the scores that pass a comparison; where a score is equal, within a thousandth."""
        above = self.at_or_above(threshold)
        if operator == "==":
            return above - self.at_or_above(threshold + 1 / _FINE)
        return self.total - above if operator.startswith("<") else above

    def threshold_for(self, wanted: int) -> float:
        """Return the threshold that as many scores reach as possible, but no more than `wanted`.

        It is a multiple of 0.001; of several that the same scores reach, it is the highest.
        """
        reached, threshold = 0, 1.0
        for place in reversed(range(_FINE + 1)):
            reached += self.fine_grained[place]
            if reached > wanted:
                break
            if self.fine_grained[place]:
                threshold = place / _FINE
        return threshold

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
    """Counts the scores of each label; exact whatever the order, for it only adds whole numbers."""

    _every: defaultdict[str, list[int]] = field(default_factory=lambda: defaultdict(_no_scores))
    _labelled: defaultdict[tuple[str, bool], list[int]] = field(
        default_factory=lambda: defaultdict(_no_scores)
    )

    def add(self, scores: Mapping[str, float], *, abusive: bool | None) -> None:
        """Count the scores of one comment whose label is `abusive`."""
        for label, score in scores.items():
            # 0.57 * 1000 is a hair below 570; a score that equals a threshold must reach it.
            place = int(score * _FINE + 1e-9)
            self._every[label][place] += 1
            if abusive is not None:
                self._labelled[label, abusive][place] += 1

    def histograms(self) -> tuple[Histogram, ...]:
        """Freeze the counts, in the order in which Detoxify lists the labels."""
        return tuple(
            Histogram(
                label=label,
                counts=_coarse(self._every[label]),
                abusive=_coarse(self._labelled[label, True]),
                fine=_coarse(self._labelled[label, False]),
                fine_grained=tuple(self._every[label]),
            )
            for label in in_label_order(self._every)
        )


def _no_scores() -> list[int]:
    return [0] * (_FINE + 1)


def _coarse(counts: Sequence[int]) -> tuple[int, ...]:
    """Sum thousandths to bins; a score of 1 belongs to the last bin."""
    bins = [sum(counts[place : place + _A_BIN]) for place in range(0, _FINE, _A_BIN)]
    bins[-1] += counts[_FINE]
    return tuple(bins)


def in_label_order(labels: Iterable[str]) -> list[str]:
    """Sort label names as Detoxify lists them; unknown ones follow by name."""
    known = {label: place for place, label in enumerate(LABELS)}
    return sorted(labels, key=lambda label: (known.get(label, len(known)), label))
