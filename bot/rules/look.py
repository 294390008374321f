"""What a condition sees of one comment, and how it answers.

Lives here: `Answer` and `Look`, one comment as one rule sees it. Not here: any condition, and
many comments at once (`bot.rules.batch`).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from operator import attrgetter

from bot.model import Evasion, Facts, Missing, Outcome, Span
from bot.rules.hits import MOST_HITS, Hit, Hits


@dataclass(frozen=True, slots=True)
class Answer:
    """A condition's answer. `evasion` is the weakest disguise whose undoing makes it a match."""

    outcome: Outcome
    hits: tuple[Hit, ...] = ()
    evasion: Evasion = Evasion.NONE
    missing: tuple[Missing, ...] = ()


YES = Answer(Outcome.MATCH)
NO = Answer(Outcome.NO_MATCH)


def truth(value: object) -> Answer:
    """Return the plain answer for a Python truth."""
    return YES if value else NO


@dataclass(frozen=True, slots=True)
class Excused:
    """Spans of one rule that exceptions cancel; `doubtful` ones unless they have expired."""

    spans: frozenset[Span] = frozenset()
    doubtful: frozenset[Span] = frozenset()


NOTHING_EXCUSED = Excused()


@dataclass(frozen=True, slots=True)
class Found:
    """Hits of one condition: those that count, and those of which an exception is in doubt."""

    hits: tuple[Hit, ...] = ()
    doubtful: tuple[Hit, ...] = ()


NOTHING_FOUND = Found()

REST = Missing(f"places of a pattern beyond the first {MOST_HITS}", failed=True)
"""What nobody looked for. It may matter where all that was found does not count."""


@dataclass(frozen=True, slots=True)
class Look:
    """One comment as one rule sees it: its facts, and the rule's hits less what is excused."""

    facts: Facts
    hits: Hits | None = None
    excused: Excused = NOTHING_EXCUSED
    rule_terms: frozenset[int] = frozenset()
    rule_patterns: frozenset[int] = frozenset()

    def terms(self, ids: frozenset[int]) -> Found:
        """Return the hits of word entries."""
        return self._found(self.hits.terms, ids) if self.hits else NOTHING_FOUND

    def patterns(self, ids: frozenset[int]) -> Found:
        """Return the hits of regexes."""
        return self._found(self.hits.patterns, ids) if self.hits else NOTHING_FOUND

    def is_cut(self, ids: frozenset[int]) -> bool:
        """Tell whether a regex fits more places than were looked for."""
        return self.hits is not None and not self.hits.cut.isdisjoint(ids)

    def lack(self, what: str) -> Missing:
        """Return a missing input, as a failure where one was reported under that name."""
        return next((item for item in self.facts.missing if item.what == what), Missing(what))

    def of_rule(self) -> tuple[Hit, ...]:
        """Return all hits of the rule's words and regexes, wherever in it they stand."""
        return self.terms(self.rule_terms).hits + self.patterns(self.rule_patterns).hits

    def _found(self, where: Mapping[int, tuple[Hit, ...]], ids: frozenset[int]) -> Found:
        each = [hits for key, hits in where.items() if key in ids]
        if not each:
            return NOTHING_FOUND
        if self.excused is NOTHING_EXCUSED:
            # The hits of one entry are in order.
            return Found(each[0] if len(each) == 1 else in_order(_distinct(each)))
        found = _distinct(each)
        gone, doubtful = self.excused.spans, self.excused.doubtful
        left = [hit for hit in found if hit.span not in gone]
        return Found(
            in_order(hit for hit in left if hit.span not in doubtful),
            in_order(hit for hit in left if hit.span in doubtful),
        )


def _distinct(found: Iterable[Sequence[Hit]]) -> Collection[Hit]:
    """Return all hits but those that entries share, as they do where they are spelled alike."""
    hits = tuple(chain.from_iterable(found))
    return dict(zip(map(id, hits), hits, strict=True)).values()


def unknown(*missing: Missing) -> Answer:
    """Return the answer for inputs that are missing."""
    return Answer(Outcome.UNKNOWN, missing=missing)


def place(text: str, span: Span) -> Hit:
    """Return a place in the text that no word or regex found."""
    return Hit(span=span, folded=text[span.start : span.end], evasion=Evasion.NONE, steps=())


def in_order(hits: Iterable[Hit]) -> tuple[Hit, ...]:
    """Sort hits by place, so that the order of rules and keys cannot show."""
    return tuple(sorted(hits, key=_BY_PLACE))


_BY_PLACE = attrgetter("span", "evasion", "folded")
