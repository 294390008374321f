"""How the HTTP edge is set: where it listens, what it bears, whom it tells.

Lives here: frozen values. Not here: `config.yaml` (`bot.config`), nor where secrets come from.
"""

from __future__ import annotations

from dataclasses import dataclass, field

SOURCE = "http"
MODERATOR_ROLE = "http.moderator"
"""The role of keys that may decide; `bot.review.DeskSettings.moderator_roles` must hold it."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What one client, and all of them together, may ask for.

    Sizes are bytes, `_seconds` bound how long a client may take. `comments_under_way` and
    `characters_under_way` bound what waits for the model because of HTTP; more is told to come
    back. `per_minute` and `burst` are comments (or requests) of one key. `wait_queue` bounds the
    comments taken by `?wait=0` and not yet screened.
    """

    body_bytes: int = 1024 * 1024
    json_depth: int = 20
    batch: int = 100
    header_seconds: float = 10.0
    body_seconds: float = 8.0
    comments_under_way: int = 256
    characters_under_way: int = 500_000
    per_minute: int = 6_000
    burst: int = 600
    wait_queue: int = 1_000
    stop_seconds: float = 8.0


@dataclass(frozen=True, slots=True)
class Webhook:
    """One address that hears of cases; `secret` is of the form `whsec_` and base64.

    With `every`, it hears of comments over HTTP that made no case as well.
    """

    name: str
    url: str
    secret: str = field(repr=False)
    every: bool = False


@dataclass(frozen=True, slots=True)
class Signer:
    """One who signs requests instead of sending a key; `scopes` as those of keys."""

    name: str
    secret: str = field(repr=False)
    scopes: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class WebSettings:
    """Where the HTTP edge listens and how it behaves; port 0 takes any free one.

    `cors_origins` empty means that browsers of other sites are told nothing. `public_base` is the
    address that others reach it by, as the OpenAPI document shows it. `coral_secrets` are those of
    Coral's external moderation phases; without one, Coral is refused.
    """

    host: str = "127.0.0.1"
    port: int = 8448
    limits: Limits = field(default_factory=Limits)
    cors_origins: frozenset[str] = frozenset()
    public_base: str = ""
    open_metrics: bool = False
    signers: tuple[Signer, ...] = ()
    webhooks: tuple[Webhook, ...] = ()
    coral_secrets: tuple[str, ...] = field(default=(), repr=False)
