"""Which characters are marks, invisible, or look like Latin letters.

Lives here: the character classes that the folding steps share, and the shipped look-alike table.
Not here: the steps (`bot.text.light`, `bot.text.strong`).
"""

from __future__ import annotations

import re
import unicodedata
from importlib.resources import files

INHERITED_MARKS = "\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f"
"""Marks that belong to no script: accents, enclosures, and what Zalgo is made of."""

BIDI_CONTROLS = "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"

ZERO_WIDTH = (
    "\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\u00ad\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f"
    "\u200b-\u200d\u2060-\u2065\u206a-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufff8"
    "\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
)
"""What a reader does not see: default-ignorable characters and control characters."""

LATIN = "A-Za-z\u00aa\u00ba\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u024f\u1e00-\u1eff"

_UNSEEN = re.compile(f"[{BIDI_CONTROLS}{ZERO_WIDTH}]")


def is_invisible(character: str) -> bool:
    """Whether a reader does not see `character`."""
    return _UNSEEN.match(character) is not None


_ASCII = bytes(range(128))


def beyond_ascii(text: str) -> str:
    """Return the characters of `text` beyond ASCII, in order; far faster than looking at each."""
    encoded = text.encode("utf-8", "surrogatepass").translate(None, _ASCII)
    return encoded.decode("utf-8", "surrogatepass")


def _all_marks() -> str:
    codes = [c for c in range(0x300, 0x10000) if unicodedata.category(chr(c))[0] == "M"]
    starts = [c for c in codes if not _is_mark(c - 1)]
    ends = [c for c in codes if not _is_mark(c + 1)]
    return "".join(f"{chr(a)}-{chr(b)}" for a, b in zip(starts, ends, strict=True))


def _is_mark(code: int) -> bool:
    return unicodedata.category(chr(code))[0] == "M"


ALL_MARKS = _all_marks()

CLUSTER = re.compile(
    rf"[\s\S][{ALL_MARKS}\u1160-\u11ff\uff9e\uff9f\U0001d165-\U0001d172\U00011000-\U00011fff]+"
    r"|[^\x00-\x7f]"
)
"""A character outside ASCII, or any character with the marks that may compose with it."""


def _lookalikes() -> dict[str, str]:
    text = files("bot.text").joinpath("data/confusables.tsv").read_text(encoding="utf-8")
    rows = (line.split("\t") for line in text.splitlines())
    return {character: target for target, found in rows for character in found}


LOOKALIKES = _lookalikes()
"""Character outside ASCII → the Latin letters, in lower case, for which a reader takes it."""

_CYRILLIC_THAT_LOOKS_LATIN = frozenset("аеорсухіїјѕԁһӏԛԝѵґүАВЕКМНОРСТУХІЇЈЅԀҺӀԚԜѴҮё")


def is_native(character: str) -> bool:
    """Whether a letter shows that its word is really written in another script than Latin."""
    if not character.isalpha() or character.isascii():
        return False
    if "\u0400" <= character <= "\u052f":
        return character not in _CYRILLIC_THAT_LOOKS_LATIN
    return character not in LOOKALIKES
