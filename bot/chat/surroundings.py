"""What stood around a message: its parent, and the two before it.

Lives here: asking Discord, and remembering the answer for the next drawing of the same card. A card
without surroundings is better than none: what cannot be read is left out.
"""

from __future__ import annotations

import logging
from collections import OrderedDict

import discord

from bot.chat.connection import NETWORK_ERRORS
from bot.chat.translate import to_comment
from bot.model import Comment

_LOG = logging.getLogger(__name__)

_BEFORE = 2
_REMEMBERED = 500

Around = tuple[Comment | None, tuple[Comment, ...]]


class Surroundings:
    """Reads what moderators need for judging a message."""

    def __init__(self, client: discord.Client) -> None:
        self._client = client
        self._known: OrderedDict[str, Around] = OrderedDict()

    async def of(self, comment: Comment) -> Around:
        """Return the parent and the messages before a comment, oldest first."""
        key = f"{comment.channel}:{comment.id}"
        if key not in self._known:
            self._known[key] = await self._read(comment)
        if len(self._known) > _REMEMBERED:
            self._known.popitem(last=False)
        return self._known[key]

    async def _read(self, comment: Comment) -> Around:
        channel = self._client.get_partial_messageable(int(comment.channel))
        parent: Comment | None = None
        before: list[Comment] = []
        if not comment.id.isdigit():
            return parent, ()
        try:
            if comment.parent_id:
                parent = to_comment(await channel.fetch_message(int(comment.parent_id)))
            here = discord.Object(int(comment.id))
            before = [to_comment(m) async for m in channel.history(before=here, limit=_BEFORE)]
        except NETWORK_ERRORS:
            _LOG.info("the surroundings of message %s cannot be read", comment.id, exc_info=True)
        return parent, tuple(reversed(before))
