"""What a comment counts for, and which count a question asks: the same for every history.

Lives here: the series that a comment belongs to (its author's comments, its channel's, those with
its text, the matches of a rule). Not here: where the times are kept (`memory`, `history`).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from functools import lru_cache

from bot.model import Comment, HistoryKind, HistoryQuery, Match

Series = tuple[str, ...]

SCOPES = ("author", "channel")


def series_of(comment: Comment, matches: Sequence[Match]) -> Iterator[Series]:
    """Yield every series that a comment with these matches counts in."""
    same = _same(comment.text)
    for per in SCOPES:
        who = _who(comment, per)
        if who is None:
            continue
        yield (HistoryKind.COMMENTS, *who)
        yield (HistoryKind.SAME_TEXT, *who, same)
        if comment.label:
            yield (HistoryKind.UPHELD, *who)
        for match in matches:
            yield (HistoryKind.MATCHES, *who, match.rule)


def upheld_series(comment: Comment) -> Iterator[Series]:
    """Yield the series that a comment counts in once a moderator upheld it."""
    for per in SCOPES:
        who = _who(comment, per)
        if who is not None:
            yield (HistoryKind.UPHELD, *who)


def asked_series(comment: Comment, query: HistoryQuery) -> Series | None:
    """Return the series that `query` counts, or `None` when the comment's author is not known."""
    who = _who(comment, query.per)
    if who is None:
        return None
    match query.kind:
        case HistoryKind.SAME_TEXT:
            return (query.kind, *who, _same(comment.text))
        case HistoryKind.MATCHES:
            return (query.kind, *who, query.rule or "")
        case HistoryKind.EVER:
            return (HistoryKind.COMMENTS, *who)
        case _:
            return (query.kind, *who)


def author_series(source: str, author: str) -> Series:
    """Return the series of all comments of an author."""
    return (HistoryKind.COMMENTS, "author", source, author)


def _who(comment: Comment, per: str) -> Series | None:
    """Return whose history it is; an archive without channels is told apart by threads."""
    if per == "author":
        name = comment.author.id or comment.author.name
    else:
        name = comment.channel or comment.thread_id or ""
    return (per, comment.source, name) if name else None


@lru_cache(maxsize=8_192)
def _same(text: str) -> str:
    """Two texts are the same when only case and white space tell them apart."""
    words = " ".join(text.casefold().split())
    return hashlib.blake2b(words.encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()
