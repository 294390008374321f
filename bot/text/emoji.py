"""Letters that are drawn as emoji.

Lives here: squared, circled and flag letters, and symbols between letters that look like one.
Not here: circled and squared letters that NFKC already knows.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from bot.text.tracked import Edit, Tracked

_ALPHABETS = (0x1F130, 0x1F150, 0x1F170, 0x1F1E6)
LETTERS = {
    chr(first + place): chr(ord("a") + place) for first in _ALPHABETS for place in range(26)
} | {"\U0001f18e": "ab"}
"""Emoji that are letters of their own."""

_BETWEEN = dict.fromkeys("⭕⚪⚫🔴🟠🟡🟢🔵🟣🟤🍩", "o") | {
    "❌": "x",
    "✖": "x",
    "❗": "i",
    "❕": "i",
    "💲": "s",
    "✝": "t",
    "☦": "t",
    "➕": "t",
}
_FIRST = min(*LETTERS, *_BETWEEN)
_LETTERS, _SYMBOLS = map("".join, (LETTERS, _BETWEEN))
# One look at the character spares most places the look around it.
_DRAWN = re.compile(
    f"(?=[{_LETTERS}{_SYMBOLS}])"
    f"(?:[{_LETTERS}]|(?<=[^\\W\\d_])[{_SYMBOLS}]+(?=[^\\W\\d_{_SYMBOLS}]))"
)


def without_emoji_letters(tracked: Tracked) -> Tracked:
    """Read letters drawn as emoji as plain letters."""
    if tracked.text.isascii() or max(tracked.text) < _FIRST:
        return tracked
    return tracked.edited(_edits(tracked.text), "emoji letters")


def _edits(text: str) -> Iterator[Edit]:
    for found in _DRAWN.finditer(text):
        for place, character in enumerate(found[0], found.start()):
            letter = LETTERS.get(character) or _BETWEEN[character]
            yield Edit(place, place + 1, letter)
