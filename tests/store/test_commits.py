"""Commits that are shared: who waits together shares one, and fails alone."""

from __future__ import annotations

import asyncio
import sqlite3
import threading
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path

import pytest

from bot.store.commits import Commits, Work
from bot.store.database import open_connection


@pytest.fixture
async def commits(tmp_path: Path) -> AsyncIterator[Commits]:
    connection = open_connection(tmp_path / "store.sqlite", 60)
    connection.execute("CREATE TABLE word (word TEXT)")
    opened = Commits(connection)
    yield opened
    await opened.close()


def words(path: Path) -> list[str]:
    with closing(sqlite3.connect(path / "store.sqlite")) as other:
        return [word for (word,) in other.execute("SELECT word FROM word ORDER BY rowid")]


def writing(word: str) -> Work[str]:
    def work(connection: sqlite3.Connection) -> str:
        connection.execute("INSERT INTO word VALUES (?)", (word,))
        return word

    return work


class Gate:
    """A work that keeps the writing thread busy until it is opened."""

    def __init__(self) -> None:
        self.entered = threading.Event()
        self._open = threading.Event()

    def __call__(self, _: sqlite3.Connection) -> None:
        self.entered.set()
        self._open.wait(60)

    def open(self) -> None:
        self._open.set()


async def together(commits: Commits, *works: Work[object]) -> list[object]:
    """Let works come while the thread is busy, and return what became of each."""
    gate = Gate()
    first = asyncio.create_task(commits.run(gate))
    await asyncio.to_thread(gate.entered.wait, 60)
    waiting = [asyncio.create_task(commits.run(work)) for work in works]
    await asyncio.sleep(0)
    gate.open()
    await first
    return list(await asyncio.gather(*waiting, return_exceptions=True))


async def test_those_who_wait_share_one_transaction(commits: Commits, tmp_path: Path) -> None:
    seen: list[list[str]] = []

    def looking(_: sqlite3.Connection) -> None:
        seen.append(words(tmp_path))

    results = await together(commits, writing("one"), looking, writing("two"))
    assert results == ["one", None, "two"]
    assert seen == [[]], "what was written before was committed by itself"
    assert words(tmp_path) == ["one", "two"]


async def test_whoever_fails_fails_alone(commits: Commits, tmp_path: Path) -> None:
    def broken(connection: sqlite3.Connection) -> None:
        writing("lost")(connection)
        raise KeyError(7)

    one, failed, two = await together(commits, writing("one"), broken, writing("two"))
    assert (one, two) == ("one", "two")
    assert isinstance(failed, KeyError)
    assert words(tmp_path) == ["one", "two"]


async def test_whoever_no_longer_waits_writes_nothing(commits: Commits, tmp_path: Path) -> None:
    gate = Gate()
    first = asyncio.create_task(commits.run(gate))
    await asyncio.to_thread(gate.entered.wait, 60)
    gone, stays = (asyncio.create_task(commits.run(writing(word))) for word in ("gone", "stays"))
    await asyncio.sleep(0)
    gone.cancel()
    await asyncio.sleep(0)
    gate.open()
    await asyncio.gather(first, stays)
    assert words(tmp_path) == ["stays"]


async def test_works_may_wait_on_several_event_loops(commits: Commits, tmp_path: Path) -> None:
    def elsewhere(word: str) -> str:
        return asyncio.run(commits.run(writing(word)))

    names = [str(number) for number in range(20)]
    here = [commits.run(writing(name)) for name in names[::2]]
    there = [asyncio.to_thread(elsewhere, name) for name in names[1::2]]
    assert sorted(await asyncio.gather(*here, *there)) == sorted(names)
    assert sorted(words(tmp_path)) == sorted(names)


async def test_closing_finishes_what_waits_and_refuses_what_comes(tmp_path: Path) -> None:
    connection = open_connection(tmp_path / "store.sqlite", 60)
    connection.execute("CREATE TABLE word (word TEXT)")
    commits = Commits(connection)
    written = asyncio.create_task(commits.run(writing("last")))
    await asyncio.sleep(0)
    await commits.close()
    assert await written == "last"
    assert words(tmp_path) == ["last"]
    for _ in range(2):
        with pytest.raises(RuntimeError):
            await commits.run(writing("late"))
