"""Messages of which no event says that they were deleted: found, and shown on their cards.

Lives here: asking Discord for the messages of open cases, slowly: after a start, a lost session, or
when a channel or thread was deleted with all in it.
Deletions that come as events are noted by `bot.chat.client`. Settled cases are left alone.
"""

from __future__ import annotations

import asyncio
import logging

import discord

from bot.cases import Case
from bot.chat.connection import NETWORK_ERRORS
from bot.chat.settings import SOURCE
from bot.errors import GavelError
from bot.ports import Clock
from bot.review import ReviewDesk

_LOG = logging.getLogger(__name__)

MOST_ASKED = 200
"""Open cases, the gravest first, whose messages are looked for."""

PAUSE = 0.5
"""Seconds between two questions: nothing waits for the answers, and cards go first."""

_TAKEN_DOWN = frozenset({"remove", "hold"})


class Deletions:
    """Looks for the messages of open cases."""

    def __init__(self, client: discord.Client, desk: ReviewDesk, clock: Clock) -> None:
        self._client, self._desk, self._clock = client, desk, clock
        self._task: asyncio.Task[None] | None = None

    def look(self) -> None:
        """Begin to look, in place of a look that is under way."""
        if self._task is not None:
            self._task.cancel()
        self._task = asyncio.create_task(self._look(), name="deletions")

    async def close(self) -> None:
        """Stop; the next start looks anew."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _look(self) -> None:
        try:
            for case in await self._desk.queue(MOST_ASKED):
                if _may_be_gone(case):
                    if await self._is_gone(case):
                        comment = case.comment
                        await self._desk.gone(SOURCE, comment.channel, comment.id)
                    await self._clock.sleep(PAUSE)
        except GavelError:
            _LOG.exception("what was deleted unseen is looked for after the next start")

    async def _is_gone(self, case: Case) -> bool:
        channel = self._client.get_partial_messageable(int(case.comment.channel))
        try:
            await channel.fetch_message(int(case.comment.id))
        except discord.NotFound:
            return True
        except NETWORK_ERRORS as error:
            # A card that says too little is better than one that is wrong.
            _LOG.info("whether case %d still has its message is not known: %r", case.number, error)
        return False


def _may_be_gone(case: Case) -> bool:
    """Say whether a case has a message that was there when we last looked."""
    comment = case.comment
    posted = comment.source == SOURCE and (comment.id + comment.channel).isdecimal()
    ours = any(deed.done and deed.effect.kind in _TAKEN_DOWN for deed in case.deeds)
    return posted and not case.deleted and not ours
