"""A Discord chat, copied from the app's window and pasted into a file.

A header names the author for all that follows, and messages that share one cannot be told apart:
they are read as one. Only headers with a date tell when it was; a time alone names no day.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice

from bot.archive.base import Head
from bot.archive.chatlines import messages
from bot.archive.source import Source, author_of
from bot.archive.times import LocalDates
from bot.model import Comment

_TIME = r"\d{1,2}[:.]\d{2}(?:[ \u202f]?[AaPp][Mm])?"
_DATE = rf"\d{{1,4}}[./-]\d{{1,2}}[./-]\d{{2,4}},? {_TIME}"
_DASHED = (
    rf"(?P<author>\S.{{0,79}}?) ?[—–] ?(?:(?P<date>{_DATE})|(?:(?:Today|Yesterday) at )?{_TIME})"
)
# Further messages under one header show their time alone.
_BRACKETED = rf"\[(?:Today at )?{_TIME}\] ?(?:(?P<name>[^\s:][^:]{{0,79}}): )?(?P<rest>.*)"
_HEADER = re.compile(f"(?:{_DASHED}|{_BRACKETED})")
_DATES_COMPARED = 1_000
_EDITED = "(edited)"


def detect(head: Head) -> bool:
    """See a first line that tells an author and a time as Discord's window does."""
    first = next((line for line in head.lines if line.strip()), "")
    found = _HEADER.fullmatch(first)
    return found is not None and bool(found["author"] or found["name"])


def read(source: Source) -> Iterator[Comment]:
    """Yield the messages, or what stands together under one header."""
    compared = islice(messages(source.probe(), _HEADER), _DATES_COMPARED)
    dates = LocalDates.infer(found["date"] for found, _ in compared if found["date"])
    author, dashed, created_at = "", False, None
    for found, text in messages(source, _HEADER):
        if found["author"]:
            author, dashed = found["author"], True
            created_at = source.local_time(found["date"], dates) if found["date"] else None
        elif found["name"] and not dashed:
            author = found["name"]
        said = _said(found, text, dashed=dashed)
        if not said:
            source.skip("empty")
        else:
            yield Comment(
                id=f"line-{source.line}",
                text=said,
                author=author_of(author.strip()),
                created_at=created_at,
                thread_id=source.stem,
            )


def _said(found: re.Match[str], text: str, *, dashed: bool) -> str:
    """Return the text; under dashed headers, what looks like a name before it is a part of it."""
    whole = f"{found['name']}: {text}" if found["name"] and dashed else text
    return whole.strip().removesuffix(_EDITED).rstrip()
