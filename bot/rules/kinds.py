"""Kinds of values that only rules have: comparisons, globs, identifiers.

Lives here: their reading and their schema. Kinds that configuration shares are in `bot.yamlfile`.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import time, timedelta
from fnmatch import translate
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bot.yamlfile import Duration, Kind, Node, Report, ScalarNode, Schema, Text

_OPERATORS: dict[str, Callable[[Any, Any], Any]] = {
    ">=": operator.ge,
    "<=": operator.le,
    ">": operator.gt,
    "<": operator.lt,
    "==": operator.eq,
}

_SIGN = r"(>=|<=|>|<|==) ?"
_PERCENT = re.compile(_SIGN + r"([0-9]{1,9}(?:\.[0-9]{1,9})?) ?%")


@dataclass(frozen=True, slots=True)
class Comparison:
    """An operator and a number."""

    sign: str
    value: float

    def holds(self, number: float) -> bool:
        """Compare one number."""
        return bool(_OPERATORS[self.sign](number, self.value))

    def column(self, numbers: NDArray[np.float64]) -> NDArray[np.bool_]:
        """Compare many numbers; NaN never holds."""
        return np.asarray(_OPERATORS[self.sign](numbers, self.value), dtype=np.bool_)

    def __str__(self) -> str:
        return f"{self.sign} {self.value:g}"


@dataclass(frozen=True, slots=True)
class AgeComparison:
    """An operator and a length of time."""

    sign: str
    value: timedelta
    written: str

    def holds(self, age: timedelta) -> bool:
        """Compare one length of time."""
        return bool(_OPERATORS[self.sign](age, self.value))

    def __str__(self) -> str:
        return f"{self.sign} {self.written}"


class _Compared:
    """What the kinds of comparisons share: text of one form, split into operator and value."""

    def __init__(self, noun: str, value: str, example: str, *, shares: bool = False) -> None:
        self.shares = shares
        self.noun = f'{noun} like "{example}"'
        self.text = Text(self.noun, _SIGN + value)
        self.split = re.compile(_SIGN + "(.*)").fullmatch

    def read(self, node: Node, what: str, report: Report) -> tuple[str, str]:
        if isinstance(node, ScalarNode) and type(node.value) in {int, float}:
            raise self.text.refuse(node, what, report, f'write ">= {node.text}"')
        share = _PERCENT.fullmatch(node.text) if isinstance(node, ScalarNode) else None
        if share and self.shares:
            hint = f'write "{share[1]} {float(share[2]) / 100:g}"'
            raise self.text.refuse(node, what, report, hint)
        match = self.split(self.text.read(node, what, report))
        assert match is not None  # noqa: S101 - the pattern of `text` is stricter
        return match[1], match[2]


class CompareNumber(Kind[Comparison]):
    """A comparison with a number; `whole` where only whole numbers make sense."""

    def __init__(self, example: str, *, whole: bool = False) -> None:
        digits = r"[0-9]{1,9}" if whole else r"[0-9]{1,9}(?:\.[0-9]{1,9})?"
        self._form = _Compared("a comparison", digits, example, shares=not whole)
        self.noun = self._form.noun

    def read(self, node: Node, what: str, report: Report) -> Comparison:
        """Return the comparison."""
        sign, value = self._form.read(node, what, report)
        return Comparison(sign, float(value))

    def schema(self) -> Schema:
        """Return the schema."""
        return self._form.text.schema()


class CompareAge(Kind[AgeComparison]):
    """A comparison with a length of time."""

    def __init__(self, example: str) -> None:
        self._form = _Compared("a comparison", Duration.PATTERN, example)
        self.noun = self._form.noun

    def read(self, node: Node, what: str, report: Report) -> AgeComparison:
        """Return the comparison."""
        sign, value = self._form.read(node, what, report)
        return AgeComparison(sign, Duration.parse(value), value)

    def schema(self) -> Schema:
        """Return the schema."""
        return self._form.text.schema()


IDENTIFIER = Text(
    "an id of lower-case letters, digits, dots and dashes, like abuse.direct-insult",
    r"[a-z0-9]+(?:[._-][a-z0-9]+)*",
    80,
)

LABEL = Text("a label of the model, like identity_attack", r"[A-Za-z][A-Za-z0-9_]*", 80)

GLOB = Text("a name, in which * stands for anything", longest=200)


@dataclass(frozen=True, slots=True)
class Globs:
    """Names with `*` for anything and `?` for any one character; letter case does not matter."""

    patterns: tuple[str, ...]

    def match(self, name: str) -> bool:
        """Tell whether any pattern covers the whole of `name`."""
        folded = name.casefold()
        return any(_compiled(pattern)(folded) for pattern in self.patterns)


def _compiled(pattern: str) -> Callable[[str], object]:
    if pattern not in _cache:
        _cache[pattern] = re.compile(translate(pattern.casefold())).match
    return _cache[pattern]


_cache: dict[str, Callable[[str], object]] = {}


@dataclass(frozen=True, slots=True)
class Hours:
    """From one time of day to another, past midnight where the end is not after the start."""

    start: time
    end: time

    def holds(self, now: time) -> bool:
        """Tell whether `now` is within; the end itself is not."""
        if self.start < self.end:
            return self.start <= now < self.end
        return now >= self.start or now < self.end

    def __str__(self) -> str:
        return f"{self.start:%H:%M}-{self.end:%H:%M}"


class HoursKind(Kind[Hours]):
    """Two times of day, as in `22:00-06:00`."""

    noun = "two times of day like 22:00-06:00"
    _text = Text(noun, r"(?:[01][0-9]|2[0-3]):[0-5][0-9]-(?:[01][0-9]|2[0-3]):[0-5][0-9]")

    def read(self, node: Node, what: str, report: Report) -> Hours:
        """Return the hours."""
        start, end = self._text.read(node, what, report).split("-")
        return Hours(time.fromisoformat(start), time.fromisoformat(end))

    def schema(self) -> Schema:
        """Return the schema."""
        return self._text.schema()
