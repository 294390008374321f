"""Keys as text: how they are made, what is kept of them, and how one is told to be right.

Lives here: pure functions, for the server and for `gavel key`. Not here: where keys are kept
(`bot.store.keys`) and which request needs which (`bot.web.auth`).
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from collections.abc import Iterable
from datetime import datetime

from bot.ports import ApiKey

_FORM = re.compile(r"gavel_([0-9a-f]{12})_[A-Za-z0-9_-]{43}")


def mint(name: str, scopes: Iterable[str], at: datetime) -> tuple[str, ApiKey]:
    """Return a new key, to be shown once, and what is to be kept of it."""
    prefix = secrets.token_hex(6)
    token = f"gavel_{prefix}_{secrets.token_urlsafe(32)}"
    return token, ApiKey(prefix, name, digest(token), frozenset(scopes), at)


def digest(token: str) -> str:
    """Return what is kept of a key: it holds 256 random bits, so a plain hash gives none away."""
    return hashlib.sha256(token.encode()).hexdigest()


def prefix_of(token: str) -> str | None:
    """Return the part of a key by which it is looked up; `None` for what is no key."""
    found = _FORM.fullmatch(token)
    return found.group(1) if found else None


def opens(key: ApiKey, token: str) -> bool:
    """Tell whether a token is the key, in a time that says nothing of how far it was right."""
    return hmac.compare_digest(digest(token), key.digest) and key.revoked_at is None
