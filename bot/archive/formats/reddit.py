"""Reddit: dumps (Pushshift, Arctic Shift; an object a line) and a thread's own JSON listing."""

from __future__ import annotations

from collections.abc import Iterator

from bot.archive.base import Head
from bot.archive.formats.jsonl import values
from bot.archive.jsonstream import walk
from bot.archive.source import ARCHIVE, Source, author_of, make_comment, text_of
from bot.model import ANONYMOUS, NO_ATTRIBUTES, Comment

_GONE = {"[deleted]": "deleted", "[removed]": "removed", "[ Removed by Reddit ]": "removed"}
_NAMES = (
    "body",
    "id",
    "author",
    "created_utc",
    "edited",
    "parent_id",
    "link_id",
    "subreddit",
    "permalink",
)
_DECISIONS = ("_meta", "removed", "banned_by", "approved_by", "approved")
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
    text, id_, author, created_at, edited, parent, thread, channel, link = map(row.get, _NAMES)
    if text is None:
        text = "\n\n".join(filter(None, (text_of(row.get("title")), text_of(row.get("selftext")))))
    if not isinstance(text, str) or not text or text.isspace():
        source.skip("empty")
        return None
    if text[0] == "[" and text in _GONE:
        source.skip(_GONE[text])
        return None
    name, number = text_of(author), text_of(id_) or f"line-{source.line}"
    return make_comment(
        number,
        _unescaped(text) if "&" in text else text,
        ARCHIVE,
        text_of(channel),
        ANONYMOUS if name in _GONE else author_of(name),
        source.time(created_at),
        # `true` says that a comment was edited, and not when.
        None if edited is False or edited is True else source.time(edited),
        parent[3:] if isinstance(parent, str) and parent[:3] == "t1_" else None,
        text_of(thread).removeprefix("t3_") or number,
        None if row.keys().isdisjoint(_DECISIONS) else _label(row),
        {"link": f"https://www.reddit.com{link}"} if link else NO_ATTRIBUTES,
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
    return text.replace("&gt;", ">").replace("&lt;", "<").replace("&amp;", "&")
