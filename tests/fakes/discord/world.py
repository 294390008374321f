"""What exists in the fake Discord: one guild, its people, channels and messages."""

from __future__ import annotations

import re
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from tests.fakes.discord.limits import ApiError, check_message

Payload = dict[str, Any]

EPOCH_MS = 1_420_070_400_000
TEXT_CHANNEL, DM_CHANNEL, PUBLIC_THREAD = 0, 1, 11
DEFAULT, REPLY, EPHEMERAL = 0, 19, 64
MENTIONABLE = re.compile(r"@everyone|@here|<@[!&]?\d+>")

VIEW_CHANNEL, SEND, EMBED, READ_HISTORY = 1 << 10, 1 << 11, 1 << 14, 1 << 16
KICK, BAN, MANAGE_MESSAGES, MODERATE = 1 << 1, 1 << 2, 1 << 13, 1 << 40
MANAGE_GUILD = 1 << 5
EVERYBODY = VIEW_CHANNEL | SEND | READ_HISTORY
BOT = EVERYBODY | EMBED | KICK | BAN | MANAGE_MESSAGES | MODERATE | MANAGE_GUILD


@dataclass
class Member:
    """Somebody in the guild; `rank` is the position of their highest role."""

    id: str
    name: str
    roles: list[str] = field(default_factory=list)
    bot: bool = False
    muted_until: str | None = None


class World:
    """The state, and what may be done to it; every refusal is an `ApiError`."""

    def __init__(self) -> None:
        self._last_id = 0
        self.guild_id = self.new_id()
        self.app = Member(self.new_id(), "gavel", bot=True)
        self.roles: dict[str, Payload] = {}
        self.members: dict[str, Member] = {self.app.id: self.app}
        self.channels: dict[str, Payload] = {}
        self.messages: dict[str, dict[str, Payload]] = {}
        self.nonces: dict[tuple[str, str], str] = {}
        self.bans: set[str] = set()
        self.audit: list[tuple[str, str, str]] = []
        self.commands: list[Payload] = []
        self.command_permissions: list[Payload] | None = []
        self.pings: list[str] = []
        self.uploads: dict[str, bytes] = {}
        self.flags = 1 << 18  # message content is granted
        self.interactions_endpoint: str | None = None
        self.joined = True
        self._add_role(self.guild_id, "@everyone", 0, EVERYBODY)
        own = self.add_role("gavel", 5, BOT)
        self.roles[own]["managed"] = True
        self.app.roles.append(own)

    def new_id(self) -> str:
        """Return a snowflake that tells the time and grows with every call."""
        fresh = (int(time.time() * 1000) - EPOCH_MS) << 22
        self._last_id = max(fresh, self._last_id + 1)
        return str(self._last_id)

    # --- people and places -------------------------------------------------------------------

    def add_role(self, name: str, position: int = 1, permissions: int = 0) -> str:
        return self._add_role(self.new_id(), name, position, permissions)

    def _add_role(self, role: str, name: str, position: int, permissions: int) -> str:
        self.roles[role] = {
            "id": role,
            "name": name,
            "position": position,
            "permissions": str(permissions),
            "color": 0,
            "colors": {"primary_color": 0, "secondary_color": None, "tertiary_color": None},
            "hoist": False,
            "managed": False,
            "mentionable": False,
        }
        return role

    def add_member(self, name: str, *roles: str, bot: bool = False) -> str:
        member = Member(self.new_id(), name, list(roles), bot)
        self.members[member.id] = member
        return member.id

    def add_channel(self, name: str, *, private_to: tuple[str, ...] | None = None) -> str:
        """Add a text channel; `private_to` lists the roles that may see it."""
        overwrites = []
        if private_to is not None:
            denied = {"id": self.guild_id, "type": 0, "allow": "0", "deny": str(VIEW_CHANNEL)}
            own = self.app.roles[0]
            overwrites = [denied] + [
                {"id": role, "type": 0, "allow": str(VIEW_CHANNEL), "deny": "0"}
                for role in (own, *private_to)
            ]
        return self._add_channel(name, TEXT_CHANNEL, permission_overwrites=overwrites)

    def add_thread(self, name: str, parent: str) -> str:
        archive = {"archived": False, "auto_archive_duration": 60, "archive_timestamp": now()}
        return self._add_channel(
            name,
            PUBLIC_THREAD,
            parent_id=parent,
            owner_id=self.app.id,
            message_count=0,
            member_count=1,
            thread_metadata=archive,
        )

    def _add_channel(self, name: str, kind: int, **more: object) -> str:
        channel = self.new_id()
        self.messages[channel] = {}
        self.channels[channel] = {
            "id": channel,
            "type": kind,
            "guild_id": self.guild_id,
            "name": name,
            "position": 0,
            "permission_overwrites": [],
            "last_message_id": None,
            **more,
        }
        return channel

    def allows(self, permission: int) -> bool:
        """Say whether the bot has a permission on the whole server."""
        return any(int(self.roles[role]["permissions"]) & permission for role in self.app.roles)

    def rank(self, member: str) -> int:
        roles = self.members[member].roles
        return max((self.roles[role]["position"] for role in roles), default=0)

    # --- messages ----------------------------------------------------------------------------

    def post(self, channel: str, author: str, body: Payload) -> Payload:
        """Post a message; a nonce that is to be enforced posts once."""
        self.need_channel(channel)
        check_message(body)
        nonce = body.get("nonce")
        known = self.nonces.get((author, str(nonce))) if body.get("enforce_nonce") else None
        if known and known in self.messages[channel]:
            return self.messages[channel][known]
        message = self._message(channel, author, body)
        self.messages[channel][message["id"]] = message
        self.channels[channel]["last_message_id"] = message["id"]
        if nonce:
            message["nonce"] = nonce
            self.nonces[author, str(nonce)] = message["id"]
        self._ping(body)
        return message

    def edit(self, channel: str, message: str, body: Payload) -> Payload:
        old = self.need_message(channel, message)
        new = {**old, **{k: v for k, v in body.items() if k in EDITABLE}, "edited_timestamp": now()}
        check_message(new)
        self.messages[channel][message] = new
        self._ping(body)
        return new

    def delete(self, channel: str, message: str) -> None:
        self.need_message(channel, message)
        del self.messages[channel][message]

    def history(self, channel: str, query: dict[str, str]) -> list[Payload]:
        """Return messages newest first, or, after an id, the oldest of those first."""
        self.need_channel(channel)
        limit = int(query.get("limit", 50))
        rows = sorted(self.messages[channel].values(), key=lambda each: int(each["id"]))
        if "after" in query:
            later = [each for each in rows if int(each["id"]) > int(query["after"])]
            return later[:limit][::-1]
        if "before" in query:
            rows = [each for each in rows if int(each["id"]) < int(query["before"])]
        return rows[-limit:][::-1]

    def _message(self, channel: str, author: str, body: Payload) -> Payload:
        reference = body.get("message_reference")
        return {
            "id": self.new_id(),
            "channel_id": channel,
            "author": self.user(author),
            "content": body.get("content") or "",
            "timestamp": now(),
            "edited_timestamp": None,
            "tts": False,
            "mention_everyone": "@everyone" in (body.get("content") or ""),
            "mentions": [],
            "mention_roles": [],
            "attachments": body.get("attachments") or [],
            "embeds": body.get("embeds") or [],
            "components": body.get("components") or [],
            "pinned": False,
            "type": REPLY if reference else DEFAULT,
            "flags": body.get("flags", 0),
            **({"message_reference": {"channel_id": channel, **reference}} if reference else {}),
        }

    def _ping(self, body: Payload) -> None:
        """Note whom a message of the bot would have notified."""
        allowed = body.get("allowed_mentions")
        if allowed is None or allowed.get("parse") or allowed.get("users") or allowed.get("roles"):
            self.pings += MENTIONABLE.findall(body.get("content") or "")

    def need_guild(self, guild: str) -> Payload:
        if guild != self.guild_id or not self.joined:
            raise ApiError(404, 10004, "Unknown Guild")
        return self.guild()

    def need_channel(self, channel: str) -> Payload:
        if channel not in self.channels:
            raise ApiError(404, 10003, "Unknown Channel")
        return self.channels[channel]

    def need_message(self, channel: str, message: str) -> Payload:
        self.need_channel(channel)
        if message not in self.messages[channel]:
            raise ApiError(404, 10008, "Unknown Message")
        return self.messages[channel][message]

    # --- moderation --------------------------------------------------------------------------

    def need_member(self, member: str) -> Member:
        if member not in self.members:
            raise ApiError(404, 10007, "Unknown Member")
        return self.members[member]

    def moderate(self, what: str, member: str, reason: str) -> Member:
        """Check what the bot may do to a member, and write it into the audit log."""
        found = self.need_member(member)
        if self.rank(member) >= self.rank(self.app.id):
            raise ApiError(403, 50013, "Missing Permissions")
        self.audit.append((what, member, reason))
        return found

    # --- payloads ----------------------------------------------------------------------------

    def user(self, member: str) -> Payload:
        found = self.members.get(member) or Member(member, "gone")
        return {
            "id": found.id,
            "username": found.name,
            "discriminator": "0",
            "global_name": found.name,
            "avatar": None,
            "bot": found.bot,
        }

    def member(self, member: str, *, user: bool = True) -> Payload:
        found = self.need_member(member)
        payload = {
            "roles": found.roles,
            "joined_at": "2023-01-01T00:00:00+00:00",
            "deaf": False,
            "mute": False,
            "flags": 0,
            "nick": None,
            "communication_disabled_until": found.muted_until,
        }
        return {**payload, "user": self.user(member)} if user else payload

    def event(self, message: Payload) -> Payload:
        """Return a message as the gateway tells it, with guild and member."""
        author = message["author"]["id"]
        known = author in self.members and "webhook_id" not in message
        more = {"member": self.member(author, user=False)} if known else {}
        guild = (
            {}
            if self.channels[message["channel_id"]]["type"] == DM_CHANNEL
            else {"guild_id": self.guild_id}
        )
        return {**message, **guild, **more}

    def guild(self) -> Payload:
        everywhere = [c for c in self.channels.values() if c["type"] != DM_CHANNEL]
        return {
            "id": self.guild_id,
            "name": "The Guild",
            "owner_id": "1",
            "member_count": len(self.members),
            "roles": list(self.roles.values()),
            "channels": [c for c in everywhere if c["type"] != PUBLIC_THREAD],
            "threads": [c for c in everywhere if c["type"] == PUBLIC_THREAD],
            "members": [self.member(self.app.id)],
            "emojis": [],
            "stickers": [],
            "features": [],
        }

    def application(self) -> Payload:
        return {
            "id": self.app.id,
            "name": "gavel",
            "description": "",
            "icon": None,
            "bot_public": False,
            "bot_require_code_grant": False,
            "verify_key": "0" * 64,
            "owner": self.user("1"),
            "flags": self.flags,
            "interactions_endpoint_url": self.interactions_endpoint,
        }


EDITABLE = ("content", "embeds", "components", "attachments", "flags")


def now() -> str:
    return datetime.now(UTC).isoformat()
