"""Reading channels back through Discord's REST API.

Lives here: pages of history as comments, with the roles that history leaves out. Not here: which
part of it was missed (`bot.chat.intake`).
"""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Iterator

import discord

from bot.chat.settings import ChatSettings
from bot.chat.translate import to_comment, wanted, watched, withheld
from bot.errors import DeliveryError
from bot.model import Comment

_LOG = logging.getLogger(__name__)

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
        guild = self._guild()
        place = guild.get_channel_or_thread(int(channel))
        if place is None or not isinstance(place, discord.abc.Messageable):
            return
        members: dict[int, discord.Member | None] = {}
        start, me = discord.Object(position), guild.me.id
        try:
            async for message in place.history(after=start, limit=None, oldest_first=True):
                await self._know_author(guild, message, members)
                here = wanted(message, self._settings, me) and not withheld(message)
                yield message.id, to_comment(message) if here else None
        except (discord.Forbidden, discord.NotFound) as error:
            _LOG.warning("channel %s can no longer be read: %s", channel, error)

    async def _know_author(
        self,
        guild: discord.Guild,
        message: discord.Message,
        members: dict[int, discord.Member | None],
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
