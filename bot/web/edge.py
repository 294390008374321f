"""The HTTP edge as one thing to run: the routes, the server and the sinks.

Lives here: what `bot.app` builds, and the table of route modules. A route module exposes
`routes(services) -> list[RouteDef]`, its handlers marked with `bot.web.endpoint.endpoint`. Importing
this module loads aiohttp.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from aiohttp import web

from bot.errors import UserError
from bot.web import (
    akismet,
    comments,
    coral,
    discovery,
    health,
    openapi,
    page,
    perspective,
    status,
    verdicts,
)
from bot.web.arrivals import Arrivals
from bot.web.auth import Guard
from bot.web.context import CONTEXT, Context
from bot.web.limits import Admission, Rates
from bot.web.middleware import around
from bot.web.protocol import QuietHandler
from bot.web.services import WebServices
from bot.web.settings import WebSettings
from bot.web.webhooks import WebhookSink, telling

ROUTES: tuple[Callable[[WebServices], list[web.RouteDef]], ...] = (
    comments.routes,
    verdicts.routes,
    health.routes,
    status.routes,
    page.routes,
    perspective.routes,
    discovery.routes,
    coral.routes,
    akismet.routes,
)
"""Every route module, one line each."""


class WebEdge:
    """One server. Make it inside a running event loop."""

    def __init__(self, settings: WebSettings, services: WebServices) -> None:
        self._settings = settings
        services = telling(services, settings.webhooks)
        admission = Admission(settings.limits)
        bounded = admission.bound(services)
        guard = Guard(services.keys, services.clock, settings.signers)
        self.started = asyncio.Event()
        self.address = ""
        """Where it listens, once `started`."""
        self.sinks = tuple(WebhookSink(each, services) for each in settings.webhooks)
        """What the outbox serves; `run` closes them."""
        self._arrivals = Arrivals(
            bounded.submit, services.arrivals, services.clock, settings.limits.wait_queue
        )
        self._app = web.Application(middlewares=[around])
        self._app[CONTEXT] = Context(
            settings,
            bounded,
            guard,
            admission,
            Rates(settings.limits),
            self._arrivals,
            admission.many(services.submit),
        )
        table = [route for module in ROUTES for route in module(bounded)]
        self._app.add_routes([*table, openapi.served(table, settings.public_base)])

    async def run(self) -> None:
        """Serve until cancelled; then finish what is under way, within seconds.

        Raise `UserError` when the address is taken.
        """
        runner = web.AppRunner(self._app, shutdown_timeout=self._settings.limits.stop_seconds)
        await runner.setup()
        try:
            listening = await self._listen(runner)
            try:
                self.started.set()
                await self._arrivals.run()
            finally:
                listening.close()
        finally:
            await runner.cleanup()
            for sink in self.sinks:
                await sink.close()

    async def _listen(self, runner: web.AppRunner) -> asyncio.Server:
        server, limits = runner.server, self._settings.limits
        loop = asyncio.get_running_loop()
        assert server is not None  # noqa: S101 - `setup` has made it; this tells mypy

        def connection() -> QuietHandler:
            return QuietHandler(
                server,
                loop=loop,
                # aiohttp closes a connection that has no whole request for this long.
                keepalive_timeout=limits.header_seconds,
                lingering_time=1.0,
                access_log=None,  # type: ignore[arg-type]  # turns it off
                # Bodies are inflated by us, within bounds.
                auto_decompress=False,
            )

        host, port = self._settings.host, self._settings.port
        try:
            listening = await loop.create_server(connection, host, port, backlog=1024)
        except OSError as error:
            raise UserError(
                f"cannot listen at {host} port {port}: {error.strerror}",
                hint="another program may have it; choose another port in `http: port:`",
            ) from None
        name, number = listening.sockets[0].getsockname()[:2]
        self.address = f"http://{f'[{name}]' if ':' in name else name}:{number}"
        return listening
