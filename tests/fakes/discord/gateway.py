"""The gateway: hello, identify, resume, heartbeats, dispatch."""

from __future__ import annotations

import json
import uuid
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from aiohttp import WSMsgType, web

from tests.fakes.discord.faults import Faults
from tests.fakes.discord.world import MANAGE_GUILD, World

DISPATCH, HEARTBEAT, IDENTIFY, RESUME, INVALID, HELLO, ACK = 0, 1, 2, 6, 9, 10, 11
BAD_TOKEN, BAD_INTENTS = 4004, 4014


@dataclass
class Session:
    """One session of the client; events that it missed wait in `sent` for a resume."""

    id: str
    socket: web.WebSocketResponse | None
    sent: list[dict[str, Any]] = field(default_factory=list)

    async def dispatch(self, name: str, data: object) -> None:
        event = {"op": DISPATCH, "t": name, "s": len(self.sent) + 1, "d": data}
        self.sent.append(event)
        if self.socket is not None and not self.socket.closed:
            # A client that is just gone has not been missed yet; the event waits for its resume.
            with suppress(ConnectionResetError):
                await self.socket.send_json(event)


class Gateway:
    """Serves websockets; `identified` and `resumed` count how often clients came."""

    def __init__(self, world: World, faults: Faults, token: str) -> None:
        self._world, self._faults, self._token = world, faults, token
        self.address = ""
        self.sessions: dict[str, Session] = {}
        self.identified = 0
        self.resumed = 0

    async def serve(self, request: web.Request) -> web.StreamResponse:
        if self._faults.refuse_gateway:
            return web.Response(status=503)
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        await socket.send_json({"op": HELLO, "d": {"heartbeat_interval": 41_250}})
        async for message in socket:
            if message.type is WSMsgType.TEXT:
                await self._answer(socket, json.loads(message.data))
        for session in self.sessions.values():
            if session.socket is socket:
                session.socket = None
        return socket

    async def dispatch(self, name: str, data: object) -> None:
        if name.startswith("AUTO_MODERATION") and not self._world.allows(MANAGE_GUILD):
            return
        for session in list(self.sessions.values()):
            await session.dispatch(name, data)

    async def send_raw(self, text: str) -> None:
        """Send what no Discord would."""
        for session in self.sessions.values():
            if session.socket is not None:
                with suppress(ConnectionResetError):
                    await session.socket.send_str(text)

    async def drop(self) -> None:
        """Cut every connection without a word; sessions stay, unless resuming is refused."""
        if self._faults.refuse_resume:
            dropped, self.sessions = self.sessions, {}
        else:
            dropped = self.sessions
        for session in list(dropped.values()):
            socket, session.socket = session.socket, None
            if socket is not None:
                await socket.close(code=1011)

    async def _answer(self, socket: web.WebSocketResponse, message: dict[str, Any]) -> None:
        if message["op"] == HEARTBEAT:
            await socket.send_json({"op": ACK, "d": None})
        elif message["op"] == IDENTIFY:
            await self._identify(socket, message["d"])
        elif message["op"] == RESUME:
            await self._resume(socket, message["d"])

    async def _identify(self, socket: web.WebSocketResponse, data: dict[str, Any]) -> None:
        if self._faults.token_revoked or data["token"] != self._token:
            await socket.close(code=BAD_TOKEN)
        elif self._faults.refuse_intents:
            await socket.close(code=BAD_INTENTS)
        else:
            self.identified += 1
            session = Session(uuid.uuid4().hex, socket)
            # As a bot that identifies anew, the old session can no longer be resumed.
            self.sessions = {session.id: session}
            await session.dispatch("READY", self._ready(session))
            await session.dispatch("GUILD_CREATE", self._world.guild())

    async def _resume(self, socket: web.WebSocketResponse, data: dict[str, Any]) -> None:
        if self._faults.token_revoked:
            await socket.close(code=BAD_TOKEN)
            return
        session = self.sessions.get(data["session_id"])
        if session is None or self._faults.refuse_resume:
            await socket.send_json({"op": INVALID, "d": False})
            return
        self.resumed += 1
        session.socket = socket
        for event in session.sent[data["seq"] :]:
            await socket.send_json(event)
        await session.dispatch("RESUMED", {})

    def _ready(self, session: Session) -> dict[str, Any]:
        return {
            "v": 10,
            "user": self._world.user(self._world.app.id),
            "session_id": session.id,
            "resume_gateway_url": self.address,
            "guilds": [{"id": self._world.guild_id, "unavailable": True}],
            "application": {"id": self._world.app.id, "flags": self._world.flags},
        }
