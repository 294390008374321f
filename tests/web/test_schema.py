"""The shapes of requests: what is read is exactly what the document says."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from multidict import MultiDict

from bot.web.comments import ATTRIBUTES, AUTHOR, COMMENT
from bot.web.endpoint import ApiError
from bot.web.schema import Kind, Moment, Object, read_query
from bot.web.verdicts import DECISION, QUERY

MOMENTS = st.sampled_from(["2026-05-01T12:00:00Z", "2026-05-01T12:00:00.5+02:00"])
# Half of the texts are too long, or hold what a name may not.
TEXTS = st.one_of(
    st.text(max_size=5),
    st.sampled_from(["a" * 200, "a" * 201, "a\tb", "\x7f", "uphold", "allow", "0" * 16]),
).filter(lambda text: not text.endswith("\n"))
SCALARS = st.one_of(st.none(), st.booleans(), st.integers(), TEXTS, MOMENTS)


def objects(kind: Object, inner: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    known = [each.name for each in kind.members]
    return st.dictionaries(st.sampled_from([*known, *known, "unknown"]), inner, max_size=6)


VALUES = st.one_of(
    SCALARS,
    st.lists(SCALARS, max_size=3),
    objects(AUTHOR, st.one_of(SCALARS, st.lists(TEXTS, max_size=2))),
    objects(ATTRIBUTES, st.one_of(SCALARS, st.lists(TEXTS, max_size=2))),
)


def reads(kind: Kind, value: object) -> bool:
    try:
        kind.read(value, "")
    except ApiError:
        return False
    return True


def times(kind: Object) -> set[str]:
    return {each.name for each in kind.members if isinstance(each.kind, Moment)}


@given(st.one_of(VALUES, objects(COMMENT, VALUES)))
def test_comments_are_read_exactly_as_the_document_says(value: Any) -> None:
    if isinstance(value, dict):
        # Formats are no business of the validator: times are right, or no strings at all.
        for name in times(COMMENT) & value.keys():
            value[name] = "2026-05-01T12:00:00Z" if isinstance(value[name], str) else value[name]
        author = value.get("author")
        if isinstance(author, dict):
            author.update(dict.fromkeys(times(AUTHOR) & author.keys()))
    said = Draft202012Validator(COMMENT.schema()).is_valid(value)
    assert reads(COMMENT, value) is said


@given(objects(DECISION, SCALARS))
def test_decisions_are_read_exactly_as_the_document_says(value: Any) -> None:
    assert reads(DECISION, value) is Draft202012Validator(DECISION.schema()).is_valid(value)


@given(st.recursive(SCALARS, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner)))
def test_no_value_breaks_the_reader(value: object) -> None:
    reads(COMMENT, value)


@pytest.mark.parametrize(
    ("text", "time"),
    [
        ("2026-05-01T12:00:00Z", datetime(2026, 5, 1, 12, tzinfo=UTC)),
        ("2026-05-01T12:00:00+02:00", datetime(2026, 5, 1, 10, tzinfo=UTC)),
        ("2026-05-01 12:00:00.25z", datetime(2026, 5, 1, 12, 0, 0, 250_000, tzinfo=UTC)),
        ("2026-05-01T12:00:00.123456789Z", datetime(2026, 5, 1, 12, 0, 0, 123_456, tzinfo=UTC)),
        ("2026-05-01T12:00+0200", datetime(2026, 5, 1, 10, tzinfo=UTC)),
        ("2026-05-01T12:00:00", None),
        ("2026-05-01", None),
        ("1777636800", None),
        ("2026-13-01T12:00:00Z", None),
        ("0001-01-01T00:00:00+14:00", None),
        ("9999-12-31T23:59:59-14:00", None),
        ("٢٠٢٦-05-01T12:00:00Z", None),
    ],
)
def test_times_have_a_zone_and_stand_in_the_calendar(text: str, time: datetime | None) -> None:
    if time is None:
        assert not reads(Moment(), text)
    else:
        assert Moment().read(text, "") == time


@given(st.lists(st.tuples(st.sampled_from([each.name for each in QUERY]), st.text(max_size=9))))
def test_no_address_breaks_the_reader(given_: list[tuple[str, str]]) -> None:
    with suppress(ApiError):
        read_query(MultiDict(given_), QUERY)
