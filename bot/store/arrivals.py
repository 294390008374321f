"""Comments that were taken and are not yet screened.

Lives here: the queries behind `bot.ports.ArrivalStore`. A comment is deleted once its verdict is
stored. Not here: who screens them (`bot.web.arrivals`).
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence

from bot.model import Comment
from bot.store.codec import dump, load
from bot.store.database import Database


class SqliteArrivals:
    """A `bot.ports.ArrivalStore` in a database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def take(self, comments: Sequence[Comment]) -> Sequence[int]:
        """Store comments, all or none; return the numbers that they got."""
        query = "INSERT INTO arrival (source, author, body) VALUES (?, ?, ?) RETURNING number"
        rows = [(each.source, each.author.id, dump(each)) for each in comments]

        def work(connection: sqlite3.Connection) -> list[int]:
            return [connection.execute(query, row).fetchone()[0] for row in rows]

        return await self._database.write(work)

    async def waiting(self) -> Sequence[tuple[int, Comment]]:
        """Return what is not done, in the order of its coming."""
        query = "SELECT number, body FROM arrival ORDER BY number"
        rows = await self._database.read(lambda connection: connection.execute(query).fetchall())
        return [(number, load(Comment, body)) for number, body in rows]

    async def done(self, number: int) -> None:
        """Let go of a comment."""
        query = "DELETE FROM arrival WHERE number = ?"
        await self._database.write(lambda connection: connection.execute(query, (number,)))
