"""A Discourse topic, as `/t/N.json` gives it."""

from __future__ import annotations

from collections.abc import Iterator

from bot.archive.base import Head
from bot.archive.jsonstream import walk
from bot.archive.markup import html_text
from bot.archive.source import Source, text_of
from bot.model import ANONYMOUS, Author, Comment

_POST = ("post_stream", "posts", "*")
_SMALL_ACTION = 3


def detect(head: Head) -> bool:
    """See the stream of posts."""
    return head.opening == "{" and head.has("post_stream", "posts")


def read(source: Source) -> Iterator[Comment]:
    """Yield the posts, the opening one too: a member wrote it. The title comes after them."""
    number, title = "", ""
    for path, value in walk(source, _POST):
        if path == _POST and isinstance(value, dict):
            if comment := _comment(source, value):
                yield comment
        elif path == _POST:
            source.problem("bad-row", "this is not a post; it is skipped")
        elif path == ("id",):
            number = text_of(value)
        elif path == ("title",):
            title = text_of(value)
    source.thread(number or source.stem, title)


def _comment(source: Source, post: dict[str, object]) -> Comment | None:
    if post.get("post_type") == _SMALL_ACTION or post.get("action_code"):
        source.skip("system")
        return None
    text = text_of(post.get("raw")).strip() or html_text(text_of(post.get("cooked")))
    if not text or post.get("user_deleted") is True:
        source.skip("deleted" if post.get("user_deleted") is True else "empty")
        return None
    topic = text_of(post.get("topic_id")) or source.stem
    parent = text_of(post.get("reply_to_post_number"))
    version = post.get("version")
    edited = isinstance(version, int) and version > 1
    decided = post.get("hidden") is True or bool(post.get("deleted_at"))
    return Comment(
        id=f"{topic}/{text_of(post.get('post_number')) or source.line}",
        text=text,
        author=_author(post),
        created_at=source.time(post.get("created_at")),
        edited_at=source.time(post.get("updated_at")) if edited else None,
        parent_id=f"{topic}/{parent}" if parent else None,
        thread_id=topic,
        # Most posts were never looked at: standing says nothing.
        label=True if decided else None,
    )


def _author(post: dict[str, object]) -> Author:
    name = text_of(post.get("username"))
    roles = tuple(role for role in ("admin", "moderator") if post.get(role) is True)
    return Author(text_of(post.get("user_id")) or name, name, roles=roles) if name else ANONYMOUS
