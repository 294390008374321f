"""Bytes to text, HTML to text, and times: the conversions that all formats share."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.archive.decoding import Decoded, binary_kind, decode
from bot.archive.markup import html_text
from bot.archive.times import LocalDates, parse_time


def pieces(data: bytes, size: int) -> list[Decoded]:
    return list(decode(data[at : at + size] for at in range(0, len(data), size)))


@given(
    text=st.text(),
    size=st.integers(1, 7),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "utf-32"]),
)
def test_text_survives_encoding_in_any_pieces(text: str, size: int, encoding: str) -> None:
    text = text.encode("utf-8", "ignore").decode()
    # A mark is recognised at once or not at all.
    data = text.encode(encoding)
    decoded = pieces(data[:4] + data[4:], max(size, 4))
    expected = text.replace("\r\n", "\n").replace("\r", "\n").replace("\0", "\ufffd")
    assert "".join(each.text for each in decoded) == expected.removeprefix("\ufeff") or (
        encoding == "utf-8"
    )


@given(data=st.binary(), size=st.integers(4, 9))
def test_no_bytes_raise_and_the_text_is_fit_for_any_file(data: bytes, size: int) -> None:
    text = "".join(each.text for each in pieces(data, size))
    text.encode("utf-8")
    assert "\0" not in text


@given(text=st.text(alphabet="aäöüé 日本\n", min_size=1), size=st.integers(4, 9))
def test_windows_text_is_read_as_what_it_was(text: str, size: int) -> None:
    western = text.replace("日", "").replace("本", "")
    mixed = text.encode() + b"\n" + western.encode("cp1252")
    assert "".join(each.text for each in pieces(mixed, size)) == f"{text}\n{western}"


def test_the_first_bad_byte_has_its_place() -> None:
    (decoded,) = decode(iter([b"caf\xc3\xa9 caf\xe9 \x81 end"]))
    assert decoded == Decoded("café café \ufffd end", 8)


@pytest.mark.parametrize(
    "data",
    [
        b"text with one NUL" * 9 + b"\0",
        "Hello".encode("utf-16-le") * 9,
        b"MZ is short for something",
    ],
)
def test_text_is_not_taken_for_binary(data: bytes) -> None:
    assert binary_kind(data) is None


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ("plain &amp; simple &lt;b&gt;", "plain & simple <b>"),
        ("1 < 2 and 3 > 2", "1 < 2 and 3 > 2"),
        ("http://example.org/?a=1&b=2", "http://example.org/?a=1&b=2"),
        ("<p>One<br>two</p><p>three</p>", "One\ntwo\n\nthree"),
        ("<p>a\n  b</p>", "a b"),
        ("<pre>a\n  b</pre>", "a\n  b"),
        ("<ul><li>a</li><li>b</li></ul>", "a\nb"),
        ("<blockquote><p>one</p><p>two</p></blockquote>me", "> one\n>\n> two\n\nme"),
        (
            "<blockquote>outer<blockquote>inner</blockquote></blockquote>me",
            "> outer\n>\n> > inner\n\nme",
        ),
        ('<a href="https://a.example/x">click</a>', "click (https://a.example/x)"),
        ('<a href="https://a.example/x">https://a.example/x</a>', "https://a.example/x"),
        ('<a href="https://a.example/long">https://a.exa...</a>', "https://a.example/long"),
        ('<a href="/u/ilse" class="mention">@ilse</a>', "@ilse"),
        ('<a href="javascript:x()">click</a>', "click"),
        ('<img alt=":turnip:" src="x">', ":turnip:"),
        ("<script>evil()</script><!-- no -->yes", "yes"),
        ("<![bogus <b>bold</b>", "<![bogus bold"),
        ("&#0;&#xD800;x", "\ufffd\ufffdx"),
    ],
)
def test_html_becomes_what_readers_see(markup: str, text: str) -> None:
    assert html_text(markup) == text


def test_line_breaks_are_kept_where_they_are_meant() -> None:
    assert html_text("one\n\n<em>two</em>\nthree", line_breaks=True) == "one\n\ntwo\nthree"


@given(markup=st.text(alphabet="<>/abpqule=\"' &;#!-[]\n", max_size=80))
def test_no_markup_raises(markup: str) -> None:
    assert isinstance(html_text(markup), str)


def test_hostile_markup_takes_no_longer_than_its_length() -> None:
    for piece in ("<a ", "<!--", '<a href="', '<x y=">"', "<blockquote>", "<![CDATA["):
        text = html_text(piece * (400_000 // len(piece)) + "end")
        assert text.endswith("end")


def test_long_markup_keeps_its_words_and_lines() -> None:
    markup = "<p>One &amp; <b>t</b>wo</p>" * 2000
    assert html_text(markup).split("\n\n") == ["One & two"] * 2000


def test_nesting_however_deep_is_read() -> None:
    assert html_text("<div><blockquote>" * 900 + "deep").endswith("deep")


NOON = datetime(2018, 5, 1, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    "value",
    [
        "2018-05-01T12:00:00Z",
        "2018-05-01T14:00:00.0000000+02:00",
        "2018-05-01 12:00:00",
        "2018-05-01 12:00:00 UTC",
        " 2018-05-01T12:00 ",
        "Tue, 01 May 2018 12:00:00 +0000",
        1525176000,
        1525176000.0,
        "1525176000",
        "1525176000.0",
        1525176000000,
        "1525176000000000",
    ],
)
def test_times_are_understood(value: object) -> None:
    time = parse_time(value)
    assert time == NOON
    assert time.utcoffset() == timedelta(0)


@pytest.mark.parametrize(
    "value",
    [
        "",
        "noon",
        "2018-13-01",
        "1e9",
        float("nan"),
        float("inf"),
        10**30,
        True,
        None,
        [],
        "0001-01-01T00:00:00+05:00",
        "Tue, 99 May 2018 12:00:00 +0000",
    ],
)
def test_what_is_no_time_is_a_value_error(value: object) -> None:
    with pytest.raises(ValueError, match=r"time|calendar"):
        parse_time(value)


@given(st.text() | st.integers() | st.floats())
def test_nothing_but_value_errors_and_utc(value: object) -> None:
    for parse in (parse_time, lambda text: LocalDates(day_first=True).parse(str(text))):
        try:
            assert parse(value).utcoffset() == timedelta(0)
        except ValueError:
            continue


@pytest.mark.parametrize(
    ("samples", "expected"),
    [
        (["3/4/24, 9:05 PM"], (2024, 3, 4, 21, 5)),
        (["03/04/2024, 21:05"], (2024, 4, 3, 21, 5)),
        (["3.4.24, 21:05"], (2024, 4, 3, 21, 5)),
        (["03/04/24, 21:05", "03/14/24, 21:05"], (2024, 3, 4, 21, 5)),
        (["3/4/24, 9:05\u202fp.m.", "13/4/24, 9:05\u202fp.m."], (2024, 4, 3, 21, 5)),
        (["2024-04-03 21:05"], (2024, 4, 3, 21, 5)),
        (["03-Apr-24 09:05 PM"], (2024, 4, 3, 21, 5)),
        (["12/1/24, 12:05 AM"], (2024, 12, 1, 0, 5)),
    ],
)
def test_the_order_of_day_and_month_is_inferred(
    samples: list[str], expected: tuple[int, int, int, int, int]
) -> None:
    assert LocalDates.infer(samples).parse(samples[0]) == datetime(*expected, tzinfo=UTC)


def test_a_long_text_keeps_its_quotes_and_links() -> None:
    paragraph = f"<p>{'roses and tulips ' * 40}</p>"
    quote = '<blockquote><p>said you</p></blockquote><p>see <a href="https://example.org/a">this</a></p>'
    long = html_text(paragraph * 60 + quote + paragraph * 60)
    assert "\n> said you\n" in long
    assert "see this (https://example.org/a)" in long
    assert long.count("roses and tulips") == 40 * 120


def test_a_long_text_that_is_never_closed_is_read_all_the_same() -> None:
    # The parser would take hours.
    assert html_text("<div>word " * 100_000).count("word") == 100_000


def test_a_tag_that_never_ends_costs_no_more_than_its_length() -> None:
    # By the square of its length this would take hours.
    endless = "a" * 1_000_000
    said = html_text(f"<p>before</p><{endless}")
    assert said.startswith("before")
    assert said.endswith(f"<{endless}")
