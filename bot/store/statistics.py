"""Counts for moderators, in SQLite.

Lives here: the queries behind `bot.ports.Statistics`. Not here: intervals and words
(`bot.chat`, `bot.report`).
"""

from __future__ import annotations

import sqlite3
from datetime import datetime, timedelta
from statistics import median

from bot.cases import DayCounts, QueueCounts, RuleCounts
from bot.store.database import Database, from_micros, to_micros

_BY_RULE = """
    SELECT hit.rule, count(DISTINCT verdict.source || char(0) || verdict.channel || char(0)
        || verdict.comment) AS hits
    FROM hit JOIN verdict ON verdict.id = hit.verdict
    WHERE verdict.decided_at >= ? GROUP BY hit.rule ORDER BY hits DESC, hit.rule
"""
_BY_CHARGE = """
    SELECT charge.rule, sum(decision IS 'uphold'), sum(decision IS 'dismiss'), sum(waiting)
    FROM charge JOIN filed USING (number) WHERE opened_at >= ? GROUP BY charge.rule
"""
_OPENED_BY_DAY = "SELECT opened_at / ?, count(*) FROM filed WHERE opened_at >= ? GROUP BY 1"
_DECIDED_BY_DAY = """
    SELECT decided_at / ?, count(*) FROM filed WHERE NOT waiting AND decided_at >= ? GROUP BY 1
"""
_DAY = timedelta(days=1) // timedelta(microseconds=1)


class SqliteStatistics:
    """A `bot.ports.Statistics` in a database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def counts(self, since: datetime) -> QueueCounts:
        """Return how the queue and the rules have done since a time."""
        start = to_micros(since)
        return await self._database.read(lambda connection: _counts(connection, start))


def _counts(connection: sqlite3.Connection, start: int) -> QueueCounts:
    def one(query: str) -> int:
        return int(connection.execute(query, (start,)).fetchone()[0])

    taken = connection.execute(
        "SELECT decided_at - opened_at FROM filed WHERE NOT waiting AND decided_at >= ?", (start,)
    ).fetchall()
    return QueueCounts(
        screened=one("SELECT count(*) FROM comment WHERE created_at >= ?"),
        opened=one("SELECT count(*) FROM filed WHERE opened_at >= ?"),
        decided=len(taken),
        waiting=connection.execute("SELECT count(*) FROM filed WHERE waiting").fetchone()[0],
        median_decision=_median([micros for (micros,) in taken]),
        rules=_rules(connection, start),
        days=_days(connection, start),
    )


def _rules(connection: sqlite3.Connection, start: int) -> tuple[RuleCounts, ...]:
    said = {rule: counts for rule, *counts in connection.execute(_BY_CHARGE, (start,))}
    hits = dict(connection.execute(_BY_RULE, (start,)).fetchall())
    return tuple(
        RuleCounts(rule, hits.get(rule, 0), *said.get(rule, (0, 0, 0))) for rule in {**hits, **said}
    )


def _days(connection: sqlite3.Connection, start: int) -> tuple[DayCounts, ...]:
    opened = dict(connection.execute(_OPENED_BY_DAY, (_DAY, start)).fetchall())
    decided = dict(connection.execute(_DECIDED_BY_DAY, (_DAY, start)).fetchall())
    return tuple(
        DayCounts(from_micros(day * _DAY).date(), opened.get(day, 0), decided.get(day, 0))
        for day in sorted({*opened, *decided})
    )


def _median(micros: list[int]) -> timedelta | None:
    return timedelta(microseconds=median(micros)) if micros else None
