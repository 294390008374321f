"""Remembers all comments of an archive in little memory, to show a few of them in their thread.

Lives here: an append-only file of cut comments (in memory while it is small, on disk when it
grows) and one pass over its index that finds parents and predecessors. Not here: which comments
are shown (`bot.report.tally`).
"""

from __future__ import annotations

import marshal
import re
import struct
import weakref
import zlib
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from os import SEEK_END
from tempfile import SpooledTemporaryFile

from bot.model import Action, Comment
from bot.report.values import Context, Neighbour

LONGEST = 400
"""Code points of a neighbour's text; context is to be glanced at, not read."""

_BEFORE = 2
_IN_MEMORY = 32 * 1024 * 1024
_ROW = struct.Struct("<qqdIQI")  # thread, comment, time, tie-break, offset and size in the file
_BLOCK = _ROW.size * 8192
_TRAILING_NUMBER = re.compile(r"\d{1,15}\Z")

Order = tuple[float, int]
Row = tuple[Order, int, int]
"""Where a comment stands in its thread, and where in the file: offset and size."""


@dataclass(slots=True)
class _Thread:
    """What one pass must find out for the shown comments of one thread.

    `before[i]` holds the latest rows that lie between the shown comments `i - 1` and `i`.
    """

    orders: list[Order]
    before: list[list[Row]]
    parents: dict[int, Row | None]

    def meet(self, name: int, order: Order, offset: int, size: int) -> None:
        row = (order, offset, size)
        if name in self.parents:
            known = self.parents[name]
            if known is None or row < known:
                self.parents[name] = row
        slot = self.before[bisect_right(self.orders, order)]
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


@dataclass(slots=True, weakref_slot=True)
class ContextIndex:
    """An archive's comments, in the order they came, to be looked up when all are in."""

    _rows: SpooledTemporaryFile[bytes] = field(
        default_factory=lambda: SpooledTemporaryFile(_IN_MEMORY)  # noqa: SIM115 - closed by `finalize`
    )
    _texts: SpooledTemporaryFile[bytes] = field(
        default_factory=lambda: SpooledTemporaryFile(_IN_MEMORY)  # noqa: SIM115 - closed by `finalize`
    )
    _end: int = 0

    def __post_init__(self) -> None:
        weakref.finalize(self, self._rows.close)
        weakref.finalize(self, self._texts.close)

    def add(self, comment: Comment, action: Action) -> None:
        """Remember a comment and what was decided on it."""
        created = comment.created_at
        record = marshal.dumps(
            (
                comment.id,
                comment.author.name or comment.author.id,
                created.isoformat() if created else None,
                comment.text[:LONGEST],
                int(action),
                len(comment.text) > LONGEST,
            )
        )
        thread, (time, tie) = _thread_of(comment), _order(comment)
        name = hash((thread, comment.id))
        self._texts.write(record)
        self._rows.write(_ROW.pack(thread, name, time, tie, self._end, len(record)))
        self._end += len(record)

    def around(self, comments: Iterable[Comment]) -> Iterator[Context]:
        """Yield the context of each of `comments`, in their order, after one pass over all."""
        wanted = list(comments)
        threads = _questions(wanted)
        for thread, name, time, tie, offset, size in self._scan():
            if thread in threads:
                threads[thread].meet(name, (time, tie), offset, size)
        for comment in wanted:
            yield self._context(comment, threads[_thread_of(comment)])

    def _scan(self) -> Iterator[tuple[int, int, float, int, int, int]]:
        self._rows.seek(0)
        while block := self._rows.read(_BLOCK):
            yield from _ROW.iter_unpack(block)

    def _context(self, comment: Comment, thread: _Thread) -> Context:
        rows = set(thread.preceding(_order(comment)))
        answered = comment.parent_id is not None
        parent = thread.parents.get(_name(comment, comment.parent_id or "")) if answered else None
        if parent:
            rows.add(parent)
        return Context(
            around=tuple(self._read(row, answered=row == parent) for row in sorted(rows)),
            orphan=answered and parent is None,
        )

    def _read(self, row: Row, *, answered: bool) -> Neighbour:
        _, offset, size = row
        self._texts.seek(offset)
        name, author, created, text, action, cut = marshal.loads(  # noqa: S302 - written by `add`
            self._texts.read(size)
        )
        self._texts.seek(0, SEEK_END)
        time = datetime.fromisoformat(created) if created else None
        return Neighbour(name, author, time, text, Action(action), cut, answered)


def _questions(comments: Sequence[Comment]) -> dict[int, _Thread]:
    orders: dict[int, set[Order]] = {}
    parents: dict[int, dict[int, Row | None]] = {}
    for comment in comments:
        thread = _thread_of(comment)
        orders.setdefault(thread, set()).add(_order(comment))
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


def _order(comment: Comment) -> Order:
    """Return the comment's place in its thread: by time, or by the number that its id ends in."""
    tie = zlib.crc32(f"{comment.id}\0{comment.text}".encode("utf-8", "surrogatepass"))
    if comment.created_at:
        return comment.created_at.timestamp(), tie
    number = _TRAILING_NUMBER.search(comment.id)
    return (float(number[0]) if number else 0.0), tie
