"""What every handler says of itself: whom it admits, how its errors look, what it takes and gives.

Lives here: `endpoint`, the decorator of all handlers, and `ApiError`, what they raise. Not here:
checking keys (`bot.web.auth`) and writing errors (`bot.web.middleware`).
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field

from aiohttp import web

from bot.errors import GavelError
from bot.web.scopes import Scope

__all__ = ["ApiError", "Endpoint", "Handler", "Scope", "Shape", "endpoint", "endpoint_of"]


class ApiError(GavelError):
    """What a client is told instead of an answer: it never holds a token or a comment's text."""

    def __init__(
        self,
        status: int,
        code: str,
        message: str,
        *,
        field: str = "",
        retry_after: float | None = None,
    ) -> None:
        """Take the HTTP status, a code for machines, and a sentence; `field` names the culprit."""
        self.status = status
        self.code = code
        self.message = message
        self.field = field
        self.retry_after = retry_after
        super().__init__(message)


Shape = Callable[[ApiError], web.Response]
"""Writes an error the way that an endpoint's clients know."""

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass(frozen=True, slots=True)
class Endpoint:
    """What a handler says of itself; `operation` is its part of the OpenAPI document."""

    scope: Scope | None
    query_key: str = ""
    header_key: str = ""
    shape: Shape | None = None
    operation: Mapping[str, object] = field(default_factory=dict)


def endpoint(
    scope: Scope | None,
    *,
    query_key: str = "",
    header_key: str = "",
    shape: Shape | None = None,
    operation: Mapping[str, object] | None = None,
) -> Callable[[Handler], Handler]:
    """Describe a handler.

    `scope` is what the caller's key must allow, sent as `Authorization: Bearer`; `query_key` and
    `header_key` name a query parameter and a header that may hold the key instead. With `scope`
    `None` anyone is admitted, and the handler may ask `bot.web.auth.identify` itself. `shape`
    writes errors, all of them, in the way of the endpoint's clients. `operation` is an OpenAPI
    operation object; without one the endpoint stays out of the document.
    """

    def mark(handler: Handler) -> Handler:
        handler.gavel = Endpoint(scope, query_key, header_key, shape, operation or {})  # type: ignore[attr-defined]  # functions carry attributes
        return handler

    return mark


def endpoint_of(handler: object) -> Endpoint | None:
    """Return what a handler says of itself; `None` for one that says nothing."""
    found = getattr(handler, "gavel", None)
    return found if isinstance(found, Endpoint) else None
