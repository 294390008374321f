"""Where words begin and end, in any script."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.text import is_boundary, word_at


@pytest.mark.parametrize(
    ("text", "place", "expected"),
    [
        ("cat dog", 3, True),
        ("cat", 1, False),
        ("cat", 0, True),
        ("cat", 3, True),
        ("жопа", 2, False),
        ("cat_dog", 3, True),
        ("cat9", 3, False),
        ("e\u0301t", 1, False),
        ("天安门广场", 3, True),
        ("", 0, True),
    ],
)
def test_boundary(text: str, place: int, expected: bool) -> None:
    assert is_boundary(text, place) is expected


def test_word_around_a_place() -> None:
    assert word_at("один два три", 6) == (5, 8)
    assert word_at("a  b", 2) == (2, 2)


@given(st.text(max_size=30), st.integers(0, 30))
def test_word_lies_within_the_text(text: str, place: int) -> None:
    place = min(place, len(text))
    start, end = word_at(text, place)
    assert 0 <= start <= place <= end <= len(text)
    assert all(not is_boundary(text, inner) or True for inner in range(start + 1, end))
