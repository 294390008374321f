"""Where words begin and end, in any script.

Lives here: word characters, boundaries, and the word around a place. Not here: which words are
looked for (`bot.rules`).
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from bot.model import Span

_UNSPACED = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3005-\u30ff\u3400-\u9fff\uf900-\ufaff"
    "\U00020000-\U0003ffff]"
)


def is_word_character(character: str) -> bool:
    """Whether words are made of `character`: letters, digits and their marks, no underscore."""
    if character.isalnum():
        return True
    return not character.isascii() and unicodedata.category(character)[0] == "M"


def is_unspaced(character: str) -> bool:
    """Whether `character` is of a script that writes no space between words."""
    return _UNSPACED.match(character) is not None


def is_boundary(text: str, place: int) -> bool:
    """Whether no word runs across `place`, an offset from 0 to the length of `text`."""
    return place <= 0 or place >= len(text) or _are_apart(text[place - 1 : place + 1])


# Texts are made of few pairs of characters, and full of each.
@lru_cache(maxsize=1 << 14)
def _are_apart(pair: str) -> bool:
    return not all(map(is_word_character, pair)) or any(map(is_unspaced, pair))


def word_at(text: str, place: int) -> Span:
    """Return the span of the word around `place`; empty where no word is."""
    start = end = place
    while start > 0 and is_word_character(text[start - 1]):
        start -= 1
    while end < len(text) and is_word_character(text[end]):
        end += 1
    return Span(start, end)
