"""The shapes of requests: what is read is exactly what the document says."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from multidict import MultiDict

from bot.web.comments import ATTRIBUTES, AUTHOR, COMMENT
from bot.web.endpoint import ApiError
from bot.web.schema import Kind, Moment, Object, read_query
from bot.web.verdicts import DECISION, QUERY

TEXTS = ["", "a", "a" * 200, "a" * 201, "a\tb", "\x7f", "uphold", "allow", "\N{GRINNING FACE}"]
SCALARS = [None, True, False, 0, -1, 1.5, *TEXTS]
VALUES = [
    *SCALARS,
    [],
    {},
    ["a"],
    ["a" * 201],
    [1],
    [None],
    ["a"] * 101,
    {"id": "a"},
    {"id": ""},
    {"id": "a", "name": 7},
    {"id": "a", "roles": ["a"]},
    {"webhook": True},
    {"webhook": 1},
    {"unknown": 1},
]
SHAPES: list[tuple[Object, dict[str, object]]] = [
    (COMMENT, {"text": "hi"}),
    (AUTHOR, {"id": "a"}),
    (ATTRIBUTES, {}),
    (DECISION, {"decision": "uphold"}),
]
NAMES = [each.name for each in (*COMMENT.members, *AUTHOR.members, *ATTRIBUTES.members)]


def reads(kind: Kind, value: object) -> bool:
    try:
        kind.read(value, "")
    except ApiError:
        return False
    return True


@pytest.mark.parametrize(("shape", "right"), SHAPES, ids=["comment", "author", "more", "decision"])
def test_requests_are_read_exactly_as_the_document_says(
    shape: Object, right: dict[str, object]
) -> None:
    validator = Draft202012Validator(shape.schema())
    assert reads(shape, right)
    for name in [*(each.name for each in shape.members), "unknown"]:
        for value in VALUES:
            given_ = {**right, name: value}
            # Formats are no business of the validator.
            said = validator.is_valid(given_) and not (name.endswith("_at") and value in TEXTS)
            assert reads(shape, given_) is said, given_
    for value in [{}, *VALUES]:
        assert reads(shape, value) is validator.is_valid(value), value


@given(
    st.recursive(
        st.sampled_from(SCALARS) | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from(NAMES), inner),
    )
)
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
