"""Files that commands write: opened with a sentence when that fails, and never over what is read.

Lives here: opening, and keeping what is read and what is written apart. Not here: what is written
(`bot.report`, `bot.archive.convert`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from bot.errors import UserError


def keep_apart(read: Iterable[Path | None], written: Iterable[Path | None]) -> None:
    """Raise `UserError` when a file would be written over one that is read, or written twice.

    Opening a file for writing empties it: this must be asked before any is opened.
    """
    taken = {path.resolve(): "read" for path in read if path is not None}
    for path in written:
        if path is None or (path.exists() and not path.is_file()):
            continue  # Nothing is lost in /dev/null or a pipe.
        if use := taken.get(path.resolve()):
            raise UserError(f"{path} is itself {use}", hint="name another file to write to")
        taken[path.resolve()] = "written already"


@contextmanager
def writable(path: Path) -> Iterator[TextIO]:
    """Open `path` for writing; say what to do when that is not possible."""
    try:
        # Line ends are the writers' own business; a lone surrogate must not stop a report.
        file = path.open("w", encoding="utf-8", newline="", errors="backslashreplace")
    except OSError as error:
        raise UserError(
            f"cannot write {path}: {error.strerror}", hint="name a file in a folder that you own"
        ) from None
    with file:
        yield file
