"""Conditions on what is around a text: its author, its thread, and time."""

from datetime import UTC, datetime, timedelta

import pytest

from bot.model import (
    Author,
    Facts,
    HistoryKind,
    HistoryQuery,
)
from tests.rules.asking import holds, missing
from tests.rules.making import NOON, facts, matched, ruleset

# --- author ----------------------------------------------------------------------------------


def by(**known: object) -> Facts:
    return facts(author=Author("ann", "Ann", **known))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("when", "given", "expected"),
    [
        ("{author: {roles: ['mod*']}}", by(roles=("Moderators",)), True),
        ("{author: {roles: [mod]}}", by(roles=("Moderators",)), False),
        ("{author: {not_roles: [vip]}}", by(roles=("VIP",)), False),
        ("{author: {account_age: '< 7d'}}", by(account_created_at=NOON - timedelta(6)), True),
        ("{author: {account_age: '< 7d'}}", by(account_created_at=NOON - timedelta(7)), False),
        ("{author: {joined: '>= 1h'}}", by(joined_at=NOON - timedelta(hours=1)), True),
        ("{author: {bot: true}}", by(is_bot=False), False),
        ("{author: {bot: false, roles: [a]}}", by(is_bot=True), False),
    ],
)
def test_author(when: str, given: Facts, expected: bool) -> None:
    assert holds(when, given) is expected


def test_author_unknown_names_all_that_is_missing() -> None:
    when = "{author: {roles: [a], account_age: '< 7d', joined: '< 7d', bot: true}}"
    assert missing(when, by()) == ["account age", "author roles", "bot mark", "join time"]
    assert missing("{author: {upheld: {count: '> 1', within: 7d}}}", by()) == ["history"]
    assert missing("{author: {first_comment: true}}", by()) == ["history"]


@pytest.mark.parametrize(("before", "expected"), [(0, True), (3, False)])
def test_first_comment_and_record_come_from_history(before: int, expected: bool) -> None:
    history = {HistoryQuery(HistoryKind.EVER): before}
    assert holds("{author: {first_comment: true}}", facts(history=history)) is expected
    upheld = {HistoryQuery(HistoryKind.UPHELD, window=timedelta(7)): before}
    when = "{author: {upheld: {count: '< 2', within: 7d}}}"
    assert holds(when, facts(history=upheld)) is expected


# --- thread and time -------------------------------------------------------------------------


def test_reply() -> None:
    assert holds("{reply: true}", facts(parent_id="0"))
    assert holds("{reply: {is_reply: false}}", facts())
    assert not holds("{reply: {is_reply: true}}", facts())


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("> you cat", True),
        ("> you cat\nI agree", True),
        ("> hello\nyou cat", False),
        ("> you cat\nyou cat", False),
        ("you cat", False),
    ],
)
def test_quoted_looks_at_what_the_rule_found(text: str, expected: bool) -> None:
    assert holds("{all: [{words: [cat]}, {quoted: true}]}", facts(text)) is expected
    assert holds("{all: [{words: [cat]}, {not: {quoted: true}}]}", facts(text)) is not expected


@pytest.mark.parametrize(
    ("text", "expected"), [("> a\n> b", True), ("> a\nb", False), ("a", False)]
)
def test_quoted_looks_at_the_whole_text_where_no_words_are_sought(
    text: str, expected: bool
) -> None:
    assert holds("{quoted: true}", facts(text)) is expected
    assert holds("{quoted: {is_quoted: false}}", facts(text)) is not expected


def test_rate_counts_the_comment_itself() -> None:
    query = HistoryQuery(HistoryKind.COMMENTS, "author", timedelta(seconds=10))
    when = "{rate: {comments: '>= 3', within: 10s}}"
    assert not holds(when, facts(history={query: 1}))
    assert holds(when, facts(history={query: 2}))
    assert missing(when, facts()) == ["history"]
    assert missing(when, facts(history={query: None})) == ["history"]


def test_rate_asks_per_channel_and_for_matches() -> None:
    rules = ruleset("""
        rules:
        - {id: a, when: {words: [cat]}, then: {action: note}}
        - id: b
          when:
            rate:
              same_text: ">= 2"
              matches: {rule: a, count: ">= 2"}
              within: 1h
              per: channel
          then: {action: flag}
    """)
    hour = timedelta(hours=1)
    same = HistoryQuery(HistoryKind.SAME_TEXT, "channel", hour)
    matches = HistoryQuery(HistoryKind.MATCHES, "channel", hour, "a")
    assert rules.history_queries == (same, matches)
    assert matched(rules, facts(history={same: 1, matches: 2})) == ["b"]
    assert matched(rules, facts(history={same: 1, matches: 1})) == []
    assert matched(rules, facts(history={same: 0, matches: 2})) == []


@pytest.mark.parametrize(
    ("when", "at", "expected"),
    [
        ("{between: '09:00-17:00'}", "2024-05-01T09:00", True),
        ("{between: '09:00-17:00'}", "2024-05-01T17:00", False),
        ("{between: '22:00-06:00'}", "2024-05-01T23:30", True),
        ("{between: '22:00-06:00'}", "2024-05-01T05:59", True),
        ("{between: '22:00-06:00'}", "2024-05-01T12:00", False),
        ("{between: '22:00-06:00', zone: Europe/Berlin}", "2024-05-01T20:30", True),
        ("{days: [sat, sun]}", "2024-05-04T12:00", True),
        ("{days: wed}", "2024-05-04T12:00", False),
        ("{days: sun, zone: Asia/Tokyo}", "2024-05-04T20:00", True),
    ],
)
def test_time_is_the_comments_own(when: str, at: str, expected: bool) -> None:
    written = datetime.fromisoformat(at).replace(tzinfo=UTC)
    assert holds(f"{{time: {when}}}", facts(created_at=written)) is expected


def test_time_that_is_not_known_is_unknown() -> None:
    assert missing("{time: {days: sat}}", facts(created_at=None)) == ["time"]
