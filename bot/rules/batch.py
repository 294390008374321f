"""Many comments as columns, to find out fast which rules need a look at which comments.

Lives here: `Batch`, and `Screen`, what a condition can say of all comments at once. A screen may
be too wide, never too narrow: what it leaves open is answered by a look at the comment.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from operator import itemgetter
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from bot.model import Facts, History, HistoryQuery
from bot.rules.matcher import Hits
from bot.rules.measures import Measure, Texts, measure_many

T = TypeVar("T")
Flags = NDArray[np.bool_]
Numbers = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Screen:
    """Where a condition may match, and where it may miss; UNKNOWN is both."""

    match: Flags
    miss: Flags

    @classmethod
    def exact(cls, match: Flags) -> Screen:
        """Return the screen of a condition that is known everywhere."""
        return cls(match, ~match)

    def inverted(self) -> Screen:
        """Return the screen of the opposite."""
        return Screen(self.miss, self.match)


class Batch:
    """Comments and what was found in them, as columns that are computed when asked for."""

    def __init__(self, facts: Sequence[Facts], hits: Sequence[Hits | None]) -> None:
        self.facts = facts
        self.hits = hits
        self._flags: dict[Callable[[Facts], bool], Flags] = {}
        self._answers: dict[Callable[[Batch], Any], Any] = {}
        self._scores: dict[str, Numbers] = {}
        self._measures: dict[Measure, Numbers] = {}

    def __len__(self) -> int:
        return len(self.facts)

    @cached_property
    def sources(self) -> frozenset[str]:
        """Where the comments come from."""
        return frozenset(each.comment.source for each in self.facts)

    def nowhere(self) -> Flags:
        """Return a column of False."""
        return np.zeros(len(self.facts), dtype=np.bool_)

    def open(self) -> Screen:
        """Return the screen that says nothing."""
        everywhere = ~self.nowhere()
        return Screen(everywhere, everywhere)

    def flags(self, ask: Callable[[Facts], bool]) -> Flags:
        """Return the answers to a quick question to each comment's facts; asked once."""
        if ask not in self._flags:
            self._flags[ask] = np.fromiter(map(ask, self.facts), np.bool_, len(self.facts))
        return self._flags[ask]

    def once(self, ask: Callable[[Batch], T]) -> T:
        """Return the answer to a question to the whole batch; asked once."""
        if ask not in self._answers:
            self._answers[ask] = ask(self)
        answer: T = self._answers[ask]
        return answer

    def terms(self, ids: frozenset[int]) -> Flags:
        """Return where any of these word entries was found."""
        return self._rows(self._term_rows, ids)

    def patterns(self, ids: frozenset[int]) -> Flags:
        """Return where any of these regexes was found."""
        return self._rows(self._pattern_rows, ids)

    def scores(self, label: str) -> Numbers:
        """Return the scores of a label, NaN where there is none."""
        if label not in self._scores:
            try:
                column = np.fromiter(map(itemgetter(label), self._values), np.float64, len(self))
            except KeyError:
                nan = float("nan")
                column = np.array([values.get(label, nan) for values in self._values])
            self._scores[label] = column
        return self._scores[label]

    def history(self, query: HistoryQuery) -> Numbers:
        """Return the answers to a question to the history, NaN where there is none."""
        nan = float("nan")
        # Comments that nobody asked about share one empty history.
        known = {key: history.get(query) for key, history in self._histories.items()}
        answers = {key: nan if count is None else count for key, count in known.items()}
        if len(answers) == 1:
            return np.full(len(self), float(next(iter(answers.values()))), dtype=np.float64)
        return np.array([answers[id(each.history)] for each in self.facts], dtype=np.float64)

    def measure(self, measure: Measure) -> Numbers:
        """Return a measure of each text."""
        if measure not in self._measures:
            self._measures[measure] = measure_many(measure, self.texts)
        return self._measures[measure]

    def _rows(self, rows_of: dict[int, list[int]], ids: frozenset[int]) -> Flags:
        flags = self.nowhere()
        keys: Iterable[int] = rows_of if len(rows_of) < len(ids) else ids
        for key in keys:
            if key in ids and key in rows_of:
                flags[rows_of[key]] = True
        return flags

    @cached_property
    def texts(self) -> Texts:
        """The texts as they are written."""
        return Texts([each.comment.text for each in self.facts])

    @cached_property
    def _histories(self) -> dict[int, History]:
        return {id(each.history): each.history for each in self.facts}

    @cached_property
    def _values(self) -> list[Mapping[str, float]]:
        return [each.scores.values if each.scores else {} for each in self.facts]

    @cached_property
    def _term_rows(self) -> dict[int, list[int]]:
        return _rows_of((row, hits.terms) for row, hits in enumerate(self.hits) if hits)

    @cached_property
    def _pattern_rows(self) -> dict[int, list[int]]:
        return _rows_of((row, hits.patterns) for row, hits in enumerate(self.hits) if hits)


def _rows_of(found: Iterable[tuple[int, Iterable[int]]]) -> dict[int, list[int]]:
    rows: dict[int, list[int]] = {}
    for row, keys in found:
        for key in keys:
            rows.setdefault(key, []).append(row)
    return rows
