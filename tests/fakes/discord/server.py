"""The fake Discord as a test uses it: start it, act as people do, and look at what happened."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Callable, Mapping
from types import MappingProxyType, TracebackType
from typing import Any, Self

from aiohttp import web

from tests.fakes.discord.faults import Faults
from tests.fakes.discord.gateway import Gateway
from tests.fakes.discord.rest import Rest
from tests.fakes.discord.visits import Visit, Visits
from tests.fakes.discord.world import World

Payload = dict[str, Any]

File = tuple[str, bytes]
"""A name and what is in it."""

NO_FILES: Mapping[str, File] = MappingProxyType({})

TOKEN = "a-token-of-tests"
COMMAND, COMPONENT, AUTOCOMPLETE, MODAL_SUBMIT = 2, 3, 4, 5
SLASH, MESSAGE_MENU = 1, 3
BUTTON, SELECT, USER_SELECT = 2, 3, 5


class FakeDiscord:
    """One guild on the loopback interface."""

    def __init__(self) -> None:
        self.world = World()
        self.faults = Faults()
        self.token = TOKEN
        self.visits = Visits(self.world)
        self.gateway = Gateway(self.world, self.faults, TOKEN)
        self.rest = Rest(self.world, self.gateway, self.visits, self.faults, TOKEN)
        self.api_base = ""

    async def __aenter__(self) -> Self:
        self._runner = web.AppRunner(self.rest.application(), shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        port = self._runner.addresses[0][1]
        self.api_base = f"http://127.0.0.1:{port}/api/v10"
        self.gateway.address = f"ws://127.0.0.1:{port}/gateway/"
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.gateway.drop()
        await self._runner.cleanup()

    # --- what people do ----------------------------------------------------------------------

    async def say(self, author: str, channel: str, text: str, **more: object) -> str:
        message = self.world.post(channel, author, {"content": text, **more})
        await self.gateway.dispatch("MESSAGE_CREATE", self.world.event(message))
        return str(message["id"])

    async def edit(self, channel: str, message: str, text: str) -> None:
        edited = self.world.edit(channel, message, {"content": text})
        await self.gateway.dispatch("MESSAGE_UPDATE", self.world.event(edited))

    async def delete(self, channel: str, message: str) -> None:
        self.world.delete(channel, message)
        event = {"id": message, "channel_id": channel, "guild_id": self.world.guild_id}
        await self.gateway.dispatch("MESSAGE_DELETE", event)

    async def press(self, person: str, channel: str, message: str, label: str) -> Visit:
        """Press the button that reads `label`, as far as it is there and enabled."""
        for row in self.world.need_message(channel, message)["components"]:
            for each in row["components"]:
                if label in (each.get("label") or "") and not each.get("disabled"):
                    return await self.forge(person, channel, message, each["custom_id"])
        raise AssertionError(f"there is no button {label!r} to press")

    async def forge(
        self,
        person: str,
        channel: str,
        message: str,
        custom_id: str,
        values: list[str] | None = None,
    ) -> Visit:
        """Send a press whether or not such a component exists."""
        known = self.world.messages[channel].get(message) or self._shown(message)
        data: Payload = {"custom_id": custom_id, "component_type": BUTTON}
        if values is not None:
            members = {each: self.world.member(each) for each in values if each in self.people}
            users = {each: self.world.user(each) for each in members}
            kind = {"component_type": USER_SELECT, "resolved": {"members": members, "users": users}}
            data |= {"component_type": SELECT, "values": values, **(kind if members else {})}
        return await self._visit(person, channel, COMPONENT, data, known)

    async def submit(self, person: str, visit: Visit, **texts: str) -> Visit:
        """Fill in and send the modal that an interaction opened."""
        assert visit.modal is not None, "no modal was opened"
        rows = [
            {"type": 1, "components": [{"type": 4, "custom_id": name, "value": text}]}
            for name, text in texts.items()
        ]
        data = {"custom_id": visit.modal["custom_id"], "components": rows}
        return await self._visit(person, visit.channel, MODAL_SUBMIT, data, None)

    async def command(
        self,
        person: str,
        channel: str,
        name: str,
        *,
        asking: str = "",
        files: Mapping[str, File] = NO_FILES,
        **options: str | int,
    ) -> Visit:
        """Give a slash command, `group sub` for one in a group; `asking` asks for completions."""
        group, _, sub = name.partition(" ")
        kinds = {str: 3, int: 4, bool: 5}
        attached = {self.world.new_id(): (key, file) for key, file in files.items()}
        rows: list[Payload] = [
            {"name": key, "type": kinds[type(value)], "value": value}
            | ({"focused": True} if key == asking else {})
            for key, value in options.items()
        ]
        rows += [{"name": key, "type": 11, "value": each} for each, (key, _) in attached.items()]
        if sub:
            rows = [{"name": sub, "type": 1, "options": rows}]
        uploads = {each: self._uploaded(each, *file) for each, (_, file) in attached.items()}
        resolved = {"resolved": {"attachments": uploads}} if uploads else {}
        data = {"name": group, "type": SLASH, "options": rows, **resolved}
        kind = AUTOCOMPLETE if asking else COMMAND
        return await self._visit(person, channel, kind, {**data, **self._registered(group)}, None)

    async def menu(self, person: str, channel: str, message: str, name: str) -> Visit:
        """Choose an entry of a message's menu."""
        found = self.world.need_message(channel, message)
        data = {
            "name": name,
            "type": MESSAGE_MENU,
            "target_id": message,
            "resolved": {"messages": {message: found}},
        }
        return await self._visit(person, channel, COMMAND, {**data, **self._registered(name)}, None)

    @property
    def people(self) -> set[str]:
        """The ids of all members."""
        return set(self.world.members)

    # --- what a test looks at ----------------------------------------------------------------

    def posted(self, channel: str) -> list[Payload]:
        """Return the bot's messages in a channel, oldest first."""
        rows = self.world.messages[channel].values()
        return [each for each in rows if each["author"]["id"] == self.world.app.id]

    async def until(self, true: Callable[[], object], seconds: float = 60) -> None:
        """Wait until something is true; a machine so slow that it takes longer is none."""
        async with asyncio.timeout(seconds):
            while not true():  # noqa: ASYNC110 - what it waits for has no event
                await asyncio.sleep(0.01)

    def _uploaded(self, upload: str, name: str, content: bytes) -> Payload:
        self.world.uploads[upload] = content
        url = f"{self.api_base}/uploads/{upload}"
        about = {"id": upload, "filename": name, "size": len(content)}
        return {**about, "url": url, "proxy_url": url}

    def _registered(self, name: str) -> Payload:
        """Return the id of a registered command; Discord offers no others."""
        (known,) = [each for each in self.world.commands if each["name"] == name]
        return {"id": known["id"]}

    def _shown(self, message: str) -> Payload | None:
        for visit in self.visits.by_token.values():
            if message in visit.shown:
                return visit.shown[message]
        return None

    async def _visit(
        self, person: str, channel: str, kind: int, data: Payload, message: Payload | None
    ) -> Visit:
        visit = Visit(
            self.world.new_id(), uuid.uuid4().hex, channel, message["id"] if message else None
        )
        self.visits.by_token[visit.token] = visit
        event = {
            "id": visit.id,
            "application_id": self.world.app.id,
            "type": kind,
            "token": visit.token,
            "version": 1,
            "guild_id": self.world.guild_id,
            "channel": self.world.channels[channel],
            "channel_id": channel,
            "member": {**self.world.member(person), "permissions": "0"},
            "data": data,
            "app_permissions": "0",
            "attachment_size_limit": 10_000_000,
            "entitlements": [],
            **({"message": message} if message else {}),
        }
        await self.gateway.dispatch("INTERACTION_CREATE", event)
        return visit
