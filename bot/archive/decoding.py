"""Text out of bytes: UTF-8, UTF-16 with its mark, and Windows-1252 where bytes are neither.

Lives here: finding the encoding, decoding piece by piece, and telling binary files from text.
Not here: reading bytes (`files`) and lines or values (`source`, `jsonstream`, `xmlstream`).
"""

from __future__ import annotations

import codecs
import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass

_MARKS = {
    codecs.BOM_UTF32_LE: "utf-32",
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}

_BINARY_SHARE = 0.05
_CONTROLS = bytes(set(range(32)) - set(b"\t\n\r\f\x0b\x1b"))

PACKED_AGAIN = "a zip file within another or a folder"

KINDS = {
    b"%PDF": "a PDF document",
    b"\x89PNG": "a picture",
    b"\xff\xd8\xff": "a picture",
    b"GIF8": "a picture",
    b"SQLite format 3": "an SQLite database",
    b"7z\xbc\xaf": "a 7z archive",
    b"Rar!": "a RAR archive",
    b"\x7fELF": "a program",
    b"MZ": "a program",
    b"PK\x03\x04": PACKED_AGAIN,
}


@dataclass(frozen=True, slots=True)
class Decoded:
    """A piece of text; `bad` and `nul` are the places of the first bad byte and the first NUL."""

    text: str
    bad: int | None = None
    nul: int | None = None


def encoding_of(head: bytes) -> str:
    """Return the encoding that the first bytes tell of; UTF-8 unless they say otherwise."""
    for mark, name in _MARKS.items():
        if head.startswith(mark):
            return name
    # Text in UTF-16 without a mark has a NUL beside almost every letter, on one side only.
    sample = head[:4096]
    low, high = sample[0::2].count(0), sample[1::2].count(0)
    if high > len(sample) // 4 and low <= high // 20:
        return "utf-16-le"
    if low > len(sample) // 4 and high <= low // 20:
        return "utf-16-be"
    return "utf-8"


def binary_kind(head: bytes) -> str | None:
    """Return what a file is that holds no text, or `None` for text."""
    for prefix, kind in KINDS.items():
        # Two letters are too few to tell a program from a text that begins with them.
        if head.startswith(prefix) and (len(prefix) > len(b"MZ") or b"\0" in head):
            return kind
    if encoding_of(head) != "utf-8":
        return None
    controls = len(head) - len(head.translate(None, _CONTROLS))
    return "not text" if controls > _BINARY_SHARE * len(head) else None


def decode(pieces: Iterator[bytes]) -> Iterator[Decoded]:
    """Yield the text of `pieces`: no mark, plain line ends, NUL as U+FFFD; never raises."""
    first = next(pieces, b"")
    encoding = encoding_of(first)
    decoder = _lenient_utf8 if encoding == "utf-8" else _replacing(encoding)
    newlines = io.IncrementalNewlineDecoder(None, translate=True)
    rest, piece, final, begun = b"", first, False, False
    while not final:
        following = next(pieces, None)
        final = following is None
        decoded, used = decoder(rest + piece, final)
        rest, piece = (rest + piece)[used:], following or b""
        text = newlines.decode(decoded.text, final=final)
        nul = text.find("\0") if "\0" in text else None
        if nul is not None:
            text = text.replace("\0", "\N{REPLACEMENT CHARACTER}")
        if not begun:
            text = text.removeprefix("\N{ZERO WIDTH NO-BREAK SPACE}")
            begun = bool(text)
        if text:
            yield Decoded(text, decoded.bad, nul)


def _lenient_utf8(data: bytes, final: bool) -> tuple[Decoded, int]:  # noqa: FBT001 - as codecs
    """Decode UTF-8; bytes that are not become what they are in Windows-1252."""
    try:
        text, used = codecs.utf_8_decode(data, "strict", final)
    except UnicodeDecodeError as error:
        bad = len(str(data[: error.start], "utf-8"))
        text, used = codecs.utf_8_decode(data, _WINDOWS, final)
        return Decoded(text, bad), used
    return Decoded(text), used


def _as_windows(error: UnicodeError) -> tuple[str, int]:
    """Stand in for bytes that are not UTF-8; five of them mean nothing in Windows-1252 either."""
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return error.object[error.start : error.end].decode("cp1252", "replace"), error.end


_WINDOWS = "gavel-windows-1252"
codecs.register_error(_WINDOWS, _as_windows)


def _replacing(encoding: str) -> Callable[[bytes, bool], tuple[Decoded, int]]:
    """Return a decoder of UTF-16 or UTF-32 that turns half characters into U+FFFD."""
    decoder = codecs.getincrementaldecoder(encoding)("replace")

    def decode_piece(data: bytes, final: bool) -> tuple[Decoded, int]:  # noqa: FBT001 - as codecs
        text = decoder.decode(data, final)
        bad = text.find("\N{REPLACEMENT CHARACTER}")
        return Decoded(text, bad if bad >= 0 else None), len(data)

    return decode_piece
