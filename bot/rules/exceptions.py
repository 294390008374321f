"""Exceptions: innocent words that a rule's words happen to hit.

Lives here: what an exception is, and which spans of which rule it cancels. An exception cancels
a hit only when it covers all of it, whatever else stands in the comment, and only when it was
found with no more guessing than the hit: a bad word in plain sight is never a part of a good one
that is pulled apart.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time
from itertools import accumulate
from typing import Any

from bot.model import Comment, Evasion, ExceptionHit, Span
from bot.rules.conditions.base import Binder
from bot.rules.kinds import GLOB, IDENTIFIER, Globs
from bot.rules.look import NOTHING_EXCUSED, Excused
from bot.rules.matcher import Hit, Hits
from bot.yamlfile import At, Choice, Date, Field, ListOf, Located, OneOrMany, Record, Text


@dataclass(frozen=True)
class RuleException:
    """Words that are innocent wherever they cover a hit of the named rules."""

    id: Located[str]
    rules: tuple[Located[str], ...]
    reason: str
    words: tuple[Located[str], ...] = ()
    lists: tuple[Located[str], ...] = ()
    regex: tuple[Located[str], ...] = ()
    evasion: Evasion = Evasion.STRONG
    expires: date | None = None
    terms: frozenset[int] = frozenset()
    patterns: frozenset[int] = frozenset()
    entries: tuple[str, ...] = ()
    written_out: tuple[str, ...] = ()

    def bind(self, binder: Binder) -> RuleException:
        """Return the exception with its entries known to the matcher."""
        entries = (*self.words, *binder.entries(self.lists))
        written_out = binder.written_out(self.regex)
        return replace(
            self,
            terms=binder.terms(entries, self.evasion),
            patterns=binder.patterns(written_out, self.evasion),
            entries=tuple(sorted({entry.value for entry in entries})),
            written_out=tuple(sorted({each.value for each in written_out})),
        )

    def found_in(self, hits: Hits) -> list[Hit]:
        """Return where it stands in a text, in order."""
        return sorted(hits.of(self.terms, self.patterns), key=lambda hit: hit.span)

    def is_for(self, rule: str) -> bool:
        """Tell whether it speaks of a rule."""
        return Globs(tuple(each.value for each in self.rules)).match(rule)

    def holds_at(self, now: datetime | None) -> bool | None:
        """Tell whether it has not expired at a time; `None` when the time is not known."""
        if self.expires is None:
            return True
        if now is None:
            return None
        return now < datetime.combine(self.expires, time(), UTC)

    def meaning(self) -> dict[str, Any]:
        """Return what it says as plain data."""
        return {
            "id": self.id.value,
            "for": sorted(each.value for each in self.rules),
            "entries": list(self.entries),
            "regex": list(self.written_out),
            "evasion": str(self.evasion),
            "expires": str(self.expires),
        }


EXCEPTION = Record(
    RuleException,
    (
        Field("id", At(IDENTIFIER), "The exception's own id.", required=True),
        Field(
            "for",
            ListOf(At(GLOB)),
            "Ids of rules, with * for anything.",
            required=True,
            attribute="rules",
        ),
        Field("words", OneOrMany(At(Text("a word or phrase", longest=200))), "The innocent words."),
        Field(
            "list",
            OneOrMany(At(Text("the name of a list"))),
            "Lists of them.",
            attribute="lists",
        ),
        Field(
            "regex",
            OneOrMany(At(Text("a regular expression", longest=2000))),
            "Where words do not suffice: innocent sentences, as in the condition regex.",
        ),
        Field("reason", Text("a sentence", longest=500), "Why they are innocent.", required=True),
        Field(
            "evasion",
            Choice(Evasion),
            "How much disguise of the innocent words is undone. What was found with less guessing "
            "than they were is not cancelled.",
        ),
        Field("expires", Date(), "The first day on which it holds no more (UTC)."),
    ),
    any_of=("words", "list", "regex"),
    doc="Words that are innocent wherever they cover what a rule found.",
    noun="an exception",
    stand_ins={
        "id": lambda node: Located("", node),
        "for": lambda _: (),
        "reason": lambda _: "",
    },
)


@dataclass(frozen=True)
class Cover:
    """An exception as found in a comment: whether it surely holds, and where it stands."""

    exception: RuleException
    holds: bool
    by_evasion: tuple[_Places, ...]
    """Where it stands, by how much guessing: at each level what the weaker ones show too."""

    def covers(self, span: Span, evasion: Evasion) -> bool:
        """Tell whether a place of the exception covers all of a hit of this evasion."""
        return self.by_evasion[evasion].cover(span)


@dataclass(frozen=True)
class _Places:
    """Places in order, and how far any of them reaches that begins no later than each."""

    starts: tuple[int, ...]
    reach: tuple[int, ...]

    @classmethod
    def of(cls, spans: Sequence[Span]) -> _Places:
        reach = accumulate((span.end for span in spans), max)
        return cls(tuple(span.start for span in spans), tuple(reach))

    def cover(self, span: Span) -> bool:
        before = bisect_right(self.starts, span.start)
        return before > 0 and self.reach[before - 1] >= span.end


def find_covers(exceptions: Sequence[RuleException], comment: Comment, hits: Hits) -> list[Cover]:
    """Return the exceptions found in a comment that have not expired at its time."""
    now = comment.edited_at or comment.created_at
    covers = []
    for each in exceptions:
        holds = each.holds_at(now)
        found = each.found_in(hits)
        if found and holds is not False:
            levels = (
                _Places.of([hit.span for hit in found if hit.evasion <= level]) for level in Evasion
            )
            covers.append(Cover(each, holds is True, tuple(levels)))
    return covers


def excused_spans(
    covers: Iterable[Cover], rule: str, found: Mapping[Span, Evasion]
) -> tuple[Excused, tuple[ExceptionHit, ...]]:
    """Return which of a rule's spans are cancelled, and by which exceptions."""
    gone: set[Span] = set()
    doubtful: set[Span] = set()
    hits: set[tuple[str, Span]] = set()
    for cover in covers:
        if not cover.exception.is_for(rule):
            continue
        covered = {span for span, evasion in found.items() if cover.covers(span, evasion)}
        if cover.holds:
            gone |= covered
            hits |= {(cover.exception.id.value, span) for span in covered}
        else:
            doubtful |= covered
    if not gone and not doubtful:
        return NOTHING_EXCUSED, ()
    named = tuple(ExceptionHit(name, rule, span) for name, span in sorted(hits))
    return Excused(frozenset(gone), frozenset(doubtful - gone)), named
