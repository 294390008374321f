"""Connections: how aiohttp is kept from telling clients and logs what was sent.

Lives here: the handler of one connection, and what becomes of requests that are no HTTP. Not here:
requests that are (`bot.web.middleware`).
"""

from __future__ import annotations

from aiohttp import web

_BAD_REQUEST = b'{"error": {"code": "bad_request", "message": "this is not a request of HTTP"}}'
_BUG = b'{"error": {"code": "bug", "message": "this is a bug in Gavel, not your mistake"}}'


class QuietHandler(web.RequestHandler):
    """Answers what is no HTTP without repeating it; aiohttp's own handler would, and log it."""

    def handle_error(
        self,
        request: web.BaseRequest,
        status: int = 500,
        exc: BaseException | None = None,
        message: str | None = None,
    ) -> web.StreamResponse:
        """Return what the client is told; the connection is closed after it."""
        del exc, message
        if request.writer.output_size > 0:
            raise ConnectionError("the answer was already begun")
        body = _BAD_REQUEST if status < web.HTTPInternalServerError.status_code else _BUG
        response = web.Response(status=status, body=body, content_type="application/json")
        response.force_close()
        return response
