"""Which stretches of a text quote somebody else."""

from time import thread_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.model import Span
from bot.text import fold, quoted_spans, reported_spans


@pytest.mark.parametrize(
    ("text", "quoted"),
    [
        ("> you said\nno", ["> you said"]),
        ("no\n > you said", [" > you said"]),
        ("&gt; you said\nno", ["&gt; you said"]),
        (">>> all\nof it", [">>> all\nof it"]),
        ("[quote]it[/quote] no", ["[quote]it[/quote]"]),
        ('[quote="Ann"]it\nis[/quote] no', ['[quote="Ann"]it\nis[/quote]']),
        ("[QUOTE]it", ["[QUOTE]it"]),
        ("<blockquote>it</blockquote> no", ["<blockquote>it</blockquote>"]),
        ("{{tq|you said}} no", ["{{tq|you said}}"]),
        ("a > b and [quoted] {x}", []),
        ("nothing at all", []),
    ],
)
def test_quotes(text: str, quoted: list[str]) -> None:
    spans = quoted_spans(text)
    assert [text[start:end] for start, end in spans] == quoted
    assert fold(text).quoted == spans


@given(st.text(st.sampled_from("> \nab[]quote/{}|t<&gt;"), max_size=80))
def test_quotes_are_in_order_and_apart(text: str) -> None:
    done = 0
    for start, end in quoted_spans(text):
        assert done <= start < end <= len(text)
        done = end
    assert all(isinstance(span, Span) for span in quoted_spans(text))


def test_hostile_quotes_cost_linear_time() -> None:
    text = "[quote]" * 3_000
    assert quoted_spans(text) == ((0, len(text)),)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('she wrote "go home" to me', ['"go home"']),
        ("he called me “a muppet” twice", ["“a muppet”"]),
        ('@ann just said: "get lost"', ['"get lost"']),
        ('my brother was told "get lost" and "go home"', ['"get lost"']),
        ('I got called "muppet" today', ['"muppet"']),
        ('"go home" she wrote, and "stay away", my boss said', ['"go home"', '"stay away"']),
        ('you are a "muppet"', []),
        ('"muppet" I said', []),
        ('"get lost"', []),
        ('I said "get lost"', []),
        ('she wrote a book, and "get lost', []),
    ],
)
def test_reported_speech_is_quoted_and_quotation_marks_alone_are_not(
    text: str, said: list[str]
) -> None:
    assert [text[start:end] for start, end in reported_spans(text)] == said


def test_reported_speech_takes_no_long_time() -> None:
    hostile = 'she said a b "' * 2_000
    began = thread_time()
    reported_spans(hostile)
    assert thread_time() - began < 1
