"""Coral's external moderation phase: it asks of every new and edited comment, we answer in time.

Lives here: Coral's signature, request and answer, and which comment an edit is of. Not here:
screening. Coral sends no id of the comment, so author, story and first text are its id.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta

from aiohttp import web

from bot.model import Action, Author, Comment, Verdict
from bot.ports import VerdictQuery
from bot.web.body import parse_json, read_body
from bot.web.context import CONTEXT
from bot.web.endpoint import ApiError, endpoint
from bot.web.feedback import identity, standing
from bot.web.openapi import compatible, content
from bot.web.records import ref
from bot.web.schema import Schema
from bot.web.services import WebServices
from bot.web.settings import SOURCE

_SIGNATURE = "X-Coral-Signature"
_PREFIX = "sha256="
_MOST_SIGNATURES = 10
_EDITABLE = timedelta(hours=1)
"""How old what is edited may be: Coral allows edits for half a minute, unless it is told otherwise."""

_MOST_CANDIDATES = 50
_SPAM = frozenset({"spam", "flooding"})
"""Labels of rules that are about advertising, not about abuse."""


def _object(required: str = "", **properties: Schema) -> Schema:
    return {"type": "object", "properties": properties, "required": required.split()}


_STRING: Schema = {"type": "string"}
_STRING_OR_NULL: Schema = {"type": ["string", "null"]}
_REQUEST = _object(
    "action comment author story",
    action={"enum": ["NEW", "EDIT"]},
    comment=_object("body", body=_STRING_OR_NULL, parentID=_STRING_OR_NULL),
    author=_object(id=_STRING_OR_NULL, role=_STRING_OR_NULL),
    story=_object(id=_STRING_OR_NULL, url=_STRING_OR_NULL),
)
_ANSWER = _object(
    "actions",
    actions={
        "type": "array",
        "items": _object(
            "actionType reason",
            actionType={"enum": ["FLAG"]},
            reason={"enum": ["COMMENT_DETECTED_SPAM", "COMMENT_DETECTED_TOXIC"]},
        ),
    },
    status={"enum": ["REJECTED", "SYSTEM_WITHHELD"]},
)
_OPERATION = compatible(
    "Screen a comment, as an external moderation phase of Coral",
    {
        "200": content(_ANSWER),
        "204": {},
        **dict.fromkeys(("4XX", "5XX"), content(ref("Error"))),
    },
    about="204 leaves the comment to Coral. What else Coral sends is let be.",
    body=content(_REQUEST),
    secured_by=["coral"],
)


def routes(services: WebServices) -> list[web.RouteDef]:
    """Return the route that a moderation phase calls."""

    @endpoint(None, operation=_OPERATION)
    async def moderate(request: web.Request) -> web.Response:
        body = await read_body(request)
        settings = request.app[CONTEXT].settings
        _admit(request.headers.get(_SIGNATURE, ""), settings.coral_secrets, body)
        comment = _comment(parse_json(body, settings.limits.json_depth), services)
        if comment.edited_at is not None and comment.author.id:
            comment = await _edited(services, comment)
        verdict = await services.submit(comment)
        answer = _answer(await standing(services, verdict), verdict)
        return web.json_response(answer) if answer else web.Response(status=204)

    return [web.post("/coral/moderation", moderate)]


def sign(secret: str, body: bytes) -> str:
    """Return the signature that Coral sends for one of its secrets."""
    return _PREFIX + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


def _admit(header: str, secrets: Iterable[str], body: bytes) -> None:
    """Raise `ApiError` unless one of our secrets made one of the signatures.

    Coral signs with the old and the new secret while it changes them.
    """
    given = [each.strip().encode() for each in header.split(",", _MOST_SIGNATURES)]
    wanted = [sign(secret, body).encode() for secret in secrets]
    # All pairs are compared, so that the time tells nothing.
    right = [hmac.compare_digest(ours, theirs) for ours in wanted for theirs in given]
    if not any(right):
        raise ApiError(401, "unauthorised", f"{_SIGNATURE} is not right")


def _comment(body: object, services: WebServices) -> Comment:
    """Read Coral's request; the channel is the story's address, which rules can name."""
    if _text(body, "action") not in {"NEW", "EDIT"}:
        raise ApiError(400, "bad_request", "action must be NEW or EDIT", field="action")
    text, author = _text(body, "comment", "body"), _text(body, "author", "id")
    story = _text(body, "story", "url") or _text(body, "story", "id")
    parent = _text(body, "comment", "parentID") or None
    role = _text(body, "author", "role")
    now = services.clock.now()
    return Comment(
        id=identity("coral", story, parent or "", author, text),
        text=text,
        source=SOURCE,
        channel=story,
        author=Author(author, roles=(role,) if role else None),
        created_at=now,
        edited_at=now if _text(body, "action") == "EDIT" else None,
        parent_id=parent,
        thread_id=_text(body, "story", "id"),
    )


async def _edited(services: WebServices, comment: Comment) -> Comment:
    """Return an edit under the id of the comment that it changed, where it can only be that one.

    Where an author has several comments in one place, nobody could tell which was meant: taking the
    likeliest would let them hide one behind another. Then the edit is a comment of its own.
    """
    query = VerdictQuery(
        source=comment.source,
        channel=comment.channel,
        author=comment.author.id,
        since=services.clock.now() - _EDITABLE,
    )
    stored = await services.verdicts.verdicts(query, _MOST_CANDIDATES)
    found = {each.comment.id: each.comment for each in stored}
    beside = [each for each in found.values() if each.parent_id == comment.parent_id]
    if len(beside) != 1 or len(stored) == _MOST_CANDIDATES:
        return comment
    (original,) = beside
    return replace(comment, id=original.id, created_at=original.created_at)


def _text(body: object, *path: str) -> str:
    """Return a string inside the request; empty for `null` and for what is not there."""
    found: object = body
    for name in path:
        if not isinstance(found, dict):
            raise _wrong(path)
        found = found.get(name)
    if found is None:
        return ""
    if not isinstance(found, str):
        raise _wrong(path)
    return found


def _wrong(path: Iterable[str]) -> ApiError:
    where = ".".join(path)
    return ApiError(400, "bad_request", f"{where} is not what Coral sends", field=where)


def _answer(action: Action, verdict: Verdict) -> dict[str, object] | None:
    """Return Coral's answer to an action; `None` leaves the comment to Coral."""
    if action < Action.FLAG:
        return None
    answer: dict[str, object] = {"actions": [{"actionType": "FLAG", "reason": _reason(verdict)}]}
    if action >= Action.HOLD:
        answer["status"] = "REJECTED" if action is Action.REMOVE else "SYSTEM_WITHHELD"
    return answer


def _reason(verdict: Verdict) -> str:
    acting = max(verdict.acting, key=lambda match: (match.action, match.level), default=None)
    spam = acting is not None and not _SPAM.isdisjoint(acting.labels)
    return "COMMENT_DETECTED_SPAM" if spam else "COMMENT_DETECTED_TOXIC"
