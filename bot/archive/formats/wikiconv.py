"""WikiConv: talk page conversations, a list of objects that map an id to a comment."""

from __future__ import annotations

from collections.abc import Iterator

from bot.archive.base import Head
from bot.archive.jsonstream import walk
from bot.archive.source import Source, author_of, text_of
from bot.model import Comment


def detect(head: Head) -> bool:
    """Its members are named by nobody else."""
    return head.has("comment_type", "page_title", "user_text", "content")


def read(source: Source) -> Iterator[Comment]:
    """Yield the comments, one thread after the other; a thread is called by its first comment."""
    for path, thread in walk(source, ("*",)):
        if path != ("*",) or not isinstance(thread, dict) or not thread:
            source.problem("bad-row", "this is not a conversation; it is skipped")
            continue
        name = str(next(iter(thread)))
        for comment_id, entry in thread.items():
            if not isinstance(entry, dict):
                source.problem("bad-row", f"{comment_id!r} is not a comment; it is skipped")
            elif comment := _comment(source, name, comment_id, entry):
                yield comment


def _comment(source: Source, thread: str, name: str, entry: dict[str, object]) -> Comment | None:
    text = text_of(entry.get("content")).strip()
    if not text:
        source.skip("empty")
        return None
    title = text_of(entry.get("page_title"))
    source.thread(thread, title)
    return Comment(
        id=text_of(entry.get("id")) or name,
        text=text,
        channel=title,
        author=author_of(text_of(entry.get("user_text"))),
        created_at=source.time(entry.get("timestamp")),
        parent_id=text_of(entry.get("parent_id")) or None,
        thread_id=thread,
    )
