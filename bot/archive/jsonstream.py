"""JSON documents of any size, value by value.

Lives here: a walk through a document that decodes only one value at a time, goes on after a broken
one, and cleans text that no file or database could hold. Not here: what the values mean.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from bot.archive.source import MAX_FIELD, Source

Path = tuple[str, ...]

# Half of a surrogate pair, or NUL, can only come in through an escape.
_RISKY = re.compile(r"\\u(?:[dD][89a-fA-F]|0000)")
_UNFIT = re.compile("[\0\ud800-\udfff]")
_SPACE = re.compile(r"\s*")
_FIRST_KEY = re.compile(r'\{\s*"((?:[^"\\]|\\.){0,80})"')
_DECODER = json.JSONDecoder(strict=False)
# What `raw_decode` wraps: lines come by the million, and the wrapper costs a tenth.
_SCAN = _DECODER.scan_once  # type: ignore[attr-defined]  # typeshed leaves it out

# Longer than any comma, space and key between two entries.
_OVERLAP = 4096
# A literal or an escape that is cut off looks wrong this near to the end of what we have.
_MARGIN = 16


def loads(source: Source, text: str) -> object:
    """Decode one line of JSON, cleaned; raise `ValueError`, or `JSONDecodeError` with a place."""
    text = text.strip()
    try:
        value, end = _SCAN(text, 0)
    except StopIteration as stop:
        raise json.JSONDecodeError("Expecting value", text, stop.value) from None
    except RecursionError:
        raise ValueError("nested too deeply") from None
    if end != len(text):
        raise json.JSONDecodeError("there is more after its end", text, end)
    return _fit(source, value) if "\\u" in text and _RISKY.search(text) else value


def _fit(source: Source, value: object) -> object:
    """Clean a value whose text holds a risky escape; most are halves of whole pairs."""
    cleaned = clean(value)
    if cleaned != value:
        source.warn_of_unfit_text()
    return cleaned


def clean(value: object) -> object:
    """Replace NUL and lone surrogates with U+FFFD in all texts of a JSON value."""
    if isinstance(value, str):
        return _UNFIT.sub("\N{REPLACEMENT CHARACTER}", value)
    if isinstance(value, list):
        return [clean(each) for each in value]
    if isinstance(value, dict):
        return {str(clean(key)): clean(each) for key, each in value.items()}
    return value


def walk(source: Source, *patterns: Path) -> Iterator[tuple[Path, object]]:
    """Yield (path, value) of a document; containers on the way of a pattern are entered.

    A path is a tuple of keys, `"*"` for every place in a list: `("messages", "*")` streams the
    messages of a chat. Everything off the patterns' ways is yielded whole. The source's place is
    the value's while it is yielded. A broken element is noted and left out.
    """
    cursor = _Cursor(source)
    try:
        yield from _Walk(cursor, source, patterns).at(())
        cursor.expect_end()
    except _LostError:
        return
    except _BrokenError as error:
        _note(source, cursor, error)


def _note(source: Source, cursor: _Cursor, error: _BrokenError) -> None:
    line, column = cursor.place(error.at)
    if error.truncated:
        message, hint = "the file ends in the middle of the data", "export it again for the rest"
        source.problem("truncated", message, line=line, column=column, hint=hint)
    else:
        hint = "reading goes on at the next entry that can be made out"
        source.problem("bad-json", f"broken JSON: {error}", line=line, column=column, hint=hint)


class _BrokenError(Exception):
    """The text is not JSON at a place of the cursor's text, or ends too early."""

    def __init__(self, message: str, at: int, *, truncated: bool = False) -> None:
        self.at = at
        self.truncated = truncated
        super().__init__(message)


class _LostError(Exception):
    """Nothing more can be read; it has been noted."""


class _Walk:
    """One walk through one document."""

    def __init__(self, cursor: _Cursor, source: Source, patterns: tuple[Path, ...]) -> None:
        self._cursor = cursor
        self._source = source
        self._ways = {pattern[:length] for pattern in patterns for length in range(len(pattern))}

    def at(self, path: Path) -> Iterator[tuple[Path, object]]:
        opening = self._cursor.peek() if path in self._ways else ""
        if opening == "{":
            yield from self._members(path)
        elif opening == "[" and (*path, "*") in self._ways:
            yield from self._containers(path)
        elif opening == "[":
            yield from self._elements(path)
        else:
            self._cursor.peek()
            place = self._cursor.place(self._cursor.at)
            value, risky = self._cursor.value()
            self._source.line, self._source.column = place
            yield path, _fit(self._source, value) if risky else value

    def _members(self, path: Path) -> Iterator[tuple[Path, object]]:
        more = self._cursor.opens("}")
        while more:
            key, _ = self._cursor.value()
            self._cursor.expect(":")
            yield from self.at((*path, str(key)))
            more = self._cursor.continues("}")

    def _containers(self, path: Path) -> Iterator[tuple[Path, object]]:
        more = self._cursor.opens("]")
        while more:
            yield from self.at((*path, "*"))
            more = self._cursor.continues("]")

    def _elements(self, path: Path) -> Iterator[tuple[Path, object]]:
        """Yield what streams: here, and only here, a broken value costs nothing but itself."""
        first_keys: set[str] = set()
        more = self._cursor.opens("]")
        while more:
            if len(first_keys) <= 1:
                first_keys |= self._cursor.first_key()
            try:
                yield from self.at((*path, "*"))
                more = self._cursor.continues("]")
            except _BrokenError as error:
                _note(self._source, self._cursor, error)
                key = next(iter(first_keys)) if len(first_keys) == 1 else None
                if error.truncated or not self._cursor.skip_to_object(error.at, key):
                    raise _LostError from None


class _Cursor:
    """A window on text that is still coming in; `at` is where reading stands in it."""

    def __init__(self, source: Source) -> None:
        self._pieces = source.text()
        self._text = ""
        self._ended = False
        self._line = 1
        self._line_start = 0
        self._counted = 0
        self.at = 0

    def place(self, at: int) -> tuple[int, int]:
        """Return line and column of a place at or after the last one asked for."""
        newlines = self._text.count("\n", self._counted, at)
        if newlines:
            self._line += newlines
            self._line_start = self._text.rfind("\n", self._counted, at) + 1
        self._counted = max(self._counted, at)
        return self._line, max(1, at - self._line_start + 1)

    def peek(self) -> str:
        """Go to the next character that is no space, and return it; empty at the end."""
        while True:
            self.at = _SPACE.match(self._text, self.at).end()  # type: ignore[union-attr]
            if self.at < len(self._text):
                return self._text[self.at]
            if not self._grow():
                return ""

    def expect(self, char: str) -> None:
        """Go past `char`."""
        found = self.peek()
        if found != char:
            raise _BrokenError(f"{char!r} is missing", self.at, truncated=not found)
        self.at += 1

    def expect_end(self) -> None:
        """Refuse anything but space."""
        if self.peek():
            raise _BrokenError("there is more after its end", self.at)

    def opens(self, closing: str) -> bool:
        """Go into a container; tell whether anything is in it."""
        self.peek()
        self.at += 1
        return not self._closes(closing)

    def continues(self, closing: str) -> bool:
        """Go past a comma, or past the end of a container; tell which."""
        if self._closes(closing):
            return False
        self.expect(",")
        # A comma before the end is wrong, and harmless.
        return not self._closes(closing)

    def _closes(self, closing: str) -> bool:
        closed = self.peek() == closing
        self.at += closed
        return closed

    def value(self) -> tuple[object, bool]:
        """Decode the value here and go past it; tell whether it may need cleaning."""
        self.peek()
        while True:
            try:
                value, end = _DECODER.raw_decode(self._text, self.at)
            except RecursionError:
                raise _BrokenError("nested too deeply", self.at) from None
            except ValueError as error:
                self._grow_or_raise(error)
                continue
            # A number may go on in what is still to come: "1", "1.", "1e+" all begin "1e+5".
            length = end - self.at
            at_end = end >= len(self._text) - len("e+")
            if at_end and self._text[end - 1] not in '}]"' and self._grow():
                continue
            # Growing has moved the text, even where there was nothing to grow by.
            end = self.at + length
            risky = _RISKY.search(self._text, self.at, end) is not None
            self.at = end
            return value, risky

    def _grow_or_raise(self, error: ValueError) -> None:
        ahead: int = getattr(error, "pos", self.at) - self.at
        message: str = getattr(error, "msg", str(error))
        left = len(self._text) - self.at
        cut_off = ahead >= left - _MARGIN or message.startswith("Unterminated string")
        if left > MAX_FIELD:
            raise _BrokenError(f"a value is longer than {MAX_FIELD:,} characters", self.at)
        if not cut_off or not self._grow():
            raise _BrokenError(message, self.at + ahead, truncated=cut_off)

    def first_key(self) -> set[str]:
        """Return the first key of the object here; nothing where there is none."""
        self.peek()
        found = _FIRST_KEY.match(self._text, self.at)
        return {found[1]} if found else set()

    def skip_to_object(self, at: int, first_key: str | None) -> bool:
        """Go to the next object after a comma, with this first key where one is given."""
        key = rf'\s*"{re.escape(first_key)}"' if first_key is not None else ""
        pattern = re.compile(rf",\s*(?=\{{{key})")
        self.at = at
        while not (found := pattern.search(self._text, self.at)):
            self.at = max(self.at, len(self._text) - _OVERLAP)
            if not self._grow():
                return False
        self.at = found.end()
        return True

    def _grow(self) -> bool:
        """Forget what has been read, and at least double what has not."""
        self.place(self.at)
        self._text = self._text[self.at :]
        self._line_start -= self.at
        self._counted -= self.at
        self.at = 0
        parts, wanted = [self._text], max(1, len(self._text))
        while wanted > 0 and (piece := next(self._pieces, "")):
            parts.append(piece)
            wanted -= len(piece)
        self._ended = wanted > 0
        self._text = "".join(parts)
        return len(parts) > 1
