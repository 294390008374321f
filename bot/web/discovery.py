"""The document by which Google's own client libraries find Perspective's methods here.

Lives here: the document, written for the address under which it was asked for. Not here: the
methods (`bot.web.perspective`). It names only what is answered.
"""

from __future__ import annotations

from aiohttp import web

from bot.web.context import CONTEXT
from bot.web.endpoint import ApiError, endpoint
from bot.web.perspective.errors import shape
from bot.web.services import WebServices

VERSION = "v1alpha1"

Schema = dict[str, object]

_STRING: Schema = {"type": "string"}
_BOOLEAN: Schema = {"type": "boolean"}
_FLOAT: Schema = {"type": "number", "format": "float"}
_INT: Schema = {"type": "integer", "format": "int32"}
_TEXT_TYPE: Schema = {"type": "string", "enum": ["TEXT_TYPE_UNSPECIFIED", "PLAIN_TEXT", "HTML"]}
_SCORE_TYPE: Schema = {
    "type": "string",
    "enum": ["SCORE_TYPE_UNSPECIFIED", "PROBABILITY", "STD_DEV_SCORE", "PERCENTILE", "RAW"],
}


def routes(services: WebServices) -> list[web.RouteDef]:
    """Return the route of the document; anyone may read it."""
    del services  # the document is the same, whoever answers

    @endpoint(None, shape=shape)
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
        "schemas": {name: {"id": name, **schema} for name, schema in _SCHEMAS.items()},
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


def _object(**properties: Schema) -> Schema:
    return {"type": "object", "properties": properties}


def _ref(name: str) -> Schema:
    return {"$ref": name}


def _list(items: Schema) -> Schema:
    return {"type": "array", "items": items}


def _map(values: Schema) -> Schema:
    return {"type": "object", "additionalProperties": values}


_PARAMETERS: Schema = {
    "key": {**_STRING, "location": "query", "description": "A key of `gavel key create`."},
    "alt": {**_STRING, "location": "query", "enum": ["json"], "default": "json"},
    "prettyPrint": {**_BOOLEAN, "location": "query", "default": "true"},
}

_COMMON = {
    "comment": _ref("TextEntry"),
    "context": _ref("Context"),
    "languages": _list(_STRING),
    "clientToken": _STRING,
    "communityId": _STRING,
    "sessionId": _STRING,
}

_SCHEMAS: dict[str, Schema] = {
    "TextEntry": _object(text=_STRING, type=_TEXT_TYPE),
    "Context": _object(
        entries=_list(_ref("TextEntry")), articleAndParentComment=_ref("ArticleAndParentComment")
    ),
    "ArticleAndParentComment": _object(article=_ref("TextEntry"), parentComment=_ref("TextEntry")),
    "AttributeParameters": _object(scoreType=_SCORE_TYPE, scoreThreshold=_FLOAT),
    "Score": _object(value=_FLOAT, type=_SCORE_TYPE),
    "SpanScore": _object(begin=_INT, end=_INT, score=_ref("Score")),
    "AttributeScores": _object(summaryScore=_ref("Score"), spanScores=_list(_ref("SpanScore"))),
    "AnalyzeCommentRequest": _object(
        **_COMMON,
        requestedAttributes=_map(_ref("AttributeParameters")),
        spanAnnotations=_BOOLEAN,
        doNotStore=_BOOLEAN,
        dropUnsupportedAttributes=_BOOLEAN,
    ),
    "AnalyzeCommentResponse": _object(
        attributeScores=_map(_ref("AttributeScores")),
        languages=_list(_STRING),
        detectedLanguages=_list(_STRING),
        clientToken=_STRING,
    ),
    "SuggestCommentScoreRequest": _object(**_COMMON, attributeScores=_map(_ref("AttributeScores"))),
    "SuggestCommentScoreResponse": _object(
        clientToken=_STRING,
        detectedLanguages=_list(_STRING),
        requestedLanguages=_list(_STRING),
    ),
}
