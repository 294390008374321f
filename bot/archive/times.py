"""Times as archives write them, into aware UTC.

Lives here: ISO 8601, seconds since 1970, mail dates, and local dates whose order of day and month
must be inferred. Not here: what to do with a date nobody can parse (`source`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

# Past these, numbers are milli- and microseconds: as seconds they would lie in the year 5138.
_MILLISECONDS = 1e11
_MICROSECONDS = 1e14

# Once for all: making the union anew takes longer than asking it.
_NUMBERS = (int, float)
_LONGEST = 80
_NUMBER = re.compile(r"-?\d+(?:\.\d+)?")
_LOCAL = re.compile(
    r"(\d{1,4})[./-](\d{1,2}|[A-Za-z]{3})[./-](\d{2,4}),?[\s\u202f]+"
    r"(\d{1,2})[:.](\d{2})(?:[:.](\d{2}))?(?:[\s\u202f]*([AaPp])\.?[Mm]\.?)?"
)
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")


def parse_time(value: object) -> datetime:
    """Return `value` as aware UTC, naive times read as UTC; raise `ValueError` otherwise."""
    if isinstance(value, str):
        return _from_text(value)
    if isinstance(value, _NUMBERS) and not isinstance(value, bool):
        return from_epoch(value)
    raise ValueError(f"{value!r} is not a time")


def from_epoch(seconds: float) -> datetime:
    """Return seconds since 1970 (or milli-, or microseconds) as a time."""
    size = abs(seconds)
    if size >= _MILLISECONDS:
        seconds /= 1e6 if size >= _MICROSECONDS else 1e3
    try:
        return datetime.fromtimestamp(seconds, UTC)
    except (OverflowError, OSError, ValueError) as error:
        raise ValueError(f"{seconds!r} lies outside of the calendar") from error


def _from_text(text: str) -> datetime:
    text = text.strip()
    if len(text) > _LONGEST:
        raise ValueError("no time is so long")
    try:
        return _utc(datetime.fromisoformat(text.removesuffix(" UTC")))
    except ValueError:
        # "20180501" is a date and is read as one above; longer numbers are epochs.
        if _NUMBER.fullmatch(text):
            return from_epoch(float(text))
    try:
        return _utc(parsedate_to_datetime(text))
    except (ValueError, TypeError, IndexError, OverflowError) as error:
        raise ValueError(f"{text!r} is not a time") from error


def _utc(time: datetime) -> datetime:
    if time.tzinfo is UTC:
        return time
    if time.tzinfo is None:
        return time.replace(tzinfo=UTC)
    try:
        return time.astimezone(UTC)
    except OverflowError as error:
        raise ValueError(f"{time} lies outside of the calendar") from error


@dataclass(frozen=True, slots=True)
class LocalDates:
    """Reads dates like `3/4/24, 9:05 PM`, whose order only a whole file gives away."""

    day_first: bool

    @classmethod
    def infer(cls, samples: Iterable[str]) -> LocalDates:
        """Decide by a number over 12; failing that, `3/4/24, 9:05 PM` is the month first."""
        votes = 0
        american = False
        for sample in samples:
            found = _LOCAL.search(sample)
            if found and found[2].isdigit():
                votes += (int(found[1]) > 12) - (int(found[2]) > 12)  # noqa: PLR2004 - months
                american = american or (found[7] is not None and "/" in found[0])
        return cls(day_first=votes > 0 or (votes == 0 and not american))

    def parse(self, text: str) -> datetime:
        """Return the time as if it were UTC: no such file names its zone; raise `ValueError`."""
        found = _LOCAL.search(text)
        if found is None:
            return parse_time(text)
        first, second, third, hour, minute, second_of_minute, half = found.groups()
        year, month, day = self._date(first, second, third)
        hours = int(hour)
        if half:
            hours = hours % 12 + (12 if half in "pP" else 0)
        return datetime(
            year, month, day, hours, int(minute), int(second_of_minute or 0), tzinfo=UTC
        )

    def _date(self, first: str, second: str, third: str) -> tuple[int, int, int]:
        if len(first) == 4:  # noqa: PLR2004 - a year comes first
            return int(first), int(second), int(third)
        year = int(third) + (2000 if len(third) == 2 else 0)  # noqa: PLR2004 - a short year
        if not second.isdigit():
            return year, _MONTHS.index(second.lower()) + 1, int(first)
        day, month = (first, second) if self.day_first else (second, first)
        return year, int(month), int(day)
