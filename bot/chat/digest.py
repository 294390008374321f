"""The summary of cases that wait for their cards: in a flood, or after quiet hours.

Lives here: what it says, and the sink that keeps one such message up to date. Not here: which
cards wait (`bot.chat.sinks`).
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from bot.cases import Case
from bot.chat.card import Card, custom_id
from bot.chat.channel import ReviewChannel
from bot.chat.connection import NETWORK_ERRORS, delivery_error
from bot.chat.settings import CARDS, DIGEST, ChatServices
from bot.chat.ui import select_row
from bot.chat.words import LONGEST_EMBED, escaped, link_of, size, when
from bot.model import Delivery
from bot.ports import Placement

SHOW = custom_id("show", 0)
"""The id of the menu that shows a waiting case at once."""

_EVERY = 5
"""Seconds between two updates."""

_LISTED, _CHOICES = 40, 25
_COLOUR, _DONE_COLOUR = 0xF1C40F, 0x2C3E50
_POSTING, _WAITING, _DONE = 2, 1, 0
"""What its placement's revision says; the place of one that is being posted is since when."""

_MINUTE = timedelta(minutes=1)
"""By how much Discord's clock may be behind ours."""


def update_due(now: datetime) -> Delivery:
    """Return the delivery that updates the summary soon; many within seconds are one."""
    turn = int(now.timestamp()) // _EVERY + 1
    return update_at(datetime.fromtimestamp(turn * _EVERY, UTC))


def update_at(due: datetime) -> Delivery:
    """Return the delivery that updates the summary at a time."""
    return Delivery(f"{DIGEST}:{int(due.timestamp())}", DIGEST, due_at=due)


def is_live(place: Placement | None) -> bool:
    """Say whether a summary stands at a place and lists cases, as far as we know."""
    return place is not None and place.revision != _DONE


def digest(cases: Sequence[Case], total: int) -> Card:
    """Return the summary of the gravest of `total` cases that have no card yet."""
    if not total:
        embed = {"title": "All cards are shown", "color": _DONE_COLOUR}
        return Card(embed, [])
    lines = _fitted([_line(case) for case in cases], total)
    embed = {
        "title": f"{total} {'case waits' if total == 1 else 'cases wait'} for a card",
        "description": "\n".join(lines),
        "color": _COLOUR,
        "footer": {"text": "Their cards follow, as many a minute as can be read."},
    }
    options = [(str(case.number), f"Case {_name(case)}") for case in cases[:_CHOICES]]
    return Card(embed, [select_row(SHOW, "Show a case now", options)])


def _fitted(lines: Sequence[str], total: int) -> list[str]:
    kept: list[str] = []
    for line in lines:
        if sum(map(size, kept)) + len(kept) + size(line) > LONGEST_EMBED:
            break
        kept.append(line)
    more = total - len(kept)
    return [*kept, f"… and {more} more; `/queue` lists the gravest"] if more else kept


def _line(case: Case) -> str:
    link = link_of(case.comment)
    where = f" · [message]({link})" if link else ""
    return f"{escaped(_name(case))}{where} · {when(case.opened_at, 'R')}"


def _name(case: Case) -> str:
    rules = ", ".join(match.rule for match in case.verdict.acting) or "no rule"
    return f"{case.number} · {case.verdict.action.said} · {rules}"[:90]


class DigestSink:
    """Keeps one message up to date until all its cases have cards; the next flood gets a new one."""

    name = DIGEST

    def __init__(self, channel: ReviewChannel, services: ChatServices) -> None:
        self._channel = channel
        self._services = services
        # Several updates may be due at once; the first posts what the others update.
        self._lock = asyncio.Lock()

    async def deliver(self, delivery: Delivery) -> None:
        """Post the summary or update it, as the queue now is."""
        del delivery  # it only says when
        try:
            async with self._lock:
                await self._update()
        except NETWORK_ERRORS as error:
            raise delivery_error(error) from error

    async def _update(self) -> None:
        places = self._services.placements
        cases, total = await places.unplaced(CARDS, _LISTED)
        place = await places.placement(DIGEST, 0)
        if not is_live(place):
            place = None
        if place is None and not total:
            return
        drawn = digest(cases, total)
        message = await self._standing(place) if place else None
        if message is not None and not await self._channel.redrawn(message, drawn):
            message = place = None
        if message is None and total:
            message = await self._post(drawn, place)
        shown = Placement(str(message or ""), _WAITING if total else _DONE)
        await places.placed(DIGEST, 0, shown)

    async def _standing(self, place: Placement) -> int | None:
        """Return the message at a place, or one whose posting we were not told of: we died."""
        if place.revision == _POSTING:
            return await self._channel.find(SHOW, datetime.fromisoformat(place.place) - _MINUTE)
        return int(place.place)

    async def _post(self, drawn: Card, place: Placement | None) -> int:
        """Store that it is to be posted, then post; what was begun before keeps its nonce."""
        if place is None or place.revision != _POSTING:
            place = Placement(self._services.clock.now().isoformat(), _POSTING)
            await self._services.placements.placed(DIGEST, 0, place)
        key = f"{DIGEST}:{place.place}"
        nonce = hashlib.blake2b(key.encode(), digest_size=10).hexdigest()
        return await self._channel.post(nonce, drawn=drawn)
