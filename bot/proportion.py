"""Shares that are worth trusting: a proportion with its interval.

Lives here: the one formula that reports, the chat and the web tell precision by, and how it is
written. Not here: what is counted.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

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


def percent(share: float | None) -> str:
    """Format a share as a percentage, one digit where it is small."""
    if share is None:
        return "\N{EN DASH}"
    if 0.1 <= share <= 0.99 or share in {0, 1}:  # noqa: PLR2004 - a digit more tells nothing
        return f"{100 * share:.0f} %"
    return f"{min(100 * share, 99.9):.1f} %"  # a rounded 100 would lie


def interval(ends: Interval | None) -> str:
    """Format the ends of a 95 % interval."""
    return f"{100 * ends.low:.0f}\N{EN DASH}{100 * ends.high:.0f} %" if ends else ""
