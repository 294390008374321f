"""Which folding steps could change a text at all: the fast way past ordinary comments.

Lives here: the flags, and their computation for many plain ASCII texts at once. A flag may be set
in vain, never missing: `fold_many` then gives what `fold` gives. Not here: the steps themselves.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import IntFlag

import numpy as np
from numpy.typing import NDArray

from bot.text.separators import ABBREVIATIONS, ODD_PAIRS


class Need(IntFlag):
    """The groups of steps that may change a text."""

    NOTHING = 0
    LIGHT = 1
    PULLED_APART = 2
    SIGNS = 4
    REPEATS = 8
    HOLES = 16
    EVERYTHING = 31


_Mask = NDArray[np.bool_]


def _members(characters: str) -> _Mask:
    members = np.zeros(256, dtype=np.bool_)
    members[[ord(character) for character in characters]] = True
    return members


_LOWER = np.frombuffer(bytes(range(256)).lower(), dtype=np.uint8)
_LETTERS = "abcdefghijklmnopqrstuvwxyz"
_DIGITS = "0123456789"
_PUNCTUATION = "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~"
_LETTER = _members(_LETTERS)
_ALNUM = _members(_LETTERS + _DIGITS)
_VOWEL = _members("aeiou")
_CONSONANT = _LETTER & ~_VOWEL
_CONTROL = _members("".join(map(chr, (*range(1, 9), *range(14, 32), 127))))
_EMPHASIS = _members("*`")
_TWIN_EMPHASIS = _members("~|_")
_FIRM_SIGN = _members(_DIGITS + "@$&<+")
_SOFT_SIGN = _members("!|({[^#")
_DRAWING = _members("\\|{}")
_CLOSING = _members(")]")
_SINGLE = _members("aiuhjkqvwxy")
_FINAL = _members("tgdnrpbmcz")
_JOINT = _members(_PUNCTUATION.replace("@", "").replace("$", ""))
_PIECE = _members(_LETTERS + _DIGITS + "@$")
_LOUD = _members('*#^@%&$!?~+=<>"|')
_QUIET = _members("-_'.24-9".replace("4-9", "456789"))
_WORDLIKE_QUIET = _members("-_.")


def needs_of(texts: Sequence[str], joined: str) -> list[int]:
    """Return the flags of each text; `joined` are the texts, ASCII without NUL, joined by NUL."""
    written = np.frombuffer(_EDGE + joined.encode("ascii") + _EDGE, dtype=np.uint8)
    lengths = np.fromiter(map(len, texts), dtype=np.int64, count=len(texts))
    ends = np.cumsum(lengths + 1) + len(_EDGE) - 1
    needs = np.zeros(len(texts), dtype=np.int64)
    for places, need in _findings(written):
        needs[np.searchsorted(ends, places)] |= need
    return list(map(int, needs))


# No window reaches beyond it, and no text touches it.
_EDGE = b"\0\0\0\0"


def _findings(written: NDArray[np.uint8]) -> list[tuple[NDArray[np.intp], int]]:
    """Return the places that call for steps; each place lies within its text."""
    text = _LOWER[written]
    window = _Window(text)
    pulled = Need.PULLED_APART | Need.SIGNS | Need.REPEATS
    return [
        (np.flatnonzero(_CONTROL[text]), Need.EVERYTHING),
        (window.found(_emphasis(window)), Need.EVERYTHING),
        (window.found(_signs(window)), Need.SIGNS | Need.REPEATS),
        (window.found(_repeats(window)), Need.REPEATS),
        (window.found(_joints(window)), pulled),
        (window.found(_holes(window)), Need.HOLES),
        (_capital_i(written), Need.SIGNS | Need.REPEATS),
        (_spelled(text), pulled),
        (_odd_pieces(text), pulled),
    ]


class _Window:
    """A text seen through a window: what stands `distance` after each place."""

    def __init__(self, text: NDArray[np.uint8]) -> None:
        self._text = text
        self._length = len(text) - 6

    def at(self, members: _Mask, distance: int) -> _Mask:
        """Say for each place whether the character at a distance from -3 to 3 is a member."""
        start = 3 + distance
        return members[self._text[start : start + self._length]]

    def same(self, one: int, other: int) -> _Mask:
        """Say for each place whether the characters at two distances are the same."""
        first = self._text[3 + one : 3 + one + self._length]
        second = self._text[3 + other : 3 + other + self._length]
        equal: _Mask = first == second
        return equal

    def found(self, mask: _Mask) -> NDArray[np.intp]:
        """Return the places in the text where `mask` holds."""
        return np.flatnonzero(mask) + 3


def _emphasis(window: _Window) -> _Mask:
    twin = window.at(_TWIN_EMPHASIS, 0) & window.same(0, 1)
    return window.at(_EMPHASIS, 0) | twin


def _signs(window: _Window) -> _Mask:
    letter, after = window.at(_LETTER, 0), window.at(_LETTER, 1)
    firm, soft = window.at(_FIRM_SIGN, 0), window.at(_SOFT_SIGN, 0)
    firm_after = window.at(_FIRM_SIGN, 1)
    before = window.at(_LETTER | _FIRM_SIGN | _SOFT_SIGN, -1)
    drawn = window.at(_DRAWING, 0) | (window.at(_CLOSING, 0) & after)
    return (letter & firm_after) | (firm & after) | (soft & before & (after | firm_after)) | drawn


def _capital_i(written: NDArray[np.uint8]) -> NDArray[np.intp]:
    """Return where a capital i follows a small letter."""
    return np.flatnonzero((written[1:] == ord("I")) & _LETTER[written[:-1]]) + 1


def _repeats(window: _Window) -> _Mask:
    twin = window.same(0, 1) & window.at(_LETTER, 0)
    threefold = window.same(1, 2)
    first = ~window.at(_ALNUM, -1) & window.at(_CONSONANT, 0)
    last = ~window.at(_ALNUM, 2) & window.at(_FINAL, 0)
    return twin & (threefold | window.at(_SINGLE, 0) | first | last)


def _clitics(window: _Window) -> _Mask:
    """Say where an apostrophe begins one of `'s`, `'t`, `'d`, `'m`, `'re`, `'ve`, `'ll`."""
    one = window.at(_members("stdm"), 1) & ~window.at(_ALNUM, 2)
    two = ~window.at(_ALNUM, 3) & (
        (window.at(_members("rv"), 1) & window.at(_members("e"), 2))
        | (window.at(_members("l"), 1) & window.at(_members("l"), 2))
    )
    return window.at(_members("'"), 0) & (one | two)


def _joints(window: _Window) -> _Mask:
    """Say where punctuation joins pieces of which one has a letter there."""
    before, letter_before = window.at(_PIECE, -1), window.at(_LETTER, -1)
    joint = window.at(_JOINT, 0) & before
    found = np.zeros_like(joint)
    for length in (1, 2, 3):
        lettered = letter_before | window.at(_LETTER, length) | window.at(_FIRM_SIGN, length)
        found |= joint & window.at(_PIECE, length) & lettered
        joint &= window.at(_JOINT, length) if length < 3 else joint  # noqa: PLR2004 - the longest
    return found & ~_clitics(window)


def _holes(window: _Window) -> _Mask:
    before = window.at(_LETTER, -1)
    loud = window.at(_LOUD, 0) & window.at(_LETTER | _LOUD, 1)
    quiet = window.at(_QUIET, 0) & window.at(_CONSONANT, -1) & window.at(_LETTER, 1)
    several = window.at(_WORDLIKE_QUIET, 0) & window.at(_WORDLIKE_QUIET, 1)
    return before & (loud | several | (quiet & ~_clitics(window)))


def _runs(members: _Mask) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Return where runs of members start and end; the first and last place are none."""
    edges = np.flatnonzero(members[1:] != members[:-1]) + 1
    return edges[::2], edges[1::2]


_APOSTROPHE = ord("'")


def _spelled(text: NDArray[np.uint8]) -> NDArray[np.intp]:
    """Return places where two signs stand alone, one after the other, one of them a letter."""
    alnum = _ALNUM[text]
    inner = np.zeros_like(alnum)
    inner[1:-1] = (text[1:-1] == _APOSTROPHE) & alnum[2:] & alnum[:-2]
    starts, ends = _runs(alnum | inner)
    alone = ends - starts == 1
    letters = _LETTER[text[starts]]
    both: _Mask = alone[:-1] & alone[1:] & (letters[:-1] | letters[1:])
    return starts[:-1][both]


def _codes(words: Sequence[str]) -> NDArray[np.int64]:
    return np.array([int.from_bytes(word.encode(), "big") for word in words], dtype=np.int64)


_ABBREVIATION_CODES = _codes(sorted(word for word in ABBREVIATIONS if len(word) <= 3))  # noqa: PLR2004 - pieces are no longer
_ODD_CODES = np.zeros(1 << 16, dtype=np.bool_)
_ODD_CODES[_codes(sorted(ODD_PAIRS))] = True


def _odd_pieces(text: NDArray[np.uint8]) -> NDArray[np.intp]:
    """Return where a short run of letters starts that is no word: `ck`, `nker`."""
    letters = _LETTER[text]
    starts, ends = _runs(letters)
    lengths = ends - starts
    short = lengths <= 6  # noqa: PLR2004 - a piece with an odd start is no longer
    starts, lengths = starts[short & (text[starts - 1] != _APOSTROPHE)], lengths[
        short & (text[starts - 1] != _APOSTROPHE)
    ]
    wide = text.astype(np.int64)
    first, second, third = wide[starts], wide[starts + 1], wide[starts + 2]
    two, three = lengths > 1, lengths > 2  # noqa: PLR2004 - letters
    codes = np.where(two, first << 8 | second, first)
    codes = np.where(three, codes << 8 | third, codes)
    bare = _CONSONANT[first] & (~two | _CONSONANT[second]) & (~three | _CONSONANT[third])
    bare &= (lengths <= 3) & ~np.isin(codes, _ABBREVIATION_CODES)  # noqa: PLR2004 - letters
    odd = three & _ODD_CODES[first << 8 | second]
    return starts[bare | odd]
