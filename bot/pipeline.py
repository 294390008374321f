"""The straight line: a comment in, a verdict out.

Lives here: the order of the steps (fold, ask history, evaluate, score only if needed, evaluate
again, decide, remember) for one comment and for many; the only place that awaits the scorer and
asks the history. Not here: any rule, any model, any edge. One comment and the same comment among
many get the same verdict: `screen` is `screen_many` of one.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from bot.errors import ScoringError
from bot.frozen import maker
from bot.model import (
    NO_HISTORY,
    Comment,
    Evaluation,
    Facts,
    HistoryKind,
    Missing,
    Priority,
    Scores,
    Verdict,
)
from bot.ports import HistoryStore, Scorer
from bot.rules import RuleSet, RuleTrace
from bot.text import fold_many
from bot.verdict import Policy, decide

LONGEST_TEXT = 100_000
"""Code points; a longer text is not screened by halves but goes to review whole."""

_OVERSIZE = Missing(f"text of more than {LONGEST_TEXT:,} characters", failed=True)
_NO_SCORES = Missing("scores", failed=True)
_CLEAN = Evaluation()
_make_facts = maker(Facts)


@dataclass(frozen=True, slots=True)
class Explanation:
    """A verdict, the facts it rests on, and the trace of every rule."""

    facts: Facts
    verdict: Verdict
    traces: tuple[RuleTrace, ...]


@dataclass(frozen=True, slots=True)
class Pipeline:
    """Screens comments with the rules that are current when each call begins.

    `score_all` asks the model for every comment, as reports want; else only where a rule still
    needs a score. Both give the same action and matches.
    """

    rules: Callable[[], RuleSet]
    scorer: Scorer
    history: HistoryStore
    policy: Policy = field(default_factory=Policy)
    score_all: bool = False

    async def screen(self, comment: Comment, priority: Priority = Priority.LIVE) -> Verdict:
        """Return the verdict on one comment."""
        return (await self.screen_many((comment,), priority))[0]

    async def screen_many(
        self, comments: Sequence[Comment], priority: Priority = Priority.BULK
    ) -> list[Verdict]:
        """Return one verdict a comment, in order.

        Where rules ask the history, `comments` must come in the order of their times.
        """
        return await self.judge(facts_of(comments), priority)

    async def judge(
        self, facts: Sequence[Facts], priority: Priority = Priority.BULK
    ) -> list[Verdict]:
        """Return the verdicts on comments of which the text, and perhaps the scores, are known."""
        ruleset = self.rules()
        known, evaluations = await self.evaluate(ruleset, facts, priority)
        return self._verdicts(ruleset, known, evaluations)

    async def evaluate(
        self, ruleset: RuleSet, facts: Sequence[Facts], priority: Priority = Priority.BULK
    ) -> tuple[list[Facts], list[Evaluation]]:
        """Return what is known of each comment in the end, and what `ruleset` says of it.

        A caller that makes no verdict of what is clean spares most of the work on an archive.
        """
        if not any(_in_turn(ruleset, each) for each in {each.comment.source for each in facts}):
            return await self._evaluate(ruleset, list(facts), priority)
        known: list[Facts] = []
        evaluations: list[Evaluation] = []
        for single in facts:
            after, said = await self._evaluate(ruleset, [single], priority)
            known += after
            evaluations += said
        return known, evaluations

    def asks_history(self, source: str) -> bool:
        """Tell whether verdicts on comments from `source` depend on earlier ones."""
        return bool(self.rules().history_queries_of(source))

    def in_turn(self, source: str) -> bool:
        """Tell whether comments from `source` are judged one after the other, never together."""
        return _in_turn(self.rules(), source)

    async def explain(self, comment: Comment) -> Explanation:
        """Return the verdict on one comment with all that led to it; nothing is remembered."""
        ruleset = self.rules()
        facts = facts_of((comment,))
        history = self.history.answer(comment, ruleset.history_queries)
        (known,) = await self._with_scores(
            [replace(facts[0], history=history)], (0,), Priority.LIVE
        )
        verdict = self.verdict(ruleset, known, ruleset.evaluate(known))
        return Explanation(known, verdict, ruleset.explain(known))

    def let_through(self, comment: Comment, scores: Scores | None) -> Verdict:
        """Return the verdict on a comment that was found clean."""
        return decide(
            comment,
            _CLEAN,
            scores,
            ruleset=self.rules().id,
            model=self.scorer.model,
            policy=self.policy,
        )

    def verdict(self, ruleset: RuleSet, facts: Facts, evaluation: Evaluation) -> Verdict:
        """Return what an evaluation by `ruleset` amounts to."""
        return self._verdicts(ruleset, (facts,), (evaluation,))[0]

    def _verdicts(
        self, ruleset: RuleSet, facts: Sequence[Facts], evaluations: Sequence[Evaluation]
    ) -> list[Verdict]:
        name, model, policy = ruleset.id, self.scorer.model, self.policy
        return [
            decide(
                each.comment,
                evaluation,
                each.scores,
                ruleset=name,
                model=model,
                policy=policy,
                failures=(_OVERSIZE,) if _OVERSIZE in each.missing else (),
            )
            for each, evaluation in zip(facts, evaluations, strict=True)
        ]

    async def _evaluate(
        self, ruleset: RuleSet, facts: list[Facts], priority: Priority
    ) -> tuple[list[Facts], list[Evaluation]]:
        facts = self._with_history(ruleset, facts)
        wanted = _unscored(facts) if self.score_all else ruleset.wanting_scores(facts)
        facts = await self._with_scores(facts, wanted, priority)
        evaluations = ruleset.evaluate_many(facts)
        waiting = [i for i, evaluation in enumerate(evaluations) if evaluation.needs_scores]
        if waiting:
            facts = await self._with_scores(facts, waiting, priority)
            again = ruleset.evaluate_many([facts[i] for i in waiting])
            for i, evaluation in zip(waiting, again, strict=True):
                evaluations[i] = evaluation
        self._remember(ruleset, facts, evaluations)
        return facts, evaluations

    def _with_history(self, ruleset: RuleSet, facts: list[Facts]) -> list[Facts]:
        # Sources are kept apart: where no rule asks, nothing need be remembered.
        sources = {each.comment.source for each in facts}
        of_source = {source: ruleset.history_queries_of(source) for source in sources}
        if not any(of_source.values()):
            return facts
        asked = [of_source[each.comment.source] for each in facts]
        remembered = [
            (each.comment, queries) for each, queries in zip(facts, asked, strict=True) if queries
        ]
        # Answers count only what is earlier than the comment, so all may be recorded first.
        self.history.record_many([(comment, ()) for comment, _ in remembered])
        answers = iter(self.history.answer_many(remembered))
        return [
            replace(each, history=next(answers)) if queries else each
            for each, queries in zip(facts, asked, strict=True)
        ]

    async def _with_scores(
        self, facts: list[Facts], wanted: Sequence[int], priority: Priority
    ) -> list[Facts]:
        # What is too long or has failed already is not asked again.
        wanted = [i for i in wanted if not facts[i].missing]
        if not wanted:
            return facts
        scored = await self._score([facts[i].comment.text for i in wanted], priority)
        result = list(facts)
        for i, scores in zip(wanted, scored, strict=True):
            result[i] = with_scores(facts[i], scores)
        return result

    async def _score(self, texts: Sequence[str], priority: Priority) -> Sequence[Scores | None]:
        try:
            return await self.scorer.score(texts, priority)
        except ScoringError:
            if len(texts) == 1:
                return [None]
        # One text that the model cannot answer must not take its neighbours' scores away.
        return [row for text in texts for row in await self._score([text], priority)]

    def _remember(
        self, ruleset: RuleSet, facts: Sequence[Facts], evaluations: Sequence[Evaluation]
    ) -> None:
        matched = [
            (each.comment, evaluation.matches)
            for each, evaluation in zip(facts, evaluations, strict=True)
            if evaluation.matches and ruleset.history_queries_of(each.comment.source)
        ]
        if matched:
            self.history.record_many(matched)


def _in_turn(ruleset: RuleSet, source: str) -> bool:
    # A match of one comment is history for the next.
    queries = ruleset.history_queries_of(source)
    return any(query.kind is HistoryKind.MATCHES for query in queries)


def is_clean(facts: Facts, evaluation: Evaluation) -> bool:
    """Tell whether the verdict can only be to let the comment through, with nothing to tell."""
    return not (evaluation.matches or evaluation.unknown or facts.missing)


def _unscored(facts: Sequence[Facts]) -> list[int]:
    return [i for i, each in enumerate(facts) if each.scores is None]


def _oversize(text: str) -> tuple[Missing, ...]:
    return (_OVERSIZE,) if len(text) > LONGEST_TEXT else ()


def with_scores(facts: Facts, scores: Scores | None) -> Facts:
    """Return the facts with what the model said; `None` where it failed."""
    missing = facts.missing if scores is not None else (*facts.missing, _NO_SCORES)
    # Written out: `replace` takes many times as long, for every comment.
    return _make_facts(facts.comment, facts.text, scores, facts.history, facts.parent, missing)


def facts_of(comments: Sequence[Comment]) -> list[Facts]:
    """Return what is known of comments before anything is asked: their folded texts."""
    # A text over the limit is cut for the rules only: it goes to review, whatever they say.
    folded = fold_many([comment.text[:LONGEST_TEXT] for comment in comments])
    return [
        _make_facts(comment, text, None, NO_HISTORY, None, _oversize(comment.text))
        for comment, text in zip(comments, folded, strict=True)
    ]
