"""Looking at the store's file without changing it, while the bot may be running on it.

Lives here: version, size, soundness and backlog. Not here: what to make of them
(`bot.cli.checkup`).
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from bot.errors import UserError
from bot.store.database import from_micros
from bot.store.schema import MIGRATIONS

NEWEST = len(MIGRATIONS)
"""The version of the tables that this Gavel writes."""


@dataclass(frozen=True, slots=True)
class StoreState:
    """What a store looks like from outside.

    `damage` is SQLite's first complaint, empty for a sound file. `waiting` and `lost` count
    deliveries; `oldest` is when the first that waits was queued, `last_error` why the last was lost.
    """

    version: int
    size: int
    damage: str
    cases: int
    waiting: int
    oldest: datetime | None
    lost: int
    last_error: str


def inspect_store(path: Path) -> StoreState:
    """Read a store; raise `UserError` when it cannot be opened or is none."""
    try:
        with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)) as connection:
            return _state(connection, path)
    except sqlite3.Error as error:
        raise UserError(
            f"the database {path} cannot be read: {error}",
            hint="stop the bot, move the file away, and put back a copy of it",
        ) from None


def _state(connection: sqlite3.Connection, path: Path) -> StoreState:
    def one(query: str) -> tuple[int | None, ...]:
        found: tuple[int | None, ...] = connection.execute(query).fetchone()
        return found

    (version,) = one("PRAGMA user_version")
    size = sum(part.stat().st_size for part in path.parent.glob(f"{path.name}*"))
    if not 0 < (version or 0) <= NEWEST:
        # Its tables are not, or not yet, those that are asked below.
        return StoreState(version or 0, size, "", 0, 0, None, 0, "")
    (damage,) = connection.execute("PRAGMA quick_check(1)").fetchone()
    waiting, oldest = one(
        "SELECT count(*), min(created_at) FROM delivery WHERE state IN ('due', 'claimed')"
    )
    lost = connection.execute(
        "SELECT error FROM delivery WHERE state = 'lost' ORDER BY created_at DESC"
    ).fetchall()
    return StoreState(
        version=version or 0,
        size=size,
        damage="" if damage == "ok" else str(damage),
        cases=one("SELECT count(*) FROM filed WHERE waiting")[0] or 0,
        waiting=waiting or 0,
        oldest=from_micros(oldest) if oldest is not None else None,
        lost=len(lost),
        last_error=lost[0][0] if lost else "",
    )
