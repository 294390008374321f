"""Reading channels back through Discord's REST API.

Lives here: pages of history as comments, with the roles that history leaves out. Not here: which
part of it was missed (`bot.chat.intake`).
"""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Iterator
from datetime import datetime
from typing import Any

import discord

from bot.chat.settings import ChatSettings
from bot.chat.translate import to_comment, wanted, watched, withheld
from bot.errors import DeliveryError
from bot.model import Comment

_LOG = logging.getLogger(__name__)

MOST_RE_READ = 1_000
"""Messages of one channel that are looked through for edits made while the bot was away."""

Members = dict[int, discord.Member | None]
"""The authors asked for so far; `None` for one who left."""

Readable = discord.TextChannel | discord.VoiceChannel | discord.StageChannel | discord.Thread


class DiscordHistory:
    """A `bot.chat.intake.History`."""

    def __init__(self, client: discord.Client, settings: ChatSettings) -> None:
        self._client = client
        self._settings = settings

    def newest(self) -> dict[str, int]:
        """Return the channels that are to be screened, with the ids of their newest messages."""
        return {
            str(channel.id): channel.last_message_id or 0
            for channel in self._readable()
            if watched(channel, self._settings)
        }

    async def after(self, channel: str, position: int) -> AsyncIterator[tuple[int, Comment | None]]:
        """Yield ids above `position`, oldest first; `None` for what is not to be screened."""
        members: Members = {}
        start = discord.Object(position)
        async for message in self._messages(channel, after=start, oldest_first=True):
            yield message.id, await self._comment(message, members)

    async def edited(self, channel: str, position: int, since: datetime) -> AsyncIterator[Comment]:
        """Yield the messages up to `position` that were posted since a time, and later edited.

        Of a busy channel the newest `MOST_RE_READ` messages are looked at.
        """
        members: Members = {}
        before = discord.Object(position + 1)
        async for message in self._messages(
            channel, before=before, after=since, limit=MOST_RE_READ, oldest_first=False
        ):
            if message.edited_at is not None and (found := await self._comment(message, members)):
                yield found

    async def _messages(
        self, channel: str, *, limit: int | None = None, **stretch: Any
    ) -> AsyncIterator[discord.Message]:
        """Yield a stretch of a channel; one that can no longer be read has nothing to give."""
        place = self._guild().get_channel_or_thread(int(channel))
        if place is None or not isinstance(place, discord.abc.Messageable):
            return
        try:
            async for message in place.history(limit=limit, **stretch):
                yield message
        except (discord.Forbidden, discord.NotFound) as error:
            _LOG.warning("channel %s can no longer be read: %s", channel, error)

    async def _comment(self, message: discord.Message, members: Members) -> Comment | None:
        """Return a message as a comment, or `None` when it is not to be screened."""
        guild = self._guild()
        await self._know_author(guild, message, members)
        if wanted(message, self._settings, guild.me.id) and not withheld(message):
            return to_comment(message)
        return None

    async def _know_author(
        self,
        guild: discord.Guild,
        message: discord.Message,
        members: Members,
    ) -> None:
        """History tells no roles: ask for each author once; who left has none."""
        author = message.author.id
        if message.webhook_id is not None or message.author.bot:
            return
        if author not in members:
            try:
                members[author] = await guild.fetch_member(author)
            except discord.NotFound:
                members[author] = None
        message.author = members[author] or message.author

    def _readable(
        self,
    ) -> Iterator[
        discord.TextChannel | discord.VoiceChannel | discord.StageChannel | discord.Thread
    ]:
        guild = self._guild()
        for places in (
            guild.text_channels,
            guild.voice_channels,
            guild.stage_channels,
            guild.threads,
        ):
            for place in places:
                mine = place.permissions_for(guild.me)
                if mine.view_channel and mine.read_message_history:
                    yield place

    def _guild(self) -> discord.Guild:
        guild = self._client.get_guild(self._settings.guild)
        if guild is None:
            raise DeliveryError("the server is not available")
        return guild
