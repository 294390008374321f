"""`/healthz`, `/readyz` and `/metrics`: for those who watch over the process.

Lives here: what they answer. They tell no text, no name and no path. Not here: what is counted
(`bot.web.metrics`, `bot.ports.Vitals`).
"""

from __future__ import annotations

import asyncio

from aiohttp import web

from bot import __version__
from bot.errors import GavelError
from bot.ports import Vitals
from bot.web.context import CONTEXT, Context
from bot.web.endpoint import Endpoint, Scope, endpoint
from bot.web.metrics import Exposition
from bot.web.middleware import admit
from bot.web.openapi import compatible, content, operation
from bot.web.records import ref
from bot.web.schema import Schema
from bot.web.services import WebServices

_WATCHING = Endpoint(Scope.METRICS)
_PATIENCE = 2.0
"""Seconds that the store may take to answer."""

_ALIVE: Schema = {
    "type": "object",
    "properties": {"status": {"const": "ok"}},
    "required": ["status"],
}
_READY: Schema = {
    "type": "object",
    "properties": {
        "ready": {"type": "boolean"},
        "checks": {"type": "object", "additionalProperties": {"type": "boolean"}},
    },
    "required": ["ready", "checks"],
}
_METRICS = compatible(
    "Metrics for Prometheus",
    {
        "200": content({"type": "string"}, "text/plain"),
        **dict.fromkeys(("4XX", "5XX"), content(ref("Error"))),
    },
    about="In Prometheus' text form. Scope: `metrics`, unless the configuration opens them to all.",
    secured_by=["key", "signature"],
)


def routes(services: WebServices) -> list[web.RouteDef]:
    """Return the endpoints."""

    @endpoint(None, operation=operation("Whether the process lives", {200: _ALIVE}))
    async def alive(_: web.Request) -> web.Response:
        return web.json_response({"status": "ok"})

    @endpoint(
        None,
        operation=operation("Whether comments can be taken now", {200: _READY, 503: _READY}),
    )
    async def ready(_: web.Request) -> web.Response:
        checks = await checked(services)
        good = all(checks.values())
        return web.json_response({"ready": good, "checks": checks}, status=200 if good else 503)

    @endpoint(None, operation=_METRICS)
    async def metrics(request: web.Request) -> web.Response:
        context = request.app[CONTEXT]
        if not context.settings.open_metrics:
            await admit(request, _WATCHING)
        text = exposition(context, await services.health(), services)
        return web.Response(
            body=text.encode(),
            headers={"Content-Type": "text/plain; version=0.0.4; charset=utf-8"},
        )

    return [web.get("/healthz", alive), web.get("/readyz", ready), web.get("/metrics", metrics)]


async def checked(services: WebServices) -> dict[str, bool]:
    """Return what works of all that taking a comment needs."""
    checks = {"store": await _store_answers(services)}
    connected = (await services.health()).connected
    return checks if connected is None else {**checks, "chat": connected}


async def _store_answers(services: WebServices) -> bool:
    try:
        async with asyncio.timeout(_PATIENCE):
            await services.desk.queue(1)
    except (GavelError, TimeoutError):
        return False
    return True


def exposition(context: Context, vitals: Vitals, services: WebServices) -> str:
    """Return all metrics in Prometheus' text form."""
    told = Exposition()
    _about(told, vitals, services)
    _work(told, vitals)
    _http(told, context)
    return str(told)


def _about(told: Exposition, vitals: Vitals, services: WebServices) -> None:
    told.family("gavel_info", "gauge", "What judges; always 1.")
    model = services.model()
    told.value(
        "gavel_info",
        1,
        version=__version__,
        model=model.id,
        revision=model.revision,
        ruleset=services.ruleset(),
    )
    told.family("gavel_start_time_seconds", "gauge", "When the process began, since 1970.")
    told.value("gavel_start_time_seconds", vitals.started_at.timestamp())
    told.family("gavel_problems", "gauge", "Things that an operator must mend.")
    told.value("gavel_problems", len(vitals.problems))
    if vitals.connected is not None:
        told.family("gavel_chat_connected", "gauge", "Whether the chat is connected.")
        told.value("gavel_chat_connected", vitals.connected)


def _work(told: Exposition, vitals: Vitals) -> None:
    told.family("gavel_comments_total", "counter", "Comments screened and stored.")
    for (source, action), count in sorted(vitals.screened.items()):
        told.value("gavel_comments_total", count, source=source, action=action)
    told.family("gavel_comments_failed_total", "counter", "Comments that could not be judged.")
    told.value("gavel_comments_failed_total", vitals.failed)
    told.family("gavel_comments_under_way", "gauge", "Comments being screened now.")
    told.value("gavel_comments_under_way", vitals.queued)
    told.family("gavel_deliveries_waiting", "gauge", "Deliveries of the outbox not yet done.")
    told.value("gavel_deliveries_waiting", vitals.backlog)
    told.family("gavel_screening_seconds", "histogram", "From a comment's coming to its storing.")
    told.histogram("gavel_screening_seconds", vitals.screening)
    told.family("gavel_scoring_seconds", "histogram", "Calls of the model.")
    told.histogram("gavel_scoring_seconds", vitals.scoring)


def _http(told: Exposition, context: Context) -> None:
    told.family("gavel_http_requests_total", "counter", "Answered requests.")
    for (route, method, status), count in sorted(context.metrics.requests.items()):
        told.value("gavel_http_requests_total", count, route=route, method=method, status=status)
    told.family("gavel_http_request_seconds", "histogram", "How long requests took.")
    for route, timings in sorted(context.metrics.timings().items()):
        told.histogram("gavel_http_request_seconds", timings, route=route)
    told.family("gavel_http_comments_under_way", "gauge", "Comments at the model by HTTP.")
    told.value("gavel_http_comments_under_way", context.admission.comments)
    told.family("gavel_http_comments_taken", "gauge", "Comments taken, not yet screened.")
    told.value("gavel_http_comments_taken", context.arrivals.under_way)
    told.family("gavel_http_refused_busy_total", "counter", "Calls refused for want of room.")
    told.value("gavel_http_refused_busy_total", context.admission.refused)
