"""Errors as Perspective's clients know them: Google's envelope, with the API's own error types.

Lives here: the envelope and each error that the published contract names. Not here: when one is
raised (`bot.web.perspective.contract`, `handlers`). No message repeats a comment's text.
"""

from __future__ import annotations

from collections.abc import Sequence
from http import HTTPStatus

from aiohttp import web

from bot.web.endpoint import ApiError

_ERROR = "type.googleapis.com/google.commentanalyzer.v1alpha1.Error"
_BAD_REQUEST = "type.googleapis.com/google.rpc.BadRequest"
_ERROR_INFO = "type.googleapis.com/google.rpc.ErrorInfo"
_STATUSES = {
    403: "PERMISSION_DENIED",
    404: "NOT_FOUND",
    408: "DEADLINE_EXCEEDED",
    413: "INVALID_ARGUMENT",
    429: "RESOURCE_EXHAUSTED",
    500: "INTERNAL",
    503: "UNAVAILABLE",
}
_LONGEST_NAME = 100

Detail = dict[str, object]


class PerspectiveError(ApiError):
    """A refusal in the API's own words; `code` is its status, `details` what clients look at."""

    def __init__(
        self, message: str, *details: Detail, status: int = 400, code: str = "INVALID_ARGUMENT"
    ) -> None:
        """Take the message, and the details in the order in which they are told."""
        super().__init__(status, code, message)
        self.details = details


def shape(error: ApiError) -> web.Response:
    """Write any error of the edge as Google's APIs do."""
    if not isinstance(error, PerspectiveError):
        error = _translated(error)
    told: dict[str, object] = {
        "code": error.status,
        "message": error.message,
        "status": error.code,
    }
    if error.details:
        told["details"] = list(error.details)
    return web.json_response({"error": told}, status=error.status)


def refused(error_type: str, message: str) -> PerspectiveError:
    """Return an error with one of the API's error types."""
    return PerspectiveError(message, {"@type": _ERROR, "errorType": error_type})


def comment_empty() -> PerspectiveError:
    """Say that the comment has no text."""
    return refused("COMMENT_EMPTY", "Comment must be non-empty.")


def comment_too_long() -> PerspectiveError:
    """Say that the comment is over the API's limit of bytes."""
    return refused("COMMENT_TOO_LONG", "Comment text too long.")


def no_requested_attributes() -> PerspectiveError:
    """Say that nothing is asked for."""
    return refused("NO_REQUESTED_ATTRIBUTES", "Missing requested_attributes")


def no_attribute_scores() -> PerspectiveError:
    """Say that nothing is suggested."""
    return refused("INVALID_REQUEST", "Missing attribute_scores")


def language_not_detected() -> PerspectiveError:
    """Say that the text holds nothing from which a language could be told."""
    return refused("LANGUAGE_DETECTION_FAILED", "Unable to detect language")


def language_not_supported(
    attribute: str, requested: Sequence[str], detected: Sequence[str]
) -> PerspectiveError:
    """Say that an attribute has no score in the requested languages, else in the detected one."""
    told: dict[str, object] = {"attribute": attribute}
    if requested:
        told["requestedLanguages"] = list(requested)
    if detected:
        told["detectedLanguages"] = list(detected)
    languages = ", ".join(requested or detected[:1])
    return PerspectiveError(
        f"Attribute {attribute} does not support request languages: {languages}",
        {
            "@type": _ERROR,
            "errorType": "LANGUAGE_NOT_SUPPORTED_BY_ATTRIBUTE",
            "languageNotSupportedByAttributeError": told,
        },
    )


def unknown_attribute(name: str) -> PerspectiveError:
    """Say that the API never had such an attribute."""
    return refused("INVALID_REQUEST", f"Unknown requested attribute: {_short(name)}")


def unsupported_score_type(score_type: str, attribute: str) -> PerspectiveError:
    """Say that only probabilities are to be had."""
    message = f"Requested score type {score_type} is not supported by attribute {attribute}"
    return refused("INVALID_REQUEST", message)


def only_plain_text() -> PerspectiveError:
    """Say that the comment is declared to be HTML."""
    return refused("INVALID_REQUEST", "Currently, only 'PLAIN_TEXT' comments are supported")


def too_many_attributes(most: int) -> PerspectiveError:
    """Say that more is asked for than one answer should hold."""
    return refused("INVALID_REQUEST", f"At most {most} attributes can be requested at once")


def two_contexts() -> PerspectiveError:
    """Say that both kinds of context are given."""
    return refused(
        "INVALID_REQUEST",
        "Context can have either entries or article_and_parent_comment,"
        " but both fields were populated.",
    )


def bad_payload(message: str, field: str = "") -> PerspectiveError:
    """Say that the body is not of the message's shape, and where."""
    violation = {"field": field, "description": message} if field else {"description": message}
    return PerspectiveError(message, {"@type": _BAD_REQUEST, "fieldViolations": [violation]})


def unknown_field(name: str, where: str) -> PerspectiveError:
    """Say that the message has no such field."""
    place = f" at '{where}'" if where else ""
    message = f'Invalid JSON payload received. Unknown name "{_short(name)}"{place}'
    return bad_payload(f"{message}: Cannot find field.", where)


def wrong_type(where: str, wanted: str) -> PerspectiveError:
    """Say that a field holds a value of another type."""
    return bad_payload(f"Invalid value at '{where}' ({wanted})", where)


def _translated(error: ApiError) -> PerspectiveError:
    """Put an error of the edge into the API's words: it is about keys, limits or the body."""
    if error.status == HTTPStatus.UNAUTHORIZED:
        return PerspectiveError(
            "API key not valid. Please pass a valid API key.",
            {"@type": _ERROR_INFO, "reason": "API_KEY_INVALID", "domain": "googleapis.com"},
        )
    if error.status == HTTPStatus.BAD_REQUEST:
        return bad_payload(f"Invalid JSON payload received. {error.message}", error.field)
    code = _STATUSES.get(error.status, "FAILED_PRECONDITION")
    return PerspectiveError(error.message, status=error.status, code=code)


def _short(name: str) -> str:
    """Cut what a client chose freely; it may be as long as the body."""
    return name if len(name) <= _LONGEST_NAME else f"{name[:_LONGEST_NAME]}…"
