"""History in memory: counts what is strictly earlier, whatever the order of recording."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import given
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
from bot.store.memory import MemoryHistory

NOON = datetime(2024, 5, 1, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def comment(number: int, seconds: float, author: str = "ann", text: str = "hello") -> Comment:
    time = NOON + timedelta(seconds=seconds)
    return Comment(str(number), text, channel="c", author=Author(author), created_at=time)


def match(rule: str) -> Match:
    return Match(rule, RuleStatus.LIVE, Action.FLAG, Level.LOW, "")


def ask(history: MemoryHistory, of: Comment, kind: HistoryKind, **more: object) -> int | None:
    query = HistoryQuery(kind, window=MINUTE)
    query = replace(query, **more)  # type: ignore[arg-type]
    return history.answer(of, [query])[query]


def test_the_window_ends_at_the_comment_and_leaves_it_out() -> None:
    history = MemoryHistory()
    for number, seconds in enumerate((0, 10, 50, 70)):
        history.record(comment(number, seconds), ())
    assert ask(history, comment(2, 50), HistoryKind.COMMENTS) == 2
    assert ask(history, comment(3, 70), HistoryKind.COMMENTS) == 2
    assert ask(history, comment(3, 70), HistoryKind.EVER) == 3


def test_comments_of_one_instant_do_not_count_for_one_another() -> None:
    history = MemoryHistory()
    history.record(comment(1, 0), ())
    history.record(comment(2, 0), ())
    assert ask(history, comment(1, 0), HistoryKind.COMMENTS) == 0
    assert ask(history, comment(2, 0), HistoryKind.COMMENTS) == 0


def test_per_author_and_per_channel() -> None:
    history = MemoryHistory()
    history.record(comment(1, 0, "ann"), ())
    history.record(comment(2, 1, "bob"), ())
    assert ask(history, comment(3, 2, "ann"), HistoryKind.COMMENTS) == 1
    assert ask(history, comment(3, 2, "ann"), HistoryKind.COMMENTS, per="channel") == 2


def test_the_same_text_is_told_by_case_and_space_alone() -> None:
    history = MemoryHistory()
    history.record(comment(1, 0, text="Buy  NOW"), ())
    history.record(comment(2, 1, text="buy later"), ())
    assert ask(history, comment(3, 2, text="buy now"), HistoryKind.SAME_TEXT) == 1


def test_matches_of_a_rule_and_upheld_cases() -> None:
    history = MemoryHistory()
    first = replace(comment(1, 0), label=True)
    history.record(first, ())
    history.record(first, [match("a.rule")])
    later = comment(2, 5)
    assert ask(history, later, HistoryKind.COMMENTS) == 1
    assert ask(history, later, HistoryKind.MATCHES, rule="a.rule") == 1
    assert ask(history, later, HistoryKind.MATCHES, rule="another") == 0
    assert ask(history, later, HistoryKind.UPHELD) == 1


def test_without_time_or_author_nothing_is_known() -> None:
    history = MemoryHistory()
    undated = replace(comment(1, 0), created_at=None)
    history.record(undated, [match("a")])
    assert ask(history, undated, HistoryKind.COMMENTS) is None
    assert ask(history, replace(comment(1, 0), author=Author("")), HistoryKind.EVER) is None
    assert ask(history, comment(2, 1), HistoryKind.EVER) == 0


@given(st.lists(st.tuples(st.integers(0, 200), st.sampled_from("ab")), max_size=12), st.randoms())
def test_the_order_of_recording_changes_nothing(
    rows: list[tuple[int, str]], shuffle: random.Random
) -> None:
    comments = [comment(n, seconds, author) for n, (seconds, author) in enumerate(rows)]
    answers = []
    for _ in range(2):
        history = MemoryHistory()
        for each in comments:
            history.record(each, [match("a")] if each.author.id == "a" else [])
        answers.append(
            {
                (each.id, kind): ask(history, each, kind, rule="a")
                for each in sorted(comments, key=lambda c: c.id)
                for kind in HistoryKind
            }
        )
        shuffle.shuffle(comments)
    assert answers[0] == answers[1]
