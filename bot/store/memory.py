"""History in memory: what a dry run remembers, and a fake that works for tests.

Lives here: counting what happened before a comment, at the comment's own time. Only times and
hashes are held, no text. Not here: what lasts longer than a run (the SQLite store).
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Sequence
from datetime import datetime

from bot.model import Comment, History, HistoryKind, HistoryQuery, Match
from bot.store.counting import Series, asked_series, series_of


class MemoryHistory:
    """Counts records strictly earlier than a comment, whatever the order they were recorded in.

    Comments of one instant do not count for one another: nobody can say which came first. A
    comment recorded twice (an edit, or its matches after itself) counts once.
    """

    def __init__(self) -> None:
        # By hash: a million comments belong to millions of series, most of them of one comment.
        self._times: dict[int, datetime | list[datetime]] = {}
        self._known: set[int] = set()

    def record(self, comment: Comment, matches: Sequence[Match]) -> None:
        """Remember a comment and, when they are known, its matches."""
        time = comment.created_at
        if time is None:
            return
        author = comment.author.id or comment.author.name
        name = (comment.source, comment.channel, comment.thread_id, comment.id, author)
        new: dict[Series, bool] = {}
        for series in series_of(comment, matches):
            # An author's series and the same of a channel are new together: one entry for both.
            what = (series[0], *series[4:])
            if what not in new:
                once = hash((*name, what))
                new[what] = once not in self._known
                self._known.add(once)
            if new[what]:
                self._add(hash(series), time)

    def record_many(self, screened: Sequence[tuple[Comment, Sequence[Match]]]) -> None:
        """Remember comments, each with its matches."""
        for comment, matches in screened:
            self.record(comment, matches)

    def _add(self, series: int, time: datetime) -> None:
        times = self._times.get(series)
        if times is None:
            self._times[series] = time
        elif isinstance(times, list):
            insort(times, time)
        else:
            self._times[series] = sorted((times, time))

    def answer(self, comment: Comment, queries: Sequence[HistoryQuery]) -> History:
        """Answer as of the comment's time; `None` where its time or author is not known."""
        return {query: self._count(comment, query) for query in queries}

    def answer_many(self, asked: Sequence[tuple[Comment, Sequence[HistoryQuery]]]) -> list[History]:
        """Answer the queries of each comment, in order."""
        return [self.answer(comment, queries) for comment, queries in asked]

    def _count(self, comment: Comment, query: HistoryQuery) -> int | None:
        time, series = comment.created_at, asked_series(comment, query)
        if time is None or series is None:
            return None
        found = self._times.get(hash(series), [])
        times = found if isinstance(found, list) else [found]
        start = 0 if query.kind is HistoryKind.EVER else bisect_left(times, time - query.window)
        return bisect_left(times, time) - start
