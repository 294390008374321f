"""Generic JSON: an object a line, or a list of objects; `text` is the only field required."""

from __future__ import annotations

import json
from collections.abc import Iterator

from bot.archive.base import Head
from bot.archive.jsonstream import loads, walk
from bot.archive.rows import RowReader, require_text
from bot.archive.source import Source
from bot.model import Comment


def detect(head: Head) -> bool:
    """JSON that no other format claims."""
    return head.opening in ("{", "[") and bool(head.keys)


def check(source: Source, head: Head) -> None:
    """Refuse a file in which no object has a text."""
    require_text(source, head.keys, head.lines[0])


def read(source: Source) -> Iterator[Comment]:
    """Yield a comment for each object that has a text."""
    rows = RowReader(source)
    for value in values(source):
        if not isinstance(value, dict):
            source.problem("bad-row", "this is not an object in braces; it is skipped")
        elif comment := rows.comment(value):
            yield comment


def values(source: Source) -> Iterator[object]:
    """Yield the JSON values of a file that holds one a line, or one list of them."""
    if source.begins_with("["):
        yield from (value for path, value in walk(source, ("*",)) if path == ("*",))
        return
    for line in source.lines():
        if not line or line.isspace():
            continue
        try:
            yield loads(source, line)
        except json.JSONDecodeError as error:
            source.problem(
                "bad-json",
                f"broken JSON: {error.msg}; the line is skipped",
                column=error.colno,
                text=line,
                hint="each line must be one whole JSON object",
            )
        except ValueError as error:
            source.problem("bad-json", f"broken JSON: {error}; the line is skipped")
