"""Kinds: what they read, what they refuse, and that all problems of a record come at once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import Location, Problem, Severity
from bot.yamlfile import (
    At,
    Choice,
    Date,
    Duration,
    Either,
    Field,
    Flag,
    Fraction,
    Kind,
    ListOf,
    MapNode,
    MapOf,
    Moment,
    Name,
    OneOrMany,
    Record,
    RefusedError,
    Report,
    Text,
    Whole,
    dump,
    parse_text,
    read_file,
)


class Colour(StrEnum):
    RED = "red"
    BLUE = "blue"


@dataclass(frozen=True)
class Point:
    x: int
    up: int = 7


POINT = Record(
    Point,
    (
        Field("x", Whole(), "Across.", required=True),
        Field("up", Whole(), "Up.", alias=("height",)),
    ),
)


def read(kind: Kind[Any], text: str) -> Any:
    report = Report()
    node = parse_text(f"a: {text}\n", "x.yaml", report)
    assert node is not None
    try:
        return Record(lambda a: a, (Field("a", kind, "", required=True),)).read(node, "x", report)
    except RefusedError:
        return [problem.message for problem in report.problems]


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        (Text(), "x", "x"),
        (Flag(), "true", True),
        (Flag(only=True), "true", True),
        (Whole(0, 5), "5", 5),
        (Whole(0, 5), "5.0", 5),
        (Fraction(), "1", 1.0),
        (Choice(Colour), "red", Colour.RED),
        (Name("a pet", ["cat"]), "cat", "cat"),
        (Duration(), "90s", timedelta(seconds=90)),
        (Duration(), "2w", timedelta(weeks=2)),
        (Date(), "2024-02-29", date(2024, 2, 29)),
        (Moment(), "2024-02-29T23:59:59Z", datetime(2024, 2, 29, 23, 59, 59, tzinfo=UTC)),
        (ListOf(Whole()), "[1, 2]", (1, 2)),
        (MapOf(Text(), Whole()), "{x: 1}", {"x": 1}),
        (OneOrMany(Text()), "x", ("x",)),
        (OneOrMany(Text()), "[x, z]", ("x", "z")),
        (Either(POINT, Text()), "{x: 1}", Point(1, 7)),
        (Either(POINT, Text()), "x", "x"),
        (POINT, "{up: 2, x: 1}", Point(1, 2)),
    ],
)
def test_kind_reads(kind: Kind[Any], text: str, value: object) -> None:
    assert read(kind, text) == value


@pytest.mark.parametrize(
    ("kind", "text", "message"),
    [
        (Text(), "1", '"a" must be text, not the number 1'),
        (Text(), "''", '"a" is empty'),
        (Text(), "[x]", '"a" must be text, not a list'),
        (Text(longest=3), "long", '"a" has 4 characters; at most 3 fit'),
        (Flag(), "1", '"a" must be true or false, not the number 1'),
        (Flag(only=True), "false", '"a" must be true, not false'),
        (Whole(0, 5), "6", '"a" must be a whole number from 0 to 5, not the number 6'),
        (Whole(0, 5), "true", '"a" must be a whole number from 0 to 5, not true'),
        (Fraction(), "1.5", '"a" must be a number from 0 to 1, not the number 1.5'),
        (Choice(Colour), "green", '"a" must be red or blue, not the text "green"'),
        (
            Duration(),
            "10",
            '"a" must be a length of time like 30s, 10m, 24h, 7d or 2w, not the number 10',
        ),
        (Date(), "2023-02-29", '"a" must be a date like 2028-01-31, not the text "2023-02-29"'),
        (ListOf(Text()), "[]", '"a" is empty'),
        (ListOf(Text()), "x", '"a" must be a list, each entry text, not the text "x"'),
        (MapOf(Text(), Whole()), "{}", '"a" is empty'),
        (Either(POINT, Text()), "[x]", '"a" must be a mapping or text, not a list'),
        (POINT, "{up: 1}", '"a" lacks the key "x"'),
        (POINT, "x", '"a" must be a mapping, not the text "x"'),
    ],
)
def test_kind_refuses(kind: Kind[Any], text: str, message: str) -> None:
    assert read(kind, text) == [message]


def test_every_wrong_key_of_a_record_is_told() -> None:
    assert read(POINT, "{z: 1, up: no, x: x}") == [
        '"a" has no key "z"',
        "no is text to some YAML readers and false to others",
        '"x" must be a whole number from 0 to 1,000,000,000, not the text "x"',
    ]


def test_every_wrong_entry_of_a_list_is_told() -> None:
    assert read(ListOf(Whole(0, 5)), "[1, x, 9]") == [
        'an entry of "a" must be a whole number from 0 to 5, not the text "x"',
        'an entry of "a" must be a whole number from 0 to 5, not the number 9',
    ]


def test_located_keeps_the_place_and_compares_by_value() -> None:
    one, two = read(At(Text()), "x"), read(At(Text()), "'x'")
    assert one == two
    assert str(one.node.location) == "x.yaml:1:4"


def test_read_file(tmp_path: Path) -> None:
    path = tmp_path / "point.yaml"
    path.write_text("x: 1\n")
    report = Report()
    assert read_file(path, POINT, report) == Point(1, 7)
    path.write_text("up: 1\n")
    assert read_file(path, POINT, report) is None
    assert [problem.code for problem in report.problems] == ["missing-key"]


KINDS: list[Kind[Any]] = [
    Text(),
    Text("letters", "[a-z]+"),
    Flag(),
    Flag(only=True),
    Whole(1, 9),
    Fraction(),
    Choice(Colour),
    Duration(),
    Date(),
    Moment(),
    ListOf(Text()),
    MapOf(Text(), Whole()),
    OneOrMany(Whole()),
    Either(POINT, Text()),
    POINT,
]
VALUES = st.recursive(
    st.booleans()
    | st.integers(-3, 12)
    | st.sampled_from(
        [
            0.5,
            1.0,
            2.5,
            "",
            " ",
            "a",
            "A",
            "red",
            "10m",
            "0m",
            "10m\n",
            "2024-02-29",
            "2023-02-29",
            "2024-02-29T10:00:00Z",
            "2024-02-29T24:00:00Z",
            "true",
            "1",
        ]
    ),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["x", "up", "z", ""]), inner, max_size=3)
    ),
    max_leaves=5,
)


@given(st.sampled_from(KINDS), VALUES)
def test_reading_and_schema_judge_alike(kind: Kind[Any], value: Any) -> None:
    report = Report()
    node = parse_text(dump({"a": value}), "x.yaml", report)
    assert node is not None
    try:
        Record(lambda a: a, (Field("a", kind, "", required=True),)).read(node, "x", report)
        accepted = True
    except RefusedError:
        accepted = False
    assert accepted == jsonschema.Draft202012Validator(kind.schema()).is_valid(value)
    assert accepted == (not report.problems)


def test_a_file_with_too_many_problems_is_cut_short_and_says_so() -> None:
    report = Report()
    for line in range(500):
        report.add(Problem("x", "wrong", Location("a.yaml", line + 1, 1)))
    report.add(Problem("y", "other", Location("b.yaml", 1, 1), severity=Severity.WARNING))
    shown = [problem.render().split("\n")[0] for problem in report.problems]
    assert len(shown) == 102
    assert shown[100] == "a.yaml: error: more than 100 problems in this file"
    assert shown[101] == "b.yaml:1:1: warning: other"
    assert len(report.errors) == 101


@pytest.mark.parametrize(
    ("kind", "text", "hint"),
    [
        (Choice(Colour), "on", "write red or blue"),
        (Flag(), "yes", "write true or false"),
        (Text(), "on", 'write "on" in quotes, or true'),
        (Text("a word", "[a-z]+(?:-[a-z]+)*"), "Red", 'write "red"'),
        (Text("a word", "[a-z]+(?:-[a-z]+)*"), "Deep  red", 'write "deep-red"'),
        (Text("a word", "[a-z]+(?:-[a-z]+)*"), "r3d", ""),
        (POINT, "{x: 1, Height: 2}", 'did you mean "up"?'),
    ],
)
def test_what_a_hint_proposes_would_be_read(kind: Kind[Any], text: str, hint: str) -> None:
    report = Report()
    node = parse_text(f"a: {text}\n", "x.yaml", report)
    assert isinstance(node, MapNode)
    with pytest.raises(RefusedError):
        kind.read(node.values["a"], '"a"', report)
    assert [problem.hint for problem in report.problems] == [hint]
