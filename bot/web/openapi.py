"""The OpenAPI document, made of what the handlers say of themselves.

Lives here: the parts of an operation, the document, and `/openapi.json`. Not here: the shapes
(`bot.web.schema`, `bot.web.records`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

from aiohttp import web

from bot import __version__
from bot.web.auth import SIGNATURE, SIGNER, TIMESTAMP
from bot.web.endpoint import Endpoint, Scope, endpoint, endpoint_of
from bot.web.records import COMPONENTS, ref
from bot.web.schema import Kind, Schema

_OF_STATUS = {
    "4XX": "What is wrong with the request.",
    "5XX": "What failed, though the request was right.",
}
_ABOUT = (
    "Comments in, verdicts out, on your own machine. Times are ISO 8601 with a zone; offsets are"
    " code points, end exclusive. Keys never change their meaning; new ones may be added."
)


def operation(
    summary: str,
    answers: Mapping[int, Schema],
    *,
    about: str = "",
    body: Kind | None = None,
    parameters: Sequence[Schema] = (),
) -> Schema:
    """Return an operation; `answers` gives a schema of JSON for each status."""
    told: Schema = {
        "summary": summary,
        "description": about,
        "parameters": list(parameters),
        "responses": {
            **{str(status): _answer(schema) for status, schema in answers.items()},
            **{status: _answer(ref("Error"), about) for status, about in _OF_STATUS.items()},
        },
    }
    if body is not None:
        told["requestBody"] = {"required": True, **content(body.schema())}
    return told


def compatible(
    summary: str,
    answers: Mapping[str, Schema],
    *,
    about: str,
    body: Schema | None = None,
    secured_by: Sequence[str] = (),
) -> Schema:
    """Return an operation of which others published the form; `answers` and `body` are `content`s.

    `secured_by` names security schemes where the endpoint itself admits its callers.
    """
    told: Schema = {
        "summary": summary,
        "description": about,
        "responses": {
            status: {"description": _OF_STATUS.get(status, "Done."), **said}
            for status, said in answers.items()
        },
    }
    if body is not None:
        told["requestBody"] = {"required": True, **body}
    if secured_by:
        told["security"] = [_secured(name) for name in secured_by]
    return told


def content(schema: Schema, kind: str = "application/json") -> Schema:
    """Return the content of a body of one media type."""
    return {"content": {kind: {"schema": schema}}}


def header(name: str, about: str, schema: Schema) -> Schema:
    """Return a parameter that is a header."""
    return {"name": name, "in": "header", "description": about, "schema": schema}


def in_path(name: str, about: str) -> Schema:
    """Return a parameter that is a part of the path."""
    return {
        "name": name,
        "in": "path",
        "required": True,
        "description": about,
        "schema": {"type": "string"},
    }


def document(routes: Iterable[web.RouteDef], base: str) -> Schema:
    """Return the document of all routes that say what they do."""
    paths: dict[str, dict[str, object]] = {}
    for route in routes:
        said = endpoint_of(route.handler)
        if said is None or not said.operation:
            continue
        security = [_secured(name) for name in _admitting(said)]
        told = {"security": security, **said.operation, "operationId": _name(route)}
        if said.scope:
            told["description"] = f"{told['description']} Scope: `{said.scope}`.".strip()
        paths.setdefault(route.path, {})[route.method.lower()] = told
    return {
        "openapi": "3.1.0",
        "info": {"title": "Gavel", "version": __version__, "description": _ABOUT},
        "servers": [{"url": base or "/"}],
        "paths": paths,
        "components": {"schemas": COMPONENTS, "securitySchemes": _SCHEMES},
    }


def served(routes: Sequence[web.RouteDef], base: str) -> web.RouteDef:
    """Return the endpoint that serves the document of `routes`."""
    told = document(routes, base)

    @endpoint(scope=None)
    async def openapi(_: web.Request) -> web.Response:
        return web.json_response(told)

    return web.get("/openapi.json", openapi)


_SCHEMES: dict[str, Schema] = {
    "key": {
        "type": "http",
        "scheme": "bearer",
        "description": f"A key of `gavel key create`; scopes: {', '.join(Scope)}.",
    },
    "signature": {
        "type": "apiKey",
        "in": "header",
        "name": SIGNATURE,
        "description": (
            f"`v1=` and the hexadecimal HMAC-SHA256 of `TIMESTAMP.METHOD.PATH.BODY`, with {SIGNER}"
            f" and {TIMESTAMP} (seconds since 1970) beside it. No signature counts twice."
        ),
    },
    "query": {
        "type": "apiKey",
        "in": "query",
        "name": "key",
        "description": "A key of `gavel key create`, as clients of Google's APIs send theirs.",
    },
    "google": {
        "type": "apiKey",
        "in": "header",
        "name": "X-Goog-Api-Key",
        "description": "A key of `gavel key create`, as clients of Google's APIs send theirs.",
    },
    "coral": {
        "type": "apiKey",
        "in": "header",
        "name": "X-Coral-Signature",
        "description": "`sha256=` and the hexadecimal HMAC-SHA256 of the body by Coral's secret.",
    },
}


def _admitting(said: Endpoint) -> list[str]:
    """Return the security schemes of which one is wanted."""
    if said.scope is None:
        return []
    ways = {"key": True, "signature": True, "query": said.query_key, "google": said.header_key}
    return [name for name, known in ways.items() if known]


def _secured(scheme: str) -> Schema:
    return {scheme: []}


def _answer(schema: Schema, about: str = "Done.") -> Schema:
    return {"description": about, **content(schema)}


def _name(route: web.RouteDef) -> str:
    words = [part.strip("{}") for part in route.path.split("/") if part]
    return re.sub(r"\W", "_", "_".join([route.method.lower(), *words]))
