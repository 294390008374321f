"""What signs, twin letters and invisible characters may mean, told from what stands around them.

Lives here: one question a folding step, asked of many places at once. Not here: which places are
asked about (`bot.text.needs`), whole words (`bot.text.pieces`).
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from bot.text.classes import (
    CLASSES,
    CONSONANTS,
    CONTROLS,
    DIGITS,
    LETTERS,
    Characters,
    Mask,
    Places,
    members,
)
from bot.text.outline import JOINER

_FIRM_SIGNS = DIGITS + "@$&<+"
_SOFT_SIGNS = "!|({[^#"
_PUNCTUATION = "!\"#%&'()*+,-./:;<=>?[\\]^_`{|}~"
_LETTER = members(LETTERS)
_CONSONANT = members(CONSONANTS)
_ALNUM = members(LETTERS + DIGITS)
_CONTROL = members(CONTROLS)
_JOINER = members(JOINER)
_QUOTING = members(">[{&")
_EMPHASIS = members("*`")
_TWIN_EMPHASIS = members("~|_")
_FIRM_SIGN = members(_FIRM_SIGNS)
_SOFT_SIGN = members(_SOFT_SIGNS)
_MEANINGFUL = members(LETTERS + _FIRM_SIGNS + _SOFT_SIGNS)
_DRAWING = members("\\|{}")
_CLOSING = members(")]")
_SINGLE = members("aiuhjkqvwxy")
_FINAL = members("tgdnrpbmcz")
_JOINT = members(_PUNCTUATION)
_PLAIN_JOINT = members("-_./\\|~*+=^")
_LETTERED = members(LETTERS + "@$")
_PIECE = members(LETTERS + DIGITS + "@$")
_LOUD = members('*#^@%&$!?~+=<>"|')
_QUIET = members("-_'.2456789")
_UNDERLINE = members("_")
_WORDLIKE_QUIET = members("-_.")
_APOSTROPHE = members("'")
_AT = members("@")
_BANG = members("!")
_N, _E, _L, _RV, _STDM = map(members, ("n", "e", "l", "rv", "stdm"))


class Window:
    """A text in lower case seen through a window at some places, none nearer to an end than 4."""

    def __init__(self, text: Characters, places: Places) -> None:
        self._text = text
        self._places = places
        self._seen: dict[int, NDArray[np.int64]] = {}

    def at(self, classes: int, distance: int = 0) -> Mask:
        """Say for each place whether the character at a distance from -4 to 4 is a member."""
        if distance not in self._seen:
            self._seen[distance] = CLASSES[self._text[self._places + distance]]
        found: Mask = self._seen[distance] & classes != 0
        return found

    def same(self, one: int, other: int) -> Mask:
        """Say for each place whether the characters at two distances are the same."""
        same: Mask = self._text[self._places + one] == self._text[self._places + other]
        return same

    def found(self, question: Callable[[Window], Mask]) -> Places:
        """Return the places that answer the question with yes."""
        return self._places[question(self)] if len(self._places) else self._places


def disguises(window: Window) -> Mask:
    """Say what is invisible, or may hide that it is."""
    beside = window.at(_LETTER, -1) | window.at(_LETTER, 1)
    return window.at(_CONTROL) | (window.at(_JOINER) & beside)


def quotes(window: Window) -> Mask:
    """Say which signs may begin a quotation."""
    return window.at(_QUOTING)


def emphasis(window: Window) -> Mask:
    """Say which signs may be markdown."""
    beside = window.at(_LETTER, -1) | window.at(_LETTER, 1)
    twin = window.at(_TWIN_EMPHASIS) & window.same(0, 1)
    return (window.at(_EMPHASIS) & beside) | twin


def letters(window: Window) -> Mask:
    """Say which signs may be read as letters."""
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


def repeats(window: Window) -> Mask:
    """Say which twin letters are more than twins, or stand where no word has them."""
    threefold = window.same(1, 2)
    after = window.at(_LETTER, 2) & window.at(_LETTER, 3) & window.at(_LETTER, 4)
    before = window.at(_LETTER, -1) & window.at(_LETTER, -2) & window.at(_LETTER, -3)
    first = ~window.at(_ALNUM, -1) & window.at(_CONSONANT) & after
    last = ~window.at(_ALNUM, 2) & window.at(_FINAL) & before
    return threefold | window.at(_SINGLE) | first | last


def joints(window: Window) -> Mask:
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


def holes(window: Window) -> Mask:
    """Say where signs stand between letters, few enough to hide some."""
    loud = _reaches(window, _LOUD, _LETTER)
    quiet = window.at(_QUIET) & window.at(_CONSONANT, -1) & window.at(_LETTER, 1)
    quiet |= window.at(_UNDERLINE) & window.at(_LETTER, 1)
    short = ~(window.at(_ALNUM, -2) & window.at(_ALNUM, -3))
    several = short & window.at(_WORDLIKE_QUIET, 1) & _reaches(window, _WORDLIKE_QUIET, _LETTER)
    return window.at(_LETTER, -1) & (loud | several | (quiet & ~_clitics(window)))


def _clitics(window: Window) -> Mask:
    """Say where an apostrophe begins one of `'s`, `'t`, `'d`, `'m`, `'re`, `'ve`, `'ll`."""
    one = window.at(_STDM, 1) & ~window.at(_ALNUM, 2)
    two = ~window.at(_ALNUM, 3) & (
        (window.at(_RV, 1) & window.at(_E, 2)) | (window.at(_L, 1) & window.at(_L, 2))
    )
    return window.at(_APOSTROPHE) & (one | two)


def _reaches(window: Window, classes: int, goal: int) -> Mask:
    """Say where one to three members stand before the goal, or more than three before anything."""
    run = window.at(classes, 0)
    found = np.zeros_like(run)
    for length in (1, 2, 3):
        found |= run & window.at(goal, length)
        run = run & window.at(classes, length)
    return found | run
