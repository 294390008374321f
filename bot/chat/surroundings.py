"""What stood around a message: its parent, and those before it.

Lives here: asking Discord, and remembering the answer for the next drawing of the same card. A card
without surroundings is better than none: what cannot be read is left out, and so is what somebody
wrote who was forgotten since.
"""

from __future__ import annotations

import asyncio
import logging
from collections import OrderedDict

import discord

from bot.chat.settings import SOURCE, ChatServices
from bot.chat.translate import to_comment
from bot.model import Comment

_LOG = logging.getLogger(__name__)

_BEFORE = 3
"""One more than a card shows: the parent, often the last of them, is shown by itself."""

_REMEMBERED = 500

Around = tuple[Comment | None, tuple[Comment, ...]]


class Surroundings:
    """Reads what moderators need for judging a message."""

    def __init__(self, client: discord.Client, services: ChatServices) -> None:
        self._client = client
        self._services = services
        self._known: OrderedDict[str, Around] = OrderedDict()

    async def of(self, comment: Comment) -> Around:
        """Return the parent and the messages before a comment, oldest first."""
        key = f"{comment.channel}:{comment.id}"
        if key not in self._known:
            self._known[key] = await self._read(comment)
        if len(self._known) > _REMEMBERED:
            self._known.popitem(last=False)
        parent, before = self._known[key]
        kept = [each for each in before if not await self._is_forgotten(each)]
        return None if parent and await self._is_forgotten(parent) else parent, tuple(kept)

    async def _is_forgotten(self, comment: Comment) -> bool:
        """Say whether the author was forgotten after this; what they write anew is quoted again."""
        at = await self._services.forgotten_at(comment.source, comment.author.id)
        return at is not None and (comment.created_at is None or comment.created_at <= at)

    def forget(self, comment: Comment) -> None:
        """Have what stands around a comment read anew."""
        self._known.pop(f"{comment.channel}:{comment.id}", None)

    async def _read(self, comment: Comment) -> Around:
        # A site's ids may look like Discord's; a message that was never posted has none.
        if comment.source != SOURCE or not (comment.id + comment.channel).isdecimal():
            return None, ()
        channel = self._client.get_partial_messageable(int(comment.channel))
        parent, before = await asyncio.gather(
            _parent(channel, comment), _before(channel, comment), return_exceptions=True
        )
        for failure in (parent, before):
            if isinstance(failure, BaseException):
                _LOG.info("what is around message %s cannot be read: %r", comment.id, failure)
        return (
            None if isinstance(parent, BaseException) else parent,
            () if isinstance(before, BaseException) else before,
        )


async def _parent(channel: discord.PartialMessageable, comment: Comment) -> Comment | None:
    if not comment.parent_id:
        return None
    return to_comment(await channel.fetch_message(int(comment.parent_id)))


async def _before(channel: discord.PartialMessageable, comment: Comment) -> tuple[Comment, ...]:
    here = discord.Object(int(comment.id))
    found = [to_comment(each) async for each in channel.history(before=here, limit=_BEFORE)]
    return tuple(reversed(found))
