"""One running bot a store: two would post every card twice.

Lives here: a lock that ends with its process, however that ends.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bot.errors import UserError


@contextmanager
def alone(store: Path) -> Iterator[None]:
    """Hold the lock beside a store; raise `UserError` when another process holds it."""
    path = store.with_name(f"{store.name}.lock")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise UserError(f"cannot write beside the store: {path}: {error.strerror}") from None
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(handle)
        raise UserError(
            f"another Gavel already runs on the store {store}",
            hint="stop it first, or give this one another folder in `store: folder:`",
        ) from None
    try:
        yield
    finally:
        os.close(handle)
