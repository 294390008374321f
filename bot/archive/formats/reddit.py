"""Reddit: dumps (Pushshift, Arctic Shift; an object a line) and a thread's own JSON listing."""

from __future__ import annotations

from collections.abc import Iterator

from bot.archive.base import Head
from bot.archive.formats.jsonl import values
from bot.archive.jsonstream import walk
from bot.archive.source import Source, author_of, text_of
from bot.model import ANONYMOUS, NO_ATTRIBUTES, Comment

_GONE = {"[deleted]": "deleted", "[removed]": "removed", "[ Removed by Reddit ]": "removed"}
_CHILDREN = ("data", "children", "*")


def detect_dump(head: Head) -> bool:
    """See objects with a subreddit and a body, or a text of their own."""
    return (
        head.opening == "{"
        and head.has("subreddit", "created_utc")
        and not head.keys.isdisjoint({"body", "selftext"})
        and "Listing" not in head.text[:200]
    )


def detect_listing(head: Head) -> bool:
    """See the envelope that Reddit puts around everything."""
    return head.opening in ("[", "{") and head.has("kind", "data", "children")


def read_dump(source: Source) -> Iterator[Comment]:
    """Yield comments, and submissions by their title and text; what is gone is counted."""
    for value in values(source):
        if not isinstance(value, dict):
            source.problem("bad-row", "this is not an object in braces; it is skipped")
        elif comment := _comment(source, value):
            yield comment


def read_listing(source: Source) -> Iterator[Comment]:
    """Yield the comments, each before its replies; the submission is the thread's context."""
    for path, value in walk(source, ("*", *_CHILDREN), _CHILDREN):
        if path[-3:] == _CHILDREN:
            yield from _things(source, value)


def _things(source: Source, first: object) -> Iterator[Comment]:
    waiting = [first]
    while waiting:
        thing = waiting.pop()
        if not isinstance(thing, dict) or not isinstance(thing.get("data"), dict):
            source.problem("bad-row", "this is not a comment; it is skipped")
            continue
        kind, data = thing.get("kind"), thing["data"]
        if kind == "t3":
            title, text = text_of(data.get("title")), _unescaped(text_of(data.get("selftext")))
            source.thread(text_of(data.get("id")), title, text)
        elif kind == "more":
            source.skip("not loaded")
        else:
            if comment := _comment(source, data):
                yield comment
            waiting.extend(reversed(_replies(data)))


def _replies(data: dict[str, object]) -> list[object]:
    listing = data.get("replies")
    inner = listing.get("data") if isinstance(listing, dict) else None
    children = inner.get("children") if isinstance(inner, dict) else None
    return children if isinstance(children, list) else []


def _comment(source: Source, row: dict[str, object]) -> Comment | None:
    text = row.get("body")
    if text is None:
        text = "\n\n".join(filter(None, (text_of(row.get("title")), text_of(row.get("selftext")))))
    if not isinstance(text, str) or not text or text.isspace():
        source.skip("empty")
        return None
    if text in _GONE:
        source.skip(_GONE[text])
        return None
    name, parent, link = text_of(row.get("author")), row.get("parent_id"), row.get("permalink")
    edited = row.get("edited")
    number = text_of(row.get("id")) or f"line-{source.line}"
    return Comment(
        id=number,
        text=_unescaped(text),
        channel=text_of(row.get("subreddit")),
        author=ANONYMOUS if name in _GONE else author_of(name),
        created_at=source.time(row.get("created_utc")),
        # `true` says that a comment was edited, and not when.
        edited_at=None if edited is False or edited is True else source.time(edited),
        parent_id=parent[3:] if isinstance(parent, str) and parent.startswith("t1_") else None,
        thread_id=text_of(row.get("link_id")).removeprefix("t3_") or number,
        label=_label(row),
        attributes={"link": f"https://www.reddit.com{link}"} if link else NO_ATTRIBUTES,
    )


def _label(row: dict[str, object]) -> bool | None:
    """Return what moderators decided; most comments nobody ever looked at."""
    meta = row.get("_meta")
    removal = meta.get("removal_type") if isinstance(meta, dict) else None
    if removal or row.get("removed") or row.get("banned_by"):
        # An author who deletes says nothing of abuse.
        return None if removal == "deleted" else True
    return False if row.get("approved_by") or row.get("approved") is True else None


def _unescaped(text: str) -> str:
    """Undo the three escapes of Reddit's API, which hide quotes from view."""
    if "&" not in text:
        return text
    return text.replace("&gt;", ">").replace("&lt;", "<").replace("&amp;", "&")
