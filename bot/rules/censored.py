"""Which word was meant where letters are hidden: `f*n` may be `fun`.

Lives here: filling the holes that `bot.text` marks, from the words that are looked for. Not here:
finding the holes (`bot.text.censoring`).
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cached_property, lru_cache
from itertools import chain, islice
from typing import NamedTuple

from bot.model import Evasion, FoldedView
from bot.rules.terms import Term
from bot.text import HIDDEN, HIDDEN_VOWEL, Edit, Tracked

_HOLE = f"{HIDDEN}{HIDDEN_VOWEL}"
_TOKEN = re.compile(rf"[^\W\d_]+(?:[{_HOLE}]+[^\W\d_]*)+")
_RUN = re.compile(rf"[{_HOLE}]+")
_WORD = re.compile(r"[^\W\d_]{3,}")
_VOWELS = frozenset("aeiouy")
# A shorter word is hidden by a sign that says so, and by one letter only.
_LONG = 4
# How far around a filled word a phrase may reach.
_CONTEXT = 80
_MOST_TOKENS = 50
_LONGEST_KEPT = 40


class _Entry(NamedTuple):
    """A word of the terms with these indices, and whether it may go on at its ends."""

    word: str
    open_start: bool
    open_end: bool
    terms: frozenset[int]


Readings = Mapping[str, frozenset[int]]
"""The words that a token may stand for, and the terms that have them."""


class Filled(NamedTuple):
    """A view in which a word was filled in, of which terms, and where it stands in the view."""

    view: FoldedView
    terms: frozenset[int]
    start: int
    end: int


class Vocabulary:
    """The words of all terms that are looked for through every disguise."""

    def __init__(self, terms: Sequence[Term]) -> None:
        """Sort the words by their first letter."""
        self._closed: dict[str, list[_Entry]] = defaultdict(list)
        self._open_end: dict[str, list[_Entry]] = defaultdict(list)
        self._open_start: dict[str, list[_Entry]] = defaultdict(list)
        for entry in _entries(terms):
            word = entry.word
            if entry.open_start:
                self._open_start[word[0]].append(entry)
            elif entry.open_end:
                self._open_end[word[0]].append(entry)
            else:
                self._closed[word[0] + word[-1]].append(entry)
                self._closed[word[0]].append(entry)

    def may_fill(self, view: FoldedView) -> bool:
        """Tell whether `filled` would yield anything."""
        return any(self._read(token[0]) for token in _tokens(view.text))

    def filled(self, view: FoldedView) -> Iterator[Filled]:
        """Yield the surroundings of each hidden word with the word filled in."""
        known: dict[str, Readings] = {}
        for token in _tokens(view.text):
            written = token[0]
            if written not in known:
                known[written] = self._read(written)
            if known[written]:
                low = max(0, token.start() - _CONTEXT)
                start = token.start() - low
                around = Tracked.of_view(view, low, token.end() + _CONTEXT)
                for word, terms in known[written].items():
                    edit = Edit(start, token.end() - low, word)
                    meant = around.edited([edit]).view(view.evasion)
                    yield Filled(meant, terms, start, start + len(word))

    def _read(self, token: str) -> Readings:
        return (self._kept if len(token) <= _LONGEST_KEPT else self._kept_long)(token)

    @cached_property
    def _kept(self) -> Callable[[str], Readings]:
        """Readings of words that come again and again: `well-known`."""
        return lru_cache(maxsize=1 << 12)(self._readings)

    @cached_property
    def _kept_long(self) -> Callable[[str], Readings]:
        """Readings of long words, which are asked for twice in a row."""
        return lru_cache(maxsize=4)(self._readings)

    def _readings(self, token: str) -> Readings:
        readings: dict[str, frozenset[int]] = {}
        for word, terms in self._fitting(token):
            readings[word] = readings.get(word, frozenset()) | terms
        return readings

    def _fitting(self, token: str) -> Iterator[tuple[str, frozenset[int]]]:
        holes = [hole.end() for hole in _RUN.finditer(token)]
        for start in range(holes[-1]):
            following = holes[bisect_right(holes, start)]
            for entry in self._candidates(token, start):
                end = _fit(entry.word, token, start) if start == 0 else -1
                if end != len(token):
                    # In the midst of a word, a sign hides no more than one vowel: `dot@dot`.
                    end = _fit(entry.word, token, start, vowels_only=True)
                if end == len(token) or (end > following and entry.open_end):
                    yield token[:start] + entry.word + token[end:], entry.terms

    def _candidates(self, token: str, start: int) -> Iterator[_Entry]:
        """Yield the entries that may begin at `start`, their second letter compared too."""
        groups: list[Sequence[_Entry]] = [self._open_start.get(token[start], ())]
        if start == 0:
            ends = token[0] if token[-1] in _HOLE else token[0] + token[-1]
            groups += [self._open_end.get(token[0], ()), self._closed.get(ends, ())]
        second = token[start + 1 : start + 2] or HIDDEN
        for entry in chain.from_iterable(groups):
            if second in _HOLE or entry.word[1] == second:
                yield entry


def _tokens(text: str) -> Iterator[re.Match[str]]:
    return islice(_TOKEN.finditer(text), _MOST_TOKENS)


def _entries(terms: Sequence[Term]) -> list[_Entry]:
    """Return the words of the terms that look through every disguise, in order."""
    owners: dict[tuple[str, bool, bool], list[int]] = defaultdict(list)
    for index, term in enumerate(terms):
        words = term.core.casefold().split(" ") if term.evasion is Evasion.STRONG else []
        for place, word in enumerate(words):
            if _WORD.fullmatch(word):
                open_start = term.open_start and place == 0
                open_end = term.open_end and place == len(words) - 1
                owners[word, open_start, open_end].append(index)
    return [_Entry(*key, frozenset(indices)) for key, indices in sorted(owners.items())]


def _fit(word: str, token: str, start: int, *, vowels_only: bool = False) -> int:
    """Return where `word` ends when laid on `token` from `start`, or -1 when it does not fit."""
    place, done = start, 0
    hidden = 0
    while done < len(word) and place < len(token):
        if token[place] == word[done]:
            place, done = place + 1, done + 1
            continue
        run = _RUN.match(token, place)
        if run is None:
            return -1
        hole = run[0]
        if vowels_only and len(hole) == 1:
            hole = HIDDEN_VOWEL
        letters = _hidden_letters(word, done, hole, token[run.end() : run.end() + 2])
        if letters == 0:
            return -1
        hidden += letters
        place, done = run.end(), done + letters
    if done < len(word) or hidden * 2 > len(word):
        return -1
    return place


def _hidden_letters(word: str, done: int, hole: str, following: str) -> int:
    """Return how many letters of `word` from `done` on the hole stands for; 0 for none."""
    following = following.rstrip(_HOLE)
    count = len(hole)
    if count > 1:
        return count if word[done + count :].startswith(following) else 0
    visible_enough = len(word) >= _LONG or hole == HIDDEN
    if hole == HIDDEN_VOWEL and word[done] not in _VOWELS:
        return 0
    if visible_enough and word[done + 1 :].startswith(following):
        return 1
    two = hole == HIDDEN and len(word) > _LONG and word[done + 2 :].startswith(following)
    return 2 if two and following else 0
