"""Verdicts, cases and what is to be told of them, in SQLite.

Lives here: the queries behind `bot.ports.CaseStore`. A case is stored whole, as JSON, beside the
columns that are searched. Not here: who may decide what (`bot.review`).
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime

from bot.cases import Case, Decision, Pause
from bot.model import Comment, Delivery, Verdict
from bot.ports import Told
from bot.store.codec import dump, load
from bot.store.counting import upheld_series
from bot.store.database import Database, to_micros
from bot.store.deliveries import enqueue
from bot.store.history import comment_number, series_number


class SqliteCases:
    """A `bot.ports.CaseStore` in a database."""

    def __init__(
        self, database: Database, now: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        self._database = database
        self._now = now

    async def save(
        self, comment: Comment, verdict: Verdict, told: Told, *, opens: bool
    ) -> Case | None:
        """Store a verdict and what is to be told of its case, together."""

        def work(connection: sqlite3.Connection) -> Case | None:
            store_verdict(connection, comment, verdict)
            known = _find(connection, comment.source, comment.channel, comment.id)
            if known is None and not opens:
                return None
            case = (
                _open(connection, comment, verdict, self._now())
                if known is None
                else _update(connection, known, replace(known, comment=comment, verdict=verdict))
            )
            if case is not known:
                enqueue(connection, told(case), self._now())
            return case

        return await self._database.write(work)

    async def change(self, number: int, change: Callable[[Case], Case], told: Told) -> Case:
        """Replace a case by `change` of it, alone among all writers."""

        def work(connection: sqlite3.Connection) -> Case:
            old = _get(connection, number)
            if old is None:
                raise KeyError(number)
            case = _update(connection, old, change(old))
            if case is not old:
                enqueue(connection, told(case), self._now())
            return case

        return await self._database.write(work)

    async def tell(self, deliveries: Sequence[Delivery]) -> None:
        """Store deliveries that belong to no change of a case."""
        await self._database.write(lambda connection: enqueue(connection, deliveries, self._now()))

    async def case(self, number: int) -> Case | None:
        """Return a case."""
        return await self._database.read(lambda connection: _get(connection, number))

    async def case_of(self, source: str, channel: str, comment_id: str) -> Case | None:
        """Return the case of a comment."""
        return await self._database.read(
            lambda connection: _find(connection, source, channel, comment_id)
        )

    async def queue(self, limit: int) -> Sequence[Case]:
        """Return the cases that wait, gravest first, then oldest."""
        query = "SELECT body FROM filed WHERE waiting ORDER BY action DESC, opened_at LIMIT ?"
        return await self._database.read(
            lambda connection: [load(Case, body) for (body,) in connection.execute(query, (limit,))]
        )

    async def upheld_before(self, case: Case) -> int:
        """Return how many other comments of this author were upheld."""
        query = (
            "SELECT count(*) FROM filed WHERE source = ? AND author = ? AND decision = ?"
            " AND number <> ?"
        )
        comment = case.comment
        if not comment.author.id:
            return 0
        key = (comment.source, comment.author.id, Decision.UPHOLD.value, case.number)
        return int(
            await self._database.read(
                lambda connection: connection.execute(query, key).fetchone()[0]
            )
        )

    async def spend(self, rule: str, day: str, per_day: int, key: str) -> bool:
        """Count one action of a rule; false when the day's quota is spent. Once for a `key`."""

        def work(connection: sqlite3.Connection) -> bool:
            known = "SELECT 1 FROM quota WHERE rule = ? AND day = ? AND key = ?"
            if connection.execute(known, (rule, day, key)).fetchone():
                return True
            counted = "SELECT count(*) FROM quota WHERE rule = ? AND day = ?"
            (spent,) = connection.execute(counted, (rule, day)).fetchone()
            if spent >= per_day:
                return False
            connection.execute("INSERT INTO quota VALUES (?, ?, ?)", (rule, day, key))
            return True

        return await self._database.write(work)

    async def paused(self) -> Pause | None:
        """Return the pause that holds, also over restarts."""
        row = await self._database.read(
            lambda connection: connection.execute("SELECT body FROM pause").fetchone()
        )
        return load(Pause, row[0]) if row else None

    async def pause(self, pause: Pause | None) -> None:
        """Begin a pause, or end it with `None`."""

        def work(connection: sqlite3.Connection) -> None:
            connection.execute("DELETE FROM pause")
            if pause is not None:
                connection.execute("INSERT INTO pause VALUES (1, ?)", (dump(pause),))

        await self._database.write(work)


def store_verdict(connection: sqlite3.Connection, comment: Comment, verdict: Verdict) -> None:
    """Store a comment as it now reads, and a verdict on it."""
    created = to_micros(comment.created_at) if comment.created_at else None
    key = (comment.source, comment.channel, comment.id)
    connection.execute(
        "INSERT OR REPLACE INTO comment VALUES (?, ?, ?, ?, ?, ?)",
        (*key, comment.author.id, created, dump(comment)),
    )
    decided = to_micros(verdict.decided_at) if verdict.decided_at else None
    connection.execute(
        "INSERT OR REPLACE INTO verdict VALUES (?, ?, ?, ?, ?, ?, ?)",
        (verdict.id, *key, int(verdict.action), decided, dump(verdict)),
    )
    connection.executemany(
        "INSERT OR IGNORE INTO hit VALUES (?, ?, ?)",
        [(verdict.id, match.rule, match.status.value) for match in verdict.matches],
    )


def load_cases(bodies: Iterable[tuple[str]]) -> list[Case]:
    """Return the cases of rows that hold one body each."""
    return [load(Case, body) for (body,) in bodies]


def _get(connection: sqlite3.Connection, number: int) -> Case | None:
    row = connection.execute("SELECT body FROM filed WHERE number = ?", (number,)).fetchone()
    return load(Case, row[0]) if row else None


def _find(connection: sqlite3.Connection, source: str, channel: str, comment: str) -> Case | None:
    query = "SELECT body FROM filed WHERE source = ? AND channel = ? AND comment = ?"
    row = connection.execute(query, (source, channel, comment)).fetchone()
    return load(Case, row[0]) if row else None


def _open(
    connection: sqlite3.Connection, comment: Comment, verdict: Verdict, now: datetime
) -> Case:
    cursor = connection.execute(
        "INSERT INTO filed (source, channel, comment, author, action, opened_at, waiting, body)"
        " VALUES (?, ?, ?, ?, ?, ?, 1, '')",
        (
            comment.source,
            comment.channel,
            comment.id,
            comment.author.id,
            int(verdict.action),
            to_micros(now),
        ),
    )
    assert cursor.lastrowid is not None  # noqa: S101 - an INSERT always has one; this tells mypy
    case = Case(cursor.lastrowid, comment, verdict, now)
    write_case(connection, case)
    return case


def _update(connection: sqlite3.Connection, old: Case, new: Case) -> Case:
    if new == old:
        return old
    case = replace(new, revision=old.revision + 1)
    write_case(connection, case)
    if case.review != old.review:
        _count_upheld(connection, old, case)
    return case


def write_case(connection: sqlite3.Connection, case: Case) -> None:
    """Write a case over its row."""
    review = case.review
    connection.execute(
        "UPDATE filed SET author = ?, action = ?, waiting = ?, decision = ?, decided_at = ?,"
        " body = ? WHERE number = ?",
        (
            case.comment.author.id,
            int(case.verdict.action),
            case.waiting,
            review.decision.value if review else None,
            to_micros(review.at) if review else None,
            dump(case),
            case.number,
        ),
    )
    connection.executemany(
        "INSERT OR IGNORE INTO charge VALUES (?, ?)",
        [(case.number, match.rule) for match in case.verdict.acting],
    )


def _count_upheld(connection: sqlite3.Connection, old: Case, new: Case) -> None:
    """Let the author's history know of a decision from the moment it was made."""
    number = comment_number(new.comment)
    series = [series_number(each) for each in upheld_series(new.comment)]
    for case, statement in (
        (old, "DELETE FROM history WHERE series = ? AND at = ? AND comment = ?"),
        (new, "INSERT OR IGNORE INTO history VALUES (?, ?, ?)"),
    ):
        if case.review is not None and case.review.decision is Decision.UPHOLD:
            at = to_micros(case.review.at)
            connection.executemany(statement, [(each, at, number) for each in series])
