"""A fake Discord in a thread of its own: commands run their own event loop, and meet it there."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from tests.fakes.discord import FakeDiscord
from tests.fakes.discord.world import MANAGE_MESSAGES

INTENT = (
    "turn on Message Content Intent: discord.com/developers/applications, your application, Bot,"
    " Privileged Gateway Intents"
)


@dataclass
class Guild:
    """A guild as an administrator prepares it for Gavel."""

    discord: FakeDiscord

    def __post_init__(self) -> None:
        world = self.discord.world
        self.id = world.guild_id
        self.mods = world.add_role("Moderator", position=3, permissions=MANAGE_MESSAGES)
        self.helpers = world.add_role("Helper", position=2, permissions=MANAGE_MESSAGES)
        self.general = world.add_channel("general")
        self.review = world.add_channel("review", private_to=(self.mods,))


@contextmanager
def guild_in_a_thread() -> Iterator[Guild]:
    """Serve until left."""
    started, stop = threading.Event(), asyncio.Event()
    found: list[FakeDiscord] = []
    loops: list[asyncio.AbstractEventLoop] = []

    async def serve() -> None:
        async with FakeDiscord() as discord:
            found.append(discord)
            loops.append(asyncio.get_running_loop())
            started.set()
            await stop.wait()

    thread = threading.Thread(target=asyncio.run, args=(serve(),), name="fake-discord")
    thread.start()
    assert started.wait(60)
    try:
        yield Guild(found[0])
    finally:
        loops[0].call_soon_threadsafe(stop.set)
        thread.join(60)


def given(guild: Guild) -> list[str]:
    """Return the options that answer every question."""
    words = ["--guild", guild.id, "--review-channel", guild.review]
    words += ["--moderator-role", guild.mods, "--all-channels"]
    return [*words, "--no-copy-rules", "--no-save-token"]


def no_intent(guild: Guild) -> None:
    guild.discord.world.flags = 0
