"""The document by which Google's own client libraries find Perspective's methods here.

Lives here: the document, written for the address under which it was asked for. Not here: the
methods (`bot.web.perspective`). It names only what is answered.
"""

from __future__ import annotations

from aiohttp import web

from bot.web.context import CONTEXT
from bot.web.endpoint import ApiError, endpoint
from bot.web.openapi import compatible, content
from bot.web.perspective.errors import shape
from bot.web.perspective.schemas import ERROR, SCHEMAS, Schema
from bot.web.services import WebServices

VERSION = "v1alpha1"

_PARAMETERS: Schema = {
    "key": {"type": "string", "location": "query", "description": "A key of `gavel key create`."},
    "alt": {"type": "string", "location": "query", "enum": ["json"], "default": "json"},
    "prettyPrint": {"type": "boolean", "location": "query", "default": "true"},
}


def routes(services: WebServices) -> list[web.RouteDef]:
    """Return the route of the document; anyone may read it."""
    del services  # the document is the same, whoever answers

    @endpoint(
        None,
        shape=shape,
        operation=compatible(
            "Describe Perspective's methods to Google's client libraries",
            {"200": content({"type": "object"}), "4XX": content(ERROR), "5XX": content(ERROR)},
            about="The discovery document of the API, for the address under which it is asked.",
        ),
    )
    async def describe(request: web.Request) -> web.Response:
        if request.query.get("version", VERSION) != VERSION:
            raise ApiError(404, "not_found", f"only {VERSION} is served here")
        return web.json_response(document(_root(request)))

    return [web.get("/$discovery/rest", describe)]


def document(root: str) -> dict[str, object]:
    """Return the JSON-ready document for an API at `root`, which ends in a slash."""
    return {
        "kind": "discovery#restDescription",
        "discoveryVersion": "v1",
        "id": f"commentanalyzer:{VERSION}",
        "name": "commentanalyzer",
        "version": VERSION,
        "title": "Perspective Comment Analyzer API, answered by Gavel",
        "description": "Scores comments with the model that runs at this address.",
        "protocol": "rest",
        "rootUrl": root,
        "baseUrl": root,
        "servicePath": "",
        "basePath": "",
        "batchPath": "batch",
        "parameters": _PARAMETERS,
        "resources": {
            "comments": {
                "methods": {
                    "analyze": _method("analyze", "AnalyzeComment", "Scores a comment."),
                    "suggestscore": _method(
                        "suggestscore", "SuggestCommentScore", "Says how a comment should score."
                    ),
                }
            }
        },
        "schemas": {name: {"id": name, **schema} for name, schema in SCHEMAS.items()},
    }


def _root(request: web.Request) -> str:
    """Return the address by which the client came, behind a proxy too."""
    if base := request.app[CONTEXT].settings.public_base:
        return base.rstrip("/") + "/"
    # The document goes back to who sent the header, so it need not be trusted.
    secure = "https" in {request.scheme, request.headers.get("X-Forwarded-Proto")}
    return f"{'https' if secure else 'http'}://{request.host}/"


def _method(name: str, message: str, description: str) -> Schema:
    path = f"{VERSION}/comments:{name}"
    return {
        "id": f"commentanalyzer.comments.{name}",
        "path": path,
        "flatPath": path,
        "httpMethod": "POST",
        "description": description,
        "parameters": {},
        "parameterOrder": [],
        "request": {"$ref": f"{message}Request"},
        "response": {"$ref": f"{message}Response"},
    }
