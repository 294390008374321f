"""Conditions on a text's outward form: `length` and `shape`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from bot.model import Outcome, Span
from bot.rules import measures
from bot.rules.batch import Batch, Screen
from bot.rules.conditions.base import Condition
from bot.rules.kinds import CompareNumber, Comparison
from bot.rules.look import NO, Answer, Look, place
from bot.rules.matcher import Hit
from bot.rules.measures import Measure
from bot.yamlfile import Field


class _Measured(Condition):
    """Comparisons of measures, all of which must hold."""

    MEASURES: ClassVar[dict[str, Measure]]

    def wanted(self) -> list[tuple[str, Measure, Comparison]]:
        """Return the measures that are asked for."""
        pairs = ((name, measure, getattr(self, name)) for name, measure in self.MEASURES.items())
        return [(name, measure, compare) for name, measure, compare in pairs if compare is not None]

    def test(self, look: Look) -> Answer:
        text = look.facts.comment.text
        for _, measure, compare in self.wanted():
            if not compare.holds(measure(text)):
                return NO
        return Answer(Outcome.MATCH, self.places(text))

    def places(self, text: str) -> tuple[Hit, ...]:
        """Return where in the text it shows, if it has a place."""
        del text
        return ()

    def screen(self, batch: Batch) -> Screen:
        match = ~batch.nowhere()
        for _, measure, compare in self.wanted():
            match &= compare.column(batch.measure(measure))
        return Screen.exact(match)

    def detail(self, look: Look) -> str:
        text = look.facts.comment.text
        return ", ".join(f"{name} {measure(text):.3g}" for name, measure, _ in self.wanted())


@dataclass(frozen=True)
class Length(_Measured):
    """How long a text is."""

    characters: Comparison | None = None
    words: Comparison | None = None
    lines: Comparison | None = None

    name: ClassVar[str] = "length"
    title = "The text is this long"
    doc = "Compares the number of characters, words or lines; all that are given must hold."
    example = 'length: {characters: ">= 2000"}'
    parameters = (
        Field("characters", CompareNumber(">= 2000", whole=True), "Characters (code points)."),
        Field("words", CompareNumber("< 4", whole=True), "Words, parted by white space."),
        Field("lines", CompareNumber("> 30", whole=True), "Lines, empty ones too."),
    )
    MEASURES: ClassVar[dict[str, Measure]] = {
        "characters": measures.characters,
        "words": measures.words,
        "lines": measures.lines,
    }


@dataclass(frozen=True)
class Shape(_Measured):
    """Shouting, stretching, stacking and emoji."""

    capitals: Comparison | None = None
    letters: Comparison | None = None
    repeated: Comparison | None = None
    zalgo: Comparison | None = None
    emoji: Comparison | None = None

    name: ClassVar[str] = "shape"
    title = "The text shouts, stretches, stacks marks or is full of emoji"
    doc = (
        "Compares measures of the text's outward form; all that are given must hold. Give "
        "`letters` with `capitals`, so that short exclamations stay free."
    )
    example = 'shape: {capitals: ">= 0.7", letters: ">= 20"}'
    parameters = (
        Field("capitals", CompareNumber(">= 0.7"), "Share of capitals among letters, 0 to 1."),
        Field("letters", CompareNumber(">= 20", whole=True), "Letters that have a case."),
        Field(
            "repeated",
            CompareNumber(">= 10", whole=True),
            "Longest run of one character, white space aside.",
        ),
        Field(
            "zalgo",
            CompareNumber(">= 4", whole=True),
            "Most combining marks stacked on one character.",
        ),
        Field("emoji", CompareNumber(">= 10", whole=True), "Emoji, Discord's own among them."),
    )
    MEASURES: ClassVar[dict[str, Measure]] = {
        "capitals": measures.capitals,
        "letters": measures.letters,
        "repeated": measures.repeated,
        "zalgo": measures.marks,
        "emoji": measures.emoji,
    }

    def places(self, text: str) -> tuple[Hit, ...]:
        """Return the longest run, where runs are asked for."""
        return (place(text, Span(*measures.longest_run(text))),) if self.repeated else ()
