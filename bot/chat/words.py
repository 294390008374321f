"""User text made harmless, and values put into a moderator's words.

Lives here: escaping for Discord's markdown, cutting, times, bars, effects. Pure, and without
Discord's library. Not here: where the words stand on a card (`bot.chat.card`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from bot.cases import Deed
from bot.model import Comment, Effect, Span

_MARKUP = re.compile(r"([\\*_~`|<>\[\](){}#+\-=:@!&/.])")
_OURS = re.compile(r"```\n?(.*?)```|`([^`]+)`|\\(.)|\*\*|\|\|", re.DOTALL)
_UNSEEN = re.compile("[\u0000-\u0008\u000b-\u001f\u007f\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_SURROGATES = re.compile("[\ud800-\udfff]")
_BREAKS = re.compile(r"\s*\n\s*")

_LINK = re.compile(r"https?://[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+(:\d{1,5})?([/?#][!-~]{0,1900})?")

_DONE = {
    "remove": "Message deleted",
    "hold": "Message hidden until it is decided",
    "release": "Message posted again",
    "warn": "Author warned",
    "timeout": "Author muted",
    "untimeout": "Author no longer muted",
    "kick": "Author kicked",
    "ban": "Author banned",
    "unban": "Author no longer banned",
}
"""What became of a comment or its author, by the kind of the effect."""

ELLIPSIS = "…"

LONGEST_MESSAGE, LONGEST_EMBED = 1_900, 3_900
"""UTF-16 units of a message, and of what an embed says, with room to spare."""

_BAR = 8
_LEAST_ROOM = 16


def escaped(text: str) -> str:
    """Return text that Discord shows as it is: no markup, no link, no mention, no hidden order."""
    visible = _UNSEEN.sub("\N{REPLACEMENT CHARACTER}", _SURROGATES.sub("?", text))
    return _BREAKS.sub("\n", _MARKUP.sub(r"\\\1", visible))


def plain(text: str) -> str:
    """Return words written for Discord as they read there: without markup, nothing escaped."""
    return _OURS.sub(lambda found: found[1] or found[2] or found[3] or "", text)


def block(text: str) -> str:
    """Return text set apart as it stands, in letters of one width."""
    fenced = text.replace("```", "'''")
    return f"```\n{fenced}\n```"


def link_of(comment: Comment) -> str:
    """Return the address of a comment, empty where it has none that can be shown.

    Discord refuses a whole card for an address that it does not like, and brackets would end a link.
    """
    link = comment.attributes.get("link")
    shown = isinstance(link, str) and _LINK.fullmatch(link)
    return str(link).replace("(", "%28").replace(")", "%29") if shown else ""


def size(text: str) -> int:
    """Return a text's length as Discord may count it: in UTF-16 units, the longer way."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def one_line(text: str, most: int) -> str:
    """Return user text on one line, escaped, of at most `most` units."""
    line = " ".join(text.split())
    return cut(line, most)


def cut(text: str, most: int) -> str:
    """Escape user text and cut it to `most` units, never inside an escape."""
    safe = escaped(text)
    if size(safe) <= most:
        return safe
    kept = _fitting(text, most - 1)
    return escaped(text[:kept]).rstrip() + ELLIPSIS


def marked(text: str, spans: Sequence[Span], most: int) -> str:
    """Return user text escaped, with `spans` bold and underlined, cut to `most` units.

    Where it is too long, the part around the first span is kept.
    """
    start = 0
    if spans and size(escaped(text)) > most:
        start = max(0, min(span.start for span in spans) - 200)
    parts, at, room = [ELLIPSIS] if start else [], start, most - _LEAST_ROOM
    for inside, stretch in _stretches(text, spans, start):
        piece = cut(stretch, room)
        whole = size(escaped(stretch)) <= room
        wrapped = f"__**{piece}**__" if inside and piece.strip() else piece
        parts.append(wrapped)
        room -= size(wrapped)
        at += len(stretch)
        if not whole or room < _LEAST_ROOM:
            break
    if at < len(text) and not parts[-1].endswith(ELLIPSIS):
        parts.append(ELLIPSIS)
    return "".join(parts)


def _stretches(text: str, spans: Sequence[Span], start: int) -> Iterable[tuple[bool, str]]:
    """Yield the text from `start` on, cut where it enters or leaves a span."""
    for low, high in _merged(spans, len(text)):
        if high <= start:
            continue
        if low > start:
            yield False, text[start:low]
        yield True, text[max(low, start) : high]
        start = high
    if start < len(text):
        yield False, text[start:]


def _merged(spans: Sequence[Span], end: int) -> list[tuple[int, int]]:
    merged: list[tuple[int, int]] = []
    for low, high in sorted(spans):
        if merged and low <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(merged[-1][1], min(high, end)))
        elif low < min(high, end):
            merged.append((low, min(high, end)))
    return merged


def _fitting(text: str, most: int) -> int:
    """Return how many code points of `text` fit into `most` units once escaped."""
    low, high = 0, min(len(text), max(most, 0))
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if size(escaped(text[:middle])) <= most else (low, middle - 1)
    return low


def bar(value: float, told: str = "") -> str:
    """Return a score as a small bar and a number, or a share as a bar and the way it is told."""
    full = round(value * _BAR)
    return f"`{'█' * full}{'░' * (_BAR - full)}` {told or f'{value:.2f}'}"


def when(time: datetime | None, style: str = "f") -> str:
    """Return a time that Discord shows in each reader's own zone."""
    return f"<t:{int(time.timestamp())}:{style}>" if time else "unknown"


def counted(number: int, noun: str) -> str:
    """Return a number with its noun: `1 case`, `2 cases`."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def duration(past: timedelta) -> str:
    """Return a duration in the largest unit that fits."""
    for unit, name in (
        (timedelta(days=1), "d"),
        (timedelta(hours=1), "h"),
        (timedelta(minutes=1), "min"),
    ):
        if past >= unit:
            return f"{past // unit} {name}"
    return f"{past // timedelta(seconds=1)} s"


def effect_words(effect: Effect) -> str:
    """Return an effect in words: `timeout 10 min`."""
    if effect.duration is None:
        return effect.kind
    return f"{effect.kind} {duration(effect.duration)}"


def deed_words(deed: Deed) -> str:
    """Return what was done, or what was not: `Author muted for 10 min`, `warn not done`."""
    effect = deed.effect
    if not deed.done:
        return f"{effect_words(effect)} not done"
    done = _DONE.get(effect.kind, f"{effect.kind} done")
    return f"{done} for {duration(effect.duration)}" if effect.duration else done
