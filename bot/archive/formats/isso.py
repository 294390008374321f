"""Isso's generic JSON: a list of pages with their comments."""

from __future__ import annotations

from collections.abc import Iterator

from bot.archive.base import Head
from bot.archive.jsonstream import walk
from bot.archive.markup import html_text
from bot.archive.source import Source, author_of, objects, text_of
from bot.model import Comment


def detect(head: Head) -> bool:
    """See a list whose entries have a title and comments."""
    return head.opening == "[" and head.has("id", "title", "comments")


def read(source: Source) -> Iterator[Comment]:
    """Yield the comments; their numbers are unique within a page only, so its id goes before."""
    for path, page in walk(source, ("*",)):
        if path != ("*",) or not isinstance(page, dict):
            source.problem("bad-row", "this is not a page with comments; it is skipped")
            continue
        thread = text_of(page.get("id")) or source.stem
        source.thread(thread, text_of(page.get("title")))
        for number, entry in enumerate(objects(page.get("comments"))):
            if comment := _comment(source, thread, number, entry):
                yield comment


def _comment(source: Source, thread: str, number: int, entry: dict[str, object]) -> Comment | None:
    text = html_text(text_of(entry.get("text")), line_breaks=True)
    if not text:
        source.skip("empty")
        return None
    parent = text_of(entry.get("parent"))
    return Comment(
        id=f"{thread}#{text_of(entry.get('id')) or number}",
        text=text,
        author=author_of(text_of(entry.get("author"))),
        created_at=source.time(entry.get("created")),
        parent_id=f"{thread}#{parent}" if parent else None,
        thread_id=thread,
    )
