"""What speaks for new rules: their own examples, and the comments of the last day.

Lives here: gathering both, beside the live bot. Not here: the words for what comes of it
(`bot.app.effect`).
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from bot.app.aside import Aside
from bot.app.effect import MOST_COMMENTS, Effect, effect
from bot.model import Scores
from bot.ports import Clock
from bot.rules import ExampleResult, RuleSet, run_examples
from bot.store.comments import SqliteComments
from bot.verdict import Policy

A_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Proof:
    """Tries rules out; nothing is remembered or told."""

    comments: SqliteComments
    aside: Aside
    policy: Policy
    clock: Clock

    async def effect(self, old: RuleSet, new: RuleSet) -> Effect:
        """Return what new rules would have done to the last day's comments, beside old ones."""
        found = await self.comments.since(self.clock.now() - A_DAY, MOST_COMMENTS)
        given = self.aside.each(found)
        return await self.aside.run(lambda scorer: effect(given, old, new, scorer, self.policy))

    async def examples(self, rules: RuleSet) -> list[ExampleResult]:
        """Run the examples inside rules, scored by the live model."""
        home = asyncio.get_running_loop()

        async def ask(texts: Sequence[str]) -> Sequence[Scores]:
            return await self.aside.scorer.score(texts)

        def score(texts: Sequence[str]) -> Sequence[Scores]:
            return asyncio.run_coroutine_threadsafe(ask(texts), home).result()

        return await asyncio.to_thread(run_examples, rules, score)
