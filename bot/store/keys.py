"""Keys of programs that call us, and the answers kept for calls that come again.

Lives here: the queries behind `bot.ports.KeyStore` and `bot.ports.AnswerStore`. Not here: what a
key looks like or allows (`bot.web`).
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from datetime import datetime, timedelta

from bot.ports import ApiKey, KeptAnswer
from bot.store.database import Database, from_micros, to_micros

KEPT_FOR = timedelta(days=1)
"""How long an answer is kept."""


class SqliteKeys:
    """A `bot.ports.KeyStore` in a database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def keys(self) -> Sequence[ApiKey]:
        """Return all keys, the oldest first."""
        query = (
            "SELECT prefix, name, digest, scopes, created_at, revoked_at FROM api_key"
            " ORDER BY created_at, prefix"
        )
        rows = await self._database.read(lambda connection: connection.execute(query).fetchall())
        return [_key(row) for row in rows]

    async def add(self, key: ApiKey) -> bool:
        """Store a key; false when its name is in use."""
        row = (
            key.prefix,
            key.name,
            key.digest,
            " ".join(sorted(key.scopes)),
            to_micros(key.created_at),
            to_micros(key.revoked_at) if key.revoked_at else None,
        )
        query = "INSERT OR IGNORE INTO api_key VALUES (?, ?, ?, ?, ?, ?)"
        added = await self._database.write(lambda connection: connection.execute(query, row))
        return added.rowcount == 1

    async def revoke(self, name: str, at: datetime) -> bool:
        """Revoke the key of a name; false when there is none in use."""
        query = "UPDATE api_key SET revoked_at = ? WHERE name = ? AND revoked_at IS NULL"
        done = await self._database.write(
            lambda connection: connection.execute(query, (to_micros(at), name))
        )
        return done.rowcount == 1


class SqliteAnswers:
    """A `bot.ports.AnswerStore` in a database; only ids are kept, no text is."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def recall(self, caller: str, name: str) -> KeptAnswer | None:
        """Return what was answered to a caller's request."""
        query = "SELECT fingerprint, ids, status FROM answer WHERE caller = ? AND name = ?"
        row = await self._database.read(
            lambda connection: connection.execute(query, (caller, name)).fetchone()
        )
        return KeptAnswer(row[0], tuple(json.loads(row[1])), row[2]) if row else None

    async def remember(self, caller: str, name: str, answer: KeptAnswer, at: datetime) -> None:
        """Keep an answer for a day, and let go of those that are older."""
        row = (
            caller,
            name,
            answer.fingerprint,
            json.dumps(answer.ids),
            answer.status,
            to_micros(at),
        )

        def work(connection: sqlite3.Connection) -> None:
            connection.execute("DELETE FROM answer WHERE at < ?", (to_micros(at - KEPT_FOR),))
            connection.execute("INSERT OR REPLACE INTO answer VALUES (?, ?, ?, ?, ?, ?)", row)

        await self._database.write(work)


def _key(row: tuple[str, str, str, str, int, int | None]) -> ApiKey:
    prefix, name, digest, scopes, created, revoked = row
    ended = None if revoked is None else from_micros(revoked)
    return ApiKey(prefix, name, digest, frozenset(scopes.split()), from_micros(created), ended)
