"""The messages of Perspective's API as schemas, for the documents that describe them.

Lives here: their form, as the discovery document (`bot.web.discovery`) and OpenAPI tell it. Not
here: reading them (`bot.web.perspective.contract`), which knows what is refused, too.
"""

from __future__ import annotations

from typing import Any

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


def _object(**properties: Schema) -> Schema:
    return {"type": "object", "properties": properties}


def _ref(name: str) -> Schema:
    return {"$ref": name}


def _list(items: Schema) -> Schema:
    return {"type": "array", "items": items}


def _map(values: Schema) -> Schema:
    return {"type": "object", "additionalProperties": values}


_COMMON = {
    "comment": _ref("TextEntry"),
    "context": _ref("Context"),
    "languages": _list(_STRING),
    "clientToken": _STRING,
    "communityId": _STRING,
    "sessionId": _STRING,
}

SCHEMAS: dict[str, Schema] = {
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

ERROR: Schema = {
    **_object(
        error={
            **_object(
                code=_INT, message=_STRING, status=_STRING, details=_list({"type": "object"})
            ),
            "required": ["code", "message", "status"],
        }
    ),
    "required": ["error"],
}
"""The envelope of all errors."""


def inlined(name: str) -> Schema:
    """Return a message with the messages inside it written out, as JSON Schema."""
    found: Schema = _inlined(SCHEMAS[name])
    return found


def _inlined(schema: Any) -> Any:
    if isinstance(schema, dict):
        if "$ref" in schema:
            return inlined(schema["$ref"])
        return {key: _inlined(each) for key, each in schema.items()}
    return schema
