"""Disqus, XML: threads, and posts that refer to them."""

from __future__ import annotations

from collections.abc import Iterator

from bot.archive.base import Head
from bot.archive.markup import html_text
from bot.archive.source import Source, author_of
from bot.archive.xmlstream import Node, elements
from bot.model import ANONYMOUS, Author, Comment


def detect(head: Head) -> bool:
    """Know it by its namespace."""
    return head.opening == "<" and "http://disqus.com" in head.text


def read(source: Source) -> Iterator[Comment]:
    """Yield the posts; deleted ones that kept their text count as abusive, like spam."""
    channels: dict[str, str] = {}
    for node in elements(source, "thread", "post"):
        number = node.attributes.get("id", "")
        if node.name == "thread":
            channels[number] = node.get("forum")
            source.thread(number, node.get("title") or node.get("link"), _text(node))
        elif comment := _comment(source, node, number, channels):
            yield comment


def _comment(source: Source, post: Node, number: str, channels: dict[str, str]) -> Comment | None:
    text = _text(post)
    removed = "true" in (post.get("isDeleted"), post.get("isSpam"))
    if not text:
        source.skip("deleted" if removed else "empty")
        return None
    thread, parent, author = post.child("thread"), post.child("parent"), post.child("author")
    thread_id = (thread.attributes.get("id") if thread else None) or source.stem
    return Comment(
        id=number or f"line-{post.line}",
        text=text,
        channel=channels.get(thread_id, ""),
        author=_author(author) if author else ANONYMOUS,
        created_at=source.time(post.get("createdAt")),
        parent_id=parent.attributes.get("id") if parent else None,
        thread_id=thread_id,
        label=_label(post, removed=removed),
    )


def _text(node: Node) -> str:
    return html_text(node.get("message"))


def _author(author: Node) -> Author:
    return author_of(author.get("name"), author.get("username"))


def _label(post: Node, *, removed: bool) -> bool | None:
    if removed:
        return True
    # Only a post that says so was kept on purpose.
    return False if post.get("isSpam") == "false" else None
