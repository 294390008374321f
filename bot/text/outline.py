"""A text outside ASCII drawn in ASCII, just well enough to tell which steps it needs.

Lives here: one stand-in for each character, and what letters of other scripts need, of which no
outline tells. Not here: reading the outline (`bot.text.needs`).
"""

from __future__ import annotations

import re
import unicodedata

from bot.text.accents import plain_letter
from bot.text.emoji import LETTERS
from bot.text.light import BARE
from bot.text.marks import LATIN, LOOKALIKES, beyond_ascii, is_invisible, is_native
from bot.text.need import Need

# A text with more sorts of them is not drawn sort by sort.
_FEW = 6

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
    shown = _STAND_INS.get(character) or plain_letter(character) or _sign(character)
    if shown or character in "\ufe0f\u200d":
        return shown or JOINER
    if _is_of_other_script(character):
        return "e"
    category = unicodedata.category(character)
    stable = unicodedata.normalize("NFKD", character) == character
    if category[0] in "MC" or not stable or character in LETTERS or is_invisible(character):
        return DISGUISE
    if category[0] == "L":
        return DISGUISE if character in LOOKALIKES else "e"
    return " " if category[0] == "Z" else "#"


def _sign(character: str) -> str:
    """Return the sign or space of ASCII of which `character` is a form, "" where there is none."""
    plain = unicodedata.normalize("NFKC", character)
    return plain if len(plain) == 1 and plain.isascii() and not plain.isalnum() else ""


def _is_of_other_script(letter: str) -> bool:
    """Whether `letter` is one of another script than Latin, and no form of another letter."""
    if unicodedata.category(letter) not in {"Lu", "Ll", "Lo"} or is_invisible(letter):
        return False
    folded = letter.casefold()
    stable = len(folded) == 1 and unicodedata.is_normalized("NFKC", folded)
    return stable and not unicodedata.name(letter, "LATIN").startswith("LATIN")


_LETTERS = "".join(filter(_is_of_other_script, {*LOOKALIKES, *map(chr, BARE)}))
_SYMBOLS = "".join(symbol for symbol in LOOKALIKES if _stand_in(symbol) == "#")
_CHANGED_LETTERS = frozenset(_LETTERS)
_CHANGED = _CHANGED_LETTERS.union(_SYMBOLS)
_OTHER = rf"(?:(?![{LATIN}])[^\W\d_]|[{re.escape(_SYMBOLS)}])"
_MIXED = re.compile(f"[{LATIN}]{_OTHER}|{_OTHER}[{LATIN}]")
# Letters of other scripts have one stand-in, and seem to repeat it.
_REPEATED = re.compile(rf"([^\W\d_])\1(?:\1|(?<=[{LATIN}]))", re.IGNORECASE)


def borne_out(text: str, needs: int) -> int:
    """Return the needs of `text` told from its outline, set right by its letters.

    Symbols are read as letters only beside some. In a text that is really written in another
    script, look-alikes are read as Latin letters only in a word that has some.
    """
    if needs == Need.EVERYTHING:
        return needs
    if needs & Need.REPEATS and not _REPEATED.search(text):
        needs &= ~Need.REPEATS
    beyond = beyond_ascii(text)
    if _CHANGED.isdisjoint(beyond):
        return needs
    if _MIXED.search(text):
        return Need.EVERYTHING
    if _CHANGED_LETTERS.isdisjoint(beyond):
        return needs
    return needs | Need.LIGHT if any(map(is_native, beyond)) else Need.EVERYTHING


_OUTLINE = _Outline()


def outline(text: str) -> str:
    """Return `text` with each character beyond ASCII as the one that stands for it."""
    sorts = set(beyond_ascii(text))
    if len(sorts) > _FEW:
        return text.translate(_OUTLINE)
    for character in sorts:
        text = text.replace(character, _OUTLINE[ord(character)])
    return text
