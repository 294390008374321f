"""Commits that are shared by those who wait for one at the same time.

Lives here: the queue in front of the connection that writes, and the thread that empties it. Nobody
waits for company: what is there when the thread becomes free goes into one transaction. Not here:
opening files (`bot.store.database`), and any query.
"""

from __future__ import annotations

import asyncio
import sqlite3
import threading
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, TypeVar

T = TypeVar("T")
Work = Callable[[sqlite3.Connection], T]


@dataclass(frozen=True, slots=True)
class _Waiting:
    work: Work[Any]
    answer: asyncio.Future[Any]


@dataclass(frozen=True, slots=True)
class _Done:
    """What became of one work; `error` is what it raised."""

    answer: asyncio.Future[Any]
    result: object = None
    error: BaseException | None = None

    def tell(self) -> None:
        if self.answer.done():
            return
        if self.error is not None:
            self.answer.set_exception(self.error)
        else:
            self.answer.set_result(self.result)


class Commits:
    """Runs works on one connection, in the order of their coming; they may wait on any event loop.

    A work is told to be done once its transaction is committed. It may be run a second time, after
    its first was taken back: it must change nothing but the database.
    """

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._thread = ThreadPoolExecutor(1, "store-writer")
        self._lock = threading.Lock()
        self._waiting: list[_Waiting] = []

    async def run(self, work: Work[T]) -> T:
        """Return what `work` returns, once that is committed; raise what it raises."""
        answer: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        with self._lock:
            if not self._waiting:
                self._thread.submit(self._commit)
            self._waiting.append(_Waiting(work, answer))
        return await answer

    async def alone(self, work: Work[T]) -> T:
        """Return what `work` returns outside of any transaction, after all that waits now."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._thread, work, self._connection)

    async def close(self) -> None:
        """Finish what waits, then close the connection."""
        await self.alone(sqlite3.Connection.close)
        self._thread.shutdown()

    def _commit(self) -> None:
        with self._lock:
            waiting, self._waiting = self._waiting, []
        # Whoever was cancelled while waiting wants nothing any more.
        _tell(self._outcomes([each for each in waiting if not each.answer.done()]))

    def _outcomes(self, waiting: Sequence[_Waiting]) -> list[_Done]:
        """Run all in one transaction; when one fails, each in its own, as if it had come alone."""
        if len(waiting) > 1:
            with suppress(Exception):
                results = transact(
                    self._connection,
                    lambda connection: [each.work(connection) for each in waiting],
                )
                return [
                    _Done(each.answer, result)
                    for each, result in zip(waiting, results, strict=True)
                ]
        return [self._by_itself(each) for each in waiting]

    def _by_itself(self, waiting: _Waiting) -> _Done:
        try:
            return _Done(waiting.answer, transact(self._connection, waiting.work))
        except BaseException as error:  # noqa: BLE001 - whatever it was, who waits must be told
            return _Done(waiting.answer, error=error)


def transact(connection: sqlite3.Connection, work: Work[T]) -> T:
    """Run `work` in one transaction that is taken back whole when it raises."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        result = work(connection)
        connection.execute("COMMIT")
    except BaseException:
        # A full disk may have rolled back already.
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise
    return result


def _tell(outcomes: Iterable[_Done]) -> None:
    """Tell each on the event loop on which it waits, those of one loop together."""
    by_loop: defaultdict[asyncio.AbstractEventLoop, list[_Done]] = defaultdict(list)
    for each in outcomes:
        by_loop[each.answer.get_loop()].append(each)
    for loop, group in by_loop.items():
        # On a loop that is closed, nobody waits.
        with suppress(RuntimeError):
            loop.call_soon_threadsafe(_tell_all, group)


def _tell_all(group: Iterable[_Done]) -> None:
    for each in group:
        each.tell()
