"""All terms and patterns of all rules, looked for at once in the folded views of many texts.

Lives here: the multi-pattern pass and what it found. Not here: entries (`bot.rules.terms`), their
spellings (`bot.rules.keys`), or what a hit means for a rule.
"""

from __future__ import annotations

import re
import string
from collections.abc import Iterator, Mapping, Sequence
from operator import attrgetter

from ahocorasick_rs import BytesAhoCorasick, Implementation

from bot.model import Evasion, FoldedText, FoldedView
from bot.rules.censored import Filled, Vocabulary
from bot.rules.haystack import Haystack, single_spaced
from bot.rules.hits import NO_HITS, ByIndex, Hit, Hits, cut_short, in_order, keep, spare
from bot.rules.keys import Key, keys_of
from bot.rules.patterns import Patterns
from bot.rules.standing import place_of
from bot.rules.terms import Pattern, PatternError, Term, TermError
from bot.text import CENSORED, address_parts, fold_many

__all__ = ["NO_HITS", "Hit", "Hits", "Matcher", "Pattern", "PatternError", "Term", "TermError"]


# So many texts are searched as one: enough to spare calls, few enough for the caches.
_BATCH = 4_096


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
        self._patterns = Patterns(patterns)

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
        terms: dict[int, ByIndex] = {}
        self._find_terms(self._spellings.occurring(written, len(texts)), written, terms)
        if self._phrases:
            respaced = written.respaced()
            self._find_terms(self._phrases.occurring(respaced), respaced, terms)
        filled = list(self._filled(views[len(texts) :], owners[len(texts) :]))
        if filled:
            meant = Haystack.of([each.view for each, _ in filled], [owner for _, owner in filled])
            only = [each for each, _ in filled]
            self._find_terms(self._spellings.occurring(meant), meant, terms, only)
        for owner in list(terms):
            # Addresses are no prose, but for entries that look like one.
            if parts := address_parts(texts[owner].original):
                spare(terms[owner], parts, self._addresses)
            if not terms[owner]:
                del terms[owner]
        found: list[Hits | None] = [None] * len(texts)
        for owner in terms.keys() | patterns.keys():
            fitting = patterns.get(owner)
            found[owner] = Hits(in_order(terms.get(owner)), in_order(fitting), cut_short(fitting))
        return found

    def _filled(
        self, views: Sequence[FoldedView], owners: Sequence[int]
    ) -> Iterator[tuple[Filled, int]]:
        """Yield what views with hidden letters stand for, and the owners."""
        for view, owner in zip(views, owners, strict=True):
            if CENSORED in view.steps and self._vocabulary.may_fill(view):
                for filled in self._vocabulary.filled(single_spaced(view)):
                    yield filled, owner

    def _find_terms(
        self,
        occurring: Iterator[_Occurrence],
        haystack: Haystack,
        found: dict[int, ByIndex],
        filled: Sequence[Filled] = (),
    ) -> None:
        """Keep the hits among occurrences, which come view by view and in order.

        In views that are filled in, only those count that have a part in it.
        """
        current = -1
        for keys, at, start, end in occurring:
            if at != current:
                current, view = at, haystack.view(at)
                shown: dict[int, int] = {}
                kept = found.setdefault(haystack.owners[at], {})
            if not filled:
                _keep(keys, view, (start, end), shown, kept)
            elif start < filled[at].end and end > filled[at].start:
                wanted = [key for key in keys if key.term in filled[at].terms]
                _keep(wanted, view, (start, end), shown, kept)


def _keep(
    keys: Sequence[Key],
    view: FoldedView,
    where: tuple[int, int],
    shown: dict[int, int],
    kept: ByIndex,
) -> None:
    """Keep the hits of the entries of a spelling where it occurs.

    `shown` says for each term up to where the view has been shown to hold it.
    """
    level, end = view.evasion, where[1]
    manner = place = None
    made: dict[Evasion, Hit] = {}
    for term, evasion, limit, wanted in keys:
        # Of several hits of a wildcard in one word, the first has shown the word.
        if limit < level or shown.get(term, 0) >= end:
            continue
        if wanted is not manner:
            manner, place, made = wanted, place_of(wanted, view, *where), {}
        if place is not None:
            span, folded, shown[term] = place
            hit = made.get(evasion)
            if hit is None:
                hit = made[evasion] = Hit(span, folded, max(level, evasion), view.steps)
            keep(kept, term, hit)


_IN_ADDRESS = re.compile("[./:@]")


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

_manner_of = attrgetter("manner")
_IN_WORD = frozenset((string.ascii_lowercase + string.digits).encode())


class _Spellings:
    """Spellings of entries, looked for all at once."""

    def __init__(self, keys: Mapping[str, Sequence[Key]]) -> None:
        # Equal manners side by side: each is tried once where a spelling occurs.
        self._keys = [tuple(sorted(found, key=_manner_of)) for found in keys.values()]
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
            # A spelling may begin or end with the separator; it does not run from view to view.
            if last < haystack.starts[at + 1]:
                yield self._keys[number], at, start, end
