"""What the edges call: screening that stores, screening that keeps nothing, and the rules.

Lives here: small functions over the engine, in the shape that `bot.chat` and `bot.web` ask for.
Not here: the parts themselves, and how they are wired (`bot.app.live`).
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace

from bot.app.health import Pulse
from bot.app.proof import Proof
from bot.app.rules import UNCHANGED, LiveRules
from bot.app.ruletext import written
from bot.cases import Case
from bot.chat.settings import Explained
from bot.chat.words import block
from bot.cli.explain import lines, tells
from bot.config import ships_with_gavel
from bot.errors import ScoringError, UserError
from bot.model import Comment, Rule, Verdict
from bot.pipeline import Pipeline
from bot.review import RefusedError, ReviewDesk
from bot.rules import ExampleResult
from bot.rules.amend import Amendment, add_example, add_exception
from bot.rules.example_language import Example
from bot.scoring.explain import Raiser, raised_by

_MOST_FAILURES = 40


@dataclass(frozen=True, slots=True)
class Screening:
    """Comments in, verdicts out; `screen` judges one of them, by itself or with others."""

    pipeline: Pipeline
    desk: ReviewDesk
    pulse: Pulse
    screen: Callable[[Comment], Awaitable[Verdict]]

    async def submit(self, comment: Comment) -> Verdict:
        """Screen a comment, and file it; both are stored when this returns."""
        with self.pulse.at_work():
            verdict = await self.screen(comment)
            await self.desk.file(comment, verdict)
        self.pulse.judged(comment, verdict)
        return verdict

    async def preview(self, comment: Comment) -> Verdict:
        """Screen a comment, and keep nothing."""
        return (await self.pipeline.explain(comment)).verdict

    async def explain(self, comment: Comment) -> Explained:
        """Return the trace of a comment, as `gavel explain` prints it."""
        explanation = await self.pipeline.explain(comment)
        raised: dict[str, tuple[Raiser, ...]] = {}
        if explanation.facts.scores is not None:
            with suppress(ScoringError):  # the rules' trace is worth having without
                raised = await raised_by(
                    self.pipeline.scorer, comment.text, explanation.facts.scores
                )
        telling = tuple(each for each in explanation.traces if tells(each))
        matched = lines(replace(explanation, traces=telling), raised, "", everything=False)
        whole = lines(explanation, raised, "", everything=True)
        return Explained("\n".join(matched), "\n".join(whole))


@dataclass(frozen=True, slots=True)
class RuleRoom:
    """What moderators may do with the live rules."""

    rules: LiveRules
    proof: Proof

    def listed(self) -> Sequence[Rule]:
        """Return the rules that hold now."""
        return self.rules.current.rules

    def written(self, rule: str) -> str:
        """Return a rule as its file has it, empty when there is none."""
        found = (written(each) for each in self.rules.current.loaded if each.rule.id == rule)
        return next(found, "")

    async def test(self) -> str:
        """Run the examples inside the rules, scored by the live model; return what came of it."""
        return "\n".join(_told(await self.proof.examples(self.rules.current)))

    async def shadow(self, rule: str) -> str:
        """Let a rule be counted only."""
        self.rules.shadow(rule)
        return f"`{rule}` is only counted until the next reload or start; it acts on nothing."

    async def add_example(self, rule: str, kind: str, case: Case) -> str:
        """Write a case into a rule's file, as an example of what it should do."""
        comment, scores = case.comment, case.verdict.scores
        self._refuse_known(rule, kind, comment.text)
        return await self._amend(
            lambda: add_example(self.rules.current, rule, kind, comment, scores)
        )

    def _refuse_known(self, rule: str, kind: str, text: str) -> None:
        """Refuse an example that the rule has already."""
        for each in self.rules.current.loaded:
            known = (*getattr(each.examples, kind), *getattr(each.examples, f"todo_{kind}"))
            if each.rule.id == rule and any(_text(example.value) == text for example in known):
                raise RefusedError(f"`{rule}` has this example already.")

    async def add_exception(
        self, rules: Sequence[str], words: Sequence[str], reason: str, case: Case
    ) -> str:
        """Write an exception to rules into the file of the first."""
        name = f"case-{case.number}"
        return await self._amend(
            lambda: add_exception(self.rules.current, rules, words, reason, name)
        )

    async def _amend(self, change: Callable[[], Amendment]) -> str:
        def work() -> Amendment:
            amendment = change()
            if ships_with_gavel(amendment.path):
                raise UserError(
                    "these rules came with Gavel, and its next version replaces them",
                    hint="gavel init --copy-rules makes them yours; this was to be added under"
                    f" {amendment.section}:\n{amendment.snippet}",
                )
            amendment.save()
            return amendment

        try:
            done = await asyncio.to_thread(work)
        except (KeyError, UserError) as error:
            raise RefusedError(str(error.args[0])) from None
        reloaded = await self.rules.reload()
        told = [f"Added to `{done.path}`, under `{done.section}`:", block(done.snippet)]
        if ".todo_" in done.section:
            told.append("The rule does not live up to it yet: it is written down as a known gap.")
        return "\n".join(told if reloaded == UNCHANGED else [*told, reloaded])


def _text(example: Example | str) -> str:
    return example if isinstance(example, str) else example.text


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
