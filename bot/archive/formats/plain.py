"""Plain text: one comment a line."""

from __future__ import annotations

import json
from collections.abc import Iterator

from bot.archive.base import Head
from bot.archive.source import Source
from bot.model import Comment


def detect(head: Head) -> bool:
    """Anything that is neither JSON nor XML may be lines of text."""
    return head.opening not in ("", "{", "[", "<") and not _is_json(head)


def _is_json(head: Head) -> bool:
    """See a file that is one JSON text, number or word: an export gone wrong, not a comment."""
    try:
        json.loads(head.text)
    except ValueError:
        return False
    return True


def read(source: Source) -> Iterator[Comment]:
    """Yield a comment for each line that is not blank; its id tells the line."""
    for line in source.lines():
        if line.isspace() or not line:
            source.skip("empty")
        else:
            yield Comment(id=f"line-{source.line}", text=line, thread_id=source.stem)
