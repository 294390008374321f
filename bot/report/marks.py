"""Cuts a text into pieces, so that matched spans can be marked and nothing else can be forged.

Lives here: merging spans, shortening long texts around them, setting invisible characters apart.
Not here: any markup; a template or a terminal wraps each piece as it likes.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from bot.model import Match, Span
from bot.report.visible import INVISIBLE, code_point, unbroken

LONGEST = 1200
"""Code points of a comment that a report shows whole."""

_AROUND = 240


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of text. `kind` is `text`, `hidden` (the name of an invisible character) or `gap`.

    For a gap, `text` is empty and `left_out` counts the code points that are not shown.
    """

    text: str
    marked: bool = False
    kind: str = "text"
    left_out: int = 0


def marked(text: str, spans: Iterable[Span], longest: int = LONGEST) -> tuple[Piece, ...]:
    """Cut `text` into pieces, those inside `spans` marked.

    Without gaps and hidden characters the pieces join to `text`. A text over `longest` code points
    is shown around its spans, or from its beginning when it has none.
    """
    merged = merge(spans, len(text))
    pieces: list[Piece] = []
    shown_to = 0
    for window in _windows(len(text), merged, longest):
        if window.start > shown_to:
            pieces.append(Piece("", kind="gap", left_out=window.start - shown_to))
        for start, end, inside in _stretches(window, merged):
            pieces.extend(_split(text[start:end], inside=inside))
        shown_to = window.end
    if shown_to < len(text):
        pieces.append(Piece("", kind="gap", left_out=len(text) - shown_to))
    return tuple(pieces)


def glimpse(text: str, spans: Iterable[Span], longest: int = 160) -> tuple[Piece, ...]:
    """Cut `text` to one harmless line around its first span; cut ends are told by an ellipsis."""
    merged = merge(spans, len(text))
    first = merged[0].start if merged and len(text) > longest else 0
    start = max(0, first - longest // 3)
    window = Span(start, min(len(text), start + longest))
    pieces = [
        Piece(unbroken(text[start:end]), inside)
        for start, end, inside in _stretches(window, merged)
    ]
    before = [Piece("…")] if window.start else []
    after = [Piece("…")] if window.end < len(text) else []
    return (*before, *pieces, *after)


def merge(spans: Iterable[Span], length: int) -> list[Span]:
    """Return the union of `spans` within [0, length), in order, without overlaps."""
    merged: list[Span] = []
    for start, end in sorted(spans):
        start, end = max(start, 0), min(end, length)  # noqa: PLW2901 - a span is clipped in place
        if start >= end:
            continue
        if merged and start <= merged[-1].end:
            merged[-1] = Span(merged[-1].start, max(merged[-1].end, end))
        else:
            merged.append(Span(start, end))
    return merged


def spans_of(matches: Iterable[Match]) -> list[Span]:
    """Return the spans of all `matches`."""
    return [span for match in matches for span in match.spans]


def reason_pieces(reason: str, match: Match) -> tuple[Piece, ...]:
    """Cut a reason into pieces; what it quotes of the comment is marked, to be veiled with it."""
    quoted = {match.text, *match.text.split(" … ")} - {""}
    if not quoted:
        return marked(reason, ())
    pattern = "|".join(re.escape(part) for part in sorted(quoted, key=len, reverse=True))
    found = (Span(*hit.span()) for hit in re.finditer(pattern, reason))
    return marked(reason, found)


def _windows(length: int, spans: Sequence[Span], longest: int) -> list[Span]:
    if length <= longest:
        return [Span(0, length)]
    if not spans:
        return [Span(0, longest)]
    around = (Span(span.start - _AROUND, span.end + _AROUND) for span in spans)
    windows, room = [], longest
    for window in merge(around, length):
        windows.append(Span(window.start, min(window.end, window.start + room)))
        room -= window.end - window.start
        if room <= 0:
            break
    return windows


def _stretches(window: Span, spans: Sequence[Span]) -> Iterator[tuple[int, int, bool]]:
    """Yield the stretches of a window, in order: start, end, and whether it is inside a span."""
    place = window.start
    for span in spans:
        start, end = max(span.start, window.start), min(span.end, window.end)
        if start >= end:
            continue
        if place < start:
            yield place, start, False
        yield start, end, True
        place = end
    if place < window.end:
        yield place, window.end, False


def _split(text: str, *, inside: bool) -> Iterator[Piece]:
    """Yield pieces of `text` with its invisible characters set apart."""
    place = 0
    for found in INVISIBLE.finditer(text):
        if place < found.start():
            yield Piece(text[place : found.start()], inside)
        yield Piece(code_point(found[0]), inside, kind="hidden")
        place = found.end()
    if place < len(text):
        yield Piece(text[place:], inside)
