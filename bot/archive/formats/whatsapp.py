"""A WhatsApp chat, exported as text by an iPhone or by Android.

Messages span lines; dates are written as the phone's country writes them and are read as UTC.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice

from bot.archive.base import Head
from bot.archive.chatlines import messages
from bot.archive.source import Source, author_of
from bot.archive.times import LocalDates
from bot.model import AttributeValue, Comment

_DATE = (
    r"(?P<date>\d{1,4}[./-]\d{1,2}[./-]\d{2,4},?[ \u202f]\d{1,2}[:.]\d{2}(?:[:.]\d{2})?"
    r"(?:[ \u202f]?[AaPp]\.?[ ]?[Mm]\.?)?)"
)
_HEADER = re.compile(rf"\u200e?(?:\[{_DATE}\]|{_DATE.replace('date', 'when')} -) (?P<rest>.*)")
_ATTACHED = re.compile(
    r"<attached: ([^<>\n]{1,300})>|^(.{1,300}\.\w{2,4}) \(file attached\)$", re.MULTILINE
)
_EDITED = "<This message was edited>"
_DELETED = frozenset(
    {
        "This message was deleted.",
        "This message was deleted",
        "You deleted this message.",
        "You deleted this message",
    }
)
_OMITTED = re.compile(
    r"<Media omitted>|(?:image|video|audio|sticker|GIF|document|Contact card) omitted"
)
_MARK = "\N{LEFT-TO-RIGHT MARK}"
_DATES_COMPARED = 1_000


def detect(head: Head) -> bool:
    """See a date and what follows it at the beginning of the first line."""
    first = next((line for line in head.lines if line.strip()), "")
    return _HEADER.fullmatch(first) is not None


def read(source: Source) -> Iterator[Comment]:
    """Yield the messages that people wrote."""
    compared = islice(messages(source.probe(), _HEADER), _DATES_COMPARED)
    dates = LocalDates.infer(_date(found) for found, _ in compared)
    for found, whole in messages(source, _HEADER):
        author, colon, text = whole.partition(": ")
        if not colon or "\n" in author:
            source.skip("system")
        elif reason := _no_comment(text):
            source.skip(reason)
        else:
            name = author.strip(_MARK + "~ ")
            yield Comment(
                id=f"line-{source.line}",
                text=text.replace(_MARK, "").removesuffix(_EDITED).rstrip(),
                author=author_of(name),
                created_at=source.local_time(_date(found), dates),
                thread_id=source.stem,
                attributes=_attributes(text),
            )


def _date(found: re.Match[str]) -> str:
    return found["date"] or found["when"]


def _no_comment(text: str) -> str:
    """Return why a message is none to judge; empty for one that is."""
    plain = text.strip().strip(_MARK)
    if plain in _DELETED:
        return "deleted"
    if _OMITTED.fullmatch(plain):
        return "media"
    # What WhatsApp itself says begins with an invisible mark, and so do attachments.
    if text.startswith(_MARK) and not _ATTACHED.search(text):
        return "system"
    return "" if plain else "empty"


def _attributes(text: str) -> dict[str, AttributeValue]:
    names = tuple(found[1] or found[2] for found in _ATTACHED.finditer(text))
    return {"attachments": names} if names else {}
