"""Gavel put together as it runs live, from real parts; as a program, to be killed by tests.

`python -m tests.chat.live STORE RULES MODEL` reads the chat settings as JSON from standard input;
MODEL is `fixed` for the fake scorer, else a model's name.
"""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from bot.cases import Case
from bot.chat.edge import ChatEdge
from bot.chat.settings import (
    ACTS,
    CARDS,
    SOURCE,
    ChatServices,
    ChatSettings,
    Explained,
    RuleActions,
    Trial,
    TrialResult,
)
from bot.model import Action, Comment, Mode, Priority, Verdict
from bot.outbox import Backoff, Outbox, SystemClock
from bot.pipeline import Pipeline
from bot.ports import Scorer
from bot.review import DeskSettings, ReviewDesk
from bot.rules import RuleSet, amend, load_rules
from bot.scoring import open_scorer
from bot.store.sqlite import Store, open_store
from bot.verdict import Policy
from tests.fakes.scorer import FixedScorer


@dataclass
class Live:
    """The parts that a running bot is made of."""

    store: Store
    rules: Path
    scorer: Scorer
    mode: Mode = Mode.REVIEW
    alarm: Callable[[str], None] = print
    before_submit: Callable[[], None] = lambda: None
    clock: SystemClock = field(default_factory=SystemClock)

    def build(self, settings: ChatSettings) -> tuple[ChatEdge, Outbox]:
        """Return the edge and the outbox that serves its sinks."""
        edge = ChatEdge(settings, self._services(settings))
        outbox = Outbox(
            self.store.deliveries,
            edge.sinks,
            lambda delivery, error: self.alarm(f"{delivery.key}: {error}"),
            self.clock,
            Backoff(first=timedelta(milliseconds=20)),
            idle=timedelta(milliseconds=20),
        )
        return edge, outbox

    def _services(self, settings: ChatSettings) -> ChatServices:
        ruleset = load_rules(self.rules, labels=self.scorer.model.labels)
        pipeline = Pipeline(
            lambda: ruleset, self.scorer, self.store.history, Policy(self.mode), score_all=True
        )
        sinks = DeskSettings(settings.moderator_roles, (CARDS,), {SOURCE: ACTS})
        desk = ReviewDesk(self.store.cases, sinks, self.clock.now)

        async def submit(comment: Comment) -> Verdict:
            self.before_submit()
            verdict = await pipeline.screen(comment, Priority.LIVE)
            await desk.file(comment, verdict)
            return verdict

        async def preview(comment: Comment) -> Verdict:
            return (await pipeline.explain(comment)).verdict

        async def explain(comment: Comment) -> Explained:
            found = await pipeline.explain(comment)
            traces = (f"{each.rule.id}: {each.outcome}" for each in found.traces)
            return Explained(f"the trace of {comment.text}", "\n".join(traces))

        async def dry_run(trial: Trial) -> TrialResult:
            verdicts = await pipeline.screen_many(trial.comments)
            flagged = sum(verdict.action >= Action.FLAG for verdict in verdicts)
            return TrialResult(f"{flagged} of {len(verdicts)} flagged", b"<html></html>")

        return ChatServices(
            submit=submit,
            dry_run=dry_run,
            preview=preview,
            forgotten_at=self.store.upkeep.forgotten_at,
            explain=explain,
            alarm=self.alarm,
            tell=self.store.cases.tell,
            desk=desk,
            rules=_rule_actions(ruleset),
            positions=self.store.places,
            placements=self.store.places,
            statistics=self.store.statistics,
            clock=self.clock,
        )


def _rule_actions(ruleset: RuleSet) -> RuleActions:
    async def said() -> str:
        return "2 rules, 4 examples, all pass"

    async def shadow(rule: str) -> str:
        return f"{rule} is only counted now"

    async def add_example(rule: str, kind: str, case: Case) -> str:
        amended = amend.add_example(ruleset, rule, kind, case.comment, case.verdict.scores)
        amended.save()
        return amended.snippet

    async def add_exception(
        rules: Sequence[str], words: Sequence[str], reason: str, case: Case
    ) -> str:
        name = f"case-{case.number}"
        amended = amend.add_exception(ruleset, rules, words, reason, name)
        amended.save()
        return amended.snippet

    return RuleActions(
        lambda: ruleset.rules,
        said,
        said,
        shadow,
        add_example,
        add_exception,
        lambda rule: f"- id: {rule}",
    )


async def _main(store: str, rules: str, model: str) -> None:
    given = json.load(sys.stdin)
    roles = frozenset(given.pop("moderator_roles"))
    scorer = FixedScorer() if model == "fixed" else open_scorer(model)
    live = Live(open_store(Path(store)), Path(rules), scorer)
    edge, outbox = live.build(ChatSettings(moderator_roles=roles, **given))
    async with asyncio.TaskGroup() as group:
        group.create_task(outbox.run())
        group.create_task(edge.run())


if __name__ == "__main__":
    asyncio.run(_main(*sys.argv[1:]))
