"""What was found in a text: hits, and which of them count.

Lives here: `Hit` and `Hits`, and how hits at one place give way to plainer ones. Not here: finding
them (`bot.rules.matcher`).
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import NamedTuple

from bot.model import Evasion, Span


class Hit(NamedTuple):
    """Where an entry was found, in what folded form, and which disguise was undone."""

    span: Span
    folded: str
    evasion: Evasion
    steps: tuple[str, ...] = ()


MOST_HITS = 150
"""Places of one pattern in a text after which no more are looked for.

A hostile comment has them by the thousand. Nothing hides behind them: which pattern has more is kept.
"""

Found = Mapping[int, tuple[Hit, ...]]
_NOTHING: Found = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Hits:
    """All hits in one text, by the index of the term or pattern, in order of place.

    `cut` are the patterns that have more than `MOST_HITS`, of which not all are here.
    """

    terms: Found = field(default_factory=lambda: _NOTHING)
    patterns: Found = field(default_factory=lambda: _NOTHING)
    cut: frozenset[int] = frozenset()

    def of(self, terms: frozenset[int], patterns: frozenset[int]) -> Iterator[Hit]:
        """Yield the hits of some terms and patterns, entry by entry."""
        # Few are found, of the many that are asked for.
        for found, wanted in ((self.terms, terms), (self.patterns, patterns)):
            for key, hits in found.items():
                if key in wanted:
                    yield from hits


NO_HITS = Hits()

ByIndex = dict[int, dict[Span, Hit]]
"""The hits of each entry in one text, by the place."""


def keep(found: ByIndex, index: int, hit: Hit) -> int:
    """Keep a hit unless one at the same place is as weak; return how many the entry has."""
    hits = found.get(index)
    if hits is None:
        hits = found[index] = {}
    if hits.setdefault(hit.span, hit).evasion > hit.evasion:
        hits[hit.span] = hit
    return len(hits)


def spare(found: ByIndex, parts: Sequence[Span], but: frozenset[int]) -> None:
    """Drop what lies within one of `parts`, which are in order, but for hits of some entries."""
    for index in found.keys() - but:
        hits = found.pop(index)
        kept = {span: hit for span, hit in hits.items() if not _within(span, parts)}
        if kept:
            found[index] = kept


def _within(span: Span, parts: Sequence[Span]) -> bool:
    before = bisect_right(parts, span.start, key=_start) - 1
    return before >= 0 and parts[before].end >= span.end


def _start(span: Span) -> int:
    return span.start


def cut_short(found: ByIndex | None) -> frozenset[int]:
    """Return the entries with so many hits that the search for more was given up."""
    return frozenset(index for index, hits in (found or {}).items() if len(hits) > MOST_HITS)


def in_order(found: ByIndex | None) -> Found:
    """Return the hits that count, in order of place."""
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
