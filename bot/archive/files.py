"""Bytes in: one file, a compressed file, a zip or a folder, as named streams of bytes.

Lives here: opening, decompressing, and refusing what is hostile (bombs, names that lead outside).
Not here: what the bytes mean (`decoding`, `formats`). Nothing is ever unpacked to disk.
"""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import zipfile
import zlib
from collections.abc import Callable, Generator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from types import TracebackType
from typing import Protocol, Self, cast

import zstandard

from bot.errors import Location, Problem, Severity, UserError

PIECE = 1 << 18

_ZIP = b"PK\x03\x04"
_PACKED = frozenset({".gz", ".zst", ".bz2", ".xz", ".zip"})

MAX_RATIO = 250
"""Comments compress 5 to 20 fold, a bomb a thousandfold and more."""

FREE_BYTES = 64 << 20
"""What any file may expand to, whatever its ratio."""

# A small piece of zstd may expand 30,000 fold in one call: this bounds it to about 128 MB.
_ZSTD_PIECE = 1 << 12
# Public dumps are compressed with windows of 2 GB, beyond the library's default.
_ZSTD_WINDOW = 1 << 31

DAMAGE = (EOFError, OSError, RuntimeError, zlib.error, lzma.LZMAError, zstandard.ZstdError)
"""What decompressors raise at damaged data; `zipfile` raises some of these as well."""


class DamagedError(Exception):
    """The bytes end here, though the file does not; `code` names the problem."""

    def __init__(self, code: str, message: str, hint: str = "") -> None:
        """Say what is wrong with the bytes, and the way out."""
        self.code = code
        self.hint = hint
        super().__init__(message)


@dataclass(frozen=True, slots=True)
class Member:
    """One stream in a bundle: its name inside, and its place as people read it."""

    name: str
    place: str

    @property
    def stem(self) -> str:
        """The name without folder and endings: `a/talk.jsonl.gz` is `talk`."""
        base = PurePosixPath(self.name).name
        return base.split(".", 1)[0] or base


class Bundle:
    """The streams behind one path; a context manager that holds a zip open."""

    def __init__(self, path: Path) -> None:
        """List the members; raise `UserError` where the path cannot be read."""
        self.path = path
        self.problems: list[Problem] = []
        self._zip: zipfile.ZipFile | None = None
        try:
            self.kind, names = self._list()
        except (*DAMAGE, zipfile.BadZipFile, ValueError) as error:
            raise unreadable(path, error) from error
        self.members = tuple(self._member(name) for name in names if self._is_safe(name))

    @property
    def is_single(self) -> bool:
        """Whether the path is one stream, and neither a zip nor a folder."""
        return self.kind == "file"

    def _list(self) -> tuple[str, list[str]]:
        if self.path.is_dir():
            files = (each for each in self.path.rglob("*") if each.is_file())
            return "folder", sorted(each.relative_to(self.path).as_posix() for each in files)
        with self.path.open("rb") as stream:
            magic = stream.read(4)
        if magic.startswith(_ZIP):
            with zipfile.ZipFile(self.path) as archive:
                return "zip", [each.filename for each in archive.infolist() if not each.is_dir()]
        if self.path.suffix in _PACKED and magic and not magic.startswith(tuple(_DECOMPRESSORS)):
            self.problems.append(_not_packed(self.path))
        return "file", [self.path.name]

    def _member(self, name: str) -> Member:
        return Member(name, str(self.path) if self.is_single else f"{self.path}/{name}")

    def _is_safe(self, name: str) -> bool:
        """Refuse names that lead outside; ignore what file managers leave behind."""
        pure = PurePosixPath(name.replace("\\", "/"))
        outside = pure.is_absolute() or ".." in pure.parts or ":" in pure.parts[0]
        if self.kind == "folder":
            root = self.path.resolve()
            outside = root not in (self.path / name).resolve().parents
        if self.is_single or not outside:
            return "__MACOSX" not in pure.parts and pure.name != ".DS_Store"
        self.problems.append(
            Problem(
                "unsafe-path",
                f"the name {name!r} leads outside of the archive; it is not read",
                Location(str(self.path)),
                hint="an honest export has no such names: be careful where this file came from",
            )
        )
        return False

    def pieces(self, member: Member) -> Generator[bytes, None, None]:
        """Yield the decompressed bytes of `member`; raise `DamagedError` where they end early."""
        if self.kind == "zip":
            return self._zip_pieces(member.name)
        return _file_pieces(self.path if self.is_single else self.path / member.name)

    def _zip_pieces(self, name: str) -> Generator[bytes, None, None]:
        try:
            if self._zip is None:
                self._zip = zipfile.ZipFile(self.path)
            info = self._zip.getinfo(name)
            if info.flag_bits & 1:
                raise DamagedError("encrypted", "protected by a password", "unpack it yourself")
            # The declared size may lie; `zipfile` never reads beyond it.
            _refuse_bomb(info.file_size, info.compress_size)
            with self._zip.open(info) as stream:
                yield from _read(cast("_Readable", stream))
        except (*DAMAGE, zipfile.BadZipFile, KeyError, ValueError) as error:
            raise _damaged(error) from error

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._zip is not None:
            self._zip.close()
            self._zip = None


def _file_pieces(path: Path) -> Generator[bytes, None, None]:
    try:
        with path.open("rb") as raw:
            expanded = 0
            with closing(_decompressed(raw)) as pieces:
                for piece in pieces:
                    expanded += len(piece)
                    _refuse_bomb(expanded, raw.tell())
                    if piece:
                        yield piece
    except DAMAGE as error:
        raise _damaged(error) from error


def _decompressed(raw: io.BufferedReader) -> Generator[bytes, None, None]:
    magic = raw.peek(8)[:8]
    for prefix, pieces in _DECOMPRESSORS.items():
        if magic.startswith(prefix):
            yield from pieces(raw)
            return
    while piece := raw.read(PIECE):
        yield piece


class _Readable(Protocol):
    """A stream whose `read1`, unlike `read`, hands over what came before the damage."""

    def read1(self, size: int, /) -> bytes: ...


def _read(stream: _Readable) -> Generator[bytes, None, None]:
    while piece := stream.read1(PIECE):
        yield piece


def _gzip(raw: io.BufferedReader) -> Generator[bytes, None, None]:
    with gzip.GzipFile(fileobj=raw) as stream:
        yield from _read(stream)


def _bzip2(raw: io.BufferedReader) -> Generator[bytes, None, None]:
    with bz2.BZ2File(raw) as stream:
        yield from _read(stream)


def _xz(raw: io.BufferedReader) -> Generator[bytes, None, None]:
    with lzma.LZMAFile(raw) as stream:
        yield from _read(stream)


def _zstd(raw: io.BufferedReader) -> Generator[bytes, None, None]:
    maker = zstandard.ZstdDecompressor(max_window_size=_ZSTD_WINDOW)
    frame = maker.decompressobj()
    while piece := raw.read(_ZSTD_PIECE):
        yield frame.decompress(piece)
        while frame.eof and (rest := frame.unused_data):
            frame = maker.decompressobj()
            yield frame.decompress(rest)
        if frame.eof:
            frame = maker.decompressobj()
            if not raw.peek(1):
                return
    raise EOFError("the last frame is not complete")


_DECOMPRESSORS: dict[bytes, Callable[[io.BufferedReader], Generator[bytes, None, None]]] = {
    b"\x1f\x8b": _gzip,
    b"\x28\xb5\x2f\xfd": _zstd,
    b"BZh": _bzip2,
    b"\xfd7zXZ": _xz,
}


def _refuse_bomb(expanded: int, packed: int) -> None:
    if expanded > FREE_BYTES and expanded > MAX_RATIO * max(1, packed):
        raise DamagedError(
            "bomb",
            f"expands more than {MAX_RATIO} fold, as no honest archive does; the rest is not read",
            "unpack it yourself if you trust it",
        )


def _not_packed(path: Path) -> Problem:
    return Problem(
        "not-compressed",
        f"it is called {path.suffix} and is not compressed; it is read as it stands",
        Location(str(path)),
        hint="a browser may have unpacked it; rename it if all is well",
        severity=Severity.WARNING,
    )


def _damaged(error: BaseException) -> DamagedError:
    if isinstance(error, EOFError):
        return DamagedError(
            "truncated",
            "the compressed data end too early: the file is cut off",
            "what came before is read; download or export it again for the rest",
        )
    return DamagedError("damaged", f"the data are damaged here ({error})", "export it again")


def unreadable(path: Path, error: BaseException) -> UserError:
    """Return the error for a path that cannot be opened at all."""
    if isinstance(error, FileNotFoundError):
        message, hint = "there is no such file", "check the path"
    elif isinstance(error, PermissionError):
        message, hint = "you may not read this file", "check its permissions"
    elif isinstance(error, zipfile.BadZipFile):
        message, hint = "this zip file is damaged or cut off", "download or export it again"
    else:
        message, hint = f"it cannot be read ({error})", "check the path and the disk"
    return UserError(Problem("unreadable", message, Location(str(path)), hint=hint))
