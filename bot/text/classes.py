"""Classes of ASCII characters, to look many of them up at once.

Lives here: classes as bits and as tables, and the bits that every text is looked up in. Not here:
what a character means where it stands (`bot.text.surroundings`, `bot.text.pieces`).
"""

from __future__ import annotations

import itertools

import numpy as np
from numpy.typing import NDArray

from bot.text.outline import DISGUISE, JOINER

Mask = NDArray[np.bool_]
Places = NDArray[np.intp]
Characters = NDArray[np.uint8]

_BITS = itertools.count()
CLASSES = np.zeros(256, dtype=np.int64)
"""The classes of each character, one bit a class."""


def members(characters: str) -> int:
    """Make a class of characters, and return its bit."""
    bit = 1 << next(_BITS)
    CLASSES[[ord(character) for character in characters]] |= bit
    return bit


def table_of(bits: int) -> Mask:
    """Return a table that says of each character whether it is in one of these classes."""
    table: Mask = CLASSES & bits != 0
    return table


LETTERS = "abcdefghijklmnopqrstuvwxyz"
CONSONANTS = "bcdfghjklmnpqrstvwxyz"
DIGITS = "0123456789"
CONTROLS = "".join(map(chr, (*range(3, 9), *range(14, 32), 127))) + DISGUISE
HIDING = CONTROLS + JOINER
"""What a reader does not see, and what stands for it in an outline."""

_SIGNS = "".join(chr(code) for code in range(33, 127) if not chr(code).isalpha())
# Before white space these tell nothing: they part words and end sentences.
_PARTING = "!\"#%'(),-./:;=?]^_~"

# The classes that every character is looked up in: a byte has room for these.
LETTER, ALNUM, CONSONANT, HIDDEN, SIGN, DIGIT, PARTING, BLANK = (1 << bit for bit in range(8))
_KINDS = bytearray(256)
for _kind, _characters in (
    (LETTER, LETTERS + LETTERS.upper()),
    (ALNUM, LETTERS + LETTERS.upper() + DIGITS),
    (CONSONANT, CONSONANTS + CONSONANTS.upper()),
    (HIDDEN, HIDING),
    (SIGN, _SIGNS),
    (DIGIT, DIGITS),
    (PARTING, _PARTING),
    (BLANK, "".join(map(chr, range(33)))),
):
    for _character in _characters:
        _KINDS[ord(_character)] |= _kind


def kinds_of(written: bytes) -> Characters:
    """Return the bits of each character; `bytes` does it faster than an array."""
    return np.frombuffer(written.translate(_KINDS), dtype=np.uint8)


def at(text: Characters, places: Places) -> Characters:
    """Return the characters at places that may lie beyond the ends, where there are only edges."""
    found: Characters = text.take(places, mode="clip")
    return found
