"""Rules that spent their quota of a day, in SQLite.

Lives here: which rules these are, as they then read, so that a restart sets none of them free. Not
here: the counting of a rule's actions (`bot.store.cases`) and what a spent quota means (`bot.app`).
"""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping

from bot.store.database import Database


class SqliteQuotas:
    """Remembers rules that spent their quota, until they are changed or the day is over."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def spent(self, day: str) -> Mapping[str, str]:
        """Return rule → the digest that it had when it spent its quota of a day."""
        query = "SELECT rule, digest FROM spent WHERE day = ?"
        return await self._database.read(
            lambda connection: dict(connection.execute(query, (day,)).fetchall())
        )

    async def spend(self, rule: str, day: str, digest: str) -> None:
        """Remember that a rule has spent its quota of a day; other days are forgotten."""

        def work(connection: sqlite3.Connection) -> None:
            connection.execute("DELETE FROM spent WHERE day <> ?", (day,))
            connection.execute("INSERT OR REPLACE INTO spent VALUES (?, ?, ?)", (rule, day, digest))

        await self._database.write(work)

    async def renew(self, rule: str, day: str) -> None:
        """Give a rule a whole quota again: it was changed, so what it did before counts no more."""

        def work(connection: sqlite3.Connection) -> None:
            for table in ("spent", "quota"):
                connection.execute(
                    f"DELETE FROM {table} WHERE rule = ? AND day = ?",  # noqa: S608 - names of ours
                    (rule, day),
                )

        await self._database.write(work)
