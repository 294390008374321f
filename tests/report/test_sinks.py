import csv
import io
import json

from hypothesis import given
from hypothesis import strategies as st

from bot.record import verdict_record
from bot.report import JsonLines, Table
from bot.report.sinks import COLUMNS
from tests.report.corpus import comment, community, match, screened

NASTY = st.text(st.sampled_from('=+-@\t\r\n",;\0\ud800\U0001f339ab'), max_size=12)


def test_each_line_is_the_documented_record() -> None:
    stream = io.StringIO()
    sink = JsonLines(stream)
    for item in community():
        sink.add(item)
    lines = [json.loads(line) for line in stream.getvalue().splitlines()]
    assert lines == [verdict_record(item.comment, item.verdict) for item in community()]


@given(st.text() | NASTY)
def test_any_text_is_one_line_of_valid_json(text: str) -> None:
    stream = io.StringIO()
    JsonLines(stream).add(screened(comment(1, text)))
    written = stream.getvalue().encode()
    assert written.count(b"\n") == 1
    assert json.loads(written)["text"] == text


@given(NASTY, NASTY, NASTY)
def test_no_cell_is_a_formula_whatever_strangers_write(text: str, author: str, word: str) -> None:
    stream = io.StringIO()
    hit = match(f"{text}{word}", word, rule="abuse.insult", reason=text)
    Table(stream).add(screened(comment(1, f"{text}{word}", author), hit))
    header, row = csv.reader(io.StringIO(stream.getvalue(), newline=""))
    assert tuple(header) == COLUMNS
    assert len(row) == len(COLUMNS)
    assert not any(value.startswith(tuple("=+-@\t\r")) for value in row)
    stream.getvalue().encode()


def test_the_table_has_one_header_and_one_row_a_comment() -> None:
    stream = io.StringIO()
    table = Table(stream)
    for item in community():
        table.add(item)
    rows = list(csv.DictReader(io.StringIO(stream.getvalue(), newline="")))
    assert len(rows) == 10
    threat = next(row for row in rows if row["comment_id"] == "c3")
    assert threat["action"] == "hold"
    assert threat["rules"] == "abuse.threat; abuse.insult"
    assert threat["score_toxicity"] == "0.880000"
    assert threat["score_obscene"] == ""
    assert threat["degraded"] == "false"
    snide = next(row for row in rows if row["comment_id"] == "c6")
    assert (snide["rules"], snide["shadow_rules"]) == ("", "abuse.snide")
