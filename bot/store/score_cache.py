"""The score cache: what a model said of a text, so that it is not asked twice.

Lives here: one SQLite file, keyed by model, revision and hash of the text; the text itself is
never stored. Several processes may use it at once. It is an aid: when it cannot be read or
written, that is logged once and scoring goes on without it. Not here: when to ask it.
"""

from __future__ import annotations

import hashlib
import logging
import sqlite3
import struct
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from itertools import islice
from pathlib import Path
from typing import TypeVar

from bot.errors import UserError
from bot.frozen import maker
from bot.model import ModelInfo, Scores

T = TypeVar("T")

_LOG = logging.getLogger(__name__)
_make_scores = maker(Scores)

_SCHEMA = """
CREATE TABLE IF NOT EXISTS score (
    model TEXT NOT NULL,
    revision TEXT NOT NULL,
    text_hash BLOB NOT NULL,
    used_at INTEGER NOT NULL,
    windows INTEGER NOT NULL,
    probabilities BLOB NOT NULL,
    PRIMARY KEY (model, revision, text_hash)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS score_by_use ON score (used_at);
"""

_TOUCH = "UPDATE score SET used_at = ? WHERE model = ? AND revision = ? AND text_hash = ?"

_BUSY_SECONDS = 10.0
_HASHES_AT_ONCE = 5_000
_KEPT_SHARE = 0.8
"""How much of the limit is kept when the file has outgrown it."""

_DAY = 24 * 60 * 60


class SqliteScoreCache:
    """Scores in a SQLite file of at most about `max_bytes`; the longest unused go first."""

    def __init__(self, path: Path, max_bytes: int) -> None:
        self._path = path
        self._max_bytes = max_bytes
        self._lock = threading.Lock()
        self._connection: sqlite3.Connection | None = None
        self._broken = False

    def get_many(self, model: ModelInfo, texts: Sequence[str]) -> dict[str, Scores]:
        """Return the scores that are known, by text."""
        by_hash = {_hash(text): text for text in texts}
        rows = self._attempt(lambda connection: self._select(connection, model, by_hash))
        name, revision, labels = model.id, model.revision, model.labels
        form = struct.Struct(f"<{len(labels)}f")
        return {
            by_hash[text_hash]: _make_scores(
                name, revision, dict(zip(labels, form.unpack(blob), strict=True)), windows
            )
            for text_hash, windows, blob, _ in rows or ()
            if len(blob) == form.size
        }

    def put_many(self, model: ModelInfo, scores: Mapping[str, Scores]) -> None:
        """Remember scores, by text; make room when the file is over its limit."""
        now = int(time.time())
        form = f"<{len(model.labels)}f"
        rows = [
            (
                model.id,
                model.revision,
                _hash(text),
                now,
                each.windows,
                struct.pack(form, *(each.values[label] for label in model.labels)),
            )
            for text, each in scores.items()
        ]
        self._attempt(lambda connection: self._insert(connection, rows))

    def check(self) -> dict[tuple[str, str], int]:
        """Return the statistics; raise `UserError` when the file cannot be read."""
        known = self.statistics()
        if self._broken:
            raise UserError(
                f"the score cache {self._path} is damaged or cannot be read",
                hint="gavel cache clear deletes it; scores are then computed again",
            )
        return known

    def statistics(self) -> dict[tuple[str, str], int]:
        """Return how many texts are known, by model and revision."""
        query = "SELECT model, revision, count(*) FROM score GROUP BY 1, 2"
        rows = self._attempt(lambda connection: connection.execute(query).fetchall())
        return {(model, revision): count for model, revision, count in rows or ()}

    def size(self) -> int:
        """Return the bytes that the cache takes on disk."""
        parts = (self._path, *self._side_files())
        return sum(part.stat().st_size for part in parts if part.exists())

    @property
    def broken(self) -> bool:
        """Whether the file could not be used when it was last asked."""
        return self._broken

    def clear(self) -> None:
        """Delete the file, even a damaged one; raise `UserError` when that is not allowed."""
        self.close()
        try:
            for part in (self._path, *self._side_files()):
                part.unlink(missing_ok=True)
        except OSError as error:
            raise UserError(f"cannot delete {self._path}: {error.strerror}") from None
        self._broken = False

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            if self._connection is not None:
                self._connection.close()
                self._connection = None

    def _side_files(self) -> tuple[Path, ...]:
        return tuple(self._path.with_name(self._path.name + end) for end in ("-wal", "-shm"))

    def _attempt(self, work: Callable[[sqlite3.Connection], T]) -> T | None:
        with self._lock:
            if self._broken:
                return None
            try:
                return work(self._open())
            except (sqlite3.Error, OSError) as error:
                self._broken = True
                _LOG.warning("scores are not cached, %s cannot be used: %s", self._path, error)
                return None

    def _open(self) -> sqlite3.Connection:
        if self._connection is None:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            connection = sqlite3.connect(
                self._path, timeout=_BUSY_SECONDS, isolation_level=None, check_same_thread=False
            )
            try:
                connection.execute("PRAGMA journal_mode = WAL")
                connection.execute("PRAGMA synchronous = NORMAL")
                connection.executescript(_SCHEMA)
            except sqlite3.Error:
                connection.close()
                raise
            self._connection = connection
        return self._connection

    def _select(
        self, connection: sqlite3.Connection, model: ModelInfo, hashes: Mapping[bytes, str]
    ) -> list[tuple[bytes, int, bytes, int]]:
        found: list[tuple[bytes, int, bytes, int]] = []
        now = int(time.time())
        most = connection.getlimit(sqlite3.SQLITE_LIMIT_VARIABLE_NUMBER) - 2
        for part in _parts(hashes, min(most, _HASHES_AT_ONCE)):
            key = (model.id, model.revision, *part)
            where = f"model = ? AND revision = ? AND text_hash IN ({','.join('?' * len(part))})"
            query = f"SELECT text_hash, windows, probabilities, used_at FROM score WHERE {where}"  # noqa: S608 - only question marks are put in
            rows = connection.execute(query, key).fetchall()
            found += rows
            # Being read counts as use; a day's grain keeps reading from writing each time.
            stale = [(now, model.id, model.revision, row[0]) for row in rows if row[3] < now - _DAY]
            if stale:
                with suppress(sqlite3.OperationalError):
                    connection.executemany(_TOUCH, stale)
        return found

    def _insert(self, connection: sqlite3.Connection, rows: Sequence[tuple[object, ...]]) -> None:
        connection.execute("BEGIN IMMEDIATE")
        try:
            connection.executemany("INSERT OR REPLACE INTO score VALUES (?, ?, ?, ?, ?, ?)", rows)
            self._make_room(connection)
        except BaseException:
            connection.execute("ROLLBACK")
            raise
        connection.execute("COMMIT")

    def _make_room(self, connection: sqlite3.Connection) -> None:
        used = _used_bytes(connection)
        if used <= self._max_bytes:
            return
        (count,) = connection.execute("SELECT count(*) FROM score").fetchone()
        kept = int(count * self._max_bytes / used * _KEPT_SHARE)
        connection.execute(
            "DELETE FROM score WHERE (model, revision, text_hash) IN (SELECT model, revision,"
            " text_hash FROM score ORDER BY used_at, text_hash LIMIT ?)",
            (count - kept,),
        )


def _used_bytes(connection: sqlite3.Connection) -> int:
    """Return the bytes of pages in use; pages freed by a deletion are filled again first."""
    page, pages, free = (
        connection.execute(f"PRAGMA {name}").fetchone()[0]
        for name in ("page_size", "page_count", "freelist_count")
    )
    return int(page * (pages - free))


def _hash(text: str) -> bytes:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()


def _parts(hashes: Mapping[bytes, str], size: int) -> Iterator[list[bytes]]:
    remaining = iter(hashes)
    while part := list(islice(remaining, size)):
        yield part
