"""The geometry of the charts: where bars, lines and points lie, in units of the drawing.

Lives here: numbers only. Not here: the markup (templates) and the counting (`bot.report.stats`).
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from bot.model import Rule, RuleStatus
from bot.report.stats import BINS, Histogram

WIDTH = 300
HEIGHT = 72
_GAP = 1


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar, from its top to the ground at `HEIGHT`, with what it counts."""

    x: float
    y: float
    width: float
    height: float
    count: int
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Line:
    """A threshold of a rule: where it is drawn and what it says."""

    x: float
    rule: str
    operator: str
    value: float
    passing: int
    shadow: bool


@dataclass(frozen=True, slots=True)
class Chart:
    """A histogram ready to be drawn; heights are logarithmic, for the tail is what matters."""

    label: str
    total: int
    bars: tuple[Bar, ...]
    abusive: tuple[Bar, ...]
    lines: tuple[Line, ...]
    curve: str
    largest: int


def charts(histograms: Iterable[Histogram], rules: Sequence[Rule]) -> list[Chart]:
    """Return one chart a label, with the thresholds of `rules` that compare with it."""
    return [_chart(histogram, rules) for histogram in histograms]


def _chart(histogram: Histogram, rules: Sequence[Rule]) -> Chart:
    largest = max(histogram.counts)
    return Chart(
        label=histogram.label,
        total=histogram.total,
        bars=_bars(histogram.counts, largest),
        abusive=_bars(histogram.abusive, largest),
        lines=tuple(
            Line(
                x=round(threshold.value * WIDTH, 2),
                rule=rule.id,
                operator=threshold.operator,
                value=threshold.value,
                passing=histogram.passing(threshold.operator, threshold.value),
                shadow=rule.status is not RuleStatus.LIVE,
            )
            for rule in rules
            for threshold in sorted(set(rule.thresholds), key=lambda t: (t.value, t.operator))
            if threshold.label == histogram.label
        ),
        curve=_curve(histogram),
        largest=largest,
    )


def _bars(counts: Sequence[int], largest: int) -> tuple[Bar, ...]:
    step = WIDTH / BINS
    full = math.log1p(largest) or 1.0
    return tuple(
        Bar(
            x=round(place * step, 2),
            y=round(HEIGHT - height, 2),
            width=step - _GAP,
            height=round(height, 2),
            count=count,
            low=place / BINS,
            high=(place + 1) / BINS,
        )
        for place, count in enumerate(counts)
        if count
        for height in [max(1.5, HEIGHT * math.log1p(count) / full)]
    )


def _curve(histogram: Histogram) -> str:
    """Return precision (up) against recall (right) as the points of a polyline."""
    return " ".join(
        f"{point.recall * WIDTH:.1f},{(1 - point.precision) * HEIGHT:.1f}"
        for point in histogram.curve
    )
