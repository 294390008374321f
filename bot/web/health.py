"""`/healthz`, `/readyz` and `/metrics`: for those who watch over the process.

Lives here: the three endpoints. Not here: what is counted (`bot.web.metrics`, `bot.ports.Vitals`).
"""

from __future__ import annotations

from aiohttp import web

from bot.web.endpoint import endpoint
from bot.web.services import WebServices


def routes(services: WebServices) -> list[web.RouteDef]:
    """Return the endpoints."""

    @endpoint(scope=None)
    async def alive(_: web.Request) -> web.Response:
        return web.json_response({"status": "ok"})

    del services
    return [web.get("/healthz", alive)]
