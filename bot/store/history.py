"""History in SQLite: what the live bot remembers.

Lives here: counting at the comment's own time, as `bot.store.memory` does. A row is three whole
numbers; names and texts enter only as hashes. Not here: what counts for what (`counting`).
"""

from __future__ import annotations

import hashlib
import sqlite3
import threading
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

from bot.errors import StoreError
from bot.model import Comment, History, HistoryKind, HistoryQuery, Match
from bot.store.commits import transact
from bot.store.counting import Series, asked_series, series_of
from bot.store.database import open_connection, to_micros
from bot.store.memory import MemoryHistory

_LONG_AGO = -(2**63)

_SPANS_AT_ONCE = 200
_COUNTED = """
WITH asked (number, series, start, until) AS (VALUES {})
SELECT (SELECT count(*) FROM history WHERE series = asked.series AND at >= start AND at < until)
FROM asked ORDER BY number
"""

Row = tuple[int, int, int]
"""A series, a time and a comment."""

Span = tuple[int, int, int]
"""A series, and from which time until which."""


class SqliteHistory:
    """A `bot.ports.HistoryStore` in the store's file; it never makes the event loop wait.

    While another writer has the file locked, what is to be remembered waits in memory and is
    counted from there.
    """

    def __init__(self, path: Path) -> None:
        """Open the file, which `Database` must have made."""
        self._connection = open_connection(path, busy_seconds=0)
        # That means waiting for the disk. `Database` does it soon, in its own thread.
        self._connection.execute("PRAGMA wal_autocheckpoint = 0")
        self._lock = threading.Lock()
        self._path = path
        self._waiting: list[Row] = []
        self._unwritten = MemoryHistory()

    def record(self, comment: Comment, matches: Sequence[Match]) -> None:
        """Remember a comment and, when they are known, its matches."""
        self.record_many([(comment, matches)])

    def record_many(self, screened: Sequence[tuple[Comment, Sequence[Match]]]) -> None:
        """Remember comments, each with its matches, in one transaction."""
        with self._lock:
            for comment, matches in screened:
                self._waiting += _rows(comment, matches)
            if not self._write():
                self._unwritten.record_many(screened)

    def answer(self, comment: Comment, queries: Sequence[HistoryQuery]) -> History:
        """Answer as of the comment's time; `None` where its time or author is not known."""
        return self.answer_many([(comment, queries)])[0]

    def answer_many(self, asked: Sequence[tuple[Comment, Sequence[HistoryQuery]]]) -> list[History]:
        """Answer the queries of each comment, in order, by one question to the file."""
        spans = [_span(comment, query) for comment, queries in asked for query in queries]
        with self._lock:
            if self._waiting:
                self._write()
            written = iter(self._counts([each for each in spans if each is not None]))
            unwritten = self._unwritten.answer_many(asked)
        known = iter(spans)
        return [
            {
                query: None if next(known) is None else next(written) + (also[query] or 0)
                for query in queries
            }
            for (_, queries), also in zip(asked, unwritten, strict=True)
        ]

    def close(self) -> None:
        """Write what waits, and close the file."""
        with self._lock:
            self._write()
            self._connection.close()

    def _write(self) -> bool:
        """Write what waits; false while that is impossible."""
        rows = self._waiting
        try:
            transact(
                self._connection,
                lambda connection: connection.executemany(
                    "INSERT OR IGNORE INTO history VALUES (?, ?, ?)", rows
                ),
            )
        except sqlite3.OperationalError:
            # Locked or full: the rows wait for the next call.
            return False
        self._waiting, self._unwritten = [], MemoryHistory()
        return True

    def _counts(self, spans: Sequence[Span]) -> list[int]:
        """Return how many comments each span of a series holds."""
        counts: list[int] = []
        for start in range(0, len(spans), _SPANS_AT_ONCE):
            part = spans[start : start + _SPANS_AT_ONCE]
            asked = ", ".join(["(?, ?, ?, ?)"] * len(part))
            values = [each for number, span in enumerate(part) for each in (number, *span)]
            try:
                rows = self._connection.execute(_COUNTED.format(asked), values).fetchall()
            except sqlite3.Error as error:
                raise StoreError(f"the history {self._path} cannot be read: {error}") from error
            counts += [count for (count,) in rows]
        return counts


def _span(comment: Comment, query: HistoryQuery) -> Span | None:
    """Return what a query asks to be counted; `None` when the comment does not tell."""
    time, series = comment.created_at, asked_series(comment, query)
    if time is None or series is None:
        return None
    start = _LONG_AGO if query.kind is HistoryKind.EVER else to_micros(time - query.window)
    return series_number(series), start, to_micros(time)


def _rows(comment: Comment, matches: Sequence[Match]) -> list[Row]:
    if comment.created_at is None:
        return []
    at, number = to_micros(comment.created_at), comment_number(comment)
    return [(series_number(series), at, number) for series in series_of(comment, matches)]


@lru_cache(maxsize=8_192)
def series_number(series: Series) -> int:
    """Return a series as a 64-bit number."""
    return _number("series", *series)


def comment_number(comment: Comment) -> int:
    """Return a comment's identity as a 64-bit number."""
    return _number(comment.source, comment.channel, comment.thread_id or "", comment.id)


def _number(*parts: str) -> int:
    digest = hashlib.blake2b(digest_size=8)
    for part in parts:
        digest.update(part.encode("utf-8", "surrogatepass") + b"\0")
    return int.from_bytes(digest.digest(), "big", signed=True)
