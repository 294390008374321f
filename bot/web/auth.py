"""Who calls: a key in a header, or a signature over the request.

Lives here: telling callers apart and what they may do, and that no signature counts twice. Not here:
what keys look like (`bot.web.keys`), and which endpoint asks for which scope (`bot.web.endpoint`).
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from aiohttp import web

from bot.ports import ApiKey, Clock, KeyStore
from bot.review import Moderator
from bot.web.endpoint import ApiError, Scope
from bot.web.keys import opens, prefix_of
from bot.web.settings import MODERATOR_ROLE, Signer

SIGNER, TIMESTAMP, SIGNATURE = "X-Gavel-Signer", "X-Gavel-Timestamp", "X-Gavel-Signature"

WINDOW = timedelta(minutes=5)
"""How far a signature's time may lie from ours."""

FRESH_FOR = timedelta(seconds=2)
"""How long keys are known before they are read again: a revoked key works no longer than this."""

_MOST_SEEN = 200_000
_SECONDS = re.compile(r"[0-9]{1,12}(\.[0-9]{1,6})?")


@dataclass(frozen=True, slots=True)
class Caller:
    """Who called, by the name of their key or signature."""

    name: str
    scopes: frozenset[str]

    @property
    def moderator(self) -> Moderator:
        """The moderator that they are, when they may decide."""
        return Moderator(f"key:{self.name}", frozenset({MODERATOR_ROLE}))

    def needs(self, scope: Scope) -> None:
        """Raise `ApiError` unless the caller may do this."""
        if scope not in self.scopes:
            raise ApiError(
                403,
                "forbidden",
                f'this key does not have the scope "{scope}";'
                f" gavel key create NAME --scope {scope} makes one that has",
            )


CALLER = web.RequestKey("caller", Caller)


@dataclass(slots=True)
class Guard:
    """Knows keys and signers."""

    keys: KeyStore
    clock: Clock
    signers: Iterable[Signer] = ()
    _known: dict[str, ApiKey] = field(default_factory=dict)
    _read_at: datetime | None = None
    _seen: dict[str, datetime] = field(default_factory=dict)
    _started_at: datetime = field(init=False)
    _signers: dict[str, Signer] = field(init=False)

    def __post_init__(self) -> None:
        """Remember the start: signatures from before it may have been seen by another process."""
        self._started_at = self.clock.now()
        self._signers = {each.name: each for each in self.signers}

    async def by_key(self, token: str) -> Caller:
        """Return whose key this is; raise `ApiError` when it is nobody's."""
        prefix = prefix_of(token)
        key = await self._find(prefix) if prefix else None
        if key is None or not opens(key, token):
            raise unauthorised("the key is not known, or it was revoked")
        return Caller(key.name, key.scopes)

    def by_signature(self, request: web.BaseRequest, body: bytes) -> Caller:
        """Return who signed a request; raise `ApiError` for what is wrong, late or a repetition."""
        signer = self._signers.get(request.headers[SIGNER])
        stamp = request.headers.get(TIMESTAMP, "")
        given = request.headers.get(SIGNATURE, "")
        wanted = sign(signer.secret if signer else "", stamp, request.method, request.path_qs, body)
        if not hmac.compare_digest(given.encode(), wanted.encode()) or signer is None:
            raise unauthorised("the signature is not right")
        self._once(wanted, self._time(stamp))
        return Caller(f"signer:{signer.name}", signer.scopes)

    async def _find(self, prefix: str) -> ApiKey | None:
        now = self.clock.now()
        fresh = self._read_at is not None and timedelta() <= now - self._read_at < FRESH_FOR
        # A key that was made a moment ago works at once.
        if not fresh or prefix not in self._known:
            self._known = {key.prefix: key for key in await self.keys.keys()}
            self._read_at = now
        return self._known.get(prefix)

    def _time(self, stamp: str) -> datetime:
        if not _SECONDS.fullmatch(stamp):
            raise unauthorised(f"{TIMESTAMP} must hold seconds since 1970")
        try:
            at = datetime.fromtimestamp(float(stamp), self._started_at.tzinfo)
        except (ValueError, OSError, OverflowError):
            raise unauthorised(f"{TIMESTAMP} lies too far away") from None
        now = self.clock.now()
        if not max(now - WINDOW, self._started_at - timedelta(seconds=1)) <= at <= now + WINDOW:
            raise unauthorised(f"{TIMESTAMP} is not the time of now; is the clock right?")
        return at

    def _once(self, signature: str, at: datetime) -> None:
        oldest = self.clock.now() - WINDOW
        # Insertion is roughly the order of time: what is out of the window stands in front.
        while self._seen and next(iter(self._seen.values())) < oldest:
            del self._seen[next(iter(self._seen))]
        if signature in self._seen:
            raise unauthorised("this very request was made before")
        if len(self._seen) >= _MOST_SEEN:
            raise ApiError(429, "too_many_signatures", "too many signed requests", retry_after=60)
        self._seen[signature] = at


def caller(request: web.Request) -> Caller:
    """Return who called an endpoint that has a scope."""
    return request[CALLER]


def sign(secret: str, stamp: str, method: str, path: str, body: bytes) -> str:
    """Return the signature of a request; `path` with its query, as sent."""
    signed = f"{stamp}.{method}.{path}.".encode() + body
    return "v1=" + hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()


def unauthorised(message: str) -> ApiError:
    """Return the error of a caller who is nobody."""
    return ApiError(401, "unauthorised", message)
