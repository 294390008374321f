"""Interactions: what a person did, and what the bot answered."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, field
from typing import Any

from tests.fakes.discord.limits import ApiError, check_message, check_modal
from tests.fakes.discord.world import EPHEMERAL, World, now

Payload = dict[str, Any]

SECONDS_TO_ANSWER = 60.0
"""Discord gives three; here, a busy machine is no fault of the bot."""

MESSAGE, DEFERRED_MESSAGE, DEFERRED_UPDATE, UPDATE, CHOICES, MODAL = 4, 5, 6, 7, 8, 9


@dataclass
class Visit:
    """One interaction. `texts` are what the bot showed to the person, in order."""

    id: str
    token: str
    channel: str
    message: str | None
    sent_at: float = field(default_factory=time.monotonic)
    answered_after: float | None = None
    kind: int = 0
    modal: Payload | None = None
    choices: list[Payload] = field(default_factory=list)
    shown: dict[str, Payload] = field(default_factory=dict)
    changed: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def texts(self) -> list[str]:
        return [text_of(message) for message in self.shown.values()]

    async def text(self) -> str:
        """Wait for the first text that the bot shows to the person."""
        while not (self.texts and self.texts[0]):
            self.changed.clear()
            await asyncio.wait_for(self.changed.wait(), SECONDS_TO_ANSWER)
        return self.texts[0]

    async def answered(self) -> float:
        """Wait for the answer and return how many seconds it took."""
        while self.answered_after is None:
            self.changed.clear()
            await asyncio.wait_for(self.changed.wait(), SECONDS_TO_ANSWER)
        return self.answered_after


class Visits:
    """All interactions, by token."""

    def __init__(self, world: World) -> None:
        self._world = world
        self.by_token: dict[str, Visit] = {}

    def answer(self, token: str, body: Payload) -> Payload:
        """Take the first answer; too late or twice is refused as Discord does."""
        visit = self.need(token)
        waited = time.monotonic() - visit.sent_at
        if waited > SECONDS_TO_ANSWER:
            raise ApiError(404, 10062, "Unknown interaction")
        if visit.answered_after is not None:
            raise ApiError(400, 40060, "Interaction has already been acknowledged.")
        kind, data = body["type"], body.get("data") or {}
        message = self._apply(visit, kind, data)
        visit.answered_after, visit.kind = waited, kind
        visit.changed.set()
        callback = {"id": visit.id, "type": kind, "response_message_ephemeral": True}
        resource = {"type": kind, "message": message} if message else {"type": kind}
        return {"interaction": callback, "resource": resource}

    def _apply(self, visit: Visit, kind: int, data: Payload) -> Payload | None:
        if kind == MODAL:
            check_modal(data)
            visit.modal = data
        elif kind == CHOICES:
            visit.choices = data["choices"]
        elif kind == UPDATE and visit.message:
            return self._world.edit(visit.channel, visit.message, data)
        elif kind in {MESSAGE, DEFERRED_MESSAGE}:
            return self.show(visit, data, checked=kind == MESSAGE)
        return None

    def show(self, visit: Visit, body: Payload, *, checked: bool = True) -> Payload:
        if checked:
            check_message(body)
        message = {
            **self._world._message(visit.channel, self._world.app.id, body),
            "flags": body.get("flags", 0) | EPHEMERAL,
            "timestamp": now(),
            **({"files": body["files"]} if "files" in body else {}),
        }
        self._world._ping(body)
        visit.shown[message["id"]] = message
        visit.changed.set()
        return message

    def follow_up(self, token: str, body: Payload) -> Payload:
        """Show another message; the first one takes the place of `thinking`."""
        visit = self.need(token)
        thinking = visit.kind == DEFERRED_MESSAGE and not any(visit.texts)
        return self.edit(token, "@original", body) if thinking else self.show(visit, body)

    def edit(self, token: str, message: str, body: Payload) -> Payload:
        """Edit what was shown; `@original` is the first, or the message that was pressed."""
        visit = self.need(token)
        if message == "@original" and not visit.shown and visit.message:
            return self._world.edit(visit.channel, visit.message, body)
        key = next(iter(visit.shown)) if message == "@original" else message
        visit.shown[key] = {**visit.shown[key], **body}
        check_message(visit.shown[key])
        visit.changed.set()
        return visit.shown[key]

    def need(self, token: str) -> Visit:
        if token not in self.by_token:
            raise ApiError(404, 10015, "Unknown Webhook")
        return self.by_token[token]


def text_of(message: Payload) -> str:
    """Return all that a person reads in a message."""
    parts = [message.get("content") or ""]
    for embed in message.get("embeds") or []:
        parts += [embed.get("title", ""), embed.get("description", "")]
        parts += [f"{each['name']}: {each['value']}" for each in embed.get("fields", [])]
        parts.append(embed.get("footer", {}).get("text", ""))
    return "\n".join(part for part in parts if part)
