"""How far each channel has been read, and where each case is shown, in SQLite.

Lives here: the queries behind `bot.ports.Positions` and `bot.ports.Placements`.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence

from bot.cases import Case
from bot.model import Comment
from bot.ports import Placement
from bot.store.cases import load_cases
from bot.store.codec import load
from bot.store.database import Database

_UNPLACED = (
    "FROM filed WHERE waiting AND NOT EXISTS"
    " (SELECT 1 FROM placement WHERE sink = ? AND placement.number = filed.number)"
)
_GRAVEST_FIRST = "ORDER BY action DESC, opened_at LIMIT ?"


class SqlitePlaces:
    """A `bot.ports.Positions` and `bot.ports.Placements` in a database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def positions(self, source: str) -> Mapping[str, int]:
        """Return channel → the id up to which all is stored."""
        query = "SELECT channel, id FROM position WHERE source = ?"
        return await self._database.read(
            lambda connection: dict(connection.execute(query, (source,)).fetchall())
        )

    async def advance(self, source: str, channel: str, position: int) -> None:
        """Store that all up to `position` is stored; it never goes back."""
        query = (
            "INSERT INTO position VALUES (?, ?, ?)"
            " ON CONFLICT DO UPDATE SET id = max(id, excluded.id)"
        )
        key = (source, channel, position)
        await self._database.write(lambda connection: connection.execute(query, key))

    async def stored_text(self, source: str, channel: str, comment_id: str) -> str | None:
        """Return a stored comment's text as last screened, or `None` when it is not stored."""
        query = "SELECT body FROM comment WHERE source = ? AND channel = ? AND id = ?"
        key = (source, channel, comment_id)
        row = await self._database.read(
            lambda connection: connection.execute(query, key).fetchone()
        )
        return load(Comment, row[0]).text if row else None

    async def placement(self, sink: str, number: int) -> Placement | None:
        """Return where `sink` shows a case."""
        query = "SELECT place, revision FROM placement WHERE sink = ? AND number = ?"
        row = await self._database.read(
            lambda connection: connection.execute(query, (sink, number)).fetchone()
        )
        return Placement(*row) if row else None

    async def placed(self, sink: str, number: int, placement: Placement) -> None:
        """Remember where a case is shown."""
        row = (sink, number, placement.place, placement.revision)
        await self._database.write(
            lambda connection: connection.execute(
                "INSERT OR REPLACE INTO placement VALUES (?, ?, ?, ?)", row
            )
        )

    async def unplaced(self, sink: str, limit: int) -> tuple[Sequence[Case], int]:
        """Return the cases that wait and that `sink` does not show, gravest first, and how many."""

        def work(connection: sqlite3.Connection) -> tuple[list[Case], int]:
            rows = connection.execute(f"SELECT body {_UNPLACED} {_GRAVEST_FIRST}", (sink, limit))
            (count,) = connection.execute(f"SELECT count(*) {_UNPLACED}", (sink,)).fetchone()
            return load_cases(rows), int(count)

        return await self._database.read(work)
