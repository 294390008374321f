"""One SQLite file: how it is opened, written, read and brought up to date.

Lives here: connections, threads and migrations. Not here: who shares a transaction
(`bot.store.commits`), any query (the modules beside this one) and the score cache, which has a file
of its own.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Awaitable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TypeVar

from bot.errors import StoreError, UserError
from bot.store.commits import Commits, Work
from bot.store.schema import MIGRATIONS

T = TypeVar("T")

_BUSY_SECONDS = 60.0
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


class Database:
    """Transactions off the event loop: one thread that writes, one that reads beside it.

    A kill at any moment leaves whole transactions. After a power cut the last ones may be gone;
    the positions of the channels are gone with them, so the same messages are read again.
    """

    def __init__(self, path: Path) -> None:
        """Open or create the file; raise `UserError` when that is impossible."""
        self._reading = ThreadPoolExecutor(1, "store-reader")
        self.path = path
        writer = open_connection(path, _BUSY_SECONDS)
        migrate(writer, path)
        self._commits = Commits(writer)
        self._reader = open_connection(path, _BUSY_SECONDS)
        self._reader.execute("PRAGMA query_only = ON")

    async def write(self, work: Work[T]) -> T:
        """Run `work` in a transaction, alone among writers; raise `StoreError` if it fails.

        It is committed when this returns. See `Commits` for what `work` may do.
        """
        return await self._named(self._commits.run(work))

    async def read(self, work: Work[T]) -> T:
        """Run `work` on one consistent view; it does not wait for writers."""
        loop = asyncio.get_running_loop()
        return await self._named(loop.run_in_executor(self._reading, _look, self._reader, work))

    async def checkpoint(self) -> None:
        """Move all into the main file and empty the log, which still holds what was deleted."""
        await self._named(
            self._commits.alone(
                lambda writer: writer.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
            )
        )

    async def close(self) -> None:
        """Wait for what is under way, then close the file."""
        loop = asyncio.get_running_loop()
        await loop.run_in_executor(self._reading, self._reader.close)
        self._reading.shutdown()
        await self._commits.close()

    async def _named(self, work: Awaitable[T]) -> T:
        try:
            return await work
        except sqlite3.Error as error:
            raise StoreError(f"the database {self.path} cannot be used: {error}") from error


def open_connection(path: Path, busy_seconds: float) -> sqlite3.Connection:
    """Open a connection with our settings; raise `UserError` when that is impossible."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        connection = sqlite3.connect(
            path, timeout=busy_seconds, isolation_level=None, check_same_thread=False
        )
        try:
            connection.execute("PRAGMA journal_mode = WAL")
        except sqlite3.Error:
            connection.close()
            raise
    except (sqlite3.Error, OSError) as error:
        raise UserError(
            f"the database {path} cannot be opened: {error}",
            hint="check the folder's permissions and free space; a damaged file must be moved away",
        ) from None
    # Safe against a killed process; only a power cut can take back the last transactions.
    connection.execute("PRAGMA synchronous = NORMAL")
    connection.execute("PRAGMA foreign_keys = ON")
    # What is forgotten must be gone from the file, not only from the index.
    connection.execute("PRAGMA secure_delete = ON")
    return connection


def migrate(connection: sqlite3.Connection, path: Path) -> None:
    """Bring the schema up to date; raise `UserError` for a file of a newer version."""
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    if version > len(MIGRATIONS):
        connection.close()
        raise UserError(
            f"the database {path} was written by a newer version of Gavel",
            hint="update Gavel, or give another file",
        )
    for number, statements in enumerate(MIGRATIONS[version:], version + 1):
        connection.executescript(
            f"BEGIN IMMEDIATE; {statements}; PRAGMA user_version = {number}; COMMIT"
        )


def _look(connection: sqlite3.Connection, work: Work[T]) -> T:
    connection.execute("BEGIN")
    try:
        return work(connection)
    finally:
        connection.execute("COMMIT")


def to_micros(time: datetime) -> int:
    """Return a time as whole microseconds since 1970: exact, and ordered as times are."""
    return (time - _EPOCH) // _MICROSECOND


def from_micros(micros: int) -> datetime:
    """Return the time that `to_micros` wrote."""
    return _EPOCH + micros * _MICROSECOND
