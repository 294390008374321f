"""Comments and verdicts survive the way through bytes, whatever is in them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.archive import open_archive
from bot.model import (
    Action,
    Author,
    Comment,
    Effect,
    Evasion,
    Level,
    Match,
    Missing,
    Mode,
    RuleStatus,
    Scores,
    Span,
    Verdict,
)
from bot.packing import pack, pack_verdicts, unpack, unpack_verdicts
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


MATCHES = st.builds(
    Match,
    TEXTS,
    st.sampled_from(RuleStatus),
    st.sampled_from(Action),
    st.sampled_from(Level),
    TEXTS,
    st.lists(st.builds(Span, st.integers(0, 9), st.integers(0, 99)), max_size=2).map(tuple),
    TEXTS,
    st.sampled_from(Evasion),
    st.lists(TEXTS, max_size=2).map(tuple),
    st.lists(TEXTS, max_size=2).map(tuple),
    st.lists(st.builds(Effect, TEXTS, st.none() | st.timedeltas()), max_size=2).map(tuple),
)
SCORES = st.builds(
    Scores, TEXTS, TEXTS, st.dictionaries(TEXTS, st.floats(0, 1), max_size=2), st.integers(1, 9)
)
VERDICTS = st.builds(
    Verdict,
    TEXTS,
    TEXTS,
    st.sampled_from(Action),
    st.lists(MATCHES, max_size=2).map(tuple),
    st.none() | SCORES,
    TEXTS,
    TEXTS,
    st.sampled_from(Mode),
    st.booleans(),
    st.lists(st.builds(Missing, TEXTS, st.booleans()), max_size=2).map(tuple),
    TIMES,
)


@given(st.lists(VERDICTS, max_size=2))
def test_verdicts_come_back_as_they_were(verdicts: list[Verdict]) -> None:
    again = unpack_verdicts(pack_verdicts(verdicts))
    assert list(again) == verdicts
    # Numbers are equal to what they number: only how they print tells them apart.
    for one, other in zip(again, verdicts, strict=True):
        assert repr(replace(one, decided_at=None)) == repr(replace(other, decided_at=None))


def test_what_two_verdicts_share_they_share_again() -> None:
    match = Match("rule", RuleStatus.LIVE, Action.FLAG, Level.LOW, "why", (Span(0, 1),), "x")
    scores = Scores("model", "1", {"insult": 0.5})
    pair = [
        Verdict(name, "1", Action.FLAG, (match,), scores, name, "model") for name in ("old", "new")
    ]
    old, new = unpack_verdicts(pack_verdicts(pair))
    assert old.matches[0] is new.matches[0]
    assert old.scores is new.scores
    assert len(pack_verdicts(pair)) < 1.5 * len(pack_verdicts(pair[:1]))
