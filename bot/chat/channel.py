"""The review channel: posting once, updating in place, and finding what was posted.

Lives here: calls to Discord for one channel. Not here: what is posted (`bot.chat.sinks`,
`bot.chat.digest`) and when it is tried again (`bot.outbox`).
"""

from __future__ import annotations

from datetime import datetime

import discord

from bot.chat.card import Card
from bot.chat.settings import ChatSettings
from bot.chat.ui import to_view
from bot.errors import DeliveryError


class ReviewChannel:
    """The one channel that moderators read."""

    def __init__(self, client: discord.Client, settings: ChatSettings) -> None:
        self._client = client
        self._id = settings.review_channel

    async def post(self, nonce: str, text: str = "", drawn: Card | None = None) -> int:
        """Post once for a nonce, and return the message's id."""
        channel = self._channel()
        if drawn is None:
            return (await channel.send(text, nonce=nonce)).id
        embed, view = discord.Embed.from_dict(drawn.embed), to_view(drawn.components)
        return (await channel.send(embed=embed, view=view, nonce=nonce)).id

    async def redrawn(self, message: int, drawn: Card) -> bool:
        """Update a card in place; false when a moderator deleted it."""
        embed, view = discord.Embed.from_dict(drawn.embed), to_view(drawn.components)
        try:
            await self._channel().get_partial_message(message).edit(embed=embed, view=view)
        except discord.NotFound:
            return False
        return True

    async def find(self, identity: str, since: datetime) -> int | None:
        """Return our message since a time that has a component with this id."""
        me = self._client.user
        async for message in self._channel().history(after=since, limit=None):
            ids = (getattr(c, "custom_id", None) for row in message.components for c in _parts(row))
            if me is not None and message.author.id == me.id and identity in ids:
                return message.id
        return None

    def _channel(self) -> discord.PartialMessageable:
        if not self._client.is_ready():
            raise DeliveryError("not connected to Discord", retry_after=1)
        return self._client.get_partial_messageable(self._id)


def _parts(row: object) -> list[object]:
    return list(getattr(row, "children", ()))
