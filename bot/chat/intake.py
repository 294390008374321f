"""Messages in: live, edited, and read back after an absence, each exactly once.

Lives here: the order of reading, screening and remembering positions. A message counts as done when
its verdict is stored; one that was stored before is not screened again unless its text changed, nor
is one whose author was forgotten since. Not here: what a message means (`bot.chat.translate`).
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from datetime import datetime, timedelta
from typing import Protocol
from weakref import WeakValueDictionary

from bot.chat.reading import Reading
from bot.chat.settings import SOURCE
from bot.model import Comment, Verdict
from bot.ports import Clock, Positions

_LOG = logging.getLogger(__name__)

MOST_AT_ONCE = 200
"""Messages of one channel under way; more of them are read back when there is room."""

SCREENED_AT_ONCE = 8
"""Messages of all channels that are screened side by side. Each costs the event loop a moment: many
moments in a row would keep a button from being answered."""

EDITS_WITHIN = timedelta(days=1)
"""How old a message may be whose edit, made while we were away, is still looked for."""

_PAUSE = 1.0
_LONGEST_PAUSE = 60.0


class History(Protocol):
    """Reads a channel's messages back."""

    def after(self, channel: str, position: int) -> AsyncIterator[tuple[int, Comment | None]]:
        """Yield ids above `position`, oldest first; `None` for what is not to be screened."""
        ...

    def edited(self, channel: str, position: int, since: datetime) -> AsyncIterator[Comment]:
        """Yield the messages up to `position` that were posted since a time, and later edited."""
        ...


class Intake:
    """Screens messages through `submit`, which returns once the verdict is stored."""

    def __init__(
        self,
        submit: Callable[[Comment], Awaitable[Verdict]],
        positions: Positions,
        history: History,
        clock: Clock,
        forgotten_at: Callable[[str, str], Awaitable[datetime | None]],
    ) -> None:
        self._submit = submit
        self._positions = positions
        self._history = history
        self._clock = clock
        self._forgotten_at = forgotten_at
        self._channels: dict[str, Reading] = {}
        self._started = False
        self._early: dict[str, int] = {}
        self._one_at_a_time: WeakValueDictionary[tuple[str, str], asyncio.Lock] = (
            WeakValueDictionary()
        )
        self._turns = asyncio.Semaphore(SCREENED_AT_ONCE)
        self._tasks: set[asyncio.Task[None]] = set()

    async def start(self, newest: dict[str, int]) -> None:
        """Begin with channels and the ids of their newest messages; read back what was missed.

        A channel that was never read begins at its newest message, unless it was made after all
        that was ever read: then it is read from its beginning.
        """
        known = await self._positions.positions(SOURCE)
        latest = max(known.values(), default=0)
        for channel, message in newest.items():
            made_since = bool(known) and int(channel) > latest
            fresh = 0 if made_since else min(message, self._early.get(channel, message))
            position = known.get(channel, fresh)
            await self._positions.advance(SOURCE, channel, position)
            self._channels[channel] = Reading(position, edits_missed=channel in known)
        self._started = True
        for channel in newest:
            self.look_back(channel)

    def look_back(self, channel: str) -> None:
        """Read a channel back from its position, unless that is under way."""
        reading = self._channels.setdefault(channel, Reading(0))
        reading.behind = True
        name = f"back-{channel}"
        if not any(task.get_name() == name for task in self._tasks):
            self._spawn(self._catch_up(channel, reading), name)

    def look_back_everywhere(self) -> None:
        """Read all channels back: after a session was lost, nobody knows what was missed."""
        for channel, reading in self._channels.items():
            reading.edits_missed = True
            self.look_back(channel)

    def message(self, comment: Comment) -> None:
        """Take a new live message; before the start, it is left to the reading back."""
        if not self._started:
            self._early.setdefault(comment.channel, int(comment.id) - 1)
            return
        reading = self._channels.get(comment.channel)
        if reading is None:
            # A channel or thread that is new to us, from its first message on.
            reading = self._channels[comment.channel] = Reading(int(comment.id) - 1, behind=False)
        if reading.busy >= MOST_AT_ONCE:
            reading.newest = max(reading.newest, int(comment.id))
            self.look_back(comment.channel)
        elif reading.arrived(int(comment.id)):
            self._spawn(self._live(comment, reading), f"live-{comment.id}")

    def skip(self, channel: str, message: int) -> None:
        """Pass over a message that is not to be screened."""
        reading = self._channels.get(channel)
        if reading is not None and reading.arrived(message):
            reading.done(message)

    def aside(self, comment: Comment) -> None:
        """Take a message outside the order of its channel: edited, or blocked unposted."""
        self._spawn(self._aside(comment), f"aside-{comment.id}")

    async def close(self) -> None:
        """Stop; what was under way is read back at the next start."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def settled(self) -> None:
        """Wait until nothing is under way."""
        while self._tasks:
            await asyncio.wait(self._tasks)

    async def _live(self, comment: Comment, reading: Reading) -> None:
        try:
            await self._screen(comment)
        except Exception:  # noqa: BLE001 - whatever it was, the message must not be lost
            _LOG.exception("message %s is read back later", comment.id)
            reading.failed()
            self.look_back(comment.channel)
        else:
            await self._advance(comment.channel, reading.done(int(comment.id)))

    async def _aside(self, comment: Comment) -> None:
        pause = _PAUSE
        while True:
            try:
                return await self._screen_again(comment)
            except Exception:  # noqa: BLE001 - as for a new message
                _LOG.exception("message %s is tried again", comment.id)
                await self._clock.sleep(pause)
                pause = min(2 * pause, _LONGEST_PAUSE)

    async def _catch_up(self, channel: str, reading: Reading) -> None:
        pause = _PAUSE
        while reading.behind or reading.edits_missed:
            try:
                await (self._look(channel, reading) if reading.behind else self._re_read(channel))
            except Exception:  # noqa: BLE001 - as for a new message
                _LOG.exception("channel %s is read back again later", channel)
                await self._clock.sleep(pause)
                pause = min(2 * pause, _LONGEST_PAUSE)

    async def _look(self, channel: str, reading: Reading) -> None:
        seen = reading.newest
        found = await self._read_back(channel, reading)
        # A message that came during the last look may be missing from it: look once more.
        reading.behind = found or reading.newest > max(seen, reading.position)

    async def _re_read(self, channel: str) -> None:
        """Screen again what was edited unseen; `_screen` passes over texts that are known."""
        reading = self._channels[channel]
        reading.edits_missed = False
        since = self._clock.now() - EDITS_WITHIN
        try:
            async for comment in self._history.edited(channel, reading.position, since):
                await self._screen_again(comment)
        except Exception:
            reading.edits_missed = True
            raise

    async def _read_back(self, channel: str, reading: Reading) -> bool:
        found = False
        async for message, comment in self._history.after(channel, reading.position):
            found = True
            if comment is not None:
                await self._screen(comment)
            await self._advance(channel, reading.done(message))
        return found

    async def _screen_again(self, comment: Comment) -> None:
        """Screen what was edited, unless it was forgotten since: its text is gone, and stays so."""
        written = comment.edited_at or comment.created_at
        at = await self._forgotten_at(comment.source, comment.author.id)
        if at is None or written is None or written > at:
            await self._screen(comment)

    async def _screen(self, comment: Comment) -> None:
        key = (comment.channel, comment.id)
        # An edit must wait for its original; the newest text is screened last.
        lock = self._one_at_a_time.setdefault(key, asyncio.Lock())
        async with lock, self._turns:
            stored = await self._positions.stored_text(SOURCE, *key)
            if stored != comment.text:
                await self._submit(comment)

    async def _advance(self, channel: str, position: int | None) -> None:
        if position is not None:
            await self._positions.advance(SOURCE, channel, position)

    def _spawn(self, work: Coroutine[None, None, None], name: str) -> None:
        task = asyncio.create_task(work, name=name)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
