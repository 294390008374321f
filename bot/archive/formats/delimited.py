"""Tables: CSV (comma, semicolon or bar) and TSV, with a line of column names.

Lives here: records that may span lines, and a quotation that never closes. Not here: what the
columns mean (`rows`).
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator

from bot.archive.base import Head
from bot.archive.rows import RowReader, require_text
from bot.archive.source import MAX_FIELD, Source
from bot.model import Comment

_LONGEST_RECORD = 2_000
_COMPARED_LINES = 20
# A column's name, unlike prose, is short and begins with a letter right after the delimiter.
_NAME = re.compile(r"\"?[^\W\d_][\w .:/()#-]{0,39}\"?")
_CSV_DELIMITERS = ",;|"


def detect_csv(head: Head) -> bool:
    """See a line of names, and as many fields below as there are names."""
    return head.lines[0].strip().strip('"').lower() == "text" or any(
        _looks_like_table(head, delimiter) for delimiter in _CSV_DELIMITERS
    )


def detect_tsv(head: Head) -> bool:
    """As CSV, with tabs."""
    return _looks_like_table(head, "\t")


def _looks_like_table(head: Head, delimiter: str) -> bool:
    names = head.lines[0].rstrip().split(delimiter)
    if len(names) < 2 or not all(_NAME.fullmatch(name) for name in names):  # noqa: PLR2004 - a table
        return False
    # The last line may be cut off, and a quoted field may span lines: most must fit, not all.
    below = [line for line in head.lines[1:-1][:_COMPARED_LINES] if line]
    if not below:
        return True
    fitting = sum(line.count(delimiter) >= len(names) - 1 for line in below)
    return fitting * 4 >= len(below)


def check(source: Source, head: Head) -> None:
    """Refuse a table none of whose columns is the text."""
    first = head.lines[0]
    names = next(csv.reader([first], delimiter=_delimiter(first)), [])
    require_text(source, [name.strip() for name in names], first)


def read(source: Source) -> Iterator[Comment]:
    """Yield a comment for each row that has a text."""
    rows = RowReader(source)
    for row in records(source):
        if comment := rows.comment(row):
            yield comment


def records(source: Source) -> Iterator[dict[str, str]]:
    """Yield the rows by column name; rows of a wrong length are noted and left out."""
    table = _records(source)
    names = [name.strip() for name in next(table, [])]
    for fields in table:
        if not any(fields):
            continue
        while len(fields) > len(names) and not fields[-1]:
            fields.pop()
        if len(fields) != len(names):
            source.problem(
                "bad-row",
                f"this row has {len(fields)} fields, the first line names {len(names)}; it is skipped",
                hint="put a field that holds the delimiter or a line end in double quotes",
            )
            continue
        yield dict(zip(names, fields, strict=True))


def _records(source: Source) -> Iterator[list[str]]:
    """Yield the fields of each record; the source's line is the record's first."""
    csv.field_size_limit(MAX_FIELD)
    lines = _Lines(source)
    delimiter = _delimiter(lines.first())
    reader = csv.reader(lines, delimiter=delimiter)
    while True:
        lines.begin()
        try:
            fields = next(reader)
        except StopIteration:
            return
        except (csv.Error, _OpenQuoteError) as error:
            source.line = lines.started
            source.problem("bad-row", f"{error}; the line is skipped", hint=_QUOTE_HINT)
            lines.go_back()
            reader = csv.reader(lines, delimiter=delimiter)
        else:
            source.line = lines.started
            yield fields


_QUOTE_HINT = "write a double quote within a quoted field twice"


class _OpenQuoteError(Exception):
    """A record goes on and on: its quotation never closes."""


class _Lines:
    """Lines for the CSV parser, which asks for more of them while a quotation is open."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._lines = source.lines()
        self._returned: list[tuple[int, str]] = []
        self._taken: list[tuple[int, str]] = []
        self.started = 0

    def first(self) -> str:
        """Return the first line, which is still to come."""
        first = next(self._lines, "")
        self._returned.append((self._source.line, first))
        return first

    def begin(self) -> None:
        """Begin a record."""
        self._taken.clear()

    def go_back(self) -> None:
        """Give back all lines of the record but its first."""
        self._returned.extend(reversed(self._taken[1:]))

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        if len(self._taken) >= _LONGEST_RECORD:
            raise _OpenQuoteError("a quotation opens here and does not close")
        if self._returned:
            taken = self._returned.pop()
        else:
            line = next(self._lines, None)
            if line is None and self._taken:
                raise _OpenQuoteError("a quotation opens here and is still open at the end")
            if line is None:
                raise StopIteration
            taken = (self._source.line, line)
        if not self._taken:
            self.started = taken[0]
        self._taken.append(taken)
        return taken[1] + "\n"


def _delimiter(first: str) -> str:
    counts = {each: first.count(each) for each in ("\t", *_CSV_DELIMITERS)}
    best = max(counts, key=lambda each: counts[each])
    return best if counts[best] else ","
