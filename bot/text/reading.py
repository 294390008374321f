"""The order in which a reader sees characters: overrides, deletions, letters on their head.

Lives here: the steps of the level `strong` that bring characters into their visible order. Not
here: dropping the controls when they do no harm (`bot.text.light`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from bot.text.tracked import Tracked

_DELETIONS = re.compile("[\x08\x7f]")
_OVERRIDES = re.compile("[\u202d\u202e]")
_OPENING = {"\u202a": 0, "\u202b": 1, "\u202d": 0, "\u202e": 1, "\u2066": 0, "\u2067": 1}
_CLOSING = "\u202c\u2069"
# Levels nested more deeply than this are an attack, not a text.
_DEEPEST = 12


def as_read(tracked: Tracked) -> Tracked:
    """Return the text as a reader sees it: deletions done, overridden stretches turned."""
    if _DELETIONS.search(tracked.text):
        tracked = tracked.picked(_kept(tracked.text), "deletion controls")
    if _OVERRIDES.search(tracked.text):
        tracked = tracked.picked(_visual_order(tracked.text), "reordering")
    return tracked


def _kept(text: str) -> list[int]:
    kept: list[int] = []
    for i, character in enumerate(text):
        if character not in "\x08\x7f":
            kept.append(i)
        elif kept:
            kept.pop()
    return kept


def _visual_order(text: str) -> list[int]:
    """Order the places of `text` as they are shown, its controls left out (UAX #9, rule L2)."""
    places, levels = [], []
    for i, level in _levels(text):
        places.append(i)
        levels.append(level)
    for lowest in range(max(levels, default=0), 0, -1):
        start = 0
        while start < len(levels):
            end = start
            while end < len(levels) and levels[end] >= lowest:
                end += 1
            places[start:end] = places[start:end][::-1]
            levels[start:end] = levels[start:end][::-1]
            start = end + 1
    return places


def _levels(text: str) -> Iterator[tuple[int, int]]:
    """Yield place and level of each character that is shown."""
    stack = [(0, False)]
    for i, character in enumerate(text):
        level, overridden = stack[-1]
        if character in _OPENING:
            odd = _OPENING[character]
            deeper = level + 1 if (level + 1) % 2 == odd else level + 2
            stack.append((min(deeper, _DEEPEST + odd), character in "\u202d\u202e"))
        elif character in _CLOSING:
            del stack[max(1, len(stack) - 1) :]
        elif character == "\n":
            del stack[1:]
            yield i, 0
        else:
            # Letters keep their own direction in an embedding, but not in an override.
            yield i, level if overridden else level + level % 2


_TURNED = re.compile(
    "[\u0250\u0254\u01dd\u025f\u0265\u027e\u029e\u026f\u0279\u0287\u028c-\u028e\u0183\u1d09]"
)
_FEWEST_TURNED = 2
_UPSIDE_DOWN = dict(zip("nudpbqmwɓƃɟɔɾ", "unpdqbwmggfcj", strict=True))


def upright(original: Tracked, light: Tracked) -> Tracked | None:
    """Turn a text that stands on its head; `light` is the same text with look-alikes read."""
    if len(_TURNED.findall(original.text)) < _FEWEST_TURNED or len(light.text) != len(
        original.text
    ):
        return None
    turned = [
        _UPSIDE_DOWN.get(raw, plain) for raw, plain in zip(original.text, light.text, strict=True)
    ]
    read = light.mapped("".join(turned), "upside down")
    return read.picked(range(len(turned) - 1, -1, -1), "upside down")
