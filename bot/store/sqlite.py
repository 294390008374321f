"""The whole store in one SQLite file.

Lives here: opening and closing all of it together. Not here: what each part does.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from bot.store.arrivals import SqliteArrivals
from bot.store.cases import SqliteCases
from bot.store.database import Database
from bot.store.deliveries import SqliteDeliveries
from bot.store.history import SqliteHistory
from bot.store.keys import SqliteAnswers, SqliteKeys
from bot.store.places import SqlitePlaces
from bot.store.quotas import SqliteQuotas
from bot.store.statistics import SqliteStatistics
from bot.store.upkeep import Upkeep
from bot.store.verdicts import SqliteVerdicts


@dataclass(frozen=True, slots=True)
class Store:
    """The parts of the store, on one database."""

    database: Database
    history: SqliteHistory
    cases: SqliteCases
    deliveries: SqliteDeliveries
    places: SqlitePlaces
    quotas: SqliteQuotas
    statistics: SqliteStatistics
    upkeep: Upkeep
    verdicts: SqliteVerdicts
    keys: SqliteKeys
    answers: SqliteAnswers
    arrivals: SqliteArrivals

    async def close(self) -> None:
        """Finish what is under way and close the file."""
        self.history.close()
        await self.database.close()


def open_store(path: Path, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> Store:
    """Open or create the store; raise `UserError` when that is impossible."""
    database = Database(path)
    return Store(
        database,
        SqliteHistory(path),
        SqliteCases(database, now),
        SqliteDeliveries(database),
        SqlitePlaces(database),
        SqliteQuotas(database),
        SqliteStatistics(database),
        Upkeep(database),
        SqliteVerdicts(database),
        SqliteKeys(database),
        SqliteAnswers(database),
        SqliteArrivals(database),
    )
