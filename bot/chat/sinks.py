"""Cards and notices out: the sinks that post in the review channel.

Lives here: one card for each case, and holding back what nobody could read. Not here: what a card
says (`bot.chat.card`), the summary of what is held back (`bot.chat.digest`) and when something is
tried again (`bot.outbox`).
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
from collections import deque
from datetime import datetime, timedelta
from weakref import WeakValueDictionary

from bot.cases import Case
from bot.chat.card import CaseView, card, custom_id, forgotten
from bot.chat.channel import ReviewChannel
from bot.chat.connection import NETWORK_ERRORS, delivery_error
from bot.chat.digest import is_live, update_at, update_due
from bot.chat.settings import CARDS, DIGEST, NOTICES, ChatServices, ChatSettings
from bot.chat.surroundings import Surroundings
from bot.errors import DeliveryError, PostponedError
from bot.model import Action, Delivery, Level
from bot.ports import Placement
from bot.review import ANEW, RefusedError

_LOG = logging.getLogger(__name__)

_MINUTE = timedelta(minutes=1)
_AFTER_DIGEST = 5.0
"""Seconds by which cards follow the summary that ends the quiet hours."""
_ALARMING = 3
"""Attempts after which somebody should look: the channel may be gone, or closed to the bot."""


class CardSink:
    """Shows each case as one card. New cards over the limit, or in quiet hours, wait their turn."""

    name = CARDS

    def __init__(
        self,
        channel: ReviewChannel,
        surroundings: Surroundings,
        services: ChatServices,
        settings: ChatSettings,
    ) -> None:
        self._channel = channel
        self._surroundings = surroundings
        self._services = services
        self._settings = settings
        self._posted: deque[datetime] = deque()
        self._held: set[int] = set()
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
        if delivery.payload.get(ANEW):
            self._surroundings.forget(case.comment)
        elif placement is not None and placement.revision >= case.revision:
            return
        if placement is None and not await self._may_post(case):
            await self._no_longer_listed()
            return
        upheld = await self._services.desk.upheld_before(case)
        # A card without its author quotes nobody either: those around may be the same person.
        parent, before = (
            (None, ()) if forgotten(case) else await self._surroundings.of(case.comment)
        )
        drawn = card(CaseView(case, parent, before, upheld))
        message = int(placement.place) if placement else await self._posted_before(case, delivery)
        if message is None or not await self._channel.redrawn(message, drawn):
            message = await self._channel.post(f"case-{case.number}-{case.revision}", drawn=drawn)
        await placements.placed(CARDS, case.number, Placement(str(message), case.revision))
        if placement is None:
            await self._no_longer_listed()

    async def _posted_before(self, case: Case, delivery: Delivery) -> int | None:
        """Return a card whose posting we were not told of: the answer was lost, or we died."""
        # A case that changed meanwhile comes with a new delivery, before the old one comes again.
        if delivery.attempts <= 1 and case.revision == 1:
            return None
        return await self._channel.find(custom_id("why", case.number), case.opened_at - _MINUTE)

    async def _may_post(self, case: Case) -> bool:
        """Say whether a case still wants a card; raise `PostponedError` while it must wait."""
        now = self._services.clock.now()
        if case.number in self._held and not case.waiting:
            # Settled from the summary, before its card came.
            self._held.discard(case.number)
            return False
        hours = self._settings.quiet_hours
        quiet = hours.until(now) if hours and not _urgent(case) else None
        if quiet is not None:
            await self._hold(case, update_at(quiet))
            raise PostponedError("quiet hours", (quiet - now).total_seconds() + _AFTER_DIGEST)
        # A clock that was set back must not keep cards waiting until it is there again.
        while self._posted and not now - _MINUTE < self._posted[0] <= now:
            self._posted.popleft()
        # What cannot wait has as much room again, so that no flood of trifles hides it.
        room = self._settings.cards_per_minute * (2 if _urgent(case) else 1)
        if len(self._posted) >= room:
            await self._hold(case, update_due(now))
            wait = (self._posted[-room] + _MINUTE - now).total_seconds()
            raise PostponedError("more new cards than can be read", wait)
        self._posted.append(now)
        self._held.discard(case.number)
        return True

    async def _hold(self, case: Case, update: Delivery) -> None:
        """Have the summary list a case from now on."""
        if case.number not in self._held:
            self._held.add(case.number)
            await self._services.tell([update])

    async def _no_longer_listed(self) -> None:
        """Have the summary, where there is one, drop a case."""
        if is_live(await self._services.placements.placement(DIGEST, 0)):
            await self._services.tell([update_due(self._services.clock.now())])


def _urgent(case: Case) -> bool:
    """Say whether a card cannot wait for the morning."""
    critical = any(match.level is Level.CRITICAL for match in case.verdict.acting)
    return critical or case.verdict.action >= Action.HOLD


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
