"""Files from an address: with progress, resumed where they broke off, tried again.

Lives here: HTTP and nothing of models. Not here: which files (`bot.scoring.install`). This is the
only part of Gavel's scoring that ever opens a connection, and only when asked to install.
"""

from __future__ import annotations

import http.client
import ssl
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path

from bot import __version__
from bot.errors import Problem, UserError

Progress = Callable[[str, int, int | None], None]
"""Told the file's name, the bytes that are there, and how many there will be where known."""

_TRIES = 5
_CHUNK = 1 << 18
_TIMEOUT_SECONDS = 30.0
_GONE = (401, 403, 404, 410)
_RANGE_REFUSED = 416
_PARTIAL = 206
_CONNECTION_ERRORS = (
    urllib.error.URLError,
    http.client.HTTPException,
    ssl.SSLError,
    TimeoutError,
    ConnectionError,
)


class _BrokenOffError(Exception):
    """The connection failed in a way that another try may mend."""


def is_address(origin: str) -> bool:
    """Tell an address from a path."""
    return origin.startswith(("http://", "https://"))


def download(
    address: str, target: Path, progress: Progress, pause: Callable[[float], None] = time.sleep
) -> None:
    """Download to `target`; what arrived of it before is kept in `target`.part and continued.

    Raise `UserError` when the file is not there, or when it does not arrive in five tries.
    """
    part = target.with_name(target.name + ".part")
    reason = ""
    for attempt in range(_TRIES):
        if attempt:
            pause(2.0 ** (attempt - 1))
        try:
            _continue(address, part, progress)
        except _BrokenOffError as error:
            reason = str(error)
        else:
            part.replace(target)
            return
    kept = f"; {part.stat().st_size:,} bytes are kept" if part.exists() else ""
    raise _failure(address, f"{reason} ({_TRIES} tries{kept})", "run the command again to continue")


def _continue(address: str, part: Path, progress: Progress) -> None:
    have = part.stat().st_size if part.exists() else 0
    headers = {"User-Agent": f"gavel/{__version__}"}
    if have:
        headers["Range"] = f"bytes={have}-"
    request = urllib.request.Request(address, headers=headers)  # noqa: S310 - `is_address` was asked
    try:
        with urllib.request.urlopen(request, timeout=_TIMEOUT_SECONDS) as response:  # noqa: S310 - as above
            # A server that knows no ranges sends everything again.
            have = have if response.status == _PARTIAL else 0
            length = response.headers.get("Content-Length")
            total = have + int(length) if length else None
            with part.open("ab" if have else "wb") as file:
                while chunk := response.read(_CHUNK):
                    file.write(chunk)
                    progress(part.stem, file.tell(), total)
                if total is not None and file.tell() < total:
                    raise _BrokenOffError(f"broke off after {file.tell():,} of {total:,} bytes")
    except urllib.error.HTTPError as error:
        with error:
            _explain(address, part, error)
    except _CONNECTION_ERRORS as error:
        raise _BrokenOffError(str(getattr(error, "reason", "") or error) or "no answer") from None
    except OSError as error:
        # What is left is the disk.
        raise UserError(
            f"cannot write {part}: {error.strerror}",
            hint="make room and run the command again; what has arrived is kept",
        ) from None


def _explain(address: str, part: Path, error: urllib.error.HTTPError) -> None:
    if error.code in _GONE:
        raise _failure(address, f"the server answers {error.code} {error.reason}") from None
    if error.code == _RANGE_REFUSED:
        # What we have does not fit what the server has: start over.
        part.unlink(missing_ok=True)
    raise _BrokenOffError(f"the server answers {error.code} {error.reason}") from None


def _failure(address: str, reason: str, hint: str = "") -> UserError:
    hint = hint or "check the address; `--from` takes a mirror or a folder with the files"
    return UserError(Problem("model.download", f"cannot download {address}: {reason}", hint=hint))
