"""Forgetting, keeping no longer than needed, and handing out decisions.

Lives here: what an operator does to the store from time to time. Decisions and their rules stay as
labels and counts; texts and names go. Not here: when it is done (`bot.app`).
"""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial

from bot.cases import Case
from bot.errors import UserError
from bot.model import Comment, Match, Verdict
from bot.ports import Told
from bot.store.cases import load_cases, write_case
from bot.store.codec import load
from bot.store.counting import author_series
from bot.store.database import Database, from_micros, to_micros
from bot.store.deliveries import enqueue
from bot.store.history import series_number

QUOTED_BEFORE = 3
"""Comments before its own that a card may quote."""

_PAGE = 500
_BETWEEN_CARDS = timedelta(seconds=2)


@dataclass(frozen=True, slots=True)
class Forgotten:
    """How much was forgotten."""

    comments: int
    cases: int


class Upkeep:
    """Forgets, expires and exports."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def forget(
        self, source: str, author: str, told: Told, now: datetime, anew: Told | None = None
    ) -> Forgotten:
        """Remove an author's texts, names and history; `told` has shown cards redrawn.

        Cards of others may quote the author: `anew` has them redrawn without. When it was, and a
        hash of who it is, are kept: the source may show for long what must not be quoted again.
        Raise `UserError` without an author: that would forget everybody who has no name.
        """
        if not author:
            raise UserError("whom to forget?", hint="give the author's id as the source knows it")

        def work(connection: sqlite3.Connection) -> Forgotten:
            for case in _quoting(connection, source, author):
                enqueue(connection, (anew or told)(case), now)
            query = "SELECT body FROM filed WHERE source = ? AND author = ?"
            cases = _blank(connection, connection.execute(query, (source, author)).fetchall())
            for case in cases:
                enqueue(connection, told(case), now)
            comments = _drop_comments(connection, "author = ?", source, author)
            arrived = "DELETE FROM arrival WHERE source = ? AND author = ?"
            comments += connection.execute(arrived, (source, author)).rowcount
            series = series_number(author_series(source, author))
            connection.execute(
                "DELETE FROM history WHERE comment IN"
                " (SELECT comment FROM history WHERE series = ?)",
                (series,),
            )
            remembered = "INSERT OR REPLACE INTO forgotten VALUES (?, ?)"
            connection.execute(remembered, (series, to_micros(now)))
            return Forgotten(comments, len(cases))

        done = await self._database.write(work)
        await self._database.checkpoint()
        return done

    async def forgotten_at(self, source: str, author: str) -> datetime | None:
        """Return when an author was forgotten, the last time, or `None` for all others."""
        query = "SELECT at FROM forgotten WHERE author = ?"
        key = (series_number(author_series(source, author)),)
        row = await self._database.read(
            lambda connection: connection.execute(query, key).fetchone()
        )
        return from_micros(row[0]) if row else None

    async def expire(self, source: str, before: datetime, told: Told, now: datetime) -> Forgotten:
        """Remove texts of a source older than `before`, but those of cases that still wait.

        The history stays: it holds no text and no name, and tells newcomers from regulars. `told`
        has shown cards redrawn, one after another, so that they keep no new card waiting.
        """

        def work(connection: sqlite3.Connection) -> Forgotten:
            at = to_micros(before)
            query = (
                "SELECT body FROM filed WHERE source = ? AND opened_at < ? AND NOT waiting"
                " AND author <> ''"
            )
            cases = _blank(connection, connection.execute(query, (source, at)).fetchall())
            shown = {number for (number,) in connection.execute("SELECT number FROM placement")}
            redrawn = (case for case in cases if case.number in shown)
            for turn, case in enumerate(redrawn):
                enqueue(connection, told(case), now + turn * _BETWEEN_CARDS)
            kept = (
                "created_at < ? AND NOT EXISTS (SELECT 1 FROM filed WHERE waiting AND"
                " filed.source = comment.source AND filed.channel = comment.channel AND"
                " filed.comment = comment.id)"
            )
            comments = _drop_comments(connection, kept, source, at)
            connection.execute(
                "DELETE FROM delivery WHERE state = 'done' AND created_at < ?", (at,)
            )
            return Forgotten(comments, len(cases))

        done = await self._database.write(work)
        await self._database.checkpoint()
        return done

    async def held(self, source: str, author: str) -> Forgotten:
        """Return how much `forget` would remove."""

        def count(connection: sqlite3.Connection, table: str) -> int:
            query = f"SELECT count(*) FROM {table} WHERE source = ? AND author = ?"  # noqa: S608 - constants of ours
            return int(connection.execute(query, (source, author)).fetchone()[0])

        return await self._database.read(
            lambda connection: Forgotten(
                count(connection, "comment") + count(connection, "arrival"),
                count(connection, "filed"),
            )
        )

    async def decided(self) -> AsyncIterator[Case]:
        """Yield every decided case in the order of their numbers, a page at a time."""
        last = 0
        while True:
            page = await self._database.read(partial(_decided_after, last))
            if not page:
                return
            for case in page:
                yield case
            last = page[-1].number


def _decided_after(number: int, connection: sqlite3.Connection) -> list[Case]:
    query = (
        "SELECT body FROM filed WHERE decision IS NOT NULL AND number > ? ORDER BY number LIMIT ?"
    )
    return load_cases(connection.execute(query, (number, _PAGE)))


def _quoting(connection: sqlite3.Connection, source: str, author: str) -> Iterator[Case]:
    """Yield the shown cases of others that reply to an author or come soon after, one revision on."""
    theirs = "SELECT channel, id FROM comment WHERE source = ? AND author = ?"
    comments = set(connection.execute(theirs, (source, author)).fetchall())
    # Later ids are greater ones, as in Discord, where messages have neighbours.
    rows = connection.execute(
        "SELECT body, ? IN (SELECT author FROM comment WHERE comment.source = filed.source AND"
        " comment.channel = filed.channel AND comment.id < filed.comment"
        " ORDER BY comment.id DESC LIMIT ?)"
        " FROM filed WHERE source = ? AND author NOT IN (?, '')"
        " AND number IN (SELECT number FROM placement)"
        " AND channel IN (SELECT channel FROM comment WHERE source = ? AND author = ?)",
        (author, QUOTED_BEFORE, source, author, source, author),
    ).fetchall()
    for body, soon in rows:
        case = load(Case, body)
        if soon or (case.comment.channel, case.comment.parent_id) in comments:
            changed = replace(case, revision=case.revision + 1)
            write_case(connection, changed)
            yield changed


def _blank(connection: sqlite3.Connection, bodies: Iterable[tuple[str]]) -> list[Case]:
    """Take text and names out of cases; what was decided of which rule stays."""
    cases = [_without_person(load(Case, body)) for (body,) in bodies]
    for case in cases:
        write_case(connection, case)
    return cases


def _without_person(case: Case) -> Case:
    comment = case.comment
    blank = Comment(comment.id, "", comment.source, comment.channel, created_at=comment.created_at)
    verdict = replace(case.verdict, matches=tuple(_bare(case.verdict)))
    return replace(
        case,
        comment=blank,
        verdict=verdict,
        notes=(),
        review=replace(case.review, note="") if case.review else None,
        withdrawn=tuple(replace(each, note="") for each in case.withdrawn),
        revision=case.revision + 1,
    )


def _bare(verdict: Verdict) -> Iterator[Match]:
    for match in verdict.matches:
        yield replace(match, reason="", text="", spans=())


def _drop_comments(
    connection: sqlite3.Connection, where: str, source: str, value: str | int
) -> int:
    """Delete comments of a source, and the verdicts that quote them."""
    chosen = f"source = ? AND {where}"
    connection.execute(
        "DELETE FROM verdict WHERE (source, channel, comment) IN"  # noqa: S608 - constants of ours
        f" (SELECT source, channel, id FROM comment WHERE {chosen})",
        (source, value),
    )
    cursor = connection.execute(
        f"DELETE FROM comment WHERE {chosen}",  # noqa: S608 - constants of ours
        (source, value),
    )
    return cursor.rowcount
