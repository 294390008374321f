"""Where the sentences of a comment lie, in the offsets that Perspective counts.

Lives here: splitting for span scores, and code points ⇄ UTF-16 units. Not here: scoring.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from bot.model import Span

MOST_SPANS = 100
"""Sentences of a comment beyond this number are scored in neighbouring groups."""

_WORD = re.compile(r"\S+")
_ENDS = (".", "!", "?", "…")
_CLOSES = "\"')]}»”’*_"


def sentences(text: str) -> list[Span]:
    """Return the sentences of a text, in order, in code points, without the space around them.

    Time grows with the length only, whatever the text.
    """
    found = list(_sentences(text))
    size = -(-len(found) // MOST_SPANS) or 1
    groups = (found[i : i + size] for i in range(0, len(found), size))
    return [Span(group[0].start, group[-1].end) for group in groups]


def _sentences(text: str) -> Iterator[Span]:
    start, end = 0, 0
    closed = True
    for word in _WORD.finditer(text):
        if closed or "\n" in text[end : word.start()]:
            if end:
                yield Span(start, end)
            start = word.start()
        end = word.end()
        closed = word.group().rstrip(_CLOSES).endswith(_ENDS)
    if end:
        yield Span(start, end)


def utf16(text: str, spans: Sequence[Span]) -> list[Span]:
    """Return spans of code points as spans of UTF-16 units."""
    if text.isascii() or max(text, default="") <= "\uffff":
        return list(spans)
    units = [0]
    for character in text:
        units.append(units[-1] + (2 if character > "\uffff" else 1))
    return [Span(units[span.start], units[span.end]) for span in spans]
