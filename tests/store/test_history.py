"""The contract of histories, in memory and in SQLite: what is strictly earlier counts."""

from __future__ import annotations

import random
import sqlite3
import tempfile
from collections.abc import AsyncIterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.model import (
    Action,
    Author,
    Comment,
    HistoryKind,
    HistoryQuery,
    Level,
    Match,
    RuleStatus,
)
from bot.ports import HistoryStore
from bot.store.database import Database
from bot.store.history import SqliteHistory
from bot.store.memory import MemoryHistory

NOON = datetime(2024, 5, 1, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


async def made(path: Path) -> Path:
    await Database(path).close()
    return path


@pytest.fixture(params=["memory", "sqlite"])
async def history(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[HistoryStore]:
    if request.param == "memory":
        yield MemoryHistory()
        return
    with closing(SqliteHistory(await made(tmp_path / "store.sqlite"))) as opened:
        yield opened


def comment(number: int, seconds: float, author: str = "ann", text: str = "hello") -> Comment:
    time = NOON + timedelta(seconds=seconds)
    return Comment(str(number), text, channel="c", author=Author(author), created_at=time)


def match(rule: str) -> Match:
    return Match(rule, RuleStatus.LIVE, Action.FLAG, Level.LOW, "")


def ask(history: HistoryStore, of: Comment, kind: HistoryKind, **more: object) -> int | None:
    query = HistoryQuery(kind, window=MINUTE)
    query = replace(query, **more)  # type: ignore[arg-type]
    return history.answer(of, [query])[query]


def test_the_window_ends_at_the_comment_and_leaves_it_out(history: HistoryStore) -> None:
    for number, seconds in enumerate((0, 10, 50, 70)):
        history.record(comment(number, seconds), ())
    assert ask(history, comment(2, 50), HistoryKind.COMMENTS) == 2
    assert ask(history, comment(3, 70), HistoryKind.COMMENTS) == 2
    assert ask(history, comment(3, 70), HistoryKind.EVER) == 3


def test_many_are_remembered_as_each_would_be(history: HistoryStore) -> None:
    history.record_many([(comment(1, 0), ()), (comment(2, 1), [match("r")])])
    assert ask(history, comment(3, 2), HistoryKind.COMMENTS) == 2
    assert ask(history, comment(3, 2), HistoryKind.MATCHES, rule="r") == 1


def test_many_are_answered_as_each_would_be(history: HistoryStore) -> None:
    asked = [HistoryQuery(HistoryKind.COMMENTS, window=MINUTE), HistoryQuery(HistoryKind.EVER)]
    many = [(comment(number, number, author="bob" * (number % 3)), asked) for number in range(250)]
    history.record_many([(each, ()) for each, _ in many])
    assert list(history.answer_many(many)) == [history.answer(*each) for each in many]
    assert list(history.answer_many([])) == []


def test_comments_of_one_instant_do_not_count_for_one_another(history: HistoryStore) -> None:
    history.record(comment(1, 0), ())
    history.record(comment(2, 0), ())
    assert ask(history, comment(1, 0), HistoryKind.COMMENTS) == 0
    assert ask(history, comment(2, 0), HistoryKind.COMMENTS) == 0


def test_per_author_and_per_channel(history: HistoryStore) -> None:
    history.record(comment(1, 0, "ann"), ())
    history.record(comment(2, 1, "bob"), ())
    assert ask(history, comment(3, 2, "ann"), HistoryKind.COMMENTS) == 1
    assert ask(history, comment(3, 2, "ann"), HistoryKind.COMMENTS, per="channel") == 2


def test_the_same_text_is_told_by_case_and_space_alone(history: HistoryStore) -> None:
    history.record(comment(1, 0, text="Buy  NOW"), ())
    history.record(comment(2, 1, text="buy later"), ())
    assert ask(history, comment(3, 2, text="buy now"), HistoryKind.SAME_TEXT) == 1


def test_matches_of_a_rule_and_upheld_cases(history: HistoryStore) -> None:
    first = replace(comment(1, 0), label=True)
    history.record(first, ())
    history.record(first, [match("a.rule")])
    later = comment(2, 5)
    assert ask(history, later, HistoryKind.COMMENTS) == 1
    assert ask(history, later, HistoryKind.MATCHES, rule="a.rule") == 1
    assert ask(history, later, HistoryKind.MATCHES, rule="another") == 0
    assert ask(history, later, HistoryKind.UPHELD) == 1


def test_without_time_or_author_nothing_is_known(history: HistoryStore) -> None:
    undated = replace(comment(1, 0), created_at=None)
    history.record(undated, [match("a")])
    assert ask(history, undated, HistoryKind.COMMENTS) is None
    assert ask(history, replace(comment(1, 0), author=Author("")), HistoryKind.EVER) is None
    assert ask(history, comment(2, 1), HistoryKind.EVER) == 0


@settings(max_examples=25, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.integers(0, 90),
            st.sampled_from("ab"),
            st.sampled_from(["x", "X ", "y"]),
            st.booleans(),
        ),
        max_size=12,
    ),
    st.randoms(),
)
async def test_neither_order_nor_store_changes_an_answer(
    rows: list[tuple[int, str, str, bool]], shuffle: random.Random
) -> None:
    comments = [
        replace(comment(n, seconds, author, text), label=label)
        for n, (seconds, author, text, label) in enumerate(rows)
    ]
    queries = [
        HistoryQuery(kind, per, MINUTE, "r")
        for kind in HistoryKind
        for per in ("author", "channel")
    ]
    with tempfile.TemporaryDirectory() as folder:
        path = await made(Path(folder) / "store.sqlite")
        memory = MemoryHistory()
        with closing(SqliteHistory(path)) as stored:
            for store in (memory, stored):
                for each in comments:
                    store.record(each, [match("r")] if each.author.id == "a" else [])
                shuffle.shuffle(comments)
            for each in comments:
                assert memory.answer(each, queries) == stored.answer(each, queries)


async def test_a_locked_file_neither_blocks_nor_loses(tmp_path: Path) -> None:
    path = await made(tmp_path / "store.sqlite")
    other = sqlite3.connect(path, isolation_level=None)
    with closing(other), closing(SqliteHistory(path)) as history:
        history.record(comment(1, 0), ())
        other.execute("BEGIN IMMEDIATE")
        history.record(comment(2, 1), ())
        assert ask(history, comment(3, 2), HistoryKind.COMMENTS) == 2
        other.execute("COMMIT")
        assert ask(history, comment(3, 2), HistoryKind.COMMENTS) == 2
    with closing(SqliteHistory(path)) as again:
        assert ask(again, comment(3, 2), HistoryKind.COMMENTS) == 2
