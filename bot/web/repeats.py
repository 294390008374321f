"""Requests that come again under the name that their sender gave them.

Lives here: `Idempotency-Key`: one name, one piece of work, one answer. Not here: the work
(`bot.web.comments`).
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from aiohttp import web

from bot.web.endpoint import ApiError

HEADER = "Idempotency-Key"

_FORM = re.compile(r"[!-~]{1,255}")


@dataclass(slots=True)
class Repeats:
    """Knows which named requests are under way."""

    _under_way: set[tuple[str, str]] = field(default_factory=set)

    @contextmanager
    def alone(self, caller: str, name: str) -> Iterator[None]:
        """Hold a name while inside; raise `ApiError` when it is held."""
        if (caller, name) in self._under_way:
            raise ApiError(
                409,
                "in_progress",
                f"a request with this {HEADER} is under way",
                field=HEADER,
                retry_after=1,
            )
        self._under_way.add((caller, name))
        try:
            yield
        finally:
            self._under_way.discard((caller, name))


def name_of(request: web.Request) -> str | None:
    """Return the name of a request; raise `ApiError` for one that cannot be kept."""
    name = request.headers.get(HEADER)
    if name is not None and not _FORM.fullmatch(name):
        raise ApiError(422, "invalid", f"{HEADER} must be 1 to 255 visible letters", field=HEADER)
    return name


def fingerprint(request: web.Request, body: bytes) -> str:
    """Return what tells a request from others of the same name."""
    whole = f"{request.method} {request.path_qs}\n".encode() + body
    return hashlib.sha256(whole).hexdigest()


def comment_id(caller: str, name: str, number: int) -> str:
    """Return the id of a comment that came without one: the same when the request comes again."""
    whole = f"{caller}\0{name}\0{number}".encode()
    return hashlib.blake2b(whole, digest_size=16).hexdigest()
