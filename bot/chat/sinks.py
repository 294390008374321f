"""Cards and notices out: the sinks that post in the review channel.

Lives here: posting once, updating in place, and holding back what nobody could read. Not here: what
a card says (`bot.chat.card`) and when it is tried again (`bot.outbox`).
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
from collections import deque
from datetime import datetime, timedelta
from weakref import WeakValueDictionary

import discord

from bot.chat.card import Card, CaseView, card, custom_id
from bot.chat.connection import NETWORK_ERRORS, delivery_error
from bot.chat.settings import CARDS, NOTICES, ChatServices, ChatSettings
from bot.chat.surroundings import Surroundings
from bot.chat.ui import to_view
from bot.errors import DeliveryError
from bot.model import Case, Delivery
from bot.ports import Placement
from bot.review import RefusedError

_LOG = logging.getLogger(__name__)

_MINUTE = timedelta(minutes=1)
_ALARMING = 3
"""Attempts after which somebody should look: the channel may be gone, or closed to the bot."""


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

    async def redraw(self, message: int, drawn: Card) -> None:
        """Update a card in place."""
        embed, view = discord.Embed.from_dict(drawn.embed), to_view(drawn.components)
        await self._channel().get_partial_message(message).edit(embed=embed, view=view)

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


class CardSink:
    """Shows each case as one card. New cards over the limit wait, and one message says so."""

    name = CARDS

    def __init__(
        self,
        channel: ReviewChannel,
        surroundings: Surroundings,
        services: ChatServices,
        cards_per_minute: int,
    ) -> None:
        self._channel = channel
        self._surroundings = surroundings
        self._services = services
        self._most = cards_per_minute
        self._posted: deque[datetime] = deque()
        self._said_at: datetime | None = None
        self._locks: WeakValueDictionary[int, asyncio.Lock] = WeakValueDictionary()

    async def deliver(self, delivery: Delivery) -> None:
        """Post or update the card of a case, as the case now is."""
        number = int(str(delivery.payload["case"]))
        lock = self._locks.setdefault(number, asyncio.Lock())
        try:
            async with lock:
                await self._show(await self._services.desk.case(number), delivery)
        except RefusedError as error:
            raise DeliveryError(str(error), final=True) from error
        except NETWORK_ERRORS as error:
            if delivery.attempts == _ALARMING:
                self._services.alarm(f"cards cannot be shown in the review channel: {error}")
            raise delivery_error(error) from error

    async def _show(self, case: Case, delivery: Delivery) -> None:
        placements = self._services.placements
        placement = await placements.placement(CARDS, case.number)
        if placement is not None and placement.revision >= case.revision:
            return
        upheld = await self._services.desk.upheld_before(case)
        parent, before = await self._surroundings.of(case.comment)
        drawn = card(CaseView(case, parent, before, upheld))
        message = int(placement.place) if placement else await self._posted_before(case, delivery)
        if message is None or not await self._redrawn(message, drawn):
            message = await self._post(case, drawn)
        await placements.placed(CARDS, case.number, Placement(str(message), case.revision))

    async def _redrawn(self, message: int, drawn: Card) -> bool:
        """Update a card; false when a moderator deleted it."""
        try:
            await self._channel.redraw(message, drawn)
        except discord.NotFound:
            return False
        return True

    async def _posted_before(self, case: Case, delivery: Delivery) -> int | None:
        """Return a card whose posting we were not told of: the answer was lost, or we died."""
        if delivery.attempts <= 1 or delivery.created_at is None:
            return None
        since = delivery.created_at - _MINUTE
        return await self._channel.find(custom_id("why", case.number), since)

    async def _post(self, case: Case, drawn: Card) -> int:
        now = self._services.clock.now()
        while self._posted and self._posted[0] <= now - _MINUTE:
            self._posted.popleft()
        if len(self._posted) >= self._most:
            await self._say_how_many(now)
            wait = (self._posted[0] + _MINUTE - now).total_seconds()
            raise DeliveryError("more new cards than can be read", retry_after=wait)
        self._posted.append(now)
        return await self._channel.post(f"case-{case.number}-{case.revision}", drawn=drawn)

    async def _say_how_many(self, now: datetime) -> None:
        if self._said_at is not None and self._said_at > now - _MINUTE:
            return
        self._said_at = now
        waiting = (await self._services.statistics.counts(now)).waiting
        await self._channel.post(
            f"many-{int(now.timestamp())}",
            f"More than {self._most} new cases a minute: {waiting} are waiting, and their cards"
            " follow one by one. `/queue` lists the gravest.",
        )


class NoticeSink:
    """Posts plain sentences, for what moderators must know: a rule that ran away, a failure."""

    name = NOTICES

    def __init__(self, channel: ReviewChannel) -> None:
        self._channel = channel

    async def deliver(self, delivery: Delivery) -> None:
        """Post the payload's `text`."""
        nonce = hashlib.blake2b(delivery.key.encode(), digest_size=10).hexdigest()
        try:
            await self._channel.post(nonce, str(delivery.payload["text"]))
        except NETWORK_ERRORS as error:
            raise delivery_error(error) from error


def notice(key: str, text: str) -> Delivery:
    """Return a delivery that posts a sentence in the review channel, once for a key."""
    return Delivery(f"{NOTICES}:{key}", NOTICES, {"text": text[:1_900]})


def _parts(row: object) -> list[object]:
    return list(getattr(row, "children", ()))
