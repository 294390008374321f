"""Draws sentences of our own for what the sources hardly hold, each with its labels.

Lives here: reading the files of `own/` and filling their slots. Not here: the sentences
themselves, and how many of them an epoch shows (`rounds`).
"""

import random
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from bot.errors import UserError
from bot.training.data import ABSENT, LABELS, Example
from bot.yamlfile import (
    At,
    Field,
    Fraction,
    ListOf,
    Located,
    MapOf,
    Record,
    Report,
    Text,
    read_file,
)

SOURCE = "own_sentences"
FOLDER = Path(__file__).with_name("own")

_SLOT = re.compile(r"\{(\w+)\}")
_OPENINGS = ("",) * 14 + (
    "honestly, ",
    "lol ",
    "well, ",
    "so ",
    "omg ",
    "@mod ",
    "and ",
    "Sorry but ",
)
_ENDINGS = ("", "", "", ".", ".", "!", "!!", "!!!", "...", " lol", "?", " \N{UNAMUSED FACE}")
_CASES = (str, str, str, str, str.capitalize, str.capitalize, str.lower, str.lower, str.upper)
_ALONE = 0.75
"""The share of sentences that stand alone."""


@dataclass(frozen=True, slots=True)
class Family:
    """Sentences that an annotator would label alike; a label neither named nor unsure is 0."""

    name: str
    sentences: tuple[Located[str], ...]
    labels: Mapping[str, float] = field(default_factory=dict)
    unsure: tuple[str, ...] = ()

    def targets(self) -> tuple[float, ...]:
        """Return the targets in the order of `LABELS`."""
        return tuple(
            ABSENT if name in self.unsure else self.labels.get(name, 0.0) for name in LABELS
        )


@dataclass(frozen=True, slots=True)
class Book:
    """The families of one file, and the words that fill their slots."""

    families: tuple[Family, ...]
    slots: Mapping[str, Sequence[str]] = field(default_factory=dict)

    def write(self, sentence: str, rng: random.Random) -> str:
        """Fill the slots of a sentence, and vary how it begins, ends and is written."""
        text = _SLOT.sub(lambda slot: rng.choice(self.slots[slot[1]]), sentence)
        ending = rng.choice(_ENDINGS) if text[-1].isalnum() else ""
        return rng.choice(_CASES)(rng.choice(_OPENINGS) + text + ending)

    def unfilled(self) -> Iterator[tuple[Located[str], str]]:
        """Yield each sentence with a slot that nothing fills, and the slot's name."""
        for family in self.families:
            for sentence in family.sentences:
                for slot in _SLOT.findall(sentence.value):
                    if slot not in self.slots:
                        yield sentence, slot


def draw(
    books: Sequence[Book], count: int, rng: random.Random, clean: Sequence[str] = ()
) -> list[Example]:
    """Write `count` sentences, some of them beside a `clean` text, which changes no label."""
    choices = [
        (book, sentence.value, family.targets())
        for book in books
        for family in book.families
        for sentence in family.sentences
    ]
    return [
        Example(_beside(book.write(sentence, rng), clean, rng), targets, SOURCE)
        for book, sentence, targets in rng.choices(choices, k=count)
    ]


def _beside(text: str, clean: Sequence[str], rng: random.Random) -> str:
    if not clean or rng.random() < _ALONE:
        return text
    return rng.choice((" ", ". ", "\n")).join(rng.sample([text, rng.choice(clean)], 2))


_LABEL = Text("a label", "|".join(LABELS))
_FAMILY = Record(
    Family,
    (
        Field("name", Text("a name"), "What the sentences have in common", required=True),
        Field("labels", MapOf(_LABEL, Fraction()), "Labels that an annotator would mark"),
        Field("unsure", ListOf(_LABEL), "Labels that are left out of the loss"),
        Field("sentences", ListOf(At(Text("a sentence"))), "The sentences", required=True),
    ),
)
_BOOK = Record(
    Book,
    (
        Field(
            "slots",
            MapOf(Text("a slot", r"[a-z_]+"), ListOf(Text("words"))),
            "The words that may stand for a slot in braces",
        ),
        Field("families", ListOf(_FAMILY), "Sentences with equal labels", required=True),
    ),
)


def load(path: Path) -> Book:
    """Read a file of sentences; raise `UserError` with the place of whatever is wrong."""
    report = Report()
    book = read_file(path, _BOOK, report)
    for sentence, slot in book.unfilled() if book else ():
        hint = f"add {slot} to the slots"
        report.error("unknown-slot", f"nothing fills {{{slot}}}", sentence.node, hint)
    if book is None or report.errors:
        raise UserError(report.problems)
    return book


@cache
def ours(names: tuple[str, ...]) -> tuple[Book, ...]:
    """Return files of sentences that come with the code."""
    return tuple(load(FOLDER / f"{name}.yaml") for name in names)
