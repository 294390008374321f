"""The REST API: one small function for each route that a moderation bot uses."""

from __future__ import annotations

import json
import time
import urllib.parse
from collections.abc import Awaitable, Callable
from email.utils import formatdate
from typing import Any

from aiohttp import web

from tests.fakes.discord.faults import Fault, Faults
from tests.fakes.discord.gateway import Gateway
from tests.fakes.discord.limits import ApiError
from tests.fakes.discord.visits import Visits
from tests.fakes.discord.world import DM_CHANNEL, World

Payload = dict[str, Any]
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

NO_CONTENT = 204


class Rest:
    """Routes over a world; `asked` remembers method and path of every request."""

    def __init__(
        self, world: World, gateway: Gateway, visits: Visits, faults: Faults, token: str
    ) -> None:
        self._world, self._gateway, self._visits, self._faults = world, gateway, visits, faults
        self._token = token
        self.asked: list[tuple[str, str]] = []

    def application(self) -> web.Application:
        @web.middleware
        async def guard(request: web.Request, handler: Handler) -> web.StreamResponse:
            return await self._guarded(request, handler)

        app = web.Application(middlewares=[guard])
        app.router.add_get("/gateway/", self._gateway.serve)
        for method, path, handler in (
            ("GET", "/gateway", self.gateway),
            ("GET", "/users/@me", self.me),
            ("GET", "/users/@me/guilds", self.guilds),
            ("GET", "/uploads/{upload}", self.upload),
            ("POST", "/users/@me/channels", self.open_dm),
            ("GET", "/oauth2/applications/@me", self.app),
            ("GET", "/channels/{channel}", self.channel),
            ("GET", "/channels/{channel}/messages", self.history),
            ("POST", "/channels/{channel}/messages", self.post),
            ("GET", "/channels/{channel}/messages/{message}", self.message),
            ("PATCH", "/channels/{channel}/messages/{message}", self.edit),
            ("DELETE", "/channels/{channel}/messages/{message}", self.delete),
            ("GET", "/guilds/{guild}", self.guild),
            ("GET", "/guilds/{guild}/channels", self.channels),
            ("GET", "/guilds/{guild}/members/{member}", self.member),
            ("PATCH", "/guilds/{guild}/members/{member}", self.mute),
            ("DELETE", "/guilds/{guild}/members/{member}", self.kick),
            ("PUT", "/guilds/{guild}/bans/{member}", self.ban),
            ("DELETE", "/guilds/{guild}/bans/{member}", self.unban),
            ("PUT", "/applications/{app}/commands", self.register),
            ("PUT", "/applications/{app}/guilds/{guild}/commands", self.register),
            ("GET", "/applications/{app}/guilds/{guild}/commands/permissions", self.shown_to),
            ("POST", "/interactions/{id}/{token}/callback", self.answer),
            ("POST", "/webhooks/{app}/{token}", self.follow_up),
            ("PATCH", "/webhooks/{app}/{token}/messages/{message}", self.edit_answer),
        ):
            app.router.add_route(method, f"/api/v10{path}", handler)
        return app

    async def _guarded(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        path = request.path
        if path.startswith("/gateway"):
            return await handler(request)
        self.asked.append((request.method, path.removeprefix("/api/v10")))
        if self._unauthorised(request) and "/interactions/" not in path:
            return _refusal(ApiError(401, 0, "401: Unauthorized"))
        fault = self._faults.meet(request.method, path)
        if fault is None or fault.kind == "lost answer":
            try:
                answer = await handler(request)
            except ApiError as error:
                answer = _refusal(error)
            if fault is None:
                return answer
        return _broken(request, fault)

    def _unauthorised(self, request: web.Request) -> bool:
        if self._faults.token_revoked:
            return True
        # What carries a token of its own, or needs none, comes without this header.
        given = request.headers.get("Authorization")
        return given not in {None, f"Bot {self._token}"}

    # --- identity ----------------------------------------------------------------------------

    async def me(self, _: web.Request) -> web.Response:
        return _json(self._world.user(self._world.app.id))

    async def upload(self, request: web.Request) -> web.Response:
        return web.Response(body=self._world.uploads[request.match_info["upload"]])

    async def app(self, _: web.Request) -> web.Response:
        return _json(self._world.application())

    async def gateway(self, _: web.Request) -> web.Response:
        date = formatdate(time.time() + self._faults.seconds_ahead, usegmt=True)
        return _json({"url": self._gateway.address}, headers={"Date": date})

    async def guilds(self, _: web.Request) -> web.Response:
        here = {"id": self._world.guild_id, "name": "The Guild", "icon": None, "owner": False}
        return _json([{**here, "permissions": "0", "features": []}] * self._world.joined)

    async def open_dm(self, request: web.Request) -> web.Response:
        person = str((await _body(request))["recipient_id"])
        known_person = self._world.members.get(person)
        if known_person is not None and known_person.bot:
            raise ApiError(400, 50033, "Invalid Recipient(s)")
        key = f"dm-{person}"
        known = [c for c in self._world.channels.values() if c["name"] == key]
        channel = (
            known[0]
            if known
            else self._world.channels[
                self._world._add_channel(key, DM_CHANNEL, recipients=[self._world.user(person)])
            ]
        )
        return _json(channel)

    async def register(self, request: web.Request) -> web.Response:
        app = {"application_id": self._world.app.id, "version": "1", "description": ""}
        rows = json.loads(await request.text())
        self._world.commands = [{**app, **row, "id": self._world.new_id()} for row in rows]
        return _json(self._world.commands)

    async def shown_to(self, _: web.Request) -> web.Response:
        if self._world.command_permissions is None:
            raise ApiError(404, 0, "404: Not Found")
        return _json(self._world.command_permissions)

    # --- channels and messages ---------------------------------------------------------------

    async def guild(self, request: web.Request) -> web.Response:
        return _json(self._world.need_guild(request.match_info["guild"]))

    async def channels(self, request: web.Request) -> web.Response:
        return _json(self._world.need_guild(request.match_info["guild"])["channels"])

    async def channel(self, request: web.Request) -> web.Response:
        return _json(self._world.need_channel(request.match_info["channel"]))

    async def history(self, request: web.Request) -> web.Response:
        rows = self._world.history(request.match_info["channel"], dict(request.query))
        return _json(rows)

    async def message(self, request: web.Request) -> web.Response:
        return _json(self._world.need_message(*_message(request)))

    async def post(self, request: web.Request) -> web.Response:
        channel = request.match_info["channel"]
        message = self._world.post(channel, self._world.app.id, await _body(request))
        await self._gateway.dispatch("MESSAGE_CREATE", self._world.event(message))
        return _json(message)

    async def edit(self, request: web.Request) -> web.Response:
        message = self._world.edit(*_message(request), await _body(request))
        await self._gateway.dispatch("MESSAGE_UPDATE", self._world.event(message))
        return _json(message)

    async def delete(self, request: web.Request) -> web.Response:
        channel, message = _message(request)
        self._world.delete(channel, message)
        self._world.audit.append(("remove", message, _reason(request)))
        event = {"id": message, "channel_id": channel, "guild_id": self._world.guild_id}
        await self._gateway.dispatch("MESSAGE_DELETE", event)
        return web.Response(status=NO_CONTENT)

    # --- moderation --------------------------------------------------------------------------

    async def member(self, request: web.Request) -> web.Response:
        return _json(self._world.member(request.match_info["member"]))

    async def mute(self, request: web.Request) -> web.Response:
        until = (await _body(request))["communication_disabled_until"]
        member = request.match_info["member"]
        what = "timeout" if until else "untimeout"
        self._world.moderate(what, member, _reason(request)).muted_until = until
        return _json(self._world.member(member))

    async def kick(self, request: web.Request) -> web.Response:
        self._world.moderate("kick", request.match_info["member"], _reason(request))
        del self._world.members[request.match_info["member"]]
        return web.Response(status=NO_CONTENT)

    async def ban(self, request: web.Request) -> web.Response:
        member = request.match_info["member"]
        if member in self._world.members:
            self._world.moderate("ban", member, _reason(request))
        self._world.bans.add(member)
        self._world.members.pop(member, None)
        return web.Response(status=NO_CONTENT)

    async def unban(self, request: web.Request) -> web.Response:
        member = request.match_info["member"]
        if member not in self._world.bans:
            raise ApiError(404, 10026, "Unknown Ban")
        self._world.bans.discard(member)
        self._world.audit.append(("unban", member, _reason(request)))
        return web.Response(status=NO_CONTENT)

    # --- interactions ------------------------------------------------------------------------

    async def answer(self, request: web.Request) -> web.Response:
        body = await _body(request)
        return _json(self._visits.answer(request.match_info["token"], body))

    async def follow_up(self, request: web.Request) -> web.Response:
        body = await _body(request)
        return _json(self._visits.follow_up(request.match_info["token"], body))

    async def edit_answer(self, request: web.Request) -> web.Response:
        token, message = request.match_info["token"], request.match_info["message"]
        return _json(self._visits.edit(token, message, await _body(request)))


async def _body(request: web.Request) -> Payload:
    """Return the JSON of a request; files of a form are listed under `files`."""
    if request.content_type != "multipart/form-data":
        return dict(json.loads(await request.text() or "{}"))
    form = await request.post()
    body = json.loads(str(form["payload_json"]))
    files = [value for value in form.values() if isinstance(value, web.FileField)]
    return {
        **body,
        "files": [(each.filename, each.file.read()) for each in files],
        "attachments": [],
    }


def _json(data: object, status: int = 200, headers: dict[str, str] | None = None) -> web.Response:
    """Answer with JSON, naming no charset, as Discord does and its clients expect."""
    kind = {"Content-Type": "application/json"}
    return web.Response(
        # The bytes of files stay with the test; an answer only tells how many there were.
        body=json.dumps(data, default=len).encode(),
        status=status,
        headers={**(headers or {}), **kind},
    )


def _message(request: web.Request) -> tuple[str, str]:
    return request.match_info["channel"], request.match_info["message"]


def _reason(request: web.Request) -> str:
    return urllib.parse.unquote(request.headers.get("X-Audit-Log-Reason", ""))


def _refusal(error: ApiError) -> web.Response:
    body = {"code": error.code, "message": error.message}
    return _json(body, status=error.status)


def _broken(request: web.Request, fault: Fault) -> web.StreamResponse:
    if fault.kind in {"lost answer", "no answer"}:
        assert request.transport is not None
        request.transport.close()
        return web.Response()
    if fault.kind == "5xx":
        return web.Response(status=503, text="upstream connect error")
    body = {"message": "You are being rate limited.", "retry_after": fault.retry_after}
    headers = {"Retry-After": str(fault.retry_after)}
    if fault.kind == "429":
        headers["Via"] = "1.1 google"
    return _json({**body, "global": False}, status=429, headers=headers)
