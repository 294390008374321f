"""Bodies of requests, read within bounds, and JSON without surprises.

Lives here: size, time, gzip, and what JSON may not hold. Not here: what a request means.
"""

from __future__ import annotations

import asyncio
import json
import math
import zlib
from typing import NoReturn

from aiohttp import web

from bot.web.context import CONTEXT
from bot.web.endpoint import ApiError
from bot.web.settings import Limits

_BODY = web.RequestKey("body", bytes)
_GZIP = 31
"""zlib's number for a gzip header and trailer."""


async def read_body(request: web.Request) -> bytes:
    """Return the body, inflated; raise `ApiError` when it is too large, too slow or broken.

    It may be asked for again.
    """
    if _BODY not in request:
        limits = request.app[CONTEXT].settings.limits
        raw = await _received(request, limits)
        request[_BODY] = _inflated(raw, request.headers.get("Content-Encoding", ""), limits)
    return request[_BODY]


async def read_json(request: web.Request) -> object:
    """Return the body as JSON; raise `ApiError` when it is none, or holds what JSON may not.

    Refused are bad UTF-8, lone surrogates, NaN and infinities, a key twice in one object, and what
    is nested too deep. Numbers are finite, strings are well-formed.
    """
    kind = request.content_type
    # Without the header, aiohttp says this kind.
    if kind not in {"application/json", "application/octet-stream"} and not kind.endswith("+json"):
        raise ApiError(
            415, "unsupported_media_type", "send JSON, and say so: Content-Type: application/json"
        )
    return parse_json(await read_body(request), request.app[CONTEXT].settings.limits.json_depth)


def parse_json(body: bytes, depth: int) -> object:
    """Return JSON as Python values; raise `ApiError` as `read_json` does."""
    try:
        value = json.loads(
            body.decode("utf-8"), parse_constant=_no_constant, object_pairs_hook=_object
        )
    except UnicodeDecodeError:
        raise _bad("the body is not UTF-8") from None
    except json.JSONDecodeError as error:
        raise _bad(f"line {error.lineno}, column {error.colno}: {error.msg}") from None
    except RecursionError:
        raise _too_deep(depth) from None
    except ValueError:
        raise _bad("a number has too many digits") from None
    _check(value, depth)
    return value


async def _received(request: web.Request, limits: Limits) -> bytes:
    if (request.content_length or 0) > limits.body_bytes:
        raise _too_large(limits)
    received = bytearray()
    try:
        async with asyncio.timeout(limits.body_seconds):
            while chunk := await request.content.readany():
                received += chunk
                if len(received) > limits.body_bytes:
                    raise _too_large(limits)
    except TimeoutError:
        raise ApiError(408, "too_slow", "the body did not come in time") from None
    except (web.RequestPayloadError, ValueError):
        raise _bad("the body is not framed as its headers say") from None
    return bytes(received)


def _inflated(raw: bytes, encoding: str, limits: Limits) -> bytes:
    if encoding in {"", "identity"}:
        return raw
    if encoding != "gzip":
        raise ApiError(415, "unsupported_encoding", "bodies may be gzip, or plain")
    inflater = zlib.decompressobj(_GZIP)
    try:
        body = inflater.decompress(raw, limits.body_bytes + 1)
    except zlib.error:
        raise _bad("the body is not gzip") from None
    if len(body) > limits.body_bytes:
        raise _too_large(limits)
    if not inflater.eof or inflater.unused_data:
        raise _bad("the gzip body ends too early, or something follows it")
    return body


def _check(value: object, depth: int) -> None:
    """Refuse what is nested deeper than `depth`, numbers without end, and lone surrogates."""
    waiting = [(value, 1)]
    while waiting:
        each, level = waiting.pop()
        if level > depth:
            raise _too_deep(depth)
        if isinstance(each, dict):
            waiting += [(inner, level + 1) for pair in each.items() for inner in pair]
        elif isinstance(each, list):
            waiting += [(inner, level + 1) for inner in each]
        elif isinstance(each, float) and not math.isfinite(each):
            raise _bad("a number is too large")
        elif isinstance(each, str) and not _well_formed(each):
            raise _bad("a string holds half a surrogate pair")


def _well_formed(text: str) -> bool:
    if text.isascii():
        return True
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _object(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise _bad("an object has the same key twice")
    return found


def _no_constant(_: str) -> NoReturn:
    raise _bad("NaN and infinities are no JSON")


def _bad(message: str) -> ApiError:
    return ApiError(400, "bad_request", message)


def _too_large(limits: Limits) -> ApiError:
    return ApiError(413, "too_large", f"a body may have {limits.body_bytes:,} bytes")


def _too_deep(depth: int) -> ApiError:
    return ApiError(400, "too_deep", f"JSON may be nested {depth} deep")
