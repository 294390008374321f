"""Measures of a text's outward form: length, capitals, repeats, stacked marks, emoji.

Lives here: one function a measure, for one text and for many. A measure of many texts is the
same numbers, faster. Nothing here looks at what a text says.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Sequence
from functools import cache, cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

_UPPER = bytes(range(ord("A"), ord("Z") + 1))
_CASED = _UPPER + _UPPER.lower()

# Pictographs, dingbats, flags and keycaps; skin tones, joiners and variation selectors belong to
# the emoji before them, and a flag is two letters.
_EMOJI = re.compile(
    "(?:[\U0001f1e6-\U0001f1ff]{2}"
    "|[0-9#*]\ufe0f?\u20e3"
    "|[\u203c\u2049\u2122\u2139\u2194-\u21aa\u231a-\u23ff\u25aa-\u25fe\u2600-\u27bf\u2934\u2935"
    "\u2b05-\u2b55\U0001f000-\U0001faff](?:[\ufe0f\U0001f3fb-\U0001f3ff]"
    "|\u200d[\u2600-\u27bf\U0001f000-\U0001faff])*"
    ")"
)
_STACKED = {"Mn", "Me"}
"""Marks that can be stacked; those that a script needs (vowel signs) are spacing, Mc."""

_DISCORD_EMOJI = re.compile(r"<a?:\w{2,32}:\d{15,21}>")


def characters(text: str) -> int:
    """Count code points."""
    return len(text)


def words(text: str) -> int:
    """Count stretches between white space."""
    return len(text.split())


def lines(text: str) -> int:
    """Count lines, empty ones too; an empty text has none."""
    return len(text.splitlines())


def letters(text: str) -> int:
    """Count letters that have a case."""
    if text.isascii():
        return len(text) - len(text.encode().translate(None, _CASED))
    return sum(map(str.isupper, text)) + sum(map(str.islower, text))


def capitals(text: str) -> float:
    """Return the share of capitals among letters that have a case; 0 where there are none."""
    cased = letters(text)
    if not cased:
        return 0.0
    if text.isascii():
        return (len(text) - len(text.encode().translate(None, _UPPER))) / cased
    return sum(map(str.isupper, text)) / cased


def repeated(text: str) -> int:
    """Return the length of the longest run of one character, white space aside."""
    longest = run = 0
    previous = ""
    for character in text:
        run = run + 1 if character == previous else 1
        previous = character
        if run > longest and not character.isspace():
            longest = run
    return longest


def marks(text: str) -> int:
    """Return the largest number of combining marks on one character (Zalgo text stacks many)."""
    if text.isascii():
        return 0
    longest = run = 0
    for character in text:
        run = run + 1 if unicodedata.category(character) in _STACKED else 0
        longest = max(longest, run)
    return longest


def emoji(text: str) -> int:
    """Count emoji: a family or a flag counts once; Discord's own emoji count too."""
    own = len(_DISCORD_EMOJI.findall(text)) if ":" in text else 0
    if text.isascii():
        return own
    return own + len(_EMOJI.findall(text))


def longest_run(text: str) -> tuple[int, int]:
    """Return where the longest run of one character begins and ends."""
    length = repeated(text)
    for match in re.finditer(r"(\S)\1*", text):
        if match.end() - match.start() == length:
            return match.span()
    return 0, 0


Measure = Callable[[str], float]
Numbers = NDArray[np.float64]
_Flags = NDArray[np.bool_]
_Places = NDArray[np.intp]

_BMP = 0x10000


class Joined:
    """Texts end to end as code points, a line break after each.

    The line break ends every run, for white space does not count as one.
    """

    def __init__(self, texts: Sequence[str], encoding: str) -> None:
        """Join the texts: as bytes where the encoding is ASCII, else as numbers of 32 bits."""
        self.texts = texts
        self._written = ("\n".join(texts) + "\n").encode(encoding, "surrogatepass")
        kind = np.uint8 if encoding == "ascii" else np.uint32
        self.codes: NDArray[np.integer[Any]] = np.frombuffer(self._written, dtype=kind)
        self.ends = np.cumsum(np.fromiter(map(len, texts), np.int64, len(texts)) + 1)
        """The place behind each text's line break."""
        self._counts: dict[Callable[[str], bool], Numbers] = {}
        self.starts: NDArray[np.int64] = np.concatenate(([0], self.ends[:-1]))

    @cached_property
    def beyond_tables(self) -> list[int]:
        """The numbers of the few texts with characters for which there are no tables."""
        plain = self.codes.dtype == np.uint8
        return [] if plain else self.owners(np.flatnonzero(self.codes >= _BMP))

    def owners(self, places: _Places) -> list[int]:
        """Return the numbers of the texts to which places belong, each once."""
        numbers: list[int] = np.unique(np.searchsorted(self.ends, places, side="right")).tolist()
        return numbers

    def at(self, character: str) -> _Places:
        """Return the places of a character."""
        return np.flatnonzero(self.codes == ord(character))

    def fitting(self, fits: Callable[[str], bool]) -> _Flags:
        """Return at which places the characters fit; beyond the tables, none does."""
        table = _table(fits)
        if self.codes.dtype == np.uint8:
            return np.frombuffer(self._written.translate(table[:256].tobytes()), dtype=np.bool_)
        fitting: _Flags = table[np.minimum(self.codes, _BMP)]
        return fitting

    def may_fit(self, places: _Places, fits: Callable[[str], bool]) -> _Flags:
        """Return whether the characters at `places` fit; beyond the tables, each may."""
        codes = self.codes[places].astype(np.uint32)
        found: _Flags = _table(fits)[np.minimum(codes, _BMP)] | (codes >= _BMP)
        return found

    def counts(self, fits: Callable[[str], bool]) -> Numbers:
        """Return how many characters of each text fit; counted once."""
        if fits not in self._counts:
            fitting = self.fitting(fits)
            self._counts[fits] = np.add.reduceat(fitting, self.starts, dtype=np.float64)
        return self._counts[fits]

    def longest(self, starts: _Places, lengths: _Places) -> Numbers:
        """Return the longest run of each text, given all runs in order; 0 where there is none."""
        result = np.zeros(len(self.texts))
        if len(starts):
            owners = np.searchsorted(self.ends, starts, side="right")
            firsts = np.flatnonzero(np.diff(owners, prepend=-1))
            result[owners[firsts]] = np.maximum.reduceat(lengths, firsts)
        return result


class Texts:
    """Many texts to be measured at once."""

    def __init__(self, texts: Sequence[str]) -> None:
        self.texts = texts

    @cached_property
    def parts(self) -> tuple[tuple[_Places, Joined], ...]:
        """The texts in ASCII and all others, each with their numbers."""
        plain = np.fromiter(map(str.isascii, self.texts), np.bool_, len(self.texts))
        kinds = ((np.flatnonzero(plain), "ascii"), (np.flatnonzero(~plain), "utf-32-le"))
        return tuple(
            (rows, Joined([self.texts[row] for row in rows.tolist()], encoding))
            for rows, encoding in kinds
            if len(rows)
        )


@cache
def _table(fits: Callable[[str], bool]) -> _Flags:
    """Return which code points of the basic plane fit; one more place, which never does."""
    return np.array([*(fits(chr(code)) for code in range(_BMP)), False])


def _is_cased(character: str) -> bool:
    return character.isupper() or character.islower()


def _is_stacked(character: str) -> bool:
    return unicodedata.category(character) in _STACKED


def _is_written(character: str) -> bool:
    return not character.isspace()


def _breaks_line(character: str) -> bool:
    return len(f"{character}.".splitlines()) > 1


def _begins_emoji(character: str) -> bool:
    return character in "<\u20e3" or _EMOJI.match(character) is not None


def _characters_of_many(texts: Joined) -> Numbers:
    return (texts.ends - texts.starts - 1).astype(np.float64)


def _words_of_many(texts: Joined) -> Numbers:
    written = texts.fitting(_is_written)
    begins = written & ~np.concatenate(([False], written[:-1]))
    counts: Numbers = np.add.reduceat(begins, texts.starts, dtype=np.float64)
    return counts


def _letters_of_many(texts: Joined) -> Numbers:
    return texts.counts(_is_cased).copy()


def _capitals_of_many(texts: Joined) -> Numbers:
    return texts.counts(str.isupper) / np.maximum(texts.counts(_is_cased), 1)


def _marks_of_many(texts: Joined) -> Numbers:
    if texts.codes.dtype == np.uint8:
        return np.zeros(len(texts.texts))
    stacked = texts.fitting(_is_stacked)
    edges = np.flatnonzero(np.diff(stacked, prepend=False, append=False))
    return texts.longest(edges[::2], edges[1::2] - edges[::2])


def _repeated_of_many(texts: Joined) -> Numbers:
    codes = texts.codes
    # Few characters are doubled: a run begins where they start to be, and ends one after.
    edges = np.flatnonzero(np.diff(codes[1:] == codes[:-1], prepend=False, append=False))
    starts, lengths = edges[::2], edges[1::2] - edges[::2] + 1
    written = texts.may_fit(starts, _is_written)
    longest = texts.longest(starts[written], lengths[written])
    for row in np.flatnonzero(longest == 0).tolist():
        longest[row] = 1.0 if texts.texts[row].strip() else 0.0
    return longest


def _lines_of_many(texts: Joined) -> Numbers:
    places = np.flatnonzero(texts.fitting(_breaks_line))
    own = texts.ends - 1
    one = (own > texts.starts).astype(np.float64)
    return _measured(lines, texts, places[~np.isin(places, own, assume_unique=True)], one)


def _emoji_of_many(texts: Joined) -> Numbers:
    places = np.flatnonzero(texts.fitting(_begins_emoji))
    return _measured(emoji, texts, places, np.zeros(len(texts.texts)))


def _measured(measure: Measure, texts: Joined, places: _Places, others: Numbers) -> Numbers:
    """Measure the texts with one of these places in them; the others measure what is given."""
    for row in texts.owners(places):
        others[row] = measure(texts.texts[row])
    return others


OF_MANY: dict[Measure, Callable[[Joined], Numbers]] = {
    characters: _characters_of_many,
    words: _words_of_many,
    lines: _lines_of_many,
    letters: _letters_of_many,
    capitals: _capitals_of_many,
    repeated: _repeated_of_many,
    marks: _marks_of_many,
    emoji: _emoji_of_many,
}
"""The measures that have a faster way for many texts."""


def measure_many(measure: Measure, texts: Texts) -> Numbers:
    """Return the measure of each text."""
    faster = OF_MANY.get(measure)
    if faster is None:
        return np.fromiter(map(measure, texts.texts), np.float64, len(texts.texts))
    result = np.zeros(len(texts.texts))
    for rows, joined in texts.parts:
        measured = faster(joined)
        for number in joined.beyond_tables:
            measured[number] = measure(joined.texts[number])
        result[rows] = measured
    return result
