"""Files that commands write: opened with a sentence when that fails, and never over what is read.

Lives here: opening, replacing whole files, and keeping what is read and what is written apart. Not
here: what is written (`bot.report`, `bot.archive.convert`).
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from bot.errors import UserError

_USUAL, _PRIVATE = 0o666, 0o600


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
    with _opened(path, path, _USUAL) as file:
        yield file


def _opened(path: Path, shown: Path, mode: int) -> TextIO:
    """Open `path` for writing, readable for whom `mode` says; errors speak of `shown`."""
    try:
        # Line ends are the writers' own business; a lone surrogate must not stop a report.
        return open(
            path,
            "w",
            encoding="utf-8",
            newline="",
            errors="backslashreplace",
            opener=lambda name, flags: os.open(name, flags, mode),
        )
    except OSError as error:
        raise _refused(shown, error) from None


@contextmanager
def replacing(path: Path, *, private: bool = False) -> Iterator[TextIO]:
    """Write a file whole or not at all: what stood there stays until all is written.

    `private` lets nobody but the owner read it.
    """
    if path.exists() and not path.is_file():
        with writable(path) as file:  # A pipe or a device is no file to be replaced.
            yield file
        return
    target = path.resolve()
    part = target.with_name(f".{target.name}.{secrets.token_hex(4)}.part")
    try:
        with _opened(part, path, _PRIVATE if private else _USUAL) as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        part.replace(target)
    except BrokenPipeError:
        raise  # Of another file, which somebody stopped reading.
    except OSError as error:
        raise _refused(path, error) from None
    finally:
        part.unlink(missing_ok=True)


def _refused(path: Path, error: OSError) -> UserError:
    return UserError(
        f"cannot write {path}: {error.strerror}", hint="name a file in a folder that you own"
    )
