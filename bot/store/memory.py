"""History in memory: what a dry run remembers, and a fake that works for tests.

Lives here: counting what happened before a comment, at the comment's own time. Only times and
hashes are held, no text. Not here: what lasts longer than a run (the SQLite store).
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections import defaultdict
from collections.abc import Hashable, Sequence
from datetime import datetime

from bot.model import Comment, History, HistoryKind, HistoryQuery, Match

Key = tuple[Hashable, ...]


class MemoryHistory:
    """Counts records strictly earlier than a comment, whatever the order they were recorded in.

    Comments of one instant do not count for one another: nobody can say which came first. A
    comment recorded twice (an edit, or its matches after itself) counts once.
    """

    def __init__(self) -> None:
        self._times: dict[Key, list[datetime]] = defaultdict(list)
        self._known: set[Key] = set()

    def record(self, comment: Comment, matches: Sequence[Match]) -> None:
        """Remember a comment and, when they are known, its matches."""
        time = comment.created_at
        if time is None:
            return
        for per in ("author", "channel"):
            who = _who(comment, per)
            if who is None:
                continue
            self._note(comment, (HistoryKind.COMMENTS, *who), time)
            self._note(comment, (HistoryKind.SAME_TEXT, *who, _same(comment)), time)
            if comment.label:
                self._note(comment, (HistoryKind.UPHELD, *who), time)
            for match in matches:
                self._note(comment, (HistoryKind.MATCHES, *who, match.rule), time)

    def _note(self, comment: Comment, key: Key, time: datetime) -> None:
        once = (comment.source, comment.channel, comment.thread_id, comment.id, *key)
        if once not in self._known:
            self._known.add(once)
            insort(self._times[key], time)

    def answer(self, comment: Comment, queries: Sequence[HistoryQuery]) -> History:
        """Answer as of the comment's time; `None` where its time or author is not known."""
        return {query: self._count(comment, query) for query in queries}

    def _count(self, comment: Comment, query: HistoryQuery) -> int | None:
        time, who = comment.created_at, _who(comment, query.per)
        if time is None or who is None:
            return None
        times = self._times.get(_key(comment, query, who), [])
        start = 0 if query.kind is HistoryKind.EVER else bisect_left(times, time - query.window)
        return bisect_left(times, time) - start


def _key(comment: Comment, query: HistoryQuery, who: Key) -> Key:
    match query.kind:
        case HistoryKind.SAME_TEXT:
            return (query.kind, *who, _same(comment))
        case HistoryKind.MATCHES:
            return (query.kind, *who, query.rule)
        case HistoryKind.EVER:
            return (HistoryKind.COMMENTS, *who)
        case _:
            return (query.kind, *who)


def _who(comment: Comment, per: str) -> Key | None:
    """Return whose history is asked; an archive without channels is told apart by threads."""
    if per == "author":
        name = comment.author.id or comment.author.name
    else:
        name = comment.channel or comment.thread_id or ""
    return (per, comment.source, name) if name else None


def _same(comment: Comment) -> int:
    """Two texts are the same when only case and white space tell them apart."""
    return hash(" ".join(comment.text.casefold().split()))
