"""What the two requests may hold, and how each refusal reads."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.web.endpoint import ApiError
from bot.web.perspective.attributes import LABEL_OF, NEVER_SCORED, base_name
from bot.web.perspective.contract import (
    LONGEST_COMMENT,
    MOST_ATTRIBUTES,
    Attribute,
    read_analyze,
    read_suggest,
)
from bot.web.perspective.errors import PerspectiveError, shape

COMMENT = {"text": "you muppet"}
ASKED = {"comment": COMMENT, "requestedAttributes": {"TOXICITY": {}}}


def refusal(body: object) -> PerspectiveError:
    with pytest.raises(PerspectiveError) as caught:
        read_analyze(body)
    return caught.value


def error_type(error: PerspectiveError) -> object:
    (detail,) = error.details
    return detail["errorType"]


def test_everything_the_contract_names_is_read() -> None:
    read = read_analyze(
        {
            "comment": {"text": "you muppet", "type": "PLAIN_TEXT"},
            "context": {"entries": [{"text": "before", "type": "PLAIN_TEXT"}]},
            "requestedAttributes": {
                "TOXICITY@6": {"scoreType": "PROBABILITY", "scoreThreshold": 0.5},
                "PROFANITY": {},
            },
            "spanAnnotations": True,
            "languages": ["en"],
            "doNotStore": True,
            "dropUnsupportedAttributes": True,
            "clientToken": "c-1",
            "sessionId": "s-1",
            "communityId": "/forum",
        }
    )
    assert read.attributes == (
        Attribute("TOXICITY@6", "toxicity", 0.5),
        Attribute("PROFANITY", "obscene"),
    )
    assert (read.spans, read.drop_unsupported, read.languages) == (True, True, ("en",))
    assert read.client_token == "c-1"


def test_both_spellings_of_a_field_are_read() -> None:
    read = read_analyze(
        {
            "comment": COMMENT,
            "requested_attributes": {"INSULT": {"score_threshold": 1}},
            "span_annotations": True,
            "do_not_store": True,
        }
    )
    assert read.attributes == (Attribute("INSULT", "insult", 1.0),)
    assert read.spans


def test_null_means_unset() -> None:
    read = read_analyze({**ASKED, "languages": None, "context": None, "clientToken": None})
    assert read.languages == ()
    assert read.client_token is None


@pytest.mark.parametrize(
    ("comment", "kind", "message"),
    [
        ({}, "COMMENT_EMPTY", "Comment must be non-empty."),
        ({"text": ""}, "COMMENT_EMPTY", "Comment must be non-empty."),
        ({"text": " \n\t"}, "COMMENT_EMPTY", "Comment must be non-empty."),
        ({"text": "x" * (LONGEST_COMMENT + 1)}, "COMMENT_TOO_LONG", "Comment text too long."),
        ({"text": "ü" * (LONGEST_COMMENT // 2 + 1)}, "COMMENT_TOO_LONG", "Comment text too long."),
        (
            {"text": "<b>hi</b>", "type": "HTML"},
            "INVALID_REQUEST",
            "Currently, only 'PLAIN_TEXT' comments are supported",
        ),
    ],
    ids=["none", "empty", "blank", "long", "long in bytes", "html"],
)
def test_a_comment_is_refused(comment: object, kind: str, message: str) -> None:
    error = refusal({**ASKED, "comment": comment})
    assert (error_type(error), error.message, error.status) == (kind, message, 400)


def test_the_longest_comment_is_read() -> None:
    read = read_analyze({**ASKED, "comment": {"text": "ü" * (LONGEST_COMMENT // 2)}})
    assert len(read.text) == LONGEST_COMMENT // 2


@pytest.mark.parametrize(
    ("attributes", "kind", "message"),
    [
        ({}, "NO_REQUESTED_ATTRIBUTES", "Missing requested_attributes"),
        (None, "NO_REQUESTED_ATTRIBUTES", "Missing requested_attributes"),
        ({"KINDNESS": {}}, "INVALID_REQUEST", "Unknown requested attribute: KINDNESS"),
        ({"toxicity": {}}, "INVALID_REQUEST", "Unknown requested attribute: toxicity"),
        ({"TOXICITY@new": {}}, "INVALID_REQUEST", "Unknown requested attribute: TOXICITY@new"),
        (
            {"THREAT": {"scoreType": "STD_DEV_SCORE"}},
            "INVALID_REQUEST",
            "Requested score type STD_DEV_SCORE is not supported by attribute THREAT",
        ),
        (
            {f"TOXICITY@{i}": {} for i in range(MOST_ATTRIBUTES + 1)},
            "INVALID_REQUEST",
            "At most 100 attributes can be requested at once",
        ),
    ],
    ids=["none", "null", "unknown", "lower case", "odd version", "score type", "many"],
)
def test_attributes_are_refused(attributes: object, kind: str, message: str) -> None:
    error = refusal({"comment": COMMENT, "requestedAttributes": attributes})
    assert (error_type(error), error.message) == (kind, message)


def test_two_contexts_are_refused() -> None:
    context = {"entries": [], "articleAndParentComment": {"article": {"text": "a"}}}
    assert error_type(refusal({**ASKED, "context": context})) == "INVALID_REQUEST"


@pytest.mark.parametrize(
    ("body", "field", "message"),
    [
        ([], "body", "Invalid value at 'body' (TYPE_MESSAGE)"),
        ("hi", "body", "Invalid value at 'body' (TYPE_MESSAGE)"),
        ({**ASKED, "comment": "hi"}, "comment", "Invalid value at 'comment' (TYPE_MESSAGE)"),
        (
            {**ASKED, "comment": {"text": 5}},
            "comment.text",
            "Invalid value at 'comment.text' (TYPE_STRING)",
        ),
        (
            {**ASKED, "comment": {"text": "\ud800"}},
            "comment.text",
            "Invalid value at 'comment.text' (TYPE_STRING)",
        ),
        (
            {**ASKED, "comment": {"text": "a", "type": "RTF"}},
            "comment.type",
            "Invalid value at 'comment.type' (TYPE_ENUM)",
        ),
        ({**ASKED, "doNotStore": "yes"}, "do_not_store", None),
        ({**ASKED, "languages": "en"}, "languages", None),
        ({**ASKED, "languages": ["en", 1]}, "languages[1]", None),
        ({**ASKED, "clientToken": 7}, "client_token", None),
        ({**ASKED, "requestedAttributes": ["TOXICITY"]}, "requested_attributes", None),
        ({**ASKED, "requestedAttributes": {"INSULT": None}}, "requested_attributes[0]", None),
        (
            {**ASKED, "requestedAttributes": {"INSULT": {"scoreThreshold": True}}},
            "requested_attributes[0].score_threshold",
            None,
        ),
        (
            {**ASKED, "requestedAttributes": {"INSULT": {"scoreThreshold": 10**400}}},
            "requested_attributes[0].score_threshold",
            None,
        ),
        (
            {**ASKED, "requestedAttributes": {"INSULT": {"scoreThreshold": float("inf")}}},
            "requested_attributes[0].score_threshold",
            None,
        ),
        ({**ASKED, "do_not_store": True, "doNotStore": True}, "do_not_store", None),
    ],
)
def test_a_wrong_value_is_refused_with_its_place(
    body: object, field: str, message: str | None
) -> None:
    error = refusal(body)
    (detail,) = error.details
    assert detail["@type"] == "type.googleapis.com/google.rpc.BadRequest"
    assert detail["fieldViolations"] == [{"field": field, "description": error.message}]
    assert message in {None, error.message}


def test_an_unknown_field_is_refused_by_name() -> None:
    message = "Invalid JSON payload received. Unknown name \"txt\" at 'comment': Cannot find field."
    assert refusal({**ASKED, "comment": {"txt": "a"}}).message == message
    message = 'Invalid JSON payload received. Unknown name "lang": Cannot find field.'
    assert refusal({**ASKED, "lang": "en"}).message == message
    assert refusal({**ASKED, "\ud800": 1}).status == 400


def test_a_suggestion_is_read() -> None:
    read = read_suggest(
        {
            "comment": COMMENT,
            "context": {"entries": [{"text": "{}"}]},
            "attributeScores": {
                "TOXICITY": {"summaryScore": {"value": 1}},
                "INSULT": {"spanScores": [{"begin": 0, "end": 3, "score": {"value": 0.2}}]},
            },
            "languages": ["en"],
            "communityId": "Coral:https://news.example",
            "clientToken": "comment:7",
        }
    )
    assert read.scores == {"TOXICITY": 1.0}
    assert read.community == "Coral:https://news.example"
    assert read.client_token == "comment:7"


@pytest.mark.parametrize("scores", [None, {}, {"TOXICITY": {}}])
def test_a_suggestion_without_scores_is_refused(scores: object) -> None:
    with pytest.raises(PerspectiveError, match="Missing attribute_scores"):
        read_suggest({"comment": COMMENT, "attributeScores": scores})


def test_no_attribute_is_both_scored_and_never_scored() -> None:
    assert not NEVER_SCORED & set(LABEL_OF)
    for name in (*LABEL_OF, *NEVER_SCORED):
        assert base_name(name) == base_name(f"{name}@2") == name


@pytest.mark.parametrize(
    ("status", "code", "word"),
    [
        (400, 400, "INVALID_ARGUMENT"),
        (401, 400, "INVALID_ARGUMENT"),
        (403, 403, "PERMISSION_DENIED"),
        (404, 404, "NOT_FOUND"),
        (408, 408, "DEADLINE_EXCEEDED"),
        (413, 413, "INVALID_ARGUMENT"),
        (415, 415, "FAILED_PRECONDITION"),
        (429, 429, "RESOURCE_EXHAUSTED"),
        (503, 503, "UNAVAILABLE"),
    ],
)
def test_errors_of_the_edge_take_the_shape_of_the_api(status: int, code: int, word: str) -> None:
    answer = shape(ApiError(status, "any", "what is wrong"))
    assert answer.status == code
    error = json.loads(answer.text or "")["error"]
    assert (error["code"], error["status"]) == (code, word)
    assert error["message"]


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=10,
)
names = st.sampled_from(
    ["comment", "text", "type", "requestedAttributes", "languages", "context", "entries", "score"]
)
messages = st.recursive(
    json_values,
    lambda inner: st.dictionaries(names | st.sampled_from(sorted(LABEL_OF)), inner, max_size=4),
    max_leaves=20,
)


@given(messages)
def test_any_body_is_read_or_refused(body: object) -> None:
    for read in (read_analyze, read_suggest):
        refused = None
        try:
            read(body)
        except PerspectiveError as error:
            refused = error
        if refused:
            assert refused.status == 400
            assert json.loads(shape(refused).text or "")["error"]["message"]
