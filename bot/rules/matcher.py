"""All terms and patterns of all rules, looked for at once in the folded views of many texts.

Lives here: the multi-pattern pass and what it found. Not here: entries (`bot.rules.terms`), their
spellings (`bot.rules.keys`), or what a hit means for a rule.
"""

from __future__ import annotations

import re
import string
from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from operator import gt
from types import MappingProxyType
from typing import NamedTuple

import re2
from ahocorasick_rs import BytesAhoCorasick, Implementation

from bot.model import Evasion, FoldedText, FoldedView, Span
from bot.rules.censored import Vocabulary
from bot.rules.haystack import SEPARATOR, Haystack, single_spaced
from bot.rules.keys import Key, Manner, keys_of
from bot.rules.terms import Pattern, PatternError, Term, TermError, compile_pattern, options
from bot.text import CENSORED, HIDDEN, HIDDEN_VOWEL, address_parts, fold_many, is_boundary

__all__ = ["NO_HITS", "Hit", "Hits", "Matcher", "Pattern", "PatternError", "Term", "TermError"]


class Hit(NamedTuple):
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
_ByIndex = dict[int, dict[Span, Hit]]


class Matcher:
    """Finds many terms and patterns in folded texts; immutable once built."""

    def __init__(self, terms: Sequence[Term], patterns: Sequence[Pattern] = ()) -> None:
        """Build the automata; hits name entries by their index here."""
        self.entries = (tuple(terms), tuple(patterns))
        keys: dict[str, list[Key]] = {}
        cores = fold_many([term.core for term in terms])
        for index, (term, core) in enumerate(zip(terms, cores, strict=True)):
            for spelling, key in keys_of(index, term, core):
                keys.setdefault(spelling, []).append(key)
        self._spellings = _Spellings(keys)
        self._phrases = _Spellings({each: keys[each] for each in keys if " " in each})
        self._vocabulary = Vocabulary(terms)
        self._addresses = frozenset(
            index for index, term in enumerate(terms) if _IN_ADDRESS.search(term.core)
        )
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
        views, owners = _weakest_first(texts)
        written = Haystack.of(views, owners)
        patterns = self._patterns.find(written)
        terms: dict[int, _ByIndex] = {}
        self._find_terms(self._spellings.occurring(written, len(texts)), written, terms)
        if self._phrases:
            respaced = written.respaced()
            self._find_terms(self._phrases.occurring(respaced), respaced, terms)
        filled = list(self._filled(views[len(texts) :], owners[len(texts) :]))
        if filled:
            meant = Haystack.of([view for view, _, _ in filled], [owner for _, owner, _ in filled])
            only = [terms for _, _, terms in filled]
            self._find_terms(self._spellings.occurring(meant), meant, terms, only)
        for owner in list(terms):
            self._spare_addresses(texts[owner].original, terms, owner)
        found: list[Hits | None] = [None] * len(texts)
        for owner in terms.keys() | patterns.keys():
            found[owner] = Hits(_in_order(terms.get(owner)), _in_order(patterns.get(owner)))
        return found

    def _spare_addresses(self, text: str, found: dict[int, _ByIndex], owner: int) -> None:
        """Drop what was found in addresses, which are no prose, but for entries that look like one."""
        parts = address_parts(text)
        for index in found[owner].keys() - self._addresses if parts else ():
            hits = found[owner].pop(index)
            kept = {span: hit for span, hit in hits.items() if not _within(span, parts)}
            if kept:
                found[owner][index] = kept
        if not found[owner]:
            del found[owner]

    def _filled(
        self, views: Sequence[FoldedView], owners: Sequence[int]
    ) -> Iterator[tuple[FoldedView, int, frozenset[int]]]:
        """Yield what views with hidden letters stand for: view, owner, and for which terms."""
        for view, owner in zip(views, owners, strict=True):
            if CENSORED in view.steps:
                for filled, terms in self._vocabulary.filled(view):
                    yield single_spaced(filled), owner, terms

    def _find_terms(
        self,
        occurring: Iterator[_Occurrence],
        haystack: Haystack,
        found: dict[int, _ByIndex],
        only: Sequence[frozenset[int]] = (),
    ) -> None:
        shown: dict[tuple[int, int], int] = {}
        for keys, at, start, end in occurring:
            view = haystack.view(at)
            places: dict[Manner, tuple[Span, str, int] | None] = {}
            for key in keys:
                if key.limit < view.evasion or (only and key.term not in only[at]):
                    continue
                # Of several hits of a wildcard in one word, the first has shown the word.
                if shown.get((key.term, at), 0) >= end:
                    continue
                if key.manner not in places:
                    places[key.manner] = _place(key.manner, view, start, end)
                place = places[key.manner]
                if place is not None:
                    span, folded, shown[key.term, at] = place
                    hit = Hit(span, folded, max(view.evasion, key.evasion), view.steps)
                    _keep(found.setdefault(haystack.owners[at], {}), key.term, hit)


_IN_ADDRESS = re.compile("[./:@]")


def _within(span: Span, parts: Sequence[Span]) -> bool:
    """Whether one of `parts`, which are in order, holds all of `span`."""
    before = bisect_right(parts, span.start, key=_start) - 1
    return before >= 0 and parts[before].end >= span.end


def _start(span: Span) -> int:
    return span.start


def _weakest_first(texts: Sequence[FoldedText]) -> tuple[list[FoldedView], list[int]]:
    """Return the views of all texts and their owners, the undisguised view of each text first.

    Most texts have no other.
    """
    every = [text.views for text in texts]
    views = [each[0] for each in every]
    owners = list(range(len(texts)))
    for owner in [owner for owner, each in enumerate(every) if len(each) > 1]:
        views += every[owner][1:]
        owners += [owner] * (len(every[owner]) - 1)
    return views, owners


_Occurrence = tuple[Sequence[Key], int, int, int]
"""The entries of a spelling, the view in which it occurs, and where."""

_IN_WORD = frozenset((string.ascii_lowercase + string.digits).encode())


class _Spellings:
    """Spellings of entries, looked for all at once."""

    def __init__(self, keys: Mapping[str, Sequence[Key]]) -> None:
        self._keys = [tuple(found) for found in keys.values()]
        # Whether no word may run on before any entry of this spelling, and after any.
        self._closed_start = [all(key.manner.closed_start for key in found) for found in self._keys]
        self._closed_end = [all(key.manner.closed_end for key in found) for found in self._keys]
        self._automaton = BytesAhoCorasick(
            [spelling.encode() for spelling in keys], implementation=Implementation.DFA
        )

    def __bool__(self) -> bool:
        return bool(self._keys)

    def occurring(self, haystack: Haystack, undisguised: int = 0) -> Iterator[_Occurrence]:
        """Yield each spelling that occurs; so many of the first views are undisguised."""
        joined = haystack.joined
        plain = haystack.starts[undisguised] - 1
        for number, first, last in self._automaton.find_matches_as_indexes(
            joined, overlapping=True
        ):
            # Most occurrences lie inside a longer word, which one look at the bytes tells.
            if last <= plain and (
                (self._closed_start[number] and joined[first - 1] in _IN_WORD)
                or (self._closed_end[number] and joined[last] in _IN_WORD)
            ):
                continue
            at, start, end = haystack.locate(first, last)
            yield self._keys[number], at, start, end


def _place(manner: Manner, view: FoldedView, start: int, end: int) -> tuple[Span, str, int] | None:
    """Return where an entry stands in the original, its folded form, and where that ends."""
    if not _stands(manner, view, start, end):
        return None
    start, end = _whole(manner, view.text, start, end)
    return view.original_span(start, end), view.text[start:end], end


def _whole(manner: Manner, text: str, start: int, end: int) -> tuple[int, int]:
    """Return the words that a hit of an entry with wildcards stands in: what a reader sees."""
    while not manner.closed_start and _runs_on(text, start):
        start -= 1
    while not manner.closed_end and _runs_on(text, end):
        end += 1
    return start, end


def _runs_on(text: str, place: int) -> bool:
    """Whether a word runs across `place`, letters still hidden included."""
    around = text[max(0, place - 1) : place + 1]
    hidden = HIDDEN in around or HIDDEN_VOWEL in around
    return not is_boundary(text, place) or (hidden and 0 < place < len(text))


def _stands(manner: Manner, view: FoldedView, start: int, end: int) -> bool:
    """Whether the words around leave room for the entry, in the view and in the original."""
    text, starts, ends = view.text, view.starts, view.ends
    if manner.initials and _among_initials(text, start, end):
        return False
    if starts is None or ends is None:
        return not manner.run and _at_boundaries(manner, text, start, end)
    if manner.run and _longest_piece(starts[start:end], ends[start:end]) > _LONGEST_PIECE:
        return False
    if view.evasion is not Evasion.STRONG:
        return _at_boundaries(manner, text, start, end)
    opened = is_boundary(text, start) or (
        starts[start] > ends[start - 1] and (manner.loose or text[start - 1] in _LETTER_WORDS)
    )
    shut = is_boundary(text, end) or (
        starts[end] > ends[end - 1] and (manner.loose or text[end] in _LETTER_WORDS)
    )
    pulled_apart = any(map(gt, starts[start + 1 : end], ends[start : end - 1]))
    # What was pulled apart must begin where a piece begins, or `push-it` would hold a word.
    return (opened or not (manner.closed_start or pulled_apart)) and (shut or not manner.closed_end)


def _at_boundaries(manner: Manner, text: str, start: int, end: int) -> bool:
    return (not manner.closed_start or is_boundary(text, start)) and (
        not manner.closed_end or is_boundary(text, end)
    )


# Words of one letter, which among single letters are words all the same.
_LETTER_WORDS = frozenset("ai")

_INITIAL_BEFORE = re.compile(r"(?<![^\W_])([^\W_]) $")
_INITIAL_AFTER = re.compile(r" ([^\W_])(?![^\W_])")


def _among_initials(text: str, start: int, end: int) -> bool:
    """Whether single letters stand between others: the end of `s t f u` is no word of its own."""
    beside = _INITIAL_BEFORE.search(text, max(0, start - 3), start), _INITIAL_AFTER.match(text, end)
    return any(found is not None and found[1] not in _LETTER_WORDS for found in beside)


# A phrase without its gaps counts when it was written in pieces no longer than this.
_LONGEST_PIECE = 3


def _longest_piece(starts: Sequence[int], ends: Sequence[int]) -> int:
    """Return the length of the longest stretch that was not pulled apart."""
    longest = run = 1
    for before, start in zip(ends, starts[1:], strict=False):
        run = 1 if start > before else run + 1
        longest = max(longest, run)
    return longest


def _keep(found: _ByIndex, index: int, hit: Hit) -> int:
    """Keep a hit unless one at the same place is as weak; return how many the entry has."""
    hits = found.setdefault(index, {})
    known = hits.get(hit.span)
    if known is None or known.evasion > hit.evasion:
        hits[hit.span] = hit
    return len(hits)


def _in_order(found: _ByIndex | None) -> Found:
    if not found:
        return _NOTHING
    return MappingProxyType({index: _weakest(hits) for index, hits in found.items()})


def _weakest(hits: Mapping[Span, Hit]) -> tuple[Hit, ...]:
    """Return hits in order of place, without those that overlap a hit of a weaker level."""
    ordered = [hits[span] for span in sorted(hits)]
    levels = {hit.evasion for hit in ordered}
    if len(levels) == 1:
        return tuple(ordered)
    kept = []
    reach = dict.fromkeys(levels, -1)
    for hit in ordered:
        if all(end <= hit.span.start for level, end in reach.items() if level < hit.evasion):
            kept.append(hit)
        reach[hit.evasion] = max(reach[hit.evasion], hit.span.end)
    begin = dict.fromkeys(levels, ordered[-1].span.end + 1)
    remaining = []
    for hit in reversed(kept):
        if all(start >= hit.span.end for level, start in begin.items() if level < hit.evasion):
            remaining.append(hit)
        begin[hit.evasion] = min(begin[hit.evasion], hit.span.start)
    return tuple(reversed(remaining))


class _Patterns:
    """All patterns as one set, which says cheaply that nothing matches."""

    def __init__(self, patterns: Sequence[Pattern]) -> None:
        self._exact = [(compile_pattern(p.source), p.evasion) for p in patterns]
        written = [_per_line(pattern.source) for pattern in patterns]
        self._per_line = [compile_pattern(source) for source in written]
        self._set = re2.Set.SearchSet(options())
        for source in written:
            self._set.Add(source)
        self._set.Compile()

    def find(self, haystack: Haystack) -> dict[int, _ByIndex]:
        found: dict[int, _ByIndex] = {}
        if not self._exact:
            return found
        lines = haystack.joined.replace(SEPARATOR, b"\n")
        for first in range(0, len(haystack.texts), _BLOCK):
            last = min(first + _BLOCK, len(haystack.texts))
            block = lines[haystack.starts[first] : haystack.starts[last] - 1]
            for number in self._set.Match(block) or ():
                for place in self._candidates(number, haystack, lines, (first, last)):
                    self._confirm(number, haystack, place, found)
        return found

    def _candidates(
        self, number: int, haystack: Haystack, lines: bytes, block: tuple[int, int]
    ) -> Iterator[int]:
        """Yield the views of a block, first and last, in which the pattern may match."""
        place, last = block
        end = haystack.starts[last] - 1
        while place < last:
            match = self._per_line[number].search(lines, haystack.starts[place], end)
            if match is None:
                return
            place = haystack.place(match.start())
            yield place
            place += 1

    def _confirm(
        self, number: int, haystack: Haystack, place: int, found: dict[int, _ByIndex]
    ) -> None:
        owner, view = haystack.owners[place], haystack.view(place)
        pattern, limit = self._exact[number]
        if limit < view.evasion:
            return
        piece = view.text.encode()
        ascii_only = view.text.isascii()
        for match in pattern.finditer(piece):
            start, end = match.span()
            if start == end:
                continue
            if not ascii_only:
                start, end = len(piece[:start].decode()), len(piece[:end].decode())
            hits = found.setdefault(owner, {})
            span, folded = view.original_span(start, end), view.text[start:end]
            if _keep(hits, number, Hit(span, folded, view.evasion, view.steps)) >= _MOST_HITS:
                return


_UNLIKE_LINES = re.compile(r"\\Q|\(\?[a-zA-Z]*-[a-zA-Z]*m")
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
_EDGES = {"A": "^", "z": "$"}


def _per_line(source: str) -> str:
    """Return an expression that finds in lines all that `source` finds in texts, or more.

    Where that cannot be told, it finds every line.
    """
    if _UNLIKE_LINES.search(source):
        return "(?m:^)"
    lines = _ESCAPED.sub(lambda found: _EDGES.get(found[1], found[0]), source)
    return f"(?m:{lines})"


_BLOCK = 64
# One comment tells no more by more matches of one pattern, and a hostile one has thousands.
_MOST_HITS = 64
