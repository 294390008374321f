"""Conditions on what a text says: `words` and `regex`."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import ClassVar, Self

from bot.model import Evasion, Missing, Outcome
from bot.rules.batch import Batch, Screen
from bot.rules.conditions.base import Anchors, Binder, Condition
from bot.rules.hits import MOST_HITS, Hit
from bot.rules.look import NO, REST, Answer, Found, Look, in_order, unknown
from bot.text import CENSORED
from bot.yamlfile import At, Choice, Field, Flag, Located, OneOrMany, Text, Whole

_EVASION = Field(
    "evasion",
    Choice(Evasion),
    "How much disguise is undone: none (case and NFKC), light (diacritics, look-alikes, invisible "
    "characters, markdown), strong (leet, separators, repeats, self-censoring). A hit that only "
    "strong finds never does more than flag.",
)
_AT_LEAST = Field("at_least", Whole(1, 1000), "How many places must be found.")


@dataclass(frozen=True)
class Words(Condition):
    """Entries of a word list."""

    entries: tuple[Located[str], ...] = ()
    lists: tuple[Located[str], ...] = ()
    evasion: Evasion = Evasion.LIGHT
    at_least: int = 1
    disguised: bool = False
    all_entries: tuple[str, ...] = ()
    terms: frozenset[int] = frozenset()

    name: ClassVar[str] = "words"
    title = "The text holds one of these words or phrases"
    doc = (
        "An entry stands for a whole word or phrase (`cat`), a beginning (`cat*`), an end (`*cat`) "
        "or any place in a word (`*cat*`), as in Discord's AutoMod. Letter case never matters. "
        "Entries are written in place or kept in a list; `words: [cat, dog]` is short for "
        "`words: {entries: [cat, dog]}`. The path of a link and an e-mail address are no prose: "
        "only entries with a dot, a slash, a colon or an @ are looked for there."
    )
    example = "words: {list: insults, evasion: strong}"
    parameters = (
        Field("entries", OneOrMany(At(Text("a word or phrase", longest=200))), "The entries."),
        Field(
            "list",
            OneOrMany(At(Text("the name of a list"))),
            "Lists of entries, by the name under which `lists` has them.",
            attribute="lists",
        ),
        _EVASION,
        _AT_LEAST,
        Field(
            "disguised",
            Flag(only=True),
            "Only what was hidden from a filter: signs for letters, letters pulled apart, "
            "look-alikes, invisible or turned characters. Stretched words and stars for letters "
            "are no such thing.",
        ),
    )
    any_of = ("entries", "list")
    shorthand = "entries"

    def bind(self, binder: Binder) -> Self:
        entries = (*self.entries, *binder.entries(self.lists))
        return replace(
            self,
            all_entries=tuple(sorted({entry.value for entry in entries})),
            terms=binder.terms(entries, self.evasion),
        )

    def test(self, look: Look) -> Answer:
        return _count(self._found(look), self.at_least)

    def _found(self, look: Look) -> Found:
        found = look.terms(self.terms)
        return _only_disguised(found, look.facts.text.original) if self.disguised else found

    def screen(self, batch: Batch) -> Screen:
        # An exception may cancel what was found, hence `miss` stays open.
        return Screen(batch.terms(self.terms), batch.open().miss)

    def meaning(self) -> object:
        return {
            "entries": list(self.all_entries),
            "evasion": str(self.evasion),
            "at_least": self.at_least,
            **({"disguised": True} if self.disguised else {}),
        }

    def describe(self) -> str:
        lists = ", ".join(each.value for each in self.lists)
        what = f"list {lists}" if lists else ", ".join(self.all_entries[:6])
        only = ", only disguised" if self.disguised else ""
        size = f"{len(self.all_entries)} {'entry' if len(self.all_entries) == 1 else 'entries'}"
        return f"words: {what} ({size}, evasion {self.evasion}{only})"

    def detail(self, look: Look) -> str:
        return _shown(look, self._found(look))

    def anchors(self) -> Anchors:
        return self.terms, frozenset()

    def term_ids(self) -> frozenset[int]:
        return self.terms


@dataclass(frozen=True)
class Regex(Condition):
    """Regular expressions."""

    pattern: tuple[Located[str], ...]
    evasion: Evasion = Evasion.NONE
    at_least: int = 1
    written_out: tuple[str, ...] = ()
    patterns: frozenset[int] = frozenset()

    name: ClassVar[str] = "regex"
    title = "The text holds a place that fits a regular expression"
    doc = (
        "RE2 syntax, which runs in linear time: no back-references and no look-around. It is "
        "matched on the text in lower case (at a higher evasion, on the folded text), so write "
        "it in lower case. The name of a list in braces, as in `you {insults}`, stands for any of "
        "its entries, and that of one of the file's `patterns` for the pattern. `regex: 'x+'` is "
        "short for `regex: {pattern: 'x+'}`. Of one expression the first "
        f"{MOST_HITS} places are looked at: where exceptions excuse all of them and there are more, the "
        "answer is unknown and the comment goes to review."
    )
    example = r"regex: {pattern: '\bkys\b', evasion: light}"
    parameters = (
        Field(
            "pattern",
            OneOrMany(At(Text("a regular expression", longest=2000))),
            "The expression, or several of which any may fit.",
            required=True,
        ),
        _EVASION,
        Field("at_least", Whole(1, MOST_HITS), "How many places must be found."),
    )
    shorthand = "pattern"

    def bind(self, binder: Binder) -> Self:
        written_out = binder.written_out(self.pattern)
        return replace(
            self,
            written_out=tuple(sorted({each.value for each in written_out})),
            patterns=binder.patterns(written_out, self.evasion),
        )

    def test(self, look: Look) -> Answer:
        answer = _count(look.patterns(self.patterns), self.at_least)
        if answer.outcome is not Outcome.MATCH and look.is_cut(self.patterns):
            return unknown(*answer.missing, REST)
        return answer

    def screen(self, batch: Batch) -> Screen:
        return Screen(batch.patterns(self.patterns), batch.open().miss)

    def meaning(self) -> object:
        return {
            "pattern": list(self.written_out),
            "evasion": str(self.evasion),
            "at_least": self.at_least,
        }

    def describe(self) -> str:
        shown = " or ".join(each.value for each in self.pattern[:3])
        return f"regex: {shown} (evasion {self.evasion})"

    def detail(self, look: Look) -> str:
        found = look.patterns(self.patterns)
        return _shown(look, found, cut=look.is_cut(self.patterns))

    def anchors(self) -> Anchors:
        return frozenset(), self.patterns

    def pattern_ids(self) -> frozenset[int]:
        return self.patterns


_DISGUISES = frozenset(
    (
        "bidi controls", "confusables", "deletion controls", "emoji letters", "leet", "reordering",
        "separators", "upside down", "zero-width",
    )
)  # fmt: skip


# Words, a word of several parts as in `well-known`, stars for letters, an abbreviation.
_PLAIN = re.compile(
    r"[A-Za-z]{2,}(?:[ '’-][A-Za-z]{2,})*|[A-Za-z]+(?:[*#]+[A-Za-z]*)+|(?:[A-Z]\.)+[A-Z]?"
)


def _only_disguised(found: Found, text: str) -> Found:
    """Leave out what is written in plain letters, or in a way that hides it from nobody."""

    def is_disguised(hit: Hit) -> bool:
        written = text[hit.span.start : hit.span.end]
        seen = CENSORED in hit.steps or _PLAIN.fullmatch(written)
        return not seen and not _DISGUISES.isdisjoint(hit.steps)

    return Found(
        tuple(filter(is_disguised, found.hits)), tuple(filter(is_disguised, found.doubtful))
    )


def _count(found: Found, at_least: int) -> Answer:
    """Answer by the number of places found; each is as disguised as its plainest hit."""
    if not found.hits and not found.doubtful:
        return NO
    places = _places(found.hits)
    if len(places) >= at_least:
        return Answer(Outcome.MATCH, found.hits, sorted(places)[at_least - 1])
    if len(_places(in_order(found.hits + found.doubtful))) >= at_least:
        return unknown(Missing("time"))
    return NO


def _places(hits: Iterable[Hit]) -> list[Evasion]:
    """Return the weakest evasion of each place; hits, in order, that overlap are one place."""
    places: list[Evasion] = []
    reach = -1
    for (start, end), _, evasion, _ in hits:
        if start >= reach:
            places.append(evasion)
            reach = end
        else:
            places[-1] = min(places[-1], evasion)
            reach = max(reach, end)
    return places


def _shown(look: Look, found: Found, *, cut: bool = False) -> str:
    if not found.hits:
        excused = cut or found.doubtful
        return "an exception covers what was found" if excused else "nothing found"
    text = look.facts.text.original
    return "; ".join(
        f'"{text[hit.span.start : hit.span.end]}"'
        + (f" read as {hit.folded} ({', '.join(hit.steps)})" if hit.steps else "")
        for hit in found.hits[:5]
    )
