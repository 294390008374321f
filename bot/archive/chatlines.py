"""Chats as text: a line that begins a message, and the lines that go on with it.

Lives here: putting a message's lines together. Not here: what the first line looks like
(`formats.whatsapp`, `formats.discord_text`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from bot.archive.source import MAX_FIELD, Source


def messages(source: Source, header: re.Pattern[str]) -> Iterator[tuple[re.Match[str], str]]:
    """Yield the first line of each message, as matched, and the whole text.

    The text begins with the group `rest`, or on the next line where there is none. The source's
    line is the message's first.
    """
    first: re.Match[str] | None = None
    parts: list[str] = []
    held, started = 0, 0
    for line in source.lines():
        if found := header.fullmatch(line):
            if first:
                number, source.line = source.line, started
                yield first, "\n".join(parts)
                source.line = number
            first, parts = found, [] if found["rest"] is None else [found["rest"]]
            held, started = len(line), source.line
        elif first and (held := held + len(line) + 1) <= MAX_FIELD:
            parts.append(line)
        elif line.strip():
            source.problem("bad-row", "this line belongs to no message; it is skipped", text=line)
    if first:
        source.line = started
        yield first, "\n".join(parts).rstrip()
