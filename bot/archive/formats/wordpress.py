"""WordPress export (WXR): posts with their comments."""

from __future__ import annotations

from collections.abc import Iterator

from bot.archive.base import Head
from bot.archive.markup import html_text
from bot.archive.source import Source, author_of
from bot.archive.xmlstream import Node, elements
from bot.model import Author, Comment

# "0" waits for a decision, and "post-trashed" says nothing of the comment.
_DECISIONS = {"1": False, "spam": True, "trash": True}
_SYSTEM = frozenset({"pingback", "trackback"})


def detect(head: Head) -> bool:
    """Know it by its namespace, whatever its version."""
    return head.opening == "<" and "wordpress.org/export/" in head.text


def read(source: Source) -> Iterator[Comment]:
    """Yield the comments; a post is their thread. Approval, spam and trash become labels."""
    title, post = "", source.stem
    for node in elements(source, "title", "post_id", "comment"):
        if node.name == "title":
            title = node.text
        elif node.name == "post_id":
            post = node.text or source.stem
            source.thread(post, title)
        elif comment := _comment(source, node, post):
            yield comment


def _comment(source: Source, node: Node, post: str) -> Comment | None:
    if node.get("comment_type") in _SYSTEM:
        source.skip("system")
        return None
    text = html_text(node.get("comment_content"), line_breaks=True)
    if not text:
        source.skip("empty")
        return None
    parent = node.get("comment_parent")
    return Comment(
        id=node.get("comment_id") or f"line-{node.line}",
        text=text,
        author=_author(node),
        created_at=source.time(node.get("comment_date_gmt") or node.get("comment_date")),
        parent_id=parent if parent not in ("", "0") else None,
        thread_id=post,
        label=_DECISIONS.get(node.get("comment_approved")),
    )


def _author(node: Node) -> Author:
    name = " ".join(node.get("comment_author").split())
    user = node.get("comment_user_id")
    return author_of(name, user if user != "0" else "")
