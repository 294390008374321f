"""Which folding steps could change a text at all: the fast way past ordinary comments.

Lives here: the flags, and their computation for many plain ASCII texts at once. A flag may be set
in vain, never missing: `fold_many` then gives what `fold` gives. Not here: the steps themselves.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from bot.text.need import Need
from bot.text.outline import DISGUISE, JOINER
from bot.text.separators import ABBREVIATIONS, LONGEST_ODD, ODD_PAIRS


_Mask = NDArray[np.bool_]
_Any = TypeVar("_Any", bound=np.generic)


def _members(characters: str) -> bytes:
    """Return a translation table that brings members to 1 and all else to 0."""
    return bytes(chr(code) in characters for code in range(256))


_LETTERS = "abcdefghijklmnopqrstuvwxyz"
_VOWELS = "aeiou"
_CONSONANTS = "bcdfghjklmnpqrstvwxyz"
_DIGITS = "0123456789"
_FIRM_SIGNS = _DIGITS + "@$&<+"
_SOFT_SIGNS = "!|({[^#"
_PUNCTUATION = "!\"#%&'()*+,-./:;<=>?[\\]^_`{|}~"
_LETTER = _members(_LETTERS)
_CONSONANT = _members(_CONSONANTS)
_ALNUM = _members(_LETTERS + _DIGITS)
_CONTROL = _members("".join(map(chr, (*range(3, 9), *range(14, 32), 127))) + DISGUISE)
_JOINER = _members(JOINER)
_EMPHASIS = _members("*`")
_TWIN_EMPHASIS = _members("~|_")
_FIRM_SIGN = _members(_FIRM_SIGNS)
_SOFT_SIGN = _members(_SOFT_SIGNS)
_MEANINGFUL = _members(_LETTERS + _FIRM_SIGNS + _SOFT_SIGNS)
_DRAWING = _members("\\|{}")
_CLOSING = _members(")]")
_SINGLE = _members("aiuhjkqvwxy")
_FINAL = _members("tgdnrpbmcz")
_JOINT = _members(_PUNCTUATION)
_PLAIN_JOINT = _members("-_./\\|~*+=^")
_LETTERED = _members(_LETTERS + "@$")
_PIECE = _members(_LETTERS + _DIGITS + "@$")
_LOUD = _members('*#^@%&$!?~+=<>"|')
_QUIET = _members("-_'.2456789")
_WORDLIKE_QUIET = _members("-_.")
_APOSTROPHE = _members("'")
_AT = _members("@")
_N, _E, _L, _RV, _STDM = map(_members, ("n", "e", "l", "rv", "stdm"))
_CAPITAL_I = _members("I")


def needs_of(outlines: Sequence[str]) -> list[int]:
    """Return the flags of each text, given as ASCII (`bot.text.outline`)."""
    lengths = np.fromiter(map(len, outlines), dtype=np.int64, count=len(outlines))
    ends = np.cumsum(lengths + 1) + len(_EDGE) - 1
    needs = np.zeros(len(outlines), dtype=np.int64)
    # A text that holds a NUL itself needs no boundary there: it is a control character.
    for places, need in _findings(_EDGE + "\0".join(outlines).encode("ascii") + _EDGE):
        needs[np.searchsorted(ends, places)] |= need
    needs[[i for i, outline in enumerate(outlines) if "\0" in outline]] = Need.EVERYTHING
    found: list[int] = needs.tolist()
    return found


# No window reaches beyond it, and no text touches it.
_EDGE = b"\0\0\0\0"
_Places = NDArray[np.intp]


def _findings(written: bytes) -> list[tuple[_Places, int]]:
    """Return the places that call for steps; each place lies within its text."""
    window = _Window(written.lower())
    return [
        (window.found(_disguises(window)), Need.EVERYTHING),
        (window.found(_emphasis(window)), Need.LIGHT),
        (window.found(_signs(window)), Need.SIGNS),
        (_capital_i(written), Need.SIGNS),
        (window.found(_repeats(window)), Need.REPEATS),
        (window.found(_joints(window)), Need.CHAINED),
        (_spelled(window), Need.SPELLED),
        (_odd_pieces(window), Need.PIECES),
        (window.found(_holes(window)), Need.HOLES),
    ]


class _Window:
    """A text in lower case seen through a window: what stands beside each place."""

    def __init__(self, text: bytes) -> None:
        self._text = text
        self.codes = np.frombuffer(text, dtype=np.uint8)
        self._length = len(text) - 2 * len(_EDGE)
        self._masks: dict[bytes, _Mask] = {}

    def mask(self, members: bytes) -> _Mask:
        """Say for each character of the text, edges included, whether it is a member."""
        if members not in self._masks:
            self._masks[members] = np.frombuffer(self._text.translate(members), dtype=np.bool_)
        return self._masks[members]

    def at(self, members: bytes, distance: int = 0) -> _Mask:
        """Say for each place whether the character at a distance from -4 to 4 is a member."""
        return self._from(self.mask(members), distance)

    def same(self, one: int, other: int) -> _Mask:
        """Say for each place whether the characters at two distances are the same."""
        same: _Mask = self._from(self.codes, one) == self._from(self.codes, other)
        return same

    def _from(self, whole: NDArray[_Any], distance: int) -> NDArray[_Any]:
        start = len(_EDGE) + distance
        return whole[start : start + self._length]

    def found(self, mask: _Mask) -> _Places:
        """Return the places in the text where `mask` holds."""
        return np.flatnonzero(mask) + len(_EDGE)


def _disguises(window: _Window) -> _Mask:
    beside = window.at(_LETTER, -1) | window.at(_LETTER, 1)
    return window.at(_CONTROL) | (window.at(_JOINER) & beside)


def _emphasis(window: _Window) -> _Mask:
    beside = window.at(_LETTER, -1) | window.at(_LETTER, 1)
    twin = window.at(_TWIN_EMPHASIS) & window.same(0, 1)
    return (window.at(_EMPHASIS) & beside) | twin


def _signs(window: _Window) -> _Mask:
    letter, after = window.at(_LETTER, 0), window.at(_LETTER, 1)
    firm, soft = window.at(_FIRM_SIGN, 0), window.at(_SOFT_SIGN, 0)
    firm_after = window.at(_FIRM_SIGN, 1)
    before = window.at(_MEANINGFUL, -1)
    # A leading @ before an ordinary syllable is a mention, no letter.
    mention = ~window.at(_PIECE, -1) & window.at(_AT) & ~window.at(_N, 1)
    firm = firm & ~(mention & ~(window.at(_CONSONANT, 1) & window.at(_CONSONANT, 2)))
    drawn = window.at(_DRAWING, 0) | (window.at(_CLOSING, 0) & after)
    return (letter & firm_after) | (firm & after) | (soft & before & (after | firm_after)) | drawn


def _capital_i(written: bytes) -> _Places:
    """Return where a capital i follows a small letter."""
    if b"I" not in written:
        return np.zeros(0, dtype=np.intp)
    window = _Window(written)
    return window.found(window.at(_CAPITAL_I) & window.at(_LETTER, -1))


def _repeats(window: _Window) -> _Mask:
    twin = window.same(0, 1) & window.at(_LETTER, 0)
    threefold = window.same(1, 2)
    first = ~window.at(_ALNUM, -1) & window.at(_CONSONANT, 0)
    last = ~window.at(_ALNUM, 2) & window.at(_FINAL, 0)
    return twin & (threefold | window.at(_SINGLE, 0) | first | last)


def _clitics(window: _Window) -> _Mask:
    """Say where an apostrophe begins one of `'s`, `'t`, `'d`, `'m`, `'re`, `'ve`, `'ll`."""
    one = window.at(_STDM, 1) & ~window.at(_ALNUM, 2)
    two = ~window.at(_ALNUM, 3) & (
        (window.at(_RV, 1) & window.at(_E, 2))
        | (window.at(_L, 1) & window.at(_L, 2))
    )
    return window.at(_APOSTROPHE) & (one | two)


def _joints(window: _Window) -> _Mask:
    """Say where punctuation joins a single sign to another, or is a joint as in `well-known`."""
    clitic = _clitics(window)
    joint = window.at(_JOINT, 0) & window.at(_PIECE, -1) & ~clitic
    lone = ~window.at(_PIECE, -2)
    short = ~window.at(_PIECE, -4) | ~window.at(_PIECE, 4)
    found = joint & window.at(_PLAIN_JOINT, 0) & window.at(_PIECE, 1) & short
    for length in (1, 2, 3):
        piece = window.at(_PIECE, length)
        found |= joint & piece & (lone | ~window.at(_PIECE, length + 1))
        joint = joint & window.at(_JOINT, length)
    return found & (window.at(_LETTERED, -1) | window.at(_LETTERED, 1) | window.at(_JOINT, 1))


def _holes(window: _Window) -> _Mask:
    """Say where signs stand between letters, few enough to hide some."""
    loud = _reaches(window, _LOUD, _LETTER)
    quiet = window.at(_QUIET, 0) & window.at(_CONSONANT, -1) & window.at(_LETTER, 1)
    short = ~(window.at(_ALNUM, -2) & window.at(_ALNUM, -3))
    several = short & window.at(_WORDLIKE_QUIET, 1) & _reaches(window, _WORDLIKE_QUIET, _LETTER)
    return window.at(_LETTER, -1) & (loud | several | (quiet & ~_clitics(window)))


def _reaches(window: _Window, members: bytes, goal: bytes) -> _Mask:
    """Say where one to three members stand before the goal, or more than three before anything."""
    run = window.at(members, 0)
    found = np.zeros_like(run)
    for length in (1, 2, 3):
        found |= run & window.at(goal, length)
        run = run & window.at(members, length)
    return found | run


def _runs(members: _Mask) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Return where runs of members start and end; the first and last place are none."""
    edges = np.flatnonzero(members[1:] != members[:-1]) + 1
    return edges[::2], edges[1::2]


def _spelled(window: _Window) -> _Places:
    """Return places where two signs stand alone, one after the other, one of them a letter."""
    alnum = window.mask(_ALNUM)
    wordlike = alnum.copy()
    wordlike[1:-1] |= window.mask(_APOSTROPHE)[1:-1] & alnum[2:] & alnum[:-2]
    starts, ends = _runs(wordlike)
    alone = ends - starts == 1
    letters = window.mask(_LETTER)[starts]
    return starts[:-1][alone[:-1] & alone[1:] & (letters[:-1] | letters[1:])]


def _codes(words: Sequence[str]) -> NDArray[np.int64]:
    return np.array([int.from_bytes(word.encode(), "big") for word in words], dtype=np.int64)


_ABBREVIATION_CODES = _codes(sorted(word for word in ABBREVIATIONS if len(word) <= len("abc")))
_CLITIC_CODES = _codes(["d", "ll", "m", "s", "t"])
_ODD_CODES = np.zeros(1 << 16, dtype=np.bool_)
_ODD_CODES[_codes(sorted(ODD_PAIRS))] = True


def _odd_pieces(window: _Window) -> _Places:
    """Return where a short run of letters starts that is no word: `ck`, `nker`."""
    starts, ends = _runs(window.mask(_LETTER))
    lengths = ends - starts
    codes, consonant = window.codes, window.mask(_CONSONANT)
    likely = consonant[starts] & (lengths <= LONGEST_ODD)
    starts, lengths = starts[likely], lengths[likely]
    first, second, third = (codes[starts + i].astype(np.int64) for i in range(3))
    two, three = lengths > 1, lengths >= len("abc")
    spelled = np.where(two, first << 8 | second, first)
    spelled = np.where(three, spelled << 8 | third, spelled)
    bare = (~two | consonant[starts + 1]) & (~three | consonant[starts + 2])
    bare &= (lengths <= len("abc")) & ~np.isin(spelled, _ABBREVIATION_CODES)
    bare &= ~window.mask(_APOSTROPHE)[starts - 1] | ~np.isin(spelled, _CLITIC_CODES)
    return starts[bare | (three & _ODD_CODES[first << 8 | second])]
