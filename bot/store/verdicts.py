"""Verdicts looked up again: by id, and by what they say.

Lives here: the queries behind `bot.ports.VerdictStore`. Not here: writing them (`bot.store.cases`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from bot.cases import Case
from bot.model import Comment, Verdict
from bot.ports import StoredVerdict, VerdictQuery
from bot.store.codec import load
from bot.store.database import Database, to_micros

# A verdict that is stored again gets a new row: the highest of a comment is the current one.
_SELECT = """
SELECT v.rowid, c.body, v.body, f.body, v.rowid = (
    SELECT max(rowid) FROM verdict AS w
    WHERE (w.source, w.channel, w.comment) = (v.source, v.channel, v.comment)
)
FROM verdict AS v
JOIN comment AS c ON (c.source, c.channel, c.id) = (v.source, v.channel, v.comment)
LEFT JOIN filed AS f ON (f.source, f.channel, f.comment) = (v.source, v.channel, v.comment)
WHERE """

Row = tuple[int, str, str, str | None, int]


class SqliteVerdicts:
    """A `bot.ports.VerdictStore` in a database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def verdict(self, verdict_id: str) -> StoredVerdict | None:
        """Return a verdict; `None` when there is none, or it was forgotten."""
        query = _SELECT + "v.id = ?"
        row = await self._database.read(
            lambda connection: connection.execute(query, (verdict_id,)).fetchone()
        )
        return _stored(row) if row else None

    async def verdicts(self, query: VerdictQuery, limit: int) -> Sequence[StoredVerdict]:
        """Return verdicts, the one stored last first."""
        conditions, values = zip(*_conditions(query), strict=True)
        statement = f"{_SELECT}{' AND '.join(conditions)} ORDER BY v.rowid DESC LIMIT ?"
        given = [each for group in values for each in group]
        rows = await self._database.read(
            lambda connection: connection.execute(statement, (*given, limit)).fetchall()
        )
        return [_stored(row) for row in rows]


def _conditions(query: VerdictQuery) -> Iterator[tuple[str, tuple[str | int, ...]]]:
    """Yield conditions with their values; at least one."""
    yield "v.rowid < ?", (2**63 - 1 if query.before is None else query.before,)
    if query.actions:
        marks = ", ".join("?" * len(query.actions))
        yield f"v.action IN ({marks})", tuple(int(each) for each in query.actions)
    for column in ("source", "channel", "comment"):
        value = getattr(query, column)
        if value is not None:
            yield f"v.{column} = ?", (value,)
    if query.author is not None:
        yield "c.author = ?", (query.author,)
    if query.since is not None:
        yield "v.decided_at >= ?", (to_micros(query.since),)
    if query.undecided:
        yield "f.waiting", ()


def _stored(row: Row) -> StoredVerdict:
    position, comment, verdict, case, current = row
    return StoredVerdict(
        position,
        load(Comment, comment),
        load(Verdict, verdict),
        load(Case, case) if case else None,
        bool(current),
    )
