"""`/v1/status` and `/v1/preview`: what the page shows, and trying a text out.

Lives here: the two endpoints. Not here: the page (`bot.web.page`), screening (`WebServices`).
"""

from __future__ import annotations

import uuid

from aiohttp import web

from bot import __version__
from bot.ports import Vitals
from bot.web.body import read_json
from bot.web.comments import COMMENT, comment_of
from bot.web.context import CONTEXT, Context
from bot.web.endpoint import Scope, endpoint
from bot.web.health import checked
from bot.web.openapi import operation
from bot.web.records import answer_record, ref
from bot.web.schema import Schema
from bot.web.services import WebServices

_NUMBER: Schema = {"type": "integer"}
_STATUS: Schema = {
    "type": "object",
    "properties": {
        "version": {"type": "string"},
        "started_at": {"type": "string", "format": "date-time"},
        "ready": {"type": "boolean"},
        "problems": {"type": "array", "items": {"type": "string"}},
        "model": {
            "type": "object",
            "properties": {
                "id": {"type": "string"},
                "revision": {"type": "string"},
                "labels": {"type": "array", "items": {"type": "string"}},
            },
            "required": ["id", "revision", "labels"],
        },
        "ruleset": {"type": "string"},
        "screened": {"type": "object", "additionalProperties": _NUMBER},
        "failed": _NUMBER,
        "under_way": _NUMBER,
        "taken": _NUMBER,
        "backlog": _NUMBER,
        "cases_waiting": _NUMBER,
    },
    "required": ["version", "started_at", "ready", "problems", "model", "ruleset", "screened"],
}


def routes(services: WebServices) -> list[web.RouteDef]:
    """Return the endpoints."""

    @endpoint(
        Scope.READ,
        operation=operation("How Gavel does: health, queue, model and rules", {200: _STATUS}),
    )
    async def status(request: web.Request) -> web.Response:
        ready = all((await checked(services)).values())
        vitals = await services.health()
        counts = await services.statistics.counts(vitals.started_at)
        told = status_record(request.app[CONTEXT], services, vitals)
        return web.json_response({**told, "ready": ready, "cases_waiting": counts.waiting})

    @endpoint(
        Scope.READ,
        operation=operation(
            "Screen a comment and keep nothing",
            {200: ref("Verdict")},
            about="For trying texts out: nothing is stored, filed, remembered or told.",
            body=COMMENT,
        ),
    )
    async def preview(request: web.Request) -> web.Response:
        given = COMMENT.read(await read_json(request), "")
        comment = comment_of(given, uuid.uuid4().hex, services.clock.now())
        return web.json_response(answer_record(comment, await services.preview(comment)))

    return [web.get("/v1/status", status), web.post("/v1/preview", preview)]


def status_record(context: Context, services: WebServices, vitals: Vitals) -> dict[str, object]:
    """Return how Gavel does, but for what must be asked of the store."""
    model = services.model()
    screened: dict[str, int] = {}
    for (_, action), count in vitals.screened.items():
        screened[action] = screened.get(action, 0) + count
    return {
        "version": __version__,
        "started_at": vitals.started_at.isoformat(),
        "problems": list(vitals.problems),
        "model": {"id": model.id, "revision": model.revision, "labels": list(model.labels)},
        "ruleset": services.ruleset(),
        "screened": screened,
        "failed": vitals.failed,
        "under_way": vitals.queued,
        "taken": context.arrivals.under_way,
        "backlog": vitals.backlog,
    }
