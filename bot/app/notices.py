"""Plain sentences for the review channel.

Lives here: storing them in the outbox, from wherever they come. Not here: posting them
(`bot.chat.sinks`).
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Sequence

from bot.app.health import Pulse
from bot.chat.sinks import notice
from bot.chat.words import plain
from bot.errors import StoreError
from bot.model import Delivery

_LOG = logging.getLogger(__name__)

Queue = Callable[[Sequence[Delivery]], Awaitable[None]]
"""Stores deliveries for the outbox."""


class Notices:
    """Tells moderators; a key is told once. Without a review channel, the log alone hears of it."""

    def __init__(self, queue: Queue | None, pulse: Pulse) -> None:
        self._queue, self._pulse = queue, pulse

    async def tell(self, key: str, text: str) -> None:
        """Queue a sentence; it is stored when this returns, or the operator is alarmed."""
        if self._queue is None:
            _LOG.warning("%s", plain(text))
            return
        try:
            await self._queue([notice(key, text)])
        except StoreError as error:
            self._pulse.alarm(f"a notice could not be stored ({error}): {text}")
