from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from bot.model import Span
from bot.report.marks import Piece, glimpse, marked, merge, reason_pieces
from bot.report.visible import INVISIBLE
from tests.report.corpus import match

SPANS = st.lists(st.builds(Span, st.integers(-3, 40), st.integers(-3, 40)), max_size=6)
TEXTS = st.text(max_size=40)


def joined(pieces: tuple[Piece, ...], *, only_marked: bool = False) -> str:
    return "".join(
        chr(int(piece.text.replace("U+", "0x"), 0)) if piece.kind == "hidden" else piece.text
        for piece in pieces
        if piece.marked or not only_marked
    )


@given(TEXTS, SPANS)
def test_pieces_join_to_the_text(text: str, spans: list[Span]) -> None:
    assert joined(marked(text, spans)) == text


@given(TEXTS, SPANS)
def test_exactly_the_spans_are_marked(text: str, spans: list[Span]) -> None:
    inside = "".join(
        character
        for place, character in enumerate(text)
        if any(start <= place < end for start, end in spans)
    )
    assert joined(marked(text, spans), only_marked=True) == inside


def test_spans_count_code_points() -> None:
    pieces = marked("\U0001f339\U0001f339 weed", [Span(3, 7)])
    assert pieces == (Piece("\U0001f339\U0001f339 "), Piece("weed", marked=True))


def test_hidden_characters_stand_apart_inside_a_mark_too() -> None:
    assert marked("we\u202eed", [Span(0, 5)]) == (
        Piece("we", marked=True),
        Piece("U+202E", marked=True, kind="hidden"),
        Piece("ed", marked=True),
    )


@given(TEXTS)
def test_no_invisible_character_is_left_in_a_piece(text: str) -> None:
    assert not any(INVISIBLE.search(piece.text) for piece in marked(text, []))


def test_a_long_text_is_shown_around_its_spans_and_says_what_is_missing() -> None:
    text = "a" * 5000 + "weed" + "b" * 5000
    pieces = marked(text, [Span(5000, 5004)], longest=1000)
    assert Piece("weed", marked=True) in pieces
    shown = sum(len(piece.text) for piece in pieces)
    assert shown <= 1000
    assert shown + sum(piece.left_out for piece in pieces) == len(text)


@given(st.integers(0, 5000), SPANS)
def test_shown_and_left_out_add_up(length: int, spans: list[Span]) -> None:
    pieces = marked("x" * length, spans, longest=100)
    assert sum(len(piece.text) + piece.left_out for piece in pieces) == length


@given(SPANS)
def test_merged_spans_are_in_order_and_apart(spans: list[Span]) -> None:
    merged = merge(spans, 30)
    assert all(0 <= start < end <= 30 for start, end in merged)
    assert all(a.end < b.start for a, b in pairwise(merged))


def test_a_reason_sets_apart_what_it_quotes() -> None:
    quoting = match("you muppet", "muppet")
    assert reason_pieces(quoting.reason, quoting) == (
        Piece("insult 0.93, matched "),
        Piece("muppet", marked=True),
    )


def test_a_reason_that_quotes_nothing_is_one_piece() -> None:
    assert reason_pieces("insult 0.93", match("you")) == (Piece("insult 0.93"),)


@given(st.text(max_size=300), SPANS, st.integers(10, 60))
def test_a_glimpse_is_one_short_line(text: str, spans: list[Span], longest: int) -> None:
    pieces = glimpse(text, spans, longest)
    assert len("".join(piece.text for piece in pieces).splitlines()) <= 1
    assert not any(INVISIBLE.search(piece.text) for piece in pieces)


def test_a_glimpse_shows_the_first_match_and_tells_what_is_cut() -> None:
    text = "a " * 100 + "\nweed " + "b " * 100
    pieces = glimpse(text, [Span(201, 205)], longest=30)
    assert [piece.text for piece in pieces] == [
        "…",
        " a a a a ",
        "weed",
        " b b b b b b b b",
        "…",
    ]
    assert [piece.marked for piece in pieces] == [False, False, True, False, False]
