"""What an archive is put before: one pipeline, or two side by side.

Lives here: judging comments by the handful, and writing judgements down as bytes, so that they can
wait on disk or come from another process. Not here: which comments come when (`bot.replay`).
"""

from __future__ import annotations

import marshal
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, TypeVar

from bot.model import Comment, Evaluation, Facts, Scores, Verdict
from bot.packing import pack_verdicts, unpack_verdicts
from bot.pipeline import Pipeline, facts_of, is_clean, with_scores
from bot.rules import Apart, RuleSet

Judged = TypeVar("Judged")
Pair = tuple[Verdict, Verdict]
_Evaluated = tuple[Facts, Evaluation]

_WHOLE = b"v"
"""Begins a verdict that is written whole; bare scores begin otherwise."""


class Judge(Protocol[Judged]):
    """Judges comments; what it says can be written down and read again."""

    def asks_history(self, source: str) -> bool:
        """Tell whether judgements on comments from `source` depend on earlier ones."""
        ...

    async def judge(self, comments: Sequence[Comment]) -> list[Judged]:
        """Return one judgement a comment, in order."""
        ...

    def write(self, judged: Judged) -> bytes:
        """Return a judgement as bytes."""
        ...

    async def written(self, comments: Sequence[Comment]) -> list[bytes]:
        """Return what `write` makes of each judgement."""
        ...

    def read(self, comment: Comment, written: bytes) -> Judged:
        """Return the judgement on `comment` that `write` made bytes of."""
        ...


@dataclass(frozen=True, slots=True)
class Alone:
    """One pipeline: a verdict a comment."""

    pipeline: Pipeline

    def asks_history(self, source: str) -> bool:
        """Tell whether its rules do."""
        return self.pipeline.asks_history(source)

    async def judge(self, comments: Sequence[Comment]) -> list[Verdict]:
        """Return the verdicts."""
        return await self.pipeline.screen_many(comments)

    def write(self, judged: Verdict) -> bytes:
        """Return a verdict as bytes; of one that says nothing, only the scores are needed."""
        if judged.action or judged.matches or judged.missing:
            return _WHOLE + pack_verdicts([judged])
        return self._written_scores(judged.scores)

    async def written(self, comments: Sequence[Comment]) -> list[bytes]:
        """Return the verdicts as bytes; of what is clean, none is made."""
        ruleset = self.pipeline.rules()
        evaluated = await _evaluated(self.pipeline, ruleset, facts_of(comments))
        return [
            self._written_scores(each[0].scores)
            if is_clean(*each)
            else self.write(self.pipeline.verdict(ruleset, *each))
            for each in evaluated
        ]

    def _written_scores(self, scores: Scores | None) -> bytes:
        if scores is None:
            return b""
        values = [scores.values[label] for label in self.pipeline.scorer.model.labels]
        return marshal.dumps((scores.windows, values))

    def read(self, comment: Comment, written: bytes) -> Verdict:
        """Return the verdict."""
        if written[:1] == _WHOLE:
            return unpack_verdicts(written[1:])[0]
        return self.pipeline.let_through(comment, self._scores(written) if written else None)

    def _scores(self, written: bytes) -> Scores:
        windows, values = marshal.loads(written)  # noqa: S302 - written by `write`
        model = self.pipeline.scorer.model
        return Scores(
            model.id, model.revision, dict(zip(model.labels, values, strict=True)), windows
        )


@dataclass(slots=True)
class Beside:
    """Two pipelines: a pair of verdicts a comment.

    Texts are folded once, and with one model scored once; rules that both share are evaluated
    once. When `sparing`, comments that both let through with nothing to tell get `None`: most
    comments of most archives. Between different models there is always a pair, for its scores.
    """

    before: Pipeline
    after: Pipeline
    sparing: bool = False
    _apart: tuple[RuleSet, RuleSet, Apart] | None = None

    def asks_history(self, source: str) -> bool:
        """Tell whether the rules of either do."""
        return self.before.asks_history(source) or self.after.asks_history(source)

    async def judge(self, comments: Sequence[Comment]) -> list[Pair | None]:
        """Return the pairs."""
        before, after = self.before.rules(), self.after.rules()
        facts = facts_of(comments)
        if self.before.scorer.model == self.after.scorer.model:
            olds, news = await self._by_one_model(before, after, facts)
            sparing = self.sparing
        else:
            olds = await _evaluated(self.before, before, facts)
            news = await _evaluated(self.after, after, facts)
            sparing = False
        return [
            None
            if sparing and is_clean(*old) and is_clean(*new)
            else (self.before.verdict(before, *old), self.after.verdict(after, *new))
            for old, new in zip(olds, news, strict=True)
        ]

    async def _by_one_model(
        self, before: RuleSet, after: RuleSet, facts: list[Facts]
    ) -> tuple[list[_Evaluated], list[_Evaluated]]:
        if any(map(self.asks_history, {each.comment.source for each in facts})):
            # Each side remembers for itself, and of the other knows but the scores.
            olds = await _evaluated(self.before, before, facts)
            facts = [
                with_scores(each, old.scores) if old.scores else each
                for each, (old, _) in zip(facts, olds, strict=True)
            ]
            return olds, await _evaluated(self.after, after, facts)
        apart = self._taken_apart(before, after)
        olds = await _evaluated(self.before, apart.old, facts)
        known = [old if old.scores else each for each, (old, _) in zip(facts, olds, strict=True)]
        rests = await _evaluated(self.after, apart.rest, known)
        return olds, [
            (each, apart.join(old, rest))
            for (_, old), (each, rest) in zip(olds, rests, strict=True)
        ]

    def _taken_apart(self, before: RuleSet, after: RuleSet) -> Apart:
        if self._apart is None or self._apart[:2] != (before, after):
            self._apart = (before, after, Apart.of(before, after))
        return self._apart[2]

    def write(self, judged: Pair | None) -> bytes:
        """Return a pair as bytes."""
        return pack_verdicts(judged) if judged else b""

    async def written(self, comments: Sequence[Comment]) -> list[bytes]:
        """Return the pairs as bytes."""
        return [self.write(pair) for pair in await self.judge(comments)]

    def read(self, comment: Comment, written: bytes) -> Pair | None:  # noqa: ARG002 - as every judge
        """Return the pair."""
        if not written:
            return None
        old, new = unpack_verdicts(written)
        return old, new


async def _evaluated(pipeline: Pipeline, ruleset: RuleSet, facts: list[Facts]) -> list[_Evaluated]:
    return list(zip(*await pipeline.evaluate(ruleset, facts), strict=True))
