import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.report.visible import cell, code, one_line, visible

NASTY = st.text(st.sampled_from("\x1b\x07\x9b\x00\r\n\u202e\u2066\u200b\ud800`[]()<>@=+-\tab "))
ANY = st.text() | NASTY
COMMANDS = {"Cc", "Cs"}


@given(ANY)
def test_no_control_sequence_reaches_a_terminal(text: str) -> None:
    kept = set(visible(text)) - {"\n", "\t"}
    assert not {character for character in kept if unicodedata.category(character) in COMMANDS}
    assert not kept & set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f")


@given(ANY, st.integers(1, 20))
def test_one_line_is_one_line_and_no_longer_than_asked(text: str, longest: int) -> None:
    line = one_line(text, longest)
    assert len(line.splitlines()) <= 1
    assert len(line) <= longest


def test_what_is_hidden_is_named() -> None:
    assert visible("a\u202eb\x1b[31m") == "a⟨U+202E⟩b⟨U+001B⟩[31m"


def test_emoji_joiners_and_ordinary_text_stay() -> None:
    family = "\U0001f469\u200d\U0001f467, née Müller\n\tжопа"
    assert visible(family) == family


@pytest.mark.parametrize("start", list("=+-@\t\r\n＝＋－＠"))
def test_a_formula_is_defused(start: str) -> None:
    assert cell(f"{start}1+1") == f"'{start}1+1"


@given(ANY)
def test_no_cell_begins_a_formula_and_all_can_be_written(text: str) -> None:
    safe = cell(text)
    assert not safe.startswith(tuple("=+-@\t\r\n＝＋－＠"))
    safe.encode()


@given(ANY)
def test_code_cannot_be_left(text: str) -> None:
    shown = code(text)
    fence = shown[: len(shown) - len(shown.lstrip("`"))]
    inside = shown[len(fence) : -len(fence)]
    assert fence
    assert shown.endswith(fence)
    assert fence not in inside
    assert "\n" not in shown
