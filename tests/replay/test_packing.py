"""Comments survive the way through bytes, whatever is in them."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.archive import open_archive
from bot.model import Author, Comment
from bot.packing import pack, unpack
from bot.spool import Spool
from tests.archive.samples import FIXTURES

TIMES = st.none() | st.datetimes(timezones=st.just(UTC))
TEXTS = st.text(st.characters(codec=None), max_size=8)
AUTHORS = st.builds(
    Author,
    TEXTS,
    TEXTS,
    st.none() | st.booleans(),
    st.none() | st.lists(TEXTS, max_size=2).map(tuple),
    TIMES,
    TIMES,
)
COMMENTS = st.builds(
    Comment,
    id=TEXTS,
    text=TEXTS,
    source=TEXTS,
    channel=TEXTS,
    author=AUTHORS,
    created_at=TIMES,
    edited_at=TIMES,
    parent_id=st.none() | TEXTS,
    thread_id=st.none() | TEXTS,
    label=st.none() | st.booleans(),
    attributes=st.dictionaries(
        TEXTS, TEXTS | st.integers() | st.floats(allow_nan=False) | st.booleans()
        | st.lists(TEXTS, max_size=2).map(tuple), max_size=3,
    ),
)  # fmt: skip


@given(st.lists(COMMENTS, max_size=4))
def test_comments_come_back_as_they_were(comments: list[Comment]) -> None:
    assert unpack(pack(comments)) == comments


@pytest.mark.parametrize("path", sorted(FIXTURES.glob("*.good*")), ids=lambda path: path.name)
def test_what_readers_make_can_be_packed(path: Path) -> None:
    comments = [item for item in open_archive(path) if isinstance(item, Comment)]
    assert unpack(pack(comments)) == comments


def test_a_far_century_keeps_its_microseconds() -> None:
    late = Comment("1", "x", created_at=datetime(9999, 12, 31, 23, 59, 59, 999_999, UTC))
    assert unpack(pack([late])) == [late]


def test_the_first_second_of_all_is_a_time_like_any() -> None:
    early = Comment("1", "x", created_at=datetime(1970, 1, 1, tzinfo=UTC))
    assert unpack(pack([early])) == [early]


@given(st.lists(st.tuples(st.binary(max_size=9), st.integers(0, 60_000)), max_size=4))
def test_a_spool_gives_back_what_was_put_in(repeated: list[tuple[bytes, int]]) -> None:
    pieces = [piece * times for piece, times in repeated]
    spool, offsets = Spool(), []
    for piece in pieces:
        offsets.append(spool.end)
        spool.append(piece)
    for piece, offset in reversed(list(zip(pieces, offsets, strict=True))):
        assert spool.read(offset, len(piece)) == piece
    assert b"".join(spool.blocks(1000)) == b"".join(pieces)
