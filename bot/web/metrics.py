"""What the HTTP edge counts, and how Prometheus reads it.

Lives here: counting requests and the text form. Not here: what the rest of Gavel counts
(`bot.ports.Vitals`), and the endpoint (`bot.web.health`).
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import accumulate

from bot.ports import Timings

BOUNDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.5, 1.0, 2.5, 5.0, 10.0)
"""Seconds."""

_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_ESCAPES = str.maketrans({"\\": r"\\", '"': r"\"", "\n": r"\n"})


@dataclass(slots=True)
class Metrics:
    """Counts answered requests by route, method and status, and times them by route."""

    requests: Counter[tuple[str, str, int]] = field(default_factory=Counter)
    _buckets: dict[str, list[int]] = field(default_factory=dict)
    _totals: defaultdict[str, float] = field(default_factory=lambda: defaultdict(float))

    def answered(self, route: str, method: str, status: int, seconds: float) -> None:
        """Count a request; `route` is the pattern, so that there are few of them."""
        # Clients may send any word as a method: what they make up is not kept.
        self.requests[route, method if method in _METHODS else "other", status] += 1
        buckets = self._buckets.setdefault(route, [0] * (len(BOUNDS) + 1))
        buckets[bisect_left(BOUNDS, seconds)] += 1
        self._totals[route] += seconds

    def timings(self) -> Mapping[str, Timings]:
        """Return how long requests took, by route."""
        return {route: self._timing(route) for route in self._buckets}

    def _timing(self, route: str) -> Timings:
        sums = tuple(accumulate(self._buckets[route]))
        return Timings(BOUNDS, sums[:-1], sums[-1], self._totals[route])


@dataclass(slots=True)
class Exposition:
    """Metrics in Prometheus' text form, a family at a time."""

    lines: list[str] = field(default_factory=list)

    def family(self, name: str, kind: str, about: str) -> None:
        """Begin a family; `kind` is `counter`, `gauge` or `histogram`."""
        self.lines += [f"# HELP {name} {about}", f"# TYPE {name} {kind}"]

    def value(self, name: str, value: float, **labels: object) -> None:
        """Add a sample."""
        self.lines.append(f"{name}{_labels(labels)} {_number(value)}")

    def histogram(self, name: str, timings: Timings, **labels: object) -> None:
        """Add the samples of a histogram."""
        for bound, within in zip(timings.bounds, timings.within, strict=True):
            self.value(f"{name}_bucket", within, **labels, le=bound)
        self.value(f"{name}_bucket", timings.count, **labels, le="+Inf")
        self.value(f"{name}_sum", timings.total, **labels)
        self.value(f"{name}_count", timings.count, **labels)

    def __str__(self) -> str:
        return "\n".join(self.lines) + "\n"


def _labels(labels: Mapping[str, object]) -> str:
    if not labels:
        return ""
    return "{" + ",".join(_pairs(labels)) + "}"


def _pairs(labels: Mapping[str, object]) -> Iterator[str]:
    for name, value in labels.items():
        yield f'{name}="{str(value).translate(_ESCAPES)}"'


def _number(value: float) -> str:
    return str(int(value)) if value == int(value) else repr(value)
