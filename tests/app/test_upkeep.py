"""Texts are kept no longer than the configuration says, while the bot runs."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

from bot.app.upkeep import keep_to_retention
from bot.model import Action
from bot.store.sqlite import open_store
from tests.fakes.clock import NOON, ManualClock
from tests.store.examples import comment, verdict


async def test_what_is_too_old_goes_hour_by_hour(tmp_path: Path) -> None:
    store, clock = open_store(tmp_path / "store.sqlite"), ManualClock(NOON + timedelta(days=1))
    fine = comment()
    await store.cases.save(fine, verdict(fine, Action.ALLOW, ()), lambda _: (), opens=False)
    kept = asyncio.create_task(
        keep_to_retention(store.upkeep, {"discord": timedelta(days=2)}, lambda _: (), clock)
    )
    texts = []
    for _ in range(30):
        await clock.until_asleep()
        texts.append(await store.places.stored_text("discord", "10", "1"))
        clock.advance(timedelta(hours=1))
    kept.cancel()
    with suppress(asyncio.CancelledError):
        await kept
    await store.close()
    assert texts[0] == "you muppet"
    assert texts[-1] is None
    assert texts.index(None) == 25
