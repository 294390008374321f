"""Which words raised a score: leave each out, score again, and see what falls.

Lives here: occlusion over the words of one text, all variants in one call. Not here: showing it
(`gavel explain`, the Why? button).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from bot.errors import UserError, did_you_mean
from bot.model import Priority, Scores, Span
from bot.ports import Scorer

MOST_WORDS = 200
"""Longer texts are explained in pieces of several words, so that the work stays bounded."""

WORTH_TELLING = 0.3
"""Probability from which a label is worth explaining."""

_FEWEST_DROP, _MOST_TOLD = 0.05, 4
_WORD = re.compile(r"\S+")


class Contribution(NamedTuple):
    """How far a label's probability falls when the words at `span` are left out."""

    span: Span
    label: str
    drop: float


class Raiser(NamedTuple):
    """Words that raised a label: by how much, or how high they score `alone`."""

    span: Span
    amount: float
    alone: bool


async def word_contributions(
    scorer: Scorer, text: str, labels: Sequence[str] | None = None
) -> tuple[Contribution, ...]:
    """Return a contribution for each word and label, largest drop first.

    `labels` defaults to all of the model. Raise `UserError` for a label that the model lacks, and
    `ScoringError` when the model cannot answer.
    """
    labels = scorer.model.labels if labels is None else labels
    for label in labels:
        if label not in scorer.model.labels:
            hint = did_you_mean(label, scorer.model.labels)
            raise UserError(f'the model {scorer.model.id} has no label "{label}"', hint=hint)
    spans = _pieces(text)
    without = [text[: span.start] + text[span.end :] for span in spans]
    whole, *rest = await scorer.score([text, *without], Priority.LIVE)
    contributions = [
        Contribution(span, label, whole.values[label] - less.values[label])
        for span, less in zip(spans, rest, strict=True)
        for label in labels
    ]
    return tuple(sorted(contributions, key=lambda each: each.drop, reverse=True))


async def raised_by(scorer: Scorer, text: str, scores: Scores) -> dict[str, tuple[Raiser, ...]]:
    """Return, for each label that scores high, the few words that raised it most.

    Where several words would each do (`stupid idiot`), leaving one out changes little; then those
    are told that score high alone. Raise `ScoringError` when the model cannot answer.
    """
    high = [label for label, value in scores.values.items() if value >= WORTH_TELLING]
    if not high:
        return {}
    found: dict[str, list[Raiser]] = {label: [] for label in high}
    for span, label, drop in await word_contributions(scorer, text, high):
        if drop >= _FEWEST_DROP:
            found[label].append(Raiser(span, drop, alone=False))
    unexplained = [label for label, raisers in found.items() if not raisers]
    for label, raiser in await _alone(scorer, text, unexplained):
        found[label].append(raiser)
    return {label: tuple(raisers[:_MOST_TOLD]) for label, raisers in found.items()}


async def _alone(scorer: Scorer, text: str, labels: Sequence[str]) -> list[tuple[str, Raiser]]:
    """Return the words that score high without any other, highest first."""
    if not labels:
        return []
    spans = _pieces(text)
    rows = await scorer.score([text[span.start : span.end] for span in spans], Priority.LIVE)
    raisers = [
        (label, Raiser(span, row.values[label], alone=True))
        for span, row in zip(spans, rows, strict=True)
        for label in labels
        if row.values[label] >= WORTH_TELLING
    ]
    return sorted(raisers, key=lambda each: each[1].amount, reverse=True)


def _pieces(text: str) -> list[Span]:
    """Return the words, or of many words as many runs as are allowed."""
    words = [Span(*match.span()) for match in _WORD.finditer(text)]
    size = -(-len(words) // MOST_WORDS) or 1
    return [
        Span(words[i].start, words[min(i + size, len(words)) - 1].end)
        for i in range(0, len(words), size)
    ]
