"""The file itself: versions, damage, locks, and a process that is killed."""

import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from bot.errors import StoreError, UserError
from bot.store.database import Database
from bot.store.schema import MIGRATIONS
from bot.store.sqlite import open_store
from tests.store.examples import NOON

ROOT = Path(__file__).parent.parent.parent

WRITER = """
import asyncio, sys
from pathlib import Path
from bot.store.sqlite import open_store
from tests.store.examples import comment, told, verdict

async def main():
    store = open_store(Path(sys.argv[1]))
    for number in range(1, 100_000):
        of = comment(number)
        await store.cases.save(of, verdict(of), told, opens=True)
        print(number, flush=True)

asyncio.run(main())
"""


async def test_the_schema_is_strict_and_at_its_version(tmp_path: Path) -> None:
    path = tmp_path / "new" / "store.sqlite"
    await Database(path).close()
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("PRAGMA user_version").fetchone() == (len(MIGRATIONS),)
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
        tables = connection.execute("SELECT sql FROM sqlite_schema WHERE type = 'table'")
        ours = [sql for (sql,) in tables if "sqlite_" not in sql]
        assert ours
        assert all("STRICT" in sql for sql in ours)


async def test_a_file_of_a_newer_version_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "store.sqlite"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA user_version = 99")
    with pytest.raises(UserError, match="newer version"):
        Database(path)


def test_a_damaged_file_is_refused_with_a_way_out(tmp_path: Path) -> None:
    path = tmp_path / "store.sqlite"
    path.write_bytes(b"no database at all" * 100)
    with pytest.raises(UserError, match="moved away"):
        Database(path)


async def test_reading_does_not_wait_for_a_writer(tmp_path: Path) -> None:
    store = open_store(tmp_path / "store.sqlite")
    with closing(sqlite3.connect(store.database.path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        # Who waits for a lock gives up at last, with an error.
        assert await store.cases.queue(5) == []
        other.execute("ROLLBACK")
    await store.close()


async def test_a_failed_transaction_is_taken_back_and_named(tmp_path: Path) -> None:
    database = Database(tmp_path / "store.sqlite")

    def broken(connection: sqlite3.Connection) -> None:
        connection.execute("INSERT INTO quota VALUES ('r', 'd', 'k')")
        connection.execute("INSERT INTO nowhere VALUES (1)")

    with pytest.raises(StoreError, match="nowhere"):
        await database.write(broken)
    rows = await database.read(lambda each: each.execute("SELECT * FROM quota").fetchall())
    assert rows == []
    await database.close()


def write_until_killed(path: Path, after: int) -> int:
    """Return the last number that the writer says is stored."""
    with subprocess.Popen(
        [sys.executable, "-c", WRITER, str(path)], cwd=ROOT, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        for line in process.stdout:
            if int(line) >= after:
                process.send_signal(signal.SIGKILL)
                break
    return int(line)


async def test_a_killed_process_leaves_whole_transactions(tmp_path: Path) -> None:
    path = tmp_path / "store.sqlite"
    promised = max(write_until_killed(path, after) for after in (20, 43, 60))
    store = open_store(path, now=lambda: NOON)
    cases = await store.cases.queue(1_000)
    assert len(cases) >= promised
    due = await store.database.read(
        lambda each: each.execute("SELECT count(DISTINCT key) FROM delivery").fetchone()[0]
    )
    assert due == len(cases), "a case without its delivery, or a delivery without its case"
    await store.close()
