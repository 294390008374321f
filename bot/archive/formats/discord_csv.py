"""DiscordChatExporter, CSV: no ids and no replies, and dates as the exporter's country writes them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import islice

from bot.archive.base import Head
from bot.archive.formats.delimited import records
from bot.archive.source import Source, author_of
from bot.archive.times import LocalDates
from bot.model import AttributeValue, Comment

_HEADER = "AuthorID,Author,Date,Content,Attachments,Reactions"
_DATES_COMPARED = 1_000


def detect(head: Head) -> bool:
    """Know it by its first line."""
    return head.lines[0].replace('"', "").strip() == _HEADER


def read(source: Source) -> Iterator[Comment]:
    """Yield the messages; one is called by its line."""
    compared = islice(records(source.probe()), _DATES_COMPARED)
    dates = LocalDates.infer(row.get("Date", "") for row in compared)
    for row in records(source):
        text = row.get("Content", "")
        files = tuple(
            filter(None, (name.strip() for name in row.get("Attachments", "").split(",")))
        )
        if not text.strip() and not files:
            source.skip("empty")
            continue
        extras: Mapping[str, AttributeValue] = {"attachments": files} if files else {}
        yield Comment(
            id=f"line-{source.line}",
            text=text,
            author=author_of(row.get("Author", ""), row.get("AuthorID", "")),
            created_at=source.local_time(row.get("Date", ""), dates),
            thread_id=source.stem,
            attributes=extras,
        )
