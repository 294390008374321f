"""The comments that were screened, in SQLite.

Lives here: reading them back. Not here: storing them, which happens with their verdicts
(`bot.store.cases`).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from bot.model import Comment
from bot.store.codec import load
from bot.store.database import Database, to_micros


class SqliteComments:
    """Stored comments as they were last screened."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def since(self, time: datetime, limit: int) -> Sequence[Comment]:
        """Return the newest `limit` comments written since a time, oldest first."""
        query = "SELECT body FROM comment WHERE created_at >= ? ORDER BY created_at DESC LIMIT ?"
        rows = await self._database.read(
            lambda connection: connection.execute(query, (to_micros(time), limit)).fetchall()
        )
        return [load(Comment, body) for (body,) in reversed(rows)]
