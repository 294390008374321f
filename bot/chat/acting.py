"""Effects out: the sink that removes, warns, times out, kicks and bans.

Lives here: one call to Discord for each effect, whom it spares, and what is written into the case
and the audit log. Not here: whether an effect is due (`bot.review`).
"""

from __future__ import annotations

import hashlib
import logging
from datetime import timedelta

import discord

from bot.cases import Case, Deed
from bot.chat.connection import NETWORK_ERRORS, delivery_error
from bot.chat.settings import ACTS, ChatServices, ChatSettings
from bot.chat.words import cut, one_line
from bot.errors import DeliveryError
from bot.model import Delivery, Effect
from bot.review import RefusedError, hindrance, still_wanted

_LOG = logging.getLogger(__name__)

_LONGEST_TIMEOUT = timedelta(days=28)
_USUAL_TIMEOUT = timedelta(minutes=10)
_WARNING = (
    "A message of yours in **{guild}** was found to break its rules. Please read them again; the"
    " moderators can tell you more."
)
_HELD = (
    "A message of yours in **{guild}** is hidden until a moderator has looked at it. If they find"
    " nothing wrong, it is posted again."
)
_RELEASED = "Held for review at first; moderators found nothing wrong with it."
_ATTACHED = " What was attached could not be kept."
_LONGEST_TEXT = 4_000
_REFUSALS = frozenset({400, 403})
"""What Discord answers when another try would be answered alike."""

_GONE = {
    "remove": "it was already gone",
    "release": "its channel is gone",
    "unban": "they are not banned",
}
"""What is not there, by the effect that needed it; for all others it is the member."""

_ON_MEMBERS = frozenset({"warn", "timeout", "kick", "ban"})


class ActSink:
    """Carries out effects, each once, and writes into the case what came of it."""

    name = ACTS

    def __init__(
        self, client: discord.Client, settings: ChatSettings, services: ChatServices
    ) -> None:
        self._client = client
        self._settings = settings
        self._services = services

    async def deliver(self, delivery: Delivery) -> None:
        """Carry out the effect of the payload, unless a decision has overtaken it."""
        kind, by = str(delivery.payload["kind"]), str(delivery.payload["by"])
        number = int(str(delivery.payload["case"]))
        try:
            case = await self._services.desk.case(number)
            if not still_wanted(case, kind, by) or not case.comment.author.id:
                return
            effect = Effect(kind, _seconds(delivery.payload["seconds"]))
            done, detail = await self._attempt(case, effect, by, delivery)
        except RefusedError as error:
            raise DeliveryError(str(error), final=True) from error
        except NETWORK_ERRORS as error:
            raise delivery_error(error) from error
        await self._services.desk.did(
            number, Deed(effect, done=done, at=self._services.clock.now(), detail=detail)
        )

    async def _attempt(
        self, case: Case, effect: Effect, by: str, delivery: Delivery
    ) -> tuple[bool, str]:
        """Carry an effect out; return whether it is done, and what a moderator should know."""
        if not self._client.is_ready():
            raise DeliveryError("not connected to Discord", retry_after=1)
        author = int(case.comment.author.id)
        if nothing_there := hindrance(case, effect):
            return False, nothing_there
        if effect.kind in _ON_MEMBERS and not by and (spared := await self._spared(author)):
            return False, spared
        try:
            if effect.kind == "hold":
                return await self._hold(case, author, _reason(case, by), delivery)
            await self._do(case, effect, author, _reason(case, by), delivery.key)
        except discord.NotFound:
            # Perhaps by our own hand, before an answer was lost.
            return effect.kind == "remove", _GONE.get(effect.kind, "they are no longer a member")
        except discord.HTTPException as error:
            if error.status not in _REFUSALS:
                raise
            return False, f"Discord does not allow it: {error.text or 'missing permission'}"
        return True, ""

    async def _spared(self, author: int) -> str | None:
        """Say why no rule acts on a member on its own: moderators are spared."""
        guild = self._client.get_guild(self._settings.guild)
        if guild is None:
            raise DeliveryError("the server is not available", retry_after=10)
        try:
            member = await guild.fetch_member(author)
        except discord.NotFound:
            return None
        roles = {str(role.id) for role in member.roles}
        return None if roles.isdisjoint(self._settings.moderator_roles) else "a moderator wrote it"

    async def _do(self, case: Case, effect: Effect, author: int, reason: str, key: str) -> None:
        http, guild = self._client.http, self._settings.guild
        match effect.kind:
            case "remove":
                await self._delete(case, reason)
            case "release":
                await self._post_again(case, key)
            case "timeout":
                wanted = min(effect.duration or _USUAL_TIMEOUT, _LONGEST_TIMEOUT)
                until = (self._services.clock.now() + wanted).isoformat()
                await self._mute(author, until, reason)
            case "untimeout":
                await self._mute(author, None, reason)
            case "kick":
                await http.kick(author, guild, reason=reason)
            case "ban":
                await http.ban(author, guild, delete_message_seconds=0, reason=reason)
            case "unban":
                await http.unban(author, guild, reason=reason)
            case "warn":
                await self._tell(author, _WARNING, key)
            case other:
                raise DeliveryError(f"Discord knows no effect {other!r}", final=True)

    async def _mute(self, author: int, until: str | None, reason: str) -> None:
        guild = self._settings.guild
        await self._client.http.edit_member(
            guild, author, reason=reason, communication_disabled_until=until
        )

    async def _delete(self, case: Case, reason: str) -> None:
        channel, message = int(case.comment.channel), int(case.comment.id)
        await self._client.http.delete_message(channel, message, reason=reason)

    async def _hold(
        self, case: Case, author: int, reason: str, delivery: Delivery
    ) -> tuple[bool, str]:
        """Hide a message the one way that Discord has: delete it; the case keeps its text."""
        try:
            await self._delete(case, reason)
        except discord.NotFound:
            if case.deleted and delivery.attempts <= 1:
                # Its author was quicker, and may not want to see it again. Else it was our own
                # hand, before an answer was lost.
                return False, "its author deleted it first"
        if not self._settings.tell_when_held or case.comment.author.is_bot:
            return True, ""
        try:
            await self._tell(author, _HELD, delivery.key)
        except (discord.Forbidden, discord.NotFound):
            return True, "the author could not be told"
        return True, "the author was told"

    async def _post_again(self, case: Case, key: str) -> None:
        """Post what was held, in its author's name but with the bot's mouth: Discord has no other."""
        comment = case.comment
        attached = _ATTACHED if comment.attributes.get("attachments") else ""
        embed = discord.Embed(
            description=cut(comment.text, _LONGEST_TEXT) or None, timestamp=comment.created_at
        )
        embed.set_author(name=one_line(comment.author.name, 100) or "somebody")
        embed.set_footer(text=_RELEASED + attached)
        channel = self._client.get_partial_messageable(int(comment.channel))
        await channel.send(embed=embed, nonce=_nonce(key))

    async def _tell(self, author: int, words: str, key: str) -> None:
        """Tell the author, in words that do not say what was matched."""
        guild = self._client.get_guild(self._settings.guild)
        text = words.format(guild=guild.name if guild else "this server")
        person = await self._client.create_dm(discord.Object(author))
        await person.send(text, nonce=_nonce(key))


def _nonce(key: str) -> str:
    return hashlib.blake2b(key.encode(), digest_size=10).hexdigest()


def _reason(case: Case, by: str) -> str:
    rules = ", ".join(match.rule for match in case.verdict.acting) or "no rule"
    who = f"decided by {by}" if by else "automatic"
    return f"Gavel case {case.number}: {rules} ({who})"[:500]


def _seconds(value: object) -> timedelta | None:
    return timedelta(seconds=value) if isinstance(value, (int, float)) else None
