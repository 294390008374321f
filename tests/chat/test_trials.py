"""A dry run in chat: how far it has come is shown while it runs, and no longer."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import cast

import discord

from bot.chat.trials import SHOW_EVERY, _progress
from tests.fakes.clock import ManualClock


class Answer:
    """What an interaction shows; some edits fail, as the network does."""

    def __init__(self) -> None:
        self.shown: list[str] = []
        self.failing = False

    async def edit_original_response(self, *, content: str) -> None:
        if self.failing:
            raise OSError("the network is gone")
        self.shown.append(content)


async def tick(clock: ManualClock) -> None:
    for _ in range(3):
        await asyncio.sleep(0)
    clock.advance(timedelta(seconds=SHOW_EVERY))
    for _ in range(3):
        await asyncio.sleep(0)


async def test_progress_is_shown_until_the_end_also_after_a_failure() -> None:
    clock, answer = ManualClock(), Answer()
    interaction = cast("discord.Interaction", answer)
    async with _progress(interaction, 2_000, clock) as screened:
        screened(512)
        await tick(clock)
        answer.failing = True
        await tick(clock)
        answer.failing = False
        screened(512)
        await tick(clock)
    await tick(clock)
    assert answer.shown == ["512 of 2,000 screened …", "1,024 of 2,000 screened …"]
