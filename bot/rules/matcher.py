"""All terms and patterns of all rules, looked for at once in the folded views of many texts.

Lives here: the multi-pattern pass and what it found. Not here: entries (`bot.rules.terms`), their
spellings (`bot.rules.keys`), or what a hit means for a rule.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import accumulate
from types import MappingProxyType

import re2
from ahocorasick_rs import BytesAhoCorasick, Implementation

from bot.model import Evasion, FoldedText, FoldedView, Span
from bot.rules.censored import Vocabulary
from bot.rules.keys import Key, keys_of
from bot.rules.terms import Pattern, PatternError, Term, TermError, compile_pattern, options
from bot.text import CENSORED, Edit, Tracked, fold_many, is_boundary

__all__ = ["NO_HITS", "Hit", "Hits", "Matcher", "Pattern", "PatternError", "Term", "TermError"]


@dataclass(frozen=True, slots=True)
class Hit:
    """Where an entry was found, in what folded form, and which disguise was undone."""

    span: Span
    folded: str
    evasion: Evasion
    steps: tuple[str, ...] = ()


Found = Mapping[int, tuple[Hit, ...]]
_NOTHING: Found = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Hits:
    """All hits in one text, by the index of the term or pattern, in order of place."""

    terms: Found = field(default_factory=lambda: _NOTHING)
    patterns: Found = field(default_factory=lambda: _NOTHING)


NO_HITS = Hits()

# So many texts are searched as one: enough to spare calls, few enough for the caches.
_BATCH = 2_000
_ByIndex = dict[int, list[Hit]]


class Matcher:
    """Finds many terms and patterns in folded texts; immutable once built."""

    def __init__(self, terms: Sequence[Term], patterns: Sequence[Pattern] = ()) -> None:
        """Build the automata; hits name entries by their index here."""
        keys: dict[str, list[Key]] = {}
        cores = fold_many([term.core for term in terms])
        for index, (term, core) in enumerate(zip(terms, cores, strict=True)):
            for spelling, key in keys_of(index, term, core):
                keys.setdefault(spelling, []).append(key)
        self._keys = [tuple(found) for found in keys.values()]
        self._automaton = BytesAhoCorasick(
            [spelling.encode() for spelling in keys], implementation=Implementation.DFA
        )
        self._vocabulary = Vocabulary(t for t in terms if t.evasion is Evasion.STRONG)
        self._patterns = _Patterns(patterns)

    def find(self, text: FoldedText) -> Hits:
        """Return all hits in `text`, of any length and in any view that an entry allows."""
        return self.find_many([text])[0] or NO_HITS

    def find_many(self, texts: Sequence[FoldedText]) -> list[Hits | None]:
        """Return what `find` returns for each text, `None` where nothing was found."""
        found: list[Hits | None] = []
        for start in range(0, len(texts), _BATCH):
            found += self._find_batch(texts[start : start + _BATCH])
        return found

    def _find_batch(self, texts: Sequence[FoldedText]) -> list[Hits | None]:
        views = [(owner, view) for owner, text in enumerate(texts) for view in text.views]
        patterns = self._patterns.find(views)
        terms = self._find_terms(list(self._with_variants(views)))
        found: list[Hits | None] = [None] * len(texts)
        for owner in terms.keys() | patterns.keys():
            found[owner] = Hits(_in_order(terms.get(owner)), _in_order(patterns.get(owner)))
        return found

    def _with_variants(self, views: Iterable[_Owned]) -> Iterator[_Owned]:
        """Add views in which hidden letters are filled in."""
        for owner, view in views:
            yield owner, view
            if CENSORED in view.steps:
                for filled in self._vocabulary.filled(view):
                    yield owner, filled

    def _find_terms(self, views: Sequence[_Owned]) -> dict[int, _ByIndex]:
        haystack = _Haystack(views, single_spaced=True)
        found: dict[int, _ByIndex] = {}
        for number, start, end in self._automaton.find_matches_as_indexes(
            haystack.joined, overlapping=True
        ):
            owner, view, first, last = haystack.locate(start, end)
            for key in self._keys[number]:
                if key.limit >= view.evasion and _stands(key, view, first, last):
                    _add(found.setdefault(owner, {}), key.term, view, (first, last), key.evasion)
        return found


_Owned = tuple[int, FoldedView]
_WIDE = re.compile(r"\s\s|[^\S ]")
_SPACES = re.compile(r"\s+")


def _single_spaced(view: FoldedView) -> FoldedView:
    length = len(view.text)
    tracked = Tracked(
        view.text,
        tuple(view.starts or range(length)),
        tuple(view.ends or range(1, length + 1)),
        view.steps,
    )
    edits = (Edit(*found.span(), " ") for found in _SPACES.finditer(view.text))
    return tracked.edited(edits).view(view.evasion)


class _Haystack:
    """Views joined into one run of bytes, and the way back to a view and its code points.

    With `single_spaced`, white space is made single, so that phrases are found across any.
    """

    def __init__(self, views: Sequence[_Owned], *, single_spaced: bool) -> None:
        self._views = list(views)
        texts = [view.text for _, view in views]
        self._spaced = set()
        if single_spaced:
            self._spaced = {i for i, text in enumerate(texts) if _WIDE.search(text)}
            for i in self._spaced:
                texts[i] = _SPACES.sub(" ", texts[i])
        pieces = [text.encode() for text in texts]
        self.joined = b"\n".join(pieces)
        self.starts = list(accumulate((len(piece) + 1 for piece in pieces), initial=0))

    def place(self, byte: int) -> int:
        """Return the index of the view that holds `byte`."""
        return bisect_right(self.starts, byte) - 1

    def locate(self, start: int, end: int) -> tuple[int, FoldedView, int, int]:
        """Return owner, view and code points of a stretch of bytes within one view."""
        place = self.place(start)
        if place in self._spaced:
            # The offsets of a text with wide gaps are worked out only when something hit.
            self._spaced.remove(place)
            self._views[place] = (self._views[place][0], _single_spaced(self._views[place][1]))
        owner, view = self._views[place]
        offset = self.starts[place]
        if view.text.isascii():
            return owner, view, start - offset, end - offset
        first = len(self.joined[offset:start].decode())
        return owner, view, first, first + len(self.joined[start:end].decode())


def _stands(key: Key, view: FoldedView, start: int, end: int) -> bool:
    """Whether the words around leave room for the entry, in the view and in the original."""
    text = view.text
    if view.evasion is not Evasion.STRONG or view.starts is None or view.ends is None:
        return (not key.closed_start or is_boundary(text, start)) and (
            not key.closed_end or is_boundary(text, end)
        )
    starts, ends = view.starts, view.ends
    opened = is_boundary(text, start) or (key.loose and starts[start] > ends[start - 1])
    shut = is_boundary(text, end) or (key.loose and starts[end] > ends[end - 1])
    pulled_apart = any(starts[i] > ends[i - 1] for i in range(start + 1, end))
    # What was pulled apart must begin where a piece begins, or `push-it` would hold a word.
    return (opened or not (key.closed_start or pulled_apart)) and (shut or not key.closed_end)


def _add(
    found: _ByIndex, index: int, view: FoldedView, place: tuple[int, int], least: Evasion
) -> None:
    """Keep a hit unless a weaker level found the entry at the same place."""
    span = view.original_span(*place)
    hits = found.setdefault(index, [])
    evasion = max(view.evasion, least)
    for hit in hits:
        overlaps = hit.span.start < span.end and span.start < hit.span.end
        if hit.span == span or (overlaps and hit.evasion < evasion):
            return
    hits.append(Hit(span, view.text[slice(*place)], evasion, view.steps))


def _in_order(found: _ByIndex | None) -> Found:
    if not found:
        return _NOTHING
    return MappingProxyType(
        {index: tuple(sorted(hits, key=lambda hit: hit.span)) for index, hits in found.items()}
    )


class _Patterns:
    """All patterns as one set, which says cheaply that nothing matches."""

    def __init__(self, patterns: Sequence[Pattern]) -> None:
        self._exact = [(compile_pattern(p.source), p.evasion) for p in patterns]
        # Per line, a pattern finds all that it finds per text, and sometimes more.
        self._per_line = [compile_pattern(f"(?m:{p.source})") for p in patterns]
        self._set = re2.Set.SearchSet(options())
        for pattern in patterns:
            self._set.Add(f"(?m:{pattern.source})")
        self._set.Compile()

    def find(self, views: Sequence[_Owned]) -> dict[int, _ByIndex]:
        found: dict[int, _ByIndex] = {}
        if not self._exact:
            return found
        for start in range(0, len(views), _BLOCK):
            block = views[start : start + _BLOCK]
            haystack = _Haystack(block, single_spaced=False)
            for number in self._set.Match(haystack.joined) or ():
                for place in self._candidates(number, haystack):
                    self._confirm(number, block[place], found)
        return found

    def _candidates(self, number: int, haystack: _Haystack) -> Iterator[int]:
        """Yield the views in which the pattern may match; the last one ends the run."""
        byte = 0
        while byte < len(haystack.joined):
            match = self._per_line[number].search(haystack.joined, byte)
            if match is None:
                return
            place = haystack.place(match.start())
            yield place
            byte = haystack.starts[place + 1]

    def _confirm(self, number: int, owned: _Owned, found: dict[int, _ByIndex]) -> None:
        owner, view = owned
        pattern, limit = self._exact[number]
        if limit < view.evasion:
            return
        for match in pattern.finditer(view.text):
            start, end = match.span()
            if start < end:
                _add(found.setdefault(owner, {}), number, view, (start, end), Evasion.NONE)


_BLOCK = 64
