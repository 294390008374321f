"""The two requests of Perspective's API, as its published contract has them.

Lives here: their fields, what is refused and in which words. Not here: scoring, answering and
HTTP. What the API accepted and never used (`context`, `sessionId`, `communityId`) is checked and
otherwise left alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypedDict, cast

from bot.web.perspective import errors
from bot.web.perspective.attributes import LABEL_OF, base_name
from bot.web.perspective.message import (
    Reader,
    boolean,
    integer,
    listed,
    mapped,
    message,
    number,
    one_of,
    text,
)

LONGEST_COMMENT = 20_480
"""Bytes of a comment's text in UTF-8."""

MOST_ATTRIBUTES = 100
"""Attributes of one request: each may bring a score for every sentence."""

PROBABILITY = "PROBABILITY"
_UNSPECIFIED = "SCORE_TYPE_UNSPECIFIED"
_SCORE_TYPES = (_UNSPECIFIED, PROBABILITY, "STD_DEV_SCORE", "PERCENTILE", "RAW")


@dataclass(frozen=True, slots=True)
class Attribute:
    """One attribute that is asked for: its name as written, its label, the least score told.

    `label` is `None` for what Perspective scored and no label answers.
    """

    name: str
    label: str | None
    threshold: float | None = None


@dataclass(frozen=True, slots=True)
class AnalyzeRequest:
    """`comments:analyze`; `languages` empty asks for detection."""

    text: str
    attributes: tuple[Attribute, ...]
    languages: tuple[str, ...] = ()
    spans: bool = False
    drop_unsupported: bool = False
    client_token: str | None = None


@dataclass(frozen=True, slots=True)
class SuggestRequest:
    """`comments:suggestscore`; `scores` holds the summary scores, by the attributes' names."""

    text: str
    scores: Mapping[str, float]
    languages: tuple[str, ...] = ()
    community: str = ""
    client_token: str | None = None


class _TextEntry(TypedDict, total=False):
    text: str
    type: str


class _Parameters(TypedDict, total=False):
    scoreType: str
    scoreThreshold: float


class _Context(TypedDict, total=False):
    entries: tuple[_TextEntry, ...]
    articleAndParentComment: Mapping[str, _TextEntry]


class _Score(TypedDict, total=False):
    value: float
    type: str


class _AttributeScores(TypedDict, total=False):
    summaryScore: _Score
    spanScores: tuple[object, ...]


class _Common(TypedDict, total=False):
    comment: _TextEntry
    context: _Context
    languages: tuple[str, ...]
    clientToken: str
    communityId: str
    sessionId: str


class _Analyze(_Common, total=False):
    requestedAttributes: Mapping[str, _Parameters]
    spanAnnotations: bool
    doNotStore: bool
    dropUnsupportedAttributes: bool


class _Suggest(_Common, total=False):
    attributeScores: Mapping[str, _AttributeScores]


_entry = message({"text": text, "type": one_of("TEXT_TYPE_UNSPECIFIED", "PLAIN_TEXT", "HTML")})
_score = message({"value": number, "type": one_of(*_SCORE_TYPES)})
_span_score = message({"begin": integer, "end": integer, "score": _score})
_common: dict[str, Reader[object]] = {
    "comment": _entry,
    "context": message(
        {
            "entries": listed(_entry),
            "articleAndParentComment": message({"article": _entry, "parentComment": _entry}),
        }
    ),
    "languages": listed(text),
    "clientToken": text,
    "communityId": text,
    "sessionId": text,
}
_analyze = message(
    {
        **_common,
        "requestedAttributes": mapped(
            message({"scoreType": one_of(*_SCORE_TYPES), "scoreThreshold": number})
        ),
        "spanAnnotations": boolean,
        "doNotStore": boolean,
        "dropUnsupportedAttributes": boolean,
    }
)
_suggest = message(
    {
        **_common,
        "attributeScores": mapped(
            message({"summaryScore": _score, "spanScores": listed(_span_score)})
        ),
    }
)


def read_analyze(body: object) -> AnalyzeRequest:
    """Read a parsed body; raise `PerspectiveError` for what the API refuses."""
    given = cast("_Analyze", _analyze(body, ""))
    comment = _comment(given)
    requested = given.get("requestedAttributes")
    if not requested:
        raise errors.no_requested_attributes()
    if len(requested) > MOST_ATTRIBUTES:
        raise errors.too_many_attributes(MOST_ATTRIBUTES)
    return AnalyzeRequest(
        text=comment,
        attributes=tuple(_attribute(name, each) for name, each in requested.items()),
        languages=given.get("languages", ()),
        spans=given.get("spanAnnotations", False),
        drop_unsupported=given.get("dropUnsupportedAttributes", False),
        client_token=given.get("clientToken"),
    )


def read_suggest(body: object) -> SuggestRequest:
    """Read a parsed body; raise `PerspectiveError` for what the API refuses."""
    given = cast("_Suggest", _suggest(body, ""))
    comment = _comment(given)
    suggested = given.get("attributeScores")
    if not suggested or not all(suggested.values()):
        raise errors.no_attribute_scores()
    return SuggestRequest(
        text=comment,
        scores={
            name: each["summaryScore"].get("value", 0.0)
            for name, each in suggested.items()
            if "summaryScore" in each
        },
        languages=given.get("languages", ()),
        community=given.get("communityId", ""),
        client_token=given.get("clientToken"),
    )


def _comment(given: _Common) -> str:
    entry = given.get("comment", {})
    comment = entry.get("text", "")
    if not comment.strip():
        raise errors.comment_empty()
    if len(comment.encode()) > LONGEST_COMMENT:
        raise errors.comment_too_long()
    if entry.get("type") == "HTML":
        raise errors.only_plain_text()
    context = given.get("context", {})
    if "entries" in context and "articleAndParentComment" in context:
        raise errors.two_contexts()
    return comment


def _attribute(requested: str, parameters: _Parameters) -> Attribute:
    name = base_name(requested)
    if name is None:
        raise errors.unknown_attribute(requested)
    score_type = parameters.get("scoreType", PROBABILITY)
    if score_type not in {PROBABILITY, _UNSPECIFIED}:
        raise errors.unsupported_score_type(score_type, requested)
    return Attribute(requested, LABEL_OF.get(name), parameters.get("scoreThreshold"))
