"""Remembers all comments of an archive in little memory, to show a few of them in their thread.

Lives here: what is kept of each comment (`bot.spool`), and one pass over its index that finds
parents and predecessors. Not here: which comments are shown (`bot.report.tally`).
"""

from __future__ import annotations

import marshal
import re
import struct
import zlib
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from bot.model import Action, Comment
from bot.report.values import Context, Neighbour
from bot.spool import Spool

LONGEST = 400
"""Code points of a neighbour's text; context is to be glanced at, not read."""

_BEFORE = 2
_ROW = struct.Struct("<qqdIQIB")  # thread, comment, time, tie-break, offset, size, action
_BLOCK = _ROW.size * 8192
_TRAILING_NUMBER = re.compile(r"\d{1,15}\Z")

Order = tuple[float, int]
Row = tuple[Order, int, int, int]
"""Where a comment stands in its thread, where in the file (offset and size), and its action."""


@dataclass(slots=True)
class _Thread:
    """What one pass must find out for the shown comments of one thread.

    `before[i]` holds the latest rows that lie between the shown comments `i - 1` and `i`.
    """

    orders: list[Order]
    before: list[list[Row]]
    parents: dict[int, Row | None]

    def meet(self, name: int, row: Row) -> None:
        if name in self.parents:
            known = self.parents[name]
            if known is None or row < known:
                self.parents[name] = row
        slot = self.before[bisect_right(self.orders, row[0])]
        slot.append(row)
        if len(slot) > _BEFORE:
            slot.remove(min(slot))

    def preceding(self, order: Order) -> list[Row]:
        """Return the latest rows before `order`, latest first."""
        found: list[Row] = []
        for place in range(bisect_left(self.orders, order), -1, -1):
            found.extend(sorted(self.before[place], reverse=True))
            if len(found) >= _BEFORE:
                break
        return found[:_BEFORE]


@dataclass(slots=True)
class ContextIndex:
    """An archive's comments, in the order they came, to be looked up when all are in."""

    _rows: Spool = field(default_factory=Spool)
    _texts: Spool = field(default_factory=Spool)

    def add(self, comment: Comment, action: Action) -> None:
        """Remember a comment and what was decided on it."""
        seconds = _seconds(comment)
        record = _record(comment, seconds)
        thread, (time, tie) = _thread_of(comment), _order(comment, seconds, record)
        name = hash((thread, comment.id))
        offset = self._texts.end
        self._texts.append(record)
        self._rows.append(_ROW.pack(thread, name, time, tie, offset, len(record), action))

    def around(self, comments: Iterable[Comment]) -> Iterator[Context]:
        """Yield the context of each of `comments`, in their order, after one pass over all."""
        wanted = list(comments)
        threads = _questions(wanted)
        for block in self._rows.blocks(_BLOCK):
            for thread, name, time, tie, *place in _ROW.iter_unpack(block):
                if thread in threads:
                    threads[thread].meet(name, ((time, tie), *place))
        for comment in wanted:
            yield self._context(comment, threads[_thread_of(comment)])

    def _context(self, comment: Comment, thread: _Thread) -> Context:
        rows = set(thread.preceding(_place(comment)))
        answered = comment.parent_id is not None
        parent = thread.parents.get(_name(comment, comment.parent_id or "")) if answered else None
        if parent:
            rows.add(parent)
        return Context(
            around=tuple(self._read(row, answered=row == parent) for row in sorted(rows)),
            orphan=answered and parent is None,
        )

    def _read(self, row: Row, *, answered: bool) -> Neighbour:
        _, offset, size, action = row
        name, author, seconds, text, cut = marshal.loads(  # noqa: S302 - written by `_record`
            self._texts.read(offset, size)
        )
        time = None if seconds is None else datetime.fromtimestamp(seconds, UTC)
        return Neighbour(name, author, time, text, Action(action), cut, answered)


def _questions(comments: Sequence[Comment]) -> dict[int, _Thread]:
    orders: dict[int, set[Order]] = {}
    parents: dict[int, dict[int, Row | None]] = {}
    for comment in comments:
        thread = _thread_of(comment)
        orders.setdefault(thread, set()).add(_place(comment))
        asked = parents.setdefault(thread, {})
        if comment.parent_id is not None:
            asked[_name(comment, comment.parent_id)] = None
    return {
        thread: _Thread(sorted(found), [[] for _ in range(len(found) + 1)], parents[thread])
        for thread, found in orders.items()
    }


def _thread_of(comment: Comment) -> int:
    return hash((comment.source, comment.channel, comment.thread_id))


def _name(comment: Comment, id_: str) -> int:
    return hash((_thread_of(comment), id_))


def _seconds(comment: Comment) -> float | None:
    return comment.created_at.timestamp() if comment.created_at else None


def _record(comment: Comment, seconds: float | None) -> bytes:
    text = comment.text
    return marshal.dumps(
        (
            comment.id,
            comment.author.name or comment.author.id,
            seconds,
            text[:LONGEST],
            len(text) > LONGEST,
        ),
        0,  # this version writes equal values alike, which the tie-break needs
    )


def _place(comment: Comment) -> Order:
    seconds = _seconds(comment)
    return _order(comment, seconds, _record(comment, seconds))


def _order(comment: Comment, seconds: float | None, record: bytes) -> Order:
    """Return the comment's place in its thread: by time, or by the number that its id ends in."""
    tie = zlib.crc32(record)
    if seconds is not None:
        return seconds, tie
    number = _TRAILING_NUMBER.search(comment.id)
    return (float(number[0]) if number else 0.0), tie
