"""From a path to text: size, encoding and characters, before any YAML is looked at.

Lives here: what holds for every text file that a user writes. Not here: YAML.
"""

from __future__ import annotations

import re
from pathlib import Path

from bot.errors import Location
from bot.yamlfile.nodes import RefusedError, Report, Source

LARGEST_FILE = 1_000_000
"""Bytes; a larger file is refused without being read."""

_FORBIDDEN = re.compile(
    "[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]"
)
_BREAK = re.compile("\r\n|[\n\r\x85\u2028\u2029]")


def read_text(path: Path, report: Report, largest: int = LARGEST_FILE) -> tuple[str, Source]:
    """Return a file's text and lines; raise `RefusedError` when it cannot be used."""
    data = _read_bytes(path, report, largest)
    return (text := _decode(data, str(path), report)), check_characters(text, str(path), report)


def read_lines(path: Path, report: Report, largest: int = LARGEST_FILE) -> Source | None:
    """Return the lines of a plain text file; `None` when it cannot be used."""
    try:
        return read_text(path, report, largest)[1]
    except RefusedError:
        return None


def check_characters(text: str, name: str, report: Report) -> Source:
    """Split `text` into lines; raise `RefusedError` at a character that no text file needs."""
    source = Source(name, tuple(text.splitlines()))
    bad = _FORBIDDEN.search(text)
    if bad is None:
        return source
    before = _BREAK.split(text[: bad.start()])
    character = bad.group()
    code, what = ("control-character", "a control character")
    if character == "\N{ZERO WIDTH NO-BREAK SPACE}":
        code, what = ("byte-order-mark", "a byte order mark")
    raise report.error(
        code,
        f"the file holds {what} (U+{ord(character):04X})",
        source.location(len(before) - 1, len(before[-1])),
        "remove it" if bad.start() else "save the file as UTF-8 without a byte order mark",
    )


def _read_bytes(path: Path, report: Report, largest: int) -> bytes:
    here = Location(str(path))
    try:
        if not path.is_file():
            message = "this is not a file" if path.exists() else "there is no such file"
            raise report.error("no-file", message, here)
        size = path.stat().st_size
        if size > largest:
            raise report.error(
                "too-large",
                f"the file has {size:,} bytes; at most {largest:,} are read",
                here,
                "split it into several files",
            )
        with path.open("rb") as file:
            return file.read(largest)
    except OSError as error:
        raise report.error("unreadable", f"cannot be read: {error.strerror}", here) from error


def _decode(data: bytes, name: str, report: Report) -> str:
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise report.error(
            "encoding", "the file is UTF-16, not UTF-8", Location(name), "save it as UTF-8"
        )
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        lines = data[: error.start].decode("utf-8").split("\n")
        rest = data[error.start :].split(b"\n", 1)[0].decode("utf-8", "replace")
        place = Location(name, len(lines), len(lines[-1]) + 1, lines[-1] + rest)
        raise report.error(
            "encoding",
            f"byte 0x{data[error.start]:02x} is not UTF-8",
            place,
            "save the file as UTF-8",
        ) from error
