"""Processes that judge a large archive together, each with an engine of its own.

Lives here: starting them, handing out chunks of comments, and what runs in each. Not here: when
they are called and in which order their judgements are used (`bot.replay`).
"""

from __future__ import annotations

import asyncio
import marshal
import multiprocessing
import os
import pickle
import signal
import traceback
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack
from dataclasses import dataclass
from multiprocessing.connection import Connection
from queue import SimpleQueue
from types import TracebackType
from typing import Any, Self

from bot.app.offline import offline_pipeline
from bot.config import Device, Settings
from bot.errors import UserError
from bot.judges import Alone, Beside, Judge
from bot.model import Comment
from bot.packing import pack, unpack
from bot.pipeline import Pipeline
from bot.replay import few_collections

_WORTH_AFTER = 50_000
_BRISK = 4_000
_MOST = 4


@dataclass(frozen=True, slots=True)
class Task:
    """What each process puts comments before: one pipeline, or a second one beside it."""

    settings: Settings
    beside: Settings | None = None
    score_all: bool = True


def useful(settings: Settings) -> int:
    """Return how many processes are of use: one processor each, and one model on a graphics card.

    Reading feeds no more than a few.
    """
    if settings.model.device is not Device.CPU:
        return 1
    allowed = getattr(os, "sched_getaffinity", None)
    return min(_MOST, len(allowed(0)) if allowed else os.cpu_count() or 1)


class Crew:
    """Processes with one task. They start at the first call, and end with the `with` block."""

    def __init__(self, task: Task, *, size: int) -> None:
        """Plan for `size` processes."""
        self.size = size
        self._task = task
        self._idle: SimpleQueue[Connection] = SimpleQueue()
        self._open: list[tuple[Any, Connection]] = []
        # A thread waits for each process.
        self._threads = ThreadPoolExecutor(size, "gavel-crew")

    def __enter__(self) -> Self:
        """Start nothing yet."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Send all home; after an error nobody is waited for."""
        if kind is not None:
            for process, _ in self._open:
                process.terminate()
        self._threads.shutdown(cancel_futures=True)
        for process, connection in self._open:
            connection.close()
            process.join()

    def worth(self, done: int, seconds: float) -> bool:
        """Tell whether the seconds of work that they take to start will soon be won back.

        Where a model takes the time, more processes would only quarrel over the same processors.
        """
        return self.size > 1 and done >= max(_WORTH_AFTER, _BRISK * seconds)

    @property
    def processes(self) -> tuple[int, ...]:
        """The ids of those that were started."""
        return tuple(process.pid for process, _ in self._open)

    async def judge(self, comments: Sequence[Comment]) -> Sequence[bytes]:
        """Return each judgement, written down by the judge of the process that made it."""
        if not self._open:
            self._start()
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._threads, self._ask, pack(comments))

    def _start(self) -> None:
        # A fork would inherit threads and open databases.
        context = multiprocessing.get_context("spawn")
        for _ in range(self.size):
            ours, theirs = context.Pipe()
            process = context.Process(target=_work, args=(theirs, self._task), daemon=True)
            process.start()
            theirs.close()
            self._open.append((process, ours))
            self._idle.put(ours)

    def _ask(self, packed: bytes) -> Sequence[bytes]:
        connection = self._idle.get()
        try:
            connection.send_bytes(packed)
            answer = marshal.loads(connection.recv_bytes())  # noqa: S302 - written by `_answer`
        except (EOFError, OSError):
            raise UserError(
                "a process that judged comments was ended from outside",
                hint="was there enough memory? --limit reads fewer comments",
            ) from None
        finally:
            self._idle.put(connection)
        return _judged(*answer)


def _judged(judged: list[bytes] | None, problems: bytes, bug: str) -> list[bytes]:
    """Return what a process answered, or raise what it raised."""
    if judged is not None:
        return judged
    if problems:
        raise UserError(pickle.loads(problems))  # noqa: S301 - written by `_answer`
    raise RuntimeError(f"in a process that judges comments:\n{bug}")


def _work(connection: Connection, task: Task) -> None:
    """Answer until the other end is closed: the life of a process."""
    # Ctrl-C reaches every process of a terminal; the first one decides what it means.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with few_collections():
        asyncio.run(_serve(connection, task))


async def _serve(connection: Connection, task: Task) -> None:
    async with AsyncExitStack() as stack:
        judge: Judge[Any] | None = None
        while True:
            try:
                comments = unpack(connection.recv_bytes())
            except (EOFError, OSError):
                return
            answer: tuple[list[bytes] | None, bytes, str]
            try:
                judge = judge or await _judge(task, stack)
                answer = (await judge.written(comments), b"", "")
            except UserError as error:
                answer = (None, pickle.dumps(error.problems), "")
            except Exception as error:  # noqa: BLE001 - whatever it is, the other end must know
                answer = (None, b"", "".join(traceback.format_exception(error)))
            connection.send_bytes(marshal.dumps(answer))


async def _judge(task: Task, stack: AsyncExitStack) -> Judge[Any]:
    async def pipeline(settings: Settings) -> Pipeline:
        return await stack.enter_async_context(offline_pipeline(settings, score_all=task.score_all))

    first = await pipeline(task.settings)
    if task.beside is None:
        return Alone(first)
    return Beside(first, await pipeline(task.beside), sparing=True)
