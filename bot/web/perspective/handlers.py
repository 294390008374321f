"""`comments:analyze`, `comments:suggestscore` and batches of both, over HTTP.

Lives here: what is asked of the services, and what a suggestion becomes. Not here: the contract.
`analyze` keeps nothing, whatever `doNotStore` says. A suggestion that disagrees with the rules is
filed as a decided case, as when a moderator reports a miss or dismisses a false alarm.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from aiohttp import web

from bot.cases import Decision
from bot.model import Comment
from bot.web.auth import CALLER, Caller
from bot.web.body import parse_json, read_body
from bot.web.context import CONTEXT
from bot.web.endpoint import ApiError, Scope, endpoint
from bot.web.feedback import identity, report
from bot.web.middleware import charge, of_exception
from bot.web.openapi import compatible, content
from bot.web.perspective import batch
from bot.web.perspective.answers import Answer, analyze
from bot.web.perspective.attributes import LABEL_OF, base_name
from bot.web.perspective.contract import SuggestRequest, read_analyze, read_suggest
from bot.web.perspective.errors import shape
from bot.web.perspective.languages import detect
from bot.web.perspective.schemas import ERROR, inlined
from bot.web.services import WebServices
from bot.web.settings import SOURCE

_KEY, _KEY_HEADER = "key", "X-Goog-Api-Key"
_BEARER = "Bearer "
_ABUSIVE = 0.5
"""The suggested score from which a suggestion says that a comment is abusive."""

Method = Callable[[WebServices, Caller, object], Awaitable[Answer]]
"""Answers a parsed body; raises `ApiError`."""


async def analyze_comment(services: WebServices, caller: Caller, body: object) -> Answer:
    """Return the scores of a comment."""
    del caller  # whoever may, gets the same
    labels = services.model().labels
    return await analyze(read_analyze(body), services.score, labels, services.languages)


async def suggest_score(services: WebServices, caller: Caller, body: object) -> Answer:
    """Learn from a suggestion, and return what the API returns: nothing much."""
    asked = read_suggest(body)
    if opinion := _opinion(asked):
        decision, note = opinion
        await report(services, _comment(services, asked), decision, caller, note)
    answer = {
        "clientToken": asked.client_token,
        "detectedLanguages": list(detect(asked.text)),
        "requestedLanguages": list(asked.languages),
    }
    return {name: value for name, value in answer.items() if value}


METHODS: dict[str, tuple[Scope, Method]] = {
    "/v1alpha1/comments:analyze": (Scope.SCORE, analyze_comment),
    "/v1alpha1/comments:suggestscore": (Scope.DECIDE, suggest_score),
}


_REFUSED = dict.fromkeys(("4XX", "5XX"), content(ERROR))
OPERATIONS = {
    "/v1alpha1/comments:analyze": compatible(
        "Score a comment, as Perspective's comments:analyze",
        {"200": content(inlined("AnalyzeCommentResponse")), **_REFUSED},
        about=(
            f"Attributes: {', '.join(LABEL_OF)}, each also with `@version`, where the model has"
            " the label. Nothing is kept. Scores differ from Perspective's: no threshold carries"
            " over. Many requests may come as one `multipart/mixed` to `/batch`."
        ),
        body=content(
            {**inlined("AnalyzeCommentRequest"), "required": ["comment", "requestedAttributes"]}
        ),
    ),
    "/v1alpha1/comments:suggestscore": compatible(
        "Say how a comment should score, as Perspective's comments:suggestscore",
        {"200": content(inlined("SuggestCommentScoreResponse")), **_REFUSED},
        about=(
            f"A summary score of {_ABUSIVE} or more files the comment as abuse, a lower one as a"
            " false alarm where the rules flag it: both become decided cases."
        ),
        body=content(
            {**inlined("SuggestCommentScoreRequest"), "required": ["comment", "attributeScores"]}
        ),
    ),
}
"""What OpenAPI tells of the methods."""


def routes(services: WebServices) -> list[web.RouteDef]:
    """Return a route for each method, and that of batches."""
    single = [
        web.post(path, _handler(services, path, scope, method))
        for path, (scope, method) in METHODS.items()
    ]
    return [*single, web.post("/batch", _batch_handler(services))]


def _handler(
    services: WebServices, path: str, scope: Scope, method: Method
) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
    @endpoint(
        scope,
        query_key=_KEY,
        header_key=_KEY_HEADER,
        shape=shape,
        operation=OPERATIONS[path],
    )
    async def handle(request: web.Request) -> web.Response:
        body = _json(request, await read_body(request))
        return web.json_response(await method(services, request[CALLER], body))

    return handle


def _batch_handler(
    services: WebServices,
) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
    async def answer(request: web.Request, part: batch.Part) -> web.Response:
        try:
            scope, method = _method(part.path)
            caller = await _admitted(request, part, scope)
            return web.json_response(await method(services, caller, _json(request, part.body)))
        except Exception as error:  # noqa: BLE001 - one part's failure is told in that part alone
            return shape(of_exception(error))

    @endpoint(None, shape=shape)
    async def handle(request: web.Request) -> web.Response:
        most = request.app[CONTEXT].settings.limits.batch
        kind = request.headers.get("Content-Type", "")
        parts = batch.split(await read_body(request), kind, most)
        # Side by side, so that the scorer may take them together.
        answers = await asyncio.gather(*(answer(request, part) for part in parts))
        return batch.joined(parts, answers)

    return handle


def _method(path: str) -> tuple[Scope, Method]:
    if path not in METHODS:
        raise ApiError(404, "not_found", "there is no such method")
    return METHODS[path]


async def _admitted(request: web.Request, part: batch.Part, scope: Scope) -> Caller:
    bearer = part.headers.get("authorization", "")
    token = (
        part.query.get(_KEY)
        or part.headers.get(_KEY_HEADER.lower())
        or (bearer.removeprefix(_BEARER) if bearer.startswith(_BEARER) else "")
    )
    caller = await request.app[CONTEXT].guard.by_key(token)
    caller.needs(scope)
    request[CALLER] = caller
    charge(request, 1)
    return caller


def _json(request: web.Request, body: bytes) -> object:
    # Clients of the API send JSON under any content type.
    return parse_json(body, request.app[CONTEXT].settings.limits.json_depth)


def _comment(services: WebServices, asked: SuggestRequest) -> Comment:
    """Return what is filed: suggestions carry no id, so the same text in a community is one."""
    return Comment(
        id=identity("suggestion", asked.community, asked.text),
        text=asked.text,
        source=SOURCE,
        channel=asked.community,
        created_at=services.clock.now(),
    )


def _opinion(asked: SuggestRequest) -> tuple[Decision, str] | None:
    """Return what the summary scores say of a comment; `None` when of nothing that is scored here."""
    scores = {
        name: value for name, value in asked.scores.items() if (base_name(name) or "") in LABEL_OF
    }
    if not scores:
        return None
    name = max(scores, key=scores.__getitem__)
    decision = Decision.UPHOLD if scores[name] >= _ABUSIVE else Decision.DISMISS
    return decision, f"suggested score: {name} {scores[name]:.2f}"
