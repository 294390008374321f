"""What happens around every handler: who calls, how often, what becomes of errors, what is counted.

Lives here: the one middleware, and the form of errors. Nothing that a client sent, and no trace of
our code, goes into an error or a log. Not here: what the checks are (`bot.web.auth`, `limits`).
"""

from __future__ import annotations

import logging
import time
import traceback

from aiohttp import web

from bot.errors import BusyError, GavelError, ScoringError, StoreError
from bot.review import RefusedError
from bot.web.auth import CALLER, SIGNER, Caller, unauthorised
from bot.web.body import read_body
from bot.web.context import CONTEXT, Context
from bot.web.endpoint import ApiError, Endpoint, Handler, endpoint_of
from bot.web.limits import retry_after

_LOG = logging.getLogger(__name__)

_NAMES = {404: "not_found", 405: "method_not_allowed", 413: "too_large", 417: "bad_expectation"}
_CLOSING = {408, 413}
_PAUSE = 5.0
_BEARER = "Bearer "
_NO_ENDPOINT = Endpoint(scope=None)
_ALLOWED_HEADERS = "Authorization, Content-Type, Idempotency-Key"


@web.middleware
async def around(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Admit the caller, call the handler, write errors, count, and add headers."""
    context = request.app[CONTEXT]
    start = time.perf_counter()
    response = _preflight(request, context) or await _answer(request, handler)
    _add_headers(request, response, context)
    seconds = time.perf_counter() - start
    context.metrics.answered(route_of(request), request.method, response.status, seconds)
    return response


async def _answer(request: web.Request, handler: Handler) -> web.StreamResponse:
    said = endpoint_of(request.match_info.handler) or _NO_ENDPOINT
    try:
        await admit(request, said)
        return await handler(request)
    except web.HTTPException as error:
        response = _shaped(said, _of_http(error))
        if "Allow" in error.headers:
            response.headers["Allow"] = error.headers["Allow"]
        return response
    except ConnectionError:
        raise
    except Exception as error:  # noqa: BLE001 - whatever it was, the client is told nothing of it
        return _shaped(said, of_exception(error))


def charge(request: web.Request, count: int) -> None:
    """Count a request as `count` of them; raise `ApiError` when the caller has too many."""
    context, name = request.app[CONTEXT], request[CALLER].name
    if wait := context.rates.take(name, count):
        raise ApiError(429, "rate_limited", "this key asks too often", retry_after=wait)


def error_body(error: ApiError) -> dict[str, object]:
    """Return the JSON-ready form of an error."""
    told = {"code": error.code, "message": error.message}
    return {"error": told | ({"field": error.field} if error.field else {})}


def of_exception(error: Exception) -> ApiError:
    """Return what a client is told of an exception."""
    if isinstance(error, ApiError):
        return error
    if isinstance(error, BusyError):
        return ApiError(429, "busy", str(error), retry_after=error.retry_after)
    if isinstance(error, RefusedError):
        return ApiError(409, "refused", str(error))
    if isinstance(error, GavelError):
        return ApiError(503, *_failure(error), retry_after=_PAUSE)
    where = traceback.extract_tb(error.__traceback__)[-1]
    _LOG.error("%s at %s:%s", type(error).__name__, where.filename, where.lineno)
    return ApiError(500, "bug", "this is a bug in Gavel, not your mistake")


def _failure(error: GavelError) -> tuple[str, str]:
    if isinstance(error, ScoringError):
        return "model_unavailable", "the model does not answer"
    if isinstance(error, StoreError):
        return "store_unavailable", "the store does not answer"
    return "unavailable", "this cannot be done now"


def route_of(request: web.Request) -> str:
    """Return the pattern that a request's path matched."""
    resource = request.match_info.route.resource
    return resource.canonical if resource else "unmatched"


async def admit(request: web.Request, said: Endpoint) -> None:
    """Find out who calls, and let them in; raise `ApiError` when they may not."""
    if said.scope is None:
        return
    request[CALLER] = found = await _caller(request, request.app[CONTEXT], said)
    found.needs(said.scope)
    charge(request, 1)


async def _caller(request: web.Request, context: Context, said: Endpoint) -> Caller:
    if SIGNER in request.headers:
        return context.guard.by_signature(request, await read_body(request))
    given = request.headers.get("Authorization", "")
    if given.startswith(_BEARER):
        return await context.guard.by_key(given.removeprefix(_BEARER))
    if said.header_key and (token := request.headers.get(said.header_key)):
        return await context.guard.by_key(token)
    if said.query_key and (token := request.query.get(said.query_key)):
        return await context.guard.by_key(token)
    raise unauthorised("send a key of `gavel key create`, as `Authorization: Bearer KEY`")


def _of_http(error: web.HTTPException) -> ApiError:
    name = _NAMES.get(error.status, "bad_request")
    return ApiError(error.status, name, _message(error))


def _message(error: web.HTTPException) -> str:
    if isinstance(error, web.HTTPNotFound):
        return "nothing is at this address; GET /openapi.json tells what is where"
    if isinstance(error, web.HTTPMethodNotAllowed):
        return f"this address answers {', '.join(sorted(error.allowed_methods))}"
    return error.reason


def _shaped(said: Endpoint, error: ApiError) -> web.Response:
    response = said.shape(error) if said.shape else web.json_response(error_body(error))
    if said.shape is None:
        response.set_status(error.status)
    if error.retry_after is not None:
        response.headers["Retry-After"] = retry_after(error.retry_after)
    if error.status == web.HTTPUnauthorized.status_code:
        response.headers["WWW-Authenticate"] = "Bearer"
    if error.status in _CLOSING:
        # The rest of the body is not waited for.
        response.force_close()
    return response


def _preflight(request: web.Request, context: Context) -> web.Response | None:
    """Answer a browser that asks whether another site's page may call."""
    asked = request.headers.get("Access-Control-Request-Method")
    if request.method != "OPTIONS" or not asked or not _foreign(request, context):
        return None
    headers = {
        "Access-Control-Allow-Methods": "GET, POST",
        "Access-Control-Allow-Headers": _ALLOWED_HEADERS,
        "Access-Control-Max-Age": "600",
    }
    return web.Response(status=204, headers=headers)


def _foreign(request: web.Request, context: Context) -> bool:
    return request.headers.get("Origin") in context.settings.cors_origins


def _add_headers(request: web.Request, response: web.StreamResponse, context: Context) -> None:
    response.headers.setdefault("Cache-Control", "no-store")
    response.headers["Server"] = "gavel"
    response.headers["X-Content-Type-Options"] = "nosniff"
    if context.settings.cors_origins:
        response.headers["Vary"] = "Origin"
    if _foreign(request, context):
        response.headers["Access-Control-Allow-Origin"] = request.headers["Origin"]
