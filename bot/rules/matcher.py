"""All terms and patterns of all rules, looked for at once in the folded views of a text.

Lives here: the multi-pattern pass and what it found. Not here: entries (`bot.rules.terms`), or
what a hit means for a rule.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

import re2
from ahocorasick_rs import AhoCorasick, Implementation

from bot.model import Evasion, FoldedText, FoldedView, Span
from bot.rules.terms import Pattern, PatternError, Term, TermError, compile_pattern, options
from bot.text import fold, is_boundary

__all__ = ["Hit", "Hits", "Matcher", "Pattern", "PatternError", "Term", "TermError"]


@dataclass(frozen=True, slots=True)
class Hit:
    """Where an entry was found, in what folded form, and which disguise was undone."""

    span: Span
    folded: str
    evasion: Evasion
    steps: tuple[str, ...] = ()


_Found = Mapping[int, tuple[Hit, ...]]
_NOTHING: _Found = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Hits:
    """All hits in one text, by the index of the term or pattern, in order of place."""

    terms: _Found = field(default_factory=lambda: _NOTHING)
    patterns: _Found = field(default_factory=lambda: _NOTHING)


NO_HITS = Hits()


@dataclass(frozen=True, slots=True)
class _Key:
    """One folded form of a term: which term, and the level at which the form belongs to it."""

    term: int
    evasion: Evasion
    limit: Evasion
    closed_start: bool
    closed_end: bool


class Matcher:
    """Finds many terms and patterns in folded texts; immutable once built."""

    def __init__(self, terms: Sequence[Term], patterns: Sequence[Pattern] = ()) -> None:
        """Build the automata; entries are named by their index ever after."""
        self._keys: list[tuple[_Key, ...]] = []
        keys: dict[str, list[_Key]] = {}
        for index, term in enumerate(terms):
            for text, key in _keys(index, term):
                keys.setdefault(text, []).append(key)
        self._keys = [tuple(found) for found in keys.values()]
        self._automaton = AhoCorasick(list(keys), implementation=Implementation.ContiguousNFA)
        self._patterns = [(compile_pattern(p.source), p.evasion) for p in patterns]
        self._filter = re2.Set.SearchSet(options())
        for pattern in patterns:
            self._filter.Add(pattern.source)
        self._filter.Compile()

    def find(self, text: FoldedText) -> Hits:
        """Return all hits in `text`."""
        terms: dict[int, list[Hit]] = {}
        patterns: dict[int, list[Hit]] = {}
        for view in text.views:
            self._find_terms(view, terms)
            self._find_patterns(view, patterns)
        if not terms and not patterns:
            return NO_HITS
        return Hits(_in_order(terms), _in_order(patterns))

    def find_many(self, texts: Sequence[FoldedText]) -> list[Hits | None]:
        """Return what `find` returns for each text, `None` where nothing was found."""
        found = map(self.find, texts)
        return [None if hits is NO_HITS else hits for hits in found]

    def _find_terms(self, view: FoldedView, into: dict[int, list[Hit]]) -> None:
        for number, start, end in self._automaton.find_matches_as_indexes(
            view.text, overlapping=True
        ):
            for key in self._keys[number]:
                if key.limit >= view.evasion and _stands(key, view.text, start, end):
                    _add(into.setdefault(key.term, []), view, start, end, key.evasion)

    def _find_patterns(self, view: FoldedView, into: dict[int, list[Hit]]) -> None:
        if not self._patterns:
            return
        for number in self._filter.Match(view.text) or ():
            pattern, limit = self._patterns[number]
            if limit < view.evasion:
                continue
            for found in pattern.finditer(view.text):
                start, end = found.span()
                if start < end:
                    _add(into.setdefault(number, []), view, start, end, Evasion.NONE)


def _keys(index: int, term: Term) -> Iterator[tuple[str, _Key]]:
    seen = set()
    for view in fold(term.core).views:
        if view.evasion > min(term.evasion, Evasion.LIGHT) or view.text in seen or not view.text:
            continue
        seen.add(view.text)
        yield (
            view.text,
            _Key(index, view.evasion, term.evasion, not term.open_start, not term.open_end),
        )


def _stands(key: _Key, text: str, start: int, end: int) -> bool:
    return (not key.closed_start or is_boundary(text, start)) and (
        not key.closed_end or is_boundary(text, end)
    )


def _add(hits: list[Hit], view: FoldedView, start: int, end: int, least: Evasion) -> None:
    span = view.original_span(start, end)
    evasion = max(view.evasion, least)
    if all(hit.span != span for hit in hits):
        hits.append(Hit(span, view.text[start:end], evasion, view.steps))


def _in_order(found: Mapping[int, Iterable[Hit]]) -> _Found:
    ordered = {
        index: tuple(sorted(hits, key=lambda hit: hit.span))
        for index, hits in sorted(found.items())
        if hits
    }
    return MappingProxyType(ordered)
