"""Which folding steps could change a text at all: the fast way past ordinary comments.

Lives here: the flags, and their computation for many plain ASCII texts at once. A flag may be set
in vain, never missing: `fold_many` then gives what `fold` gives. Not here: the steps themselves.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from bot.text.need import Need
from bot.text.outline import DISGUISE, JOINER
from bot.text.separators import (
    ABBREVIATIONS,
    LONGEST_NEIGHBOUR,
    LONGEST_ODD,
    LONGEST_PIECE,
    ODD_PAIRS,
    SHORT_WORDS,
)

_Mask = NDArray[np.bool_]


_BITS = itertools.count()
_CLASSES = np.zeros(256, dtype=np.int64)
"""The classes of each character, one bit a class."""


def _members(characters: str) -> int:
    """Make a class of characters, and return its bit."""
    bit = 1 << next(_BITS)
    _CLASSES[[ord(character) for character in characters]] |= bit
    return bit


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
_QUOTING = _members(">[{&")
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
_UNDERLINE = _members("_")
_WORDLIKE_QUIET = _members("-_.")
_APOSTROPHE = _members("'")
_AT = _members("@")
_BANG = _members("!")
_N, _E, _L, _RV, _STDM = map(_members, ("n", "e", "l", "rv", "stdm"))

_LETTER_TABLE = _CLASSES & _LETTER != 0
_ALNUM_TABLE = _CLASSES & _ALNUM != 0
_CONSONANT_TABLE = _CLASSES & _CONSONANT != 0
_OPENING_TABLE = _CLASSES & _members(" \n\t\0\"'(") != 0
_SPACE_TABLE = _CLASSES & _members(" \n\t\r\v\f") != 0
_CLOSING_TABLE = _CLASSES & _members(" \n\t\0\"').,!?:;") != 0
_CAPITAL_TABLE = np.array([chr(code).isupper() for code in range(256)])
_HIDDEN_TABLE = _CLASSES & (_CONTROL | _JOINER) != 0


def needs_of(outlines: Sequence[str]) -> tuple[dict[int, int], dict[int, list[int]]]:
    """Return the flags of the texts that have any, by index; texts are given as ASCII outlines.

    With them come, by index again, the places of what can be guessed word by word.
    """
    lengths = np.fromiter(map(len, outlines), dtype=np.int64, count=len(outlines))
    ends = np.cumsum(lengths + len(_EDGE))
    needs = np.zeros(len(outlines), dtype=np.int64)
    joined = _EDGE.join(outlines)
    if joined.count("\0") > len(_EDGE) * (len(outlines) - 1):
        needs[[i for i, outline in enumerate(outlines) if "\0" in outline]] = Need.EVERYTHING
    in_words = []
    for places, need in _findings(f"{_EDGE}{joined}{_EDGE}".encode("ascii")):
        needs[np.searchsorted(ends, places)] |= need
        if need & Need.ANY_IN_WORD:
            in_words.append(places)
    places = np.unique(np.concatenate(in_words))
    owners = np.searchsorted(ends, places)
    by_text: dict[int, list[int]] = {}
    offsets = places - (ends - lengths)[owners]
    for owner, offset in zip(owners.tolist(), offsets.tolist(), strict=True):
        by_text.setdefault(owner, []).append(offset)
    needy = np.flatnonzero(needs)
    return dict(zip(needy.tolist(), needs[needy].tolist(), strict=True)), by_text


# Stands between two texts; no window reaches across it.
_EDGE = "\0\0\0\0"
_Places = NDArray[np.intp]


def _findings(written: bytes) -> list[tuple[_Places, int]]:
    """Return the places that call for steps; each place lies within its text."""
    lowered = written.lower()
    text = np.frombuffer(lowered, dtype=np.uint8)
    letter = _mask(lowered, _LETTER_TABLE)
    signs = _Window(text, np.flatnonzero(~letter & (text > ord(" "))))
    twins = _Window(text, np.flatnonzero(letter[:-1] & (text[1:] == text[:-1])))
    words = _Words(lowered, text)
    hidden = np.flatnonzero(_mask(lowered, _HIDDEN_TABLE))
    return [
        (_Window(text, hidden).found(_disguises), Need.EVERYTHING),
        (signs.found(_quotes), Need.QUOTES),
        (signs.found(_emphasis), Need.LIGHT),
        (signs.found(_signs), Need.SIGNS),
        (_capital_i(written, text, letter), Need.SIGNS),
        (twins.found(_repeats), Need.REPEATS),
        (signs.found(_joints), Need.CHAINED),
        (_spelled(words), Need.SPELLED),
        (_odd_pieces(written, lowered, words), Need.PIECES),
        (signs.found(_holes), Need.HOLES),
    ]


def _mask(text: bytes, table: _Mask) -> _Mask:
    """Look every character up in `table`, which `bytes` does faster than an array."""
    return np.frombuffer(text.translate(table.tobytes()), dtype=np.bool_)


class _Window:
    """A text in lower case seen through a window at some places."""

    def __init__(self, text: NDArray[np.uint8], places: _Places) -> None:
        self._text = text
        self._places = places[(places >= len(_EDGE)) & (places < len(text) - len(_EDGE))]
        self._seen: dict[int, NDArray[np.int64]] = {}

    def at(self, members: int, distance: int = 0) -> _Mask:
        """Say for each place whether the character at a distance from -4 to 4 is a member."""
        if distance not in self._seen:
            self._seen[distance] = _CLASSES[self._text[self._places + distance]]
        found: _Mask = self._seen[distance] & members != 0
        return found

    def same(self, one: int, other: int) -> _Mask:
        """Say for each place whether the characters at two distances are the same."""
        same: _Mask = self._text[self._places + one] == self._text[self._places + other]
        return same

    def found(self, question: Callable[[_Window], _Mask]) -> _Places:
        """Return the places that answer the question with yes."""
        return self._places[question(self)]


def _disguises(window: _Window) -> _Mask:
    beside = window.at(_LETTER, -1) | window.at(_LETTER, 1)
    return window.at(_CONTROL) | (window.at(_JOINER) & beside)


def _quotes(window: _Window) -> _Mask:
    return window.at(_QUOTING)


def _emphasis(window: _Window) -> _Mask:
    beside = window.at(_LETTER, -1) | window.at(_LETTER, 1)
    twin = window.at(_TWIN_EMPHASIS) & window.same(0, 1)
    return (window.at(_EMPHASIS) & beside) | twin


def _signs(window: _Window) -> _Mask:
    letter_before, letter = window.at(_LETTER, -1), window.at(_LETTER, 1)
    firm, firm_after = window.at(_FIRM_SIGN), window.at(_FIRM_SIGN, 1)
    # A leading @ before an ordinary syllable is a mention, no letter.
    syllable = ~(window.at(_CONSONANT, 1) & window.at(_CONSONANT, 2)) & ~window.at(_N, 1)
    long = window.at(_PIECE, 2) & window.at(_PIECE, 3)
    mention = window.at(_AT) & ~window.at(_PIECE, -1) & syllable & long
    inner = window.at(_SOFT_SIGN) & window.at(_MEANINGFUL, -1) & (letter | firm_after)
    inner |= window.at(_BANG) & letter
    drawn = window.at(_DRAWING) | (window.at(_CLOSING) & letter)
    return (firm & (letter_before | letter) & ~mention) | inner | drawn


_UPPER_I = ord("I")


def _capital_i(written: bytes, text: NDArray[np.uint8], letter: _Mask) -> _Places:
    """Return where a capital i follows a small letter."""
    raw = np.frombuffer(written, dtype=np.uint8)
    places = np.flatnonzero(raw == _UPPER_I)
    small = letter[places - 1] & (raw[places - 1] == text[places - 1])
    found: _Places = places[small]
    return found


def _repeats(window: _Window) -> _Mask:
    """Say which twin letters are more than twins, or stand where no word has them."""
    threefold = window.same(1, 2)
    after = window.at(_LETTER, 2) & window.at(_LETTER, 3) & window.at(_LETTER, 4)
    before = window.at(_LETTER, -1) & window.at(_LETTER, -2) & window.at(_LETTER, -3)
    first = ~window.at(_ALNUM, -1) & window.at(_CONSONANT) & after
    last = ~window.at(_ALNUM, 2) & window.at(_FINAL) & before
    return threefold | window.at(_SINGLE) | first | last


def _clitics(window: _Window) -> _Mask:
    """Say where an apostrophe begins one of `'s`, `'t`, `'d`, `'m`, `'re`, `'ve`, `'ll`."""
    one = window.at(_STDM, 1) & ~window.at(_ALNUM, 2)
    two = ~window.at(_ALNUM, 3) & (
        (window.at(_RV, 1) & window.at(_E, 2)) | (window.at(_L, 1) & window.at(_L, 2))
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
    quiet = window.at(_QUIET) & window.at(_CONSONANT, -1) & window.at(_LETTER, 1)
    quiet |= window.at(_UNDERLINE) & window.at(_LETTER, 1)
    short = ~(window.at(_ALNUM, -2) & window.at(_ALNUM, -3))
    several = short & window.at(_WORDLIKE_QUIET, 1) & _reaches(window, _WORDLIKE_QUIET, _LETTER)
    return window.at(_LETTER, -1) & (loud | several | (quiet & ~_clitics(window)))


def _reaches(window: _Window, members: int, goal: int) -> _Mask:
    """Say where one to three members stand before the goal, or more than three before anything."""
    run = window.at(members, 0)
    found = np.zeros_like(run)
    for length in (1, 2, 3):
        found |= run & window.at(goal, length)
        run = run & window.at(members, length)
    return found | run


class _Words:
    """Where the runs of letters and digits of a text in lower case begin."""

    def __init__(self, lowered: bytes, text: NDArray[np.uint8]) -> None:
        self.text = text
        alnum = _mask(lowered, _ALNUM_TABLE)
        # Both are of the places from the second to the last but one.
        self._begins = alnum[1:-1] & ~alnum[:-2]
        self._goes_on = alnum[2:]

    def single(self) -> _Places:
        """Return the places of single letters and digits."""
        found: _Places = np.flatnonzero(self._begins & ~self._goes_on) + 1
        return found

    def without_vowel(self, consonant: _Mask) -> _Places:
        """Return where words begin with two consonants, or with one that stands alone."""
        begins = self._begins & consonant[1:-1] & (consonant[2:] | ~self._goes_on)
        found: _Places = np.flatnonzero(begins) + 1
        return found


_WIDEST_GAP = 12


def _spelled(words: _Words) -> _Places:
    """Return places where two signs stand alone, one after the other, one of them a letter."""
    text, alone = words.text, words.single()
    alone = alone[(text[alone - 1] != _TICK) & (text[alone + 1] != _TICK)]
    near = alone[1:] - alone[:-1] <= _WIDEST_GAP + 1
    first, second = alone[:-1][near], alone[1:][near]
    together = _LETTER_TABLE[text[first]] | _LETTER_TABLE[text[second]]
    for i in range(1, _WIDEST_GAP + 1):
        between = _at(text, first + i)
        together &= (first + i >= second) | ~(_ALNUM_TABLE[between] | (between == 0))
    places: _Places = first[together]
    return places


def _odd_pieces(written: bytes, lowered: bytes, words: _Words) -> _Places:
    """Return where a short word starts that is none, beside what it may belong to: `fu ck`."""
    text, starts = words.text, words.without_vowel(_mask(lowered, _CONSONANT_TABLE))
    starts = starts[_look_odd(text, starts)]
    lengths = _run(_ALNUM_TABLE, text, starts, 1, LONGEST_ODD + 1)
    ends = starts + lengths
    unknown = (lengths <= LONGEST_ODD) & _OPENING_TABLE[text[starts - 1]]
    unknown &= _CLOSING_TABLE[text[ends]]
    unknown &= ~_are_abbreviations(np.frombuffer(written, dtype=np.uint8), starts, ends)
    code = _code(text, starts, lengths)
    unknown &= ~_KNOWN[code] & ~(_CLITIC[code] & (text[starts - 1] == _TICK))
    starts, lengths = starts[unknown], lengths[unknown]
    joins = _joins(text, starts - 1, -1, lengths) | _joins(text, starts + lengths, 1, lengths)
    places: _Places = starts[joins]
    return places


def _joins(text: NDArray[np.uint8], edges: _Places, side: int, lengths: NDArray[np.intp]) -> _Mask:
    """Say which odd pieces the next word on one side may belong to: no long one, nor afar.

    `edges` are the places beside the pieces on that side.
    """
    gap = _run(_SPACE_TABLE, text, edges, side, LONGEST_PIECE + 1)
    beside = edges + side * gap
    near = (gap > 0) & (gap <= LONGEST_PIECE) & _LETTER_TABLE[_at(text, beside)]
    near &= _LETTER_TABLE[text[edges - side]]
    long = _run(_LETTER_TABLE, text, beside, side, LONGEST_NEIGHBOUR + 1) > LONGEST_NEIGHBOUR
    length = _run(_ALNUM_TABLE, text, beside, side, _SHORT + 1)
    # No single letter joins an ordinary word.
    ordinary = _ORDINARY[_code(text, beside if side > 0 else beside - length + 1, length)]
    joined: _Mask = near & ~long & ~(ordinary & (lengths == 1))
    return joined


def _run(
    table: _Mask, text: NDArray[np.uint8], places: _Places, step: int, most: int
) -> NDArray[np.intp]:
    """Return how many characters of `table` follow each other from each place on, up to `most`."""
    going = np.ones(len(places), dtype=np.bool_)
    count = np.zeros(len(places), dtype=np.intp)
    for i in range(most):
        going &= table[_at(text, places + step * i)]
        count += going
    return count


def _at(text: NDArray[np.uint8], places: _Places) -> NDArray[np.uint8]:
    """Return the characters at places that may lie beyond the ends, where there are only edges."""
    found: NDArray[np.uint8] = text.take(places, mode="clip")
    return found


_TICK = ord("'")
_SHORT = 3
_LETTER_BITS = 5


def _code(text: NDArray[np.uint8], starts: _Places, lengths: NDArray[np.intp]) -> NDArray[np.intp]:
    """Return a number for each word of up to three letters, and 0 for a longer one."""
    code = np.zeros(len(starts), dtype=np.intp)
    for i in range(_SHORT):
        letter = _at(text, starts + i) & ((1 << _LETTER_BITS) - 1)
        code = code << _LETTER_BITS | np.where(i < lengths, letter, 0)
    return np.where(lengths > _SHORT, 0, code)


def _coded(words: Iterable[str]) -> _Mask:
    """Return a table that says of the number of a word whether it is one of `words`."""
    table = np.zeros(1 << _SHORT * _LETTER_BITS, dtype=np.bool_)
    for word in words:
        if len(word) <= _SHORT:
            letters = np.frombuffer(word.encode().ljust(_SHORT, b"\0"), dtype=np.uint8)
            table[_code(letters, np.array([0]), np.array([len(word)]))] = True
    return table


_KNOWN = _coded(ABBREVIATIONS | SHORT_WORDS)
_ORDINARY = _coded(SHORT_WORDS)
_CLITIC = _coded(["d", "ll", "m", "s", "t"])
"""Pieces without vowels that people write, anywhere and after an apostrophe."""

_ODD_STARTS = np.zeros((256, 256), dtype=np.bool_)
for _pair in ODD_PAIRS:
    _ODD_STARTS[tuple(_pair.encode())] = True


def _look_odd(text: NDArray[np.uint8], starts: _Places) -> _Mask:
    """Say which words, each beginning with a consonant, have no vowel or begin oddly."""
    second, third = text[starts + 1], text[starts + 2]
    two = _ALNUM_TABLE[second]
    three = two & _ALNUM_TABLE[third]
    bare = (~two | _CONSONANT_TABLE[second]) & (~three | _CONSONANT_TABLE[third])
    short = bare & ~(three & _ALNUM_TABLE[text[starts + _SHORT]])
    odd: _Mask = short | (three & _ODD_STARTS[text[starts], second])
    return odd


def _are_abbreviations(raw: NDArray[np.uint8], starts: _Places, ends: _Places) -> _Mask:
    """Say which words are in capitals among words in small letters: no part of those."""
    before, after = raw[starts - 2], raw[ends + 1]
    shouted = _CAPITAL_TABLE[raw[starts]] & _CAPITAL_TABLE[raw[ends - 1]]
    among_small: _Mask = _LETTER_TABLE[before] | _LETTER_TABLE[after]
    among_small &= shouted & ~(_CAPITAL_TABLE[before] | _CAPITAL_TABLE[after])
    return among_small
