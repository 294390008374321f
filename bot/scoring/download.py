"""Files from an address: with progress, resumed where they broke off, tried again.

Lives here: HTTP and nothing of models. Not here: which files (`bot.scoring.install`). This is the
only part of Gavel's scoring that ever opens a connection, and only when asked to install.
"""

from __future__ import annotations

import http.client
import logging
import ssl
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path

from bot import __version__
from bot.errors import Problem, UserError

Progress = Callable[[str, int, int | None], None]
"""Told what is under way (a file's name, or a step of the installation), how many bytes of it are
there, and how many there will be where known."""

_LOG = logging.getLogger(__name__)

_TRIES = 5
_WORTH_A_TRY = 1 << 20
"""Bytes; a try that brought so many was none in vain, and is not counted."""

_CHUNK = 1 << 18
_TIMEOUT_SECONDS = 30.0
_GONE = (401, 403, 404, 410)
_RANGE_REFUSED = 416
_PARTIAL = 206
_CHECK = "check the address; `--from` takes a mirror or a folder with the files"
_CONNECTION_ERRORS = (
    urllib.error.URLError,
    http.client.HTTPException,
    ssl.SSLError,
    TimeoutError,
    ConnectionError,
)


class NotThereError(UserError):
    """The server answers, and has no such file for us."""


class _BrokenOffError(Exception):
    """The connection failed in a way that another try may mend."""


def is_address(origin: str) -> bool:
    """Tell an address from a path."""
    return origin.startswith(("http://", "https://"))


def download(
    address: str, target: Path, progress: Progress, pause: Callable[[float], None] = time.sleep
) -> None:
    """Download to `target`; what arrived of it before is kept in `target`.part and continued.

    Raise `NotThereError` when the server has no such file, and `UserError` when five tries in a row
    bring next to nothing of it.
    """
    part = target.with_name(target.name + ".part")
    in_vain = 0
    while True:
        before = _size(part)
        try:
            _continue(address, part, progress)
        except _BrokenOffError as error:
            in_vain = 1 if _size(part) - before >= _WORTH_A_TRY else in_vain + 1
            if in_vain == _TRIES:
                raise _gave_up(address, str(error), _size(part)) from None
            seconds = 2.0 ** (in_vain - 1)
            _LOG.warning("%s: %s; trying again in %.0f s", target.name, error, seconds)
            pause(seconds)
        else:
            part.replace(target)
            return


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0


def _gave_up(address: str, reason: str, kept: int) -> UserError:
    if kept:
        told = f"{_TRIES} tries; {kept:,} bytes are kept"
        hint = "run the command again to continue"
    else:
        told = f"{_TRIES} tries"
        hint = "is this machine online? `--from` takes a mirror, or a folder with the files"
    return UserError(_problem(address, f"{reason} ({told})", hint))


def _continue(address: str, part: Path, progress: Progress) -> None:
    have = _size(part)
    headers = {"User-Agent": f"gavel/{__version__}"}
    if have:
        headers["Range"] = f"bytes={have}-"
    try:
        request = urllib.request.Request(address, headers=headers)  # noqa: S310 - `is_address` was asked
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
    except (http.client.InvalidURL, ValueError) as error:
        raise UserError(_problem(address, f"it is no address ({error})", _CHECK)) from None
    except _CONNECTION_ERRORS as error:
        raise _BrokenOffError(_in_words(error)) from None
    except OSError as error:
        # What is left is the disk.
        raise UserError(
            f"cannot write {part}: {error.strerror}",
            hint="make room and run the command again; what has arrived is kept",
        ) from None


def _explain(address: str, part: Path, error: urllib.error.HTTPError) -> None:
    answer = f"the server answers {error.code} {error.reason}"
    if error.code in _GONE:
        raise NotThereError(_problem(address, answer, _CHECK)) from None
    if error.code == _RANGE_REFUSED:
        # What we have does not fit what the server has: start over.
        part.unlink(missing_ok=True)
    raise _BrokenOffError(answer) from None


def _in_words(error: Exception) -> str:
    """Return the reason without numbers and class names, where the system gives one."""
    reason = getattr(error, "reason", None) or error
    return str(getattr(reason, "strerror", None) or reason) or "no answer"


def _problem(address: str, reason: str, hint: str) -> Problem:
    return Problem("model.download", f"cannot download {address}: {reason}", hint=hint)
