"""Comments of a video as yt-dlp writes them, in its `.info.json`."""

from __future__ import annotations

from collections.abc import Iterator

from bot.archive.base import Head
from bot.archive.jsonstream import walk
from bot.archive.source import Source, author_of, text_of
from bot.model import Comment

_COMMENT = ("comments", "*")


def detect(head: Head) -> bool:
    """See what describes a video; its comments may lie far below."""
    return head.opening == "{" and (
        head.has("webpage_url", "extractor")
        or head.has("comments", "author_id", "parent", "timestamp")
    )


def read(source: Source) -> Iterator[Comment]:
    """Yield the comments; the video is the thread, its description the context."""
    about: dict[str, str] = {}
    for path, value in walk(source, _COMMENT):
        if len(path) == 1:
            if path[0] in ("id", "title", "description", "channel"):
                about[path[0]] = text_of(value)
        elif isinstance(value, dict):
            if comment := _comment(source, about, value):
                yield comment
        else:
            source.problem("bad-row", "this is not a comment; it is skipped")
    source.thread(
        about.get("id") or source.stem, about.get("title", ""), about.get("description", "")
    )


def _comment(source: Source, about: dict[str, str], entry: dict[str, object]) -> Comment | None:
    text = text_of(entry.get("text"))
    if not text or text.isspace():
        source.skip("empty")
        return None
    parent = text_of(entry.get("parent"))
    return Comment(
        id=text_of(entry.get("id")) or f"line-{source.line}",
        text=text,
        channel=about.get("channel", ""),
        author=author_of(text_of(entry.get("author")), text_of(entry.get("author_id"))),
        created_at=source.time(entry.get("timestamp")),
        parent_id=parent if parent not in ("", "root") else None,
        thread_id=about.get("id") or source.stem,
    )
