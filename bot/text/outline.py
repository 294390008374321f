"""A text outside ASCII drawn in ASCII, just well enough to tell which steps it needs.

Lives here: one stand-in for each character. Not here: reading the outline (`bot.text.needs`).
"""

from __future__ import annotations

import unicodedata

from bot.text.accents import plain_letter
from bot.text.emoji import LETTERS
from bot.text.marks import LOOKALIKES, is_invisible

DISGUISE = "\x01"
"""Stands for a character that the level `light` changes, if it does more than bare a letter."""

JOINER = "\x02"
"""Stands for what is invisible inside an emoji, and a disguise beside a letter."""

_STAND_INS = {"’": "'", "‘": "'", "“": '"', "”": '"', "–": "-", "—": "-", "…": ".", "·": "."}


class _Outline(dict[int, str]):
    """Code point → stand-in, worked out when first met."""

    def __missing__(self, code: int) -> str:
        character = chr(code)
        self[code] = character if character.isascii() else _stand_in(character)
        return self[code]


def _stand_in(character: str) -> str:
    if character in _STAND_INS:
        return _STAND_INS[character]
    if character in "\ufe0f\u200d":
        return JOINER
    if shown := plain_letter(character) or _space(character):
        return shown
    category = unicodedata.category(character)
    disguised = character in LOOKALIKES or character in LETTERS or is_invisible(character)
    if disguised or category[0] in "MC" or unicodedata.normalize("NFKD", character) != character:
        return DISGUISE
    if category[0] == "L":
        return "e"
    return " " if category[0] == "Z" else "#"


def _space(character: str) -> str:
    """Return a space for a space of any width, "" for any other character."""
    return " " if unicodedata.normalize("NFKC", character) == " " else ""


OUTLINE = _Outline()
