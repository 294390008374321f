"""The page at `/`: how Gavel does, and a box to try a text.

Lives here: the page, its style and its script as files beside this one, and serving them under a
strict policy: nothing from elsewhere, nothing inline. Not here: what the page asks
(`bot.web.status`).
"""

from __future__ import annotations

from pathlib import Path

from aiohttp import web

from bot.web.endpoint import Handler, endpoint
from bot.web.services import WebServices

_HERE = Path(__file__).parent
_FILES = {
    "/": ("index.html", "text/html"),
    "/page.css": ("page.css", "text/css"),
    "/page.js": ("page.js", "text/javascript"),
}
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self';"
    " connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}


def routes(services: WebServices) -> list[web.RouteDef]:
    """Return one endpoint a file; anyone may read them, they hold nothing."""
    del services
    return [web.get(path, _serving(name, kind)) for path, (name, kind) in _FILES.items()]


def _serving(name: str, kind: str) -> Handler:
    content = (_HERE / name).read_bytes()

    @endpoint(scope=None)
    async def serve(_: web.Request) -> web.Response:
        return web.Response(body=content, content_type=kind, charset="utf-8", headers=HEADERS)

    return serve
