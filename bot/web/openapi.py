"""The OpenAPI document, made of what the handlers say of themselves.

Lives here: the parts of an operation, the document, and `/openapi.json`. Not here: the shapes
(`bot.web.schema`, `bot.web.records`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from aiohttp import web

from bot import __version__
from bot.web.auth import SIGNATURE, SIGNER, TIMESTAMP
from bot.web.endpoint import Scope, endpoint, endpoint_of
from bot.web.records import COMPONENTS, ref
from bot.web.schema import Kind, Schema

_NOTHING: tuple[str, ...] = ()
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
            "4XX": _answer(ref("Error"), "What is wrong with the request."),
            "5XX": _answer(ref("Error"), "What failed, though the request was right."),
        },
    }
    if body is not None:
        content = {"application/json": {"schema": body.schema()}}
        told["requestBody"] = {"required": True, "content": content}
    return told


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
        security = [dict.fromkeys([name], _NOTHING) for name in _SCHEMES] if said.scope else []
        told = {**said.operation, "operationId": _name(route), "security": security}
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
}


def _answer(schema: Schema, about: str = "Done.") -> Schema:
    return {"description": about, "content": {"application/json": {"schema": schema}}}


def _name(route: web.RouteDef) -> str:
    words = [part.strip("{}") for part in route.path.split("/") if part]
    return "_".join([route.method.lower(), *words])
