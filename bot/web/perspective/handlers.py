"""`comments:analyze` and `comments:suggestscore` over HTTP.

Lives here: what is asked of the services, and what a suggestion becomes. Not here: the contract.
`analyze` keeps nothing, whatever `doNotStore` says. A suggestion that disagrees with the rules is
filed as a decided case, as when a moderator reports a miss or dismisses a false alarm.
"""

from __future__ import annotations

from aiohttp import web

from bot.model import Comment, Decision
from bot.web.auth import caller
from bot.web.body import parse_json, read_body
from bot.web.context import CONTEXT
from bot.web.endpoint import Scope, endpoint
from bot.web.feedback import identity, report
from bot.web.perspective.answers import analyze
from bot.web.perspective.attributes import LABEL_OF, base_name
from bot.web.perspective.contract import SuggestRequest, read_analyze, read_suggest
from bot.web.perspective.errors import shape
from bot.web.perspective.languages import detect
from bot.web.services import WebServices
from bot.web.settings import SOURCE

_ABUSIVE = 0.5
"""The suggested score from which a suggestion says that a comment is abusive."""


def routes(services: WebServices) -> list[web.RouteDef]:
    """Return the routes of both requests."""

    @endpoint(Scope.SCORE, query_key="key", header_key="X-Goog-Api-Key", shape=shape)
    async def analyze_comment(request: web.Request) -> web.Response:
        asked = read_analyze(await _json(request))
        labels = services.model().labels
        return web.json_response(await analyze(asked, services.score, labels, services.languages))

    @endpoint(Scope.DECIDE, query_key="key", header_key="X-Goog-Api-Key", shape=shape)
    async def suggest_score(request: web.Request) -> web.Response:
        asked = read_suggest(await _json(request))
        opinion = _opinion(asked)
        if opinion:
            decision, note = opinion
            await report(services, _comment(services, asked), decision, caller(request), note)
        answer = {
            "clientToken": asked.client_token,
            "detectedLanguages": list(detect(asked.text)),
            "requestedLanguages": list(asked.languages),
        }
        return web.json_response({name: value for name, value in answer.items() if value})

    return [
        web.post("/v1alpha1/comments:analyze", analyze_comment),
        web.post("/v1alpha1/comments:suggestscore", suggest_score),
    ]


async def _json(request: web.Request) -> object:
    # Clients of the API send JSON under any content type.
    depth = request.app[CONTEXT].settings.limits.json_depth
    return parse_json(await read_body(request), depth)


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
