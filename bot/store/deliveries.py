"""The outbox's memory in SQLite.

Lives here: the queries behind `bot.ports.DeliveryStore`. A delivery is `due`, then `claimed`, then
`done` or `lost`; its key is kept, so that the same thing is never queued twice. Not here: when to
try again (`bot.outbox`).
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from datetime import datetime, timedelta

from bot.model import Delivery
from bot.store.database import Database, from_micros, to_micros


class SqliteDeliveries:
    """A `bot.ports.DeliveryStore` in a database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def requeue(self) -> int:
        """Make due again what was claimed when the process died; return how many."""
        return await self._database.write(
            lambda connection: (
                connection.execute(
                    "UPDATE delivery SET state = 'due' WHERE state = 'claimed'"
                ).rowcount
            )
        )

    async def claim(self, sink: str, now: datetime, limit: int) -> Sequence[Delivery]:
        """Take due deliveries of a sink, oldest first; `attempts` counts this one."""
        query = (
            "UPDATE delivery SET state = 'claimed', attempts = attempts + 1 WHERE key IN"
            " (SELECT key FROM delivery WHERE sink = ? AND state = 'due' AND due_at <= ?"
            " ORDER BY due_at, created_at, rowid LIMIT ?)"
            " RETURNING key, sink, payload, attempts, due_at, created_at"
        )
        rows = await self._database.write(
            lambda connection: connection.execute(query, (sink, to_micros(now), limit)).fetchall()
        )
        claimed = [_delivery(row) for row in rows]
        return sorted(claimed, key=lambda each: (each.due_at, each.created_at))

    async def next_due(self, sink: str) -> datetime | None:
        """Return when the next unclaimed delivery of a sink is due."""
        query = "SELECT min(due_at) FROM delivery WHERE sink = ? AND state = 'due'"
        (due,) = await self._database.read(
            lambda connection: connection.execute(query, (sink,)).fetchone()
        )
        return None if due is None else from_micros(due)

    async def delivered(self, delivery: Delivery) -> None:
        """Mark as done; its key is never delivered again."""
        await self._mark(delivery, "done", delivery.due_at, "")

    async def retry(self, delivery: Delivery, due_at: datetime, error: str) -> None:
        """Give back, to be claimed at `due_at`."""
        await self._mark(delivery, "due", due_at, error)

    async def postpone(self, delivery: Delivery, due_at: datetime) -> None:
        """Give back, to be claimed at `due_at`, as if this time had not been."""
        query = (
            "UPDATE delivery SET state = 'due', due_at = ?, attempts = attempts - 1 WHERE key = ?"
        )
        key = (to_micros(due_at), delivery.key)
        await self._database.write(lambda connection: connection.execute(query, key))

    async def hasten(self, sink: str, by: timedelta) -> None:
        """Have all that waits for a sink be due so much earlier: its clock was set back."""
        query = "UPDATE delivery SET due_at = due_at - ? WHERE sink = ? AND state = 'due'"
        key = (by // timedelta(microseconds=1), sink)
        await self._database.write(lambda connection: connection.execute(query, key))

    async def give_up(self, delivery: Delivery, error: str) -> None:
        """Mark as lost."""
        await self._mark(delivery, "lost", delivery.due_at, error)

    async def lost(self) -> Sequence[Delivery]:
        """Return what could not be delivered."""
        query = (
            "SELECT key, sink, payload, attempts, due_at, created_at FROM delivery"
            " WHERE state = 'lost' ORDER BY created_at"
        )
        rows = await self._database.read(lambda connection: connection.execute(query).fetchall())
        return [_delivery(row) for row in rows]

    async def waiting(self) -> int:
        """Return how many deliveries are not yet done."""
        query = "SELECT count(*) FROM delivery WHERE state IN ('due', 'claimed')"
        (count,) = await self._database.read(
            lambda connection: connection.execute(query).fetchone()
        )
        return int(count)

    async def _mark(
        self, delivery: Delivery, state: str, due_at: datetime | None, error: str
    ) -> None:
        due = to_micros(due_at) if due_at else 0
        query = "UPDATE delivery SET state = ?, due_at = ?, error = ? WHERE key = ?"
        key = (state, due, error, delivery.key)
        await self._database.write(lambda connection: connection.execute(query, key))


def enqueue(connection: sqlite3.Connection, deliveries: Sequence[Delivery], now: datetime) -> None:
    """Queue deliveries inside a transaction; a key that is known is left as it is."""
    connection.executemany(
        "INSERT OR IGNORE INTO delivery (key, sink, payload, due_at, created_at)"
        " VALUES (?, ?, ?, ?, ?)",
        [
            (
                each.key,
                each.sink,
                json.dumps(dict(each.payload)),
                to_micros(each.due_at or now),
                to_micros(now),
            )
            for each in deliveries
        ],
    )


def _delivery(row: tuple[str, str, str, int, int, int]) -> Delivery:
    key, sink, payload, attempts, due_at, created_at = row
    due, created = from_micros(due_at), from_micros(created_at)
    return Delivery(key, sink, json.loads(payload), attempts, due, created)
