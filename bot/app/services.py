"""What the edges call: screening that stores, screening that keeps nothing, and the rules.

Lives here: small functions over the engine, in the shape that `bot.chat` and `bot.web` ask for.
Not here: the parts themselves, and how they are wired (`bot.app.live`).
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bot.app.health import Pulse
from bot.app.rules import LiveRules
from bot.cli.explain import lines
from bot.model import Comment, Priority, Rule, Scores, Verdict
from bot.pipeline import Pipeline
from bot.ports import Scorer
from bot.review import ReviewDesk
from bot.rules import ExampleResult, run_examples

_MOST_FAILURES = 40


@dataclass(frozen=True, slots=True)
class Screening:
    """Comments in, verdicts out."""

    pipeline: Pipeline
    desk: ReviewDesk
    pulse: Pulse

    async def submit(self, comment: Comment) -> Verdict:
        """Screen a comment, and file it; both are stored when this returns."""
        with self.pulse.at_work():
            verdict = await self.pipeline.screen(comment, Priority.LIVE)
            await self.desk.file(comment, verdict)
        self.pulse.judged(comment, verdict)
        return verdict

    async def preview(self, comment: Comment) -> Verdict:
        """Screen a comment, and keep nothing."""
        return (await self.pipeline.explain(comment)).verdict

    async def explain(self, comment: Comment) -> str:
        """Return the full trace of a comment, as `gavel explain` prints it."""
        explanation = await self.pipeline.explain(comment)
        return "\n".join(lines(explanation, {}, "", everything=True))


@dataclass(frozen=True, slots=True)
class RuleRoom:
    """What moderators may do with the live rules."""

    rules: LiveRules
    scorer: Scorer

    def listed(self) -> Sequence[Rule]:
        """Return the rules that hold now."""
        return self.rules.current.rules

    async def test(self) -> str:
        """Run the examples inside the rules, scored by the live model; return what came of it."""
        home, rules = asyncio.get_running_loop(), self.rules.current

        async def ask(texts: Sequence[str]) -> Sequence[Scores]:
            return await self.scorer.score(texts)

        def score(texts: Sequence[str]) -> Sequence[Scores]:
            return asyncio.run_coroutine_threadsafe(ask(texts), home).result()

        results = await asyncio.to_thread(run_examples, rules, score)
        return "\n".join(_told(results))

    async def shadow(self, rule: str) -> str:
        """Let a rule be counted only."""
        self.rules.shadow(rule)
        return f"{rule} is only counted until the next reload or start; it acts on nothing."


def _told(results: Sequence[ExampleResult]) -> Iterator[str]:
    failed = [result for result in results if result.failed]
    gaps = [result for result in results if result.todo]
    closed = sum(result.passed for result in gaps)
    yield f"{len(results) - len(gaps)} examples, {len(failed)} failed; {len(gaps)} known gaps, {closed} closed"
    for each in failed[:_MOST_FAILURES]:
        yield (
            f"{each.location}: {each.rule}: expected {each.expected.value}, got"
            f" {each.actual.value}: {each.text[:200]!r}"
        )
    if len(failed) > _MOST_FAILURES:
        yield f"and {len(failed) - _MOST_FAILURES} more"
