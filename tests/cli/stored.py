"""A store as the bot leaves it, with decided, open and forgotten cases."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import TypeVar

from bot.cases import Case, Decision, Note, Review
from bot.model import Comment
from bot.store.sqlite import Store, open_store
from tests.store.examples import NOON, comment, told, verdict

T = TypeVar("T")


def in_store(folder: Path, work: Callable[[Store], Awaitable[T]]) -> T:
    """Run `work` on the store that commands find in an empty `GAVEL_HOME`."""

    async def whole() -> T:
        store = open_store(folder / "home" / "gavel.sqlite")
        try:
            return await work(store)
        finally:
            await store.close()

    return asyncio.run(whole())


async def file(store: Store, of: Comment) -> Case:
    store.history.record(of, verdict(of).matches)
    case = await store.cases.save(of, verdict(of), told, opens=True)
    assert case is not None
    return case


async def decide(store: Store, of: Comment, decision: Decision) -> Case:
    case = await file(store, of)
    later = NOON + timedelta(hours=1)
    review = Review(case.verdict.id, "42", decision, later, note="seen by bea")
    notes = (Note("42", "ask cleo", later),)
    return await store.cases.change(
        case.number, lambda each: replace(each, review=review, notes=notes), told
    )


async def fill(store: Store) -> None:
    """Store one case upheld, one dismissed, one unsure, one edited since, and one open."""
    await decide(store, comment(1, "you muppet <@99>"), Decision.UPHOLD)
    await decide(store, comment(2, "muppet news"), Decision.DISMISS)
    await decide(store, comment(3, "muppets?"), Decision.UNSURE)
    await decide(store, comment(4, "muppet again"), Decision.UPHOLD)
    await file(store, comment(4, "sorry for what I said"))
    await file(store, comment(5, "muppet, undecided", author="78"))
