"""Which folding steps could change a text at all: the fast way past ordinary comments.

Lives here: the flags of many texts at once, told from their outlines in ASCII. A flag may be set
in vain, never missing: `fold_many` then gives what `fold` gives. Not here: the steps themselves,
and what their places are told by (`bot.text.surroundings`, `bot.text.pieces`).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from bot.text.classes import (
    BLANK,
    DIGIT,
    HIDDEN,
    LETTER,
    PARTING,
    SIGN,
    Characters,
    Places,
    kinds_of,
)
from bot.text.need import Need
from bot.text.pieces import Words, odd_pieces, spelled
from bot.text.surroundings import (
    Window,
    disguises,
    emphasis,
    holes,
    joints,
    letters,
    quotes,
    repeats,
)


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


def _findings(written: bytes) -> list[tuple[Places, int]]:
    """Return the places that call for steps; each place lies within its text."""
    text = np.frombuffer(written.lower(), dtype=np.uint8)
    kinds = kinds_of(written)
    letter = kinds & LETTER != 0
    hidden = Window(text, np.flatnonzero(kinds & HIDDEN != 0))
    signs = Window(text, _telling_signs(kinds))
    twins = Window(text, np.flatnonzero(letter[:-1] & (text[1:] == text[:-1])))
    words = Words(text, kinds)
    return [
        (hidden.found(disguises), Need.EVERYTHING),
        (signs.found(quotes), Need.QUOTES),
        (signs.found(emphasis), Need.LIGHT),
        (signs.found(letters), Need.SIGNS),
        (_capital_i(written, kinds), Need.SIGNS),
        (twins.found(repeats), Need.REPEATS),
        (signs.found(joints), Need.CHAINED),
        (spelled(words), Need.SPELLED),
        (odd_pieces(written, words), Need.PIECES),
        (signs.found(holes), Need.HOLES),
    ]


def _telling_signs(kinds: Characters) -> Places:
    """Return where signs stand, but for those that end a word and those within a number."""
    places: Places = np.flatnonzero(kinds & SIGN != 0)
    before, sign, after = kinds[places - 1], kinds[places], kinds[places + 1]
    parting = (sign & PARTING != 0) & (after & BLANK != 0)
    number = (sign & DIGIT != 0) & ((before | after) & LETTER == 0)
    telling: Places = places[~(parting | number)]
    return telling


_UPPER_I = ord("I")
_SMALL = ord("A") ^ ord("a")


def _capital_i(written: bytes, kinds: Characters) -> Places:
    """Return where a capital i follows a small letter."""
    raw = np.frombuffer(written, dtype=np.uint8)
    places: Places = np.flatnonzero(raw == _UPPER_I)
    before = places - 1
    found: Places = places[(kinds[before] & LETTER != 0) & (raw[before] & _SMALL != 0)]
    return found
