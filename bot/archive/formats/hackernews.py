"""Hacker News items, one a line or in a list, as its API gives them."""

from __future__ import annotations

from collections.abc import Iterator

from bot.archive.base import Head
from bot.archive.formats.jsonl import values
from bot.archive.markup import html_text
from bot.archive.source import Source, author_of, text_of
from bot.model import Comment

_REMEMBERED = 250_000


def detect(head: Head) -> bool:
    """See who wrote an item, when, and its place in the tree."""
    return head.has("by", "id", "time", "type") and not head.keys.isdisjoint({"kids", "parent"})


def read(source: Source) -> Iterator[Comment]:
    """Yield the comments; a story is their thread where it stands before them."""
    threads: dict[str, str] = {}
    for item in values(source):
        if not isinstance(item, dict):
            source.problem("bad-row", "this is not an item; it is skipped")
            continue
        number, parent = text_of(item.get("id")), text_of(item.get("parent"))
        if item.get("type") in ("story", "poll", "job"):
            threads[number] = number
            title = text_of(item.get("title"))
            source.thread(number, title, html_text(text_of(item.get("text"))))
            continue
        threads[number] = thread = threads.get(parent, source.stem)
        if len(threads) > _REMEMBERED:
            threads.clear()
        if comment := _comment(source, item, thread, parent if parent != thread else ""):
            yield comment


def _comment(source: Source, item: dict[str, object], thread: str, parent: str) -> Comment | None:
    text = html_text(text_of(item.get("text")))
    if not text:
        source.skip("deleted" if item.get("deleted") is True else "empty")
        return None
    return Comment(
        id=text_of(item.get("id")) or f"line-{source.line}",
        text=text,
        author=author_of(text_of(item.get("by"))),
        created_at=source.time(item.get("time")),
        parent_id=parent or None,
        thread_id=thread,
        # Moderators and flags make a comment dead; its author deletes it.
        label=True if item.get("dead") is True else None,
    )
