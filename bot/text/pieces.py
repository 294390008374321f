"""Short words that may be pieces of a longer one, found in many texts at once.

Lives here: where signs stand alone, as in `f u n`, and where a word is none, as in `fu nn`. Not
here: putting them together (`bot.text.separators`).
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from bot.text.classes import (
    ALNUM,
    CONSONANT,
    CONSONANTS,
    DIGITS,
    LETTERS,
    Characters,
    Mask,
    Places,
    at,
    members,
    table_of,
)
from bot.text.separators import (
    ABBREVIATIONS,
    LONGEST_NEIGHBOUR,
    LONGEST_ODD,
    LONGEST_PIECE,
    ODD_PAIRS,
    SHORT_WORDS,
)

_IS_LETTER = table_of(members(LETTERS))
_IS_ALNUM = table_of(members(LETTERS + DIGITS))
_IS_CONSONANT = table_of(members(CONSONANTS))
_IS_SPACE = table_of(members(" \n\t\r\v\f"))
_OPENS = table_of(members(" \n\t\0\"'("))
_CLOSES = table_of(members(" \n\t\0\"').,!?:;"))
_IS_CAPITAL = table_of(members(LETTERS.upper()))


class Words:
    """Where the runs of letters and digits of a text in lower case begin.

    `kinds` are the kinds of its characters; the first and the last are edges.
    """

    def __init__(self, text: Characters, kinds: Characters) -> None:
        self.text = text
        alnum = kinds & ALNUM != 0
        # All are of the places from the second to the last but one.
        self._begins = alnum[1:-1] & ~alnum[:-2]
        self._ends = ~alnum[2:]
        self._kinds = kinds

    def single(self) -> Places:
        """Return the places of single letters and digits."""
        found: Places = np.flatnonzero(self._begins & self._ends) + 1
        return found

    def without_vowel(self) -> Places:
        """Return where words begin with two consonants, or with one that stands alone."""
        consonant = self._kinds & CONSONANT != 0
        begins = self._begins & consonant[1:-1] & (consonant[2:] | self._ends)
        found: Places = np.flatnonzero(begins) + 1
        return found


_WIDEST_GAP = 12
_TICK = ord("'")


def spelled(words: Words) -> Places:
    """Return places where two signs stand alone, one after the other, one of them a letter."""
    text, alone = words.text, words.single()
    alone = alone[(text[alone - 1] != _TICK) & (text[alone + 1] != _TICK)]
    near = alone[1:] - alone[:-1] <= _WIDEST_GAP + 1
    first, second = alone[:-1][near], alone[1:][near]
    lettered = _IS_LETTER[text[first]] | _IS_LETTER[text[second]]
    first, second = first[lettered], second[lettered]
    ahead = first + np.arange(1, _WIDEST_GAP + 1)[:, np.newaxis]
    between = at(text, ahead)
    parts = (_IS_ALNUM[between] | (between == 0)) & (ahead < second)
    places: Places = first[~parts.any(axis=0)]
    return places


def odd_pieces(written: bytes, words: Words) -> Places:
    """Return where a short word starts that is none, beside what it may belong to: `fu ck`."""
    text, starts = words.text, words.without_vowel()
    starts = starts[_look_odd(text, starts)]
    starts = starts[_OPENS[text[starts - 1]]]
    lengths = _run(_IS_ALNUM, text, starts, 1, LONGEST_ODD + 1)
    code = _code(text, starts, lengths)
    unknown = (lengths <= LONGEST_ODD) & _CLOSES[text[starts + lengths]]
    unknown &= ~_KNOWN[code] & ~(_CLITIC[code] & (text[starts - 1] == _TICK))
    starts, lengths = starts[unknown], lengths[unknown]
    joins = _joins(text, starts - 1, -1, lengths) | _joins(text, starts + lengths, 1, lengths)
    raw = np.frombuffer(written, dtype=np.uint8)
    places: Places = starts[joins & ~_are_abbreviations(raw, starts, starts + lengths)]
    return places


def _joins(text: Characters, edges: Places, side: int, lengths: NDArray[np.intp]) -> Mask:
    """Say which odd pieces the next word on one side may belong to: no long one, nor afar.

    `edges` are the places beside the pieces on that side.
    """
    gap = _run(_IS_SPACE, text, edges, side, LONGEST_PIECE + 1)
    beside = edges + side * gap
    near = (gap > 0) & (gap <= LONGEST_PIECE) & _IS_LETTER[at(text, beside)]
    near &= _IS_LETTER[text[edges - side]]
    long = _run(_IS_LETTER, text, beside, side, LONGEST_NEIGHBOUR + 1) > LONGEST_NEIGHBOUR
    length = _run(_IS_ALNUM, text, beside, side, _SHORT + 1)
    # No single letter joins an ordinary word.
    ordinary = _ORDINARY[_code(text, beside if side > 0 else beside - length + 1, length)]
    joined: Mask = near & ~long & ~(ordinary & (lengths == 1))
    return joined


def _run(table: Mask, text: Characters, places: Places, step: int, most: int) -> NDArray[np.intp]:
    """Return how many characters of `table` follow each other from each place on, up to `most`."""
    inside = table[at(text, places + step * np.arange(most)[:, np.newaxis])]
    count: NDArray[np.intp] = np.logical_and.accumulate(inside).sum(axis=0)
    return count


_SHORT = 3
_LETTER_BITS = 5
_ORDER = np.arange(_SHORT)[:, np.newaxis]
_WEIGHTS = 1 << _LETTER_BITS * np.arange(_SHORT)[::-1]


def _code(text: Characters, starts: Places, lengths: NDArray[np.intp]) -> NDArray[np.intp]:
    """Return a number for each word of up to three letters, and 0 for a longer one."""
    letters = at(text, starts + _ORDER) & ((1 << _LETTER_BITS) - 1)
    words = np.where(lengths > _ORDER, letters, 0)
    code: NDArray[np.intp] = _WEIGHTS @ words * (lengths <= _SHORT)
    return code


def _coded(words: Iterable[str]) -> Mask:
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


def _look_odd(text: Characters, starts: Places) -> Mask:
    """Say which words, each beginning with a consonant, have no vowel or begin oddly."""
    second, third = text[starts + 1], text[starts + 2]
    two = _IS_ALNUM[second]
    three = two & _IS_ALNUM[third]
    bare = (~two | _IS_CONSONANT[second]) & (~three | _IS_CONSONANT[third])
    short = bare & ~(three & _IS_ALNUM[text[starts + _SHORT]])
    odd: Mask = short | (three & _ODD_STARTS[text[starts], second])
    return odd


def _are_abbreviations(raw: Characters, starts: Places, ends: Places) -> Mask:
    """Say which words are in capitals among words in small letters: no part of those."""
    before, after = raw[starts - 2], raw[ends + 1]
    shouted = _IS_CAPITAL[raw[starts]] & _IS_CAPITAL[raw[ends - 1]]
    among_small: Mask = _IS_LETTER[before] | _IS_LETTER[after]
    among_small &= shouted & ~(_IS_CAPITAL[before] | _IS_CAPITAL[after])
    return among_small
