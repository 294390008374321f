"""Bytes that are only ever appended and then read anywhere: in memory while few, else on disk.

Lives here: what lets an archive larger than memory be looked at again. Not here: what the bytes
mean (`bot.packing`, `bot.report.context`).
"""

from __future__ import annotations

import weakref
from collections.abc import Iterator
from dataclasses import dataclass, field
from os import SEEK_END
from tempfile import SpooledTemporaryFile

_IN_MEMORY = 32 * 1024 * 1024
_BUFFER = 256 * 1024


@dataclass(slots=True, weakref_slot=True)
class Spool:
    """A growing file without a name; gone with the object."""

    _pending: bytearray = field(default_factory=bytearray)
    _file: SpooledTemporaryFile[bytes] = field(
        default_factory=lambda: SpooledTemporaryFile(_IN_MEMORY)  # noqa: SIM115 - closed by `finalize`
    )
    end: int = 0

    def __post_init__(self) -> None:
        weakref.finalize(self, self._file.close)

    def append(self, data: bytes) -> None:
        """Write at the end."""
        self._pending += data
        self.end += len(data)
        if len(self._pending) >= _BUFFER:
            self._flush()

    def blocks(self, size: int) -> Iterator[bytes]:
        """Yield all that was written, `size` bytes at a time."""
        self._flush()
        for start in range(0, self.end, size):
            yield self.read(start, size)

    def read(self, offset: int, size: int) -> bytes:
        """Return what was written at `offset`."""
        if self._pending:
            self._flush()
        self._file.seek(offset)
        return self._file.read(size)

    def _flush(self) -> None:
        self._file.seek(0, SEEK_END)
        self._file.write(self._pending)
        self._pending.clear()
