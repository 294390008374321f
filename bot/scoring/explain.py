"""Which words raised a score: leave each out, score again, and see what falls.

Lives here: occlusion over the words of one text, all variants in one call. Not here: showing it
(`gavel explain`, the Why? button).
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from bot.errors import UserError, did_you_mean
from bot.model import Priority, Scores, Span
from bot.ports import Scorer

MOST_WORDS, MOST_CHARACTERS = 64, 1000
"""A longer text is explained by that stretch of it which scores highest."""

_SHARED_WORDS = 8
"""Words that two neighbouring stretches share, so that no phrase is cut in two for both."""

WORTH_TELLING = 0.3
"""Probability from which a label is worth explaining."""

_FEWEST_DROP, _MOST_TOLD = 0.05, 4
_EXPLAINING = 1 / 3
"""Share of a score that some word must take along for the drops to explain it."""

_BESIDE_THE_LARGEST, _BESIDE_THE_HIGHEST = 1 / 4, 1 / 2
"""Shares of the largest drop, and of the highest score alone, from which a word is told beside it."""

# A word is what stands between blanks; letters spaced out (`f o o l`) are one word together.
_WORD = re.compile(r"(?<!\S)\S(?:[^\S\n]\S(?!\S)){2,}|\S+")


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
    scorer: Scorer, text: str, labels: Sequence[str] | None = None, within: Span | None = None
) -> tuple[Contribution, ...]:
    """Return a contribution for each word and label, largest drop first.

    `labels` defaults to all of the model; `within` to the whole text, and what lies outside of it
    is left out of account. Raise `UserError` for a label that the model lacks, and `ScoringError`
    when the model cannot answer.
    """
    labels = scorer.model.labels if labels is None else labels
    for label in labels:
        if label not in scorer.model.labels:
            hint = did_you_mean(label, scorer.model.labels)
            raise UserError(f'the model {scorer.model.id} has no label "{label}"', hint=hint)
    start, end = within or Span(0, len(text))
    words = list(_words(text, start, end))
    without = [text[start : word.start] + text[word.end : end] for word in words]
    whole, *rest = await scorer.score([text[start:end], *without], Priority.PROMPT)
    contributions = [
        Contribution(word, label, whole.values[label] - less.values[label])
        for word, less in zip(words, rest, strict=True)
        for label in labels
    ]
    return tuple(sorted(contributions, key=lambda each: each.drop, reverse=True))


async def raised_by(scorer: Scorer, text: str, scores: Scores) -> dict[str, tuple[Raiser, ...]]:
    """Return, for each label that scores high, the few words that raised it most.

    Where several words would each do (`stupid idiot`), leaving one out changes little; then those
    are told that score high alone. Raise `ScoringError` when the model cannot answer.
    """
    high = {label: value for label, value in scores.values.items() if value >= WORTH_TELLING}
    raised: dict[str, tuple[Raiser, ...]] = {}
    for stretch, values in (await _strongest(scorer, text, high)).items():
        raised |= await _raised_within(scorer, text, stretch, values)
    return {label: raised[label] for label in high}


async def _strongest(
    scorer: Scorer, text: str, high: Mapping[str, float]
) -> dict[Span, dict[str, float]]:
    """Return where to look for each label: the stretch that scores highest, and its score."""
    if not high:
        return {}
    stretches = list(_stretches(text))
    if len(stretches) == 1:
        return {stretches[0]: dict(high)}
    rows = await scorer.score([text[each.start : each.end] for each in stretches], Priority.PROMPT)
    found: defaultdict[Span, dict[str, float]] = defaultdict(dict)
    for label in high:
        values = [row.values[label] for row in rows]
        highest = max(values)
        found[stretches[values.index(highest)]][label] = highest
    return dict(found)


async def _raised_within(
    scorer: Scorer, text: str, stretch: Span, values: Mapping[str, float]
) -> dict[str, tuple[Raiser, ...]]:
    dropping: dict[str, list[Raiser]] = {label: [] for label in values}
    for span, label, drop in await word_contributions(scorer, text, list(values), stretch):
        told = dropping[label]
        if drop >= max(_FEWEST_DROP, told[0].amount * _BESIDE_THE_LARGEST if told else 0.0):
            told.append(Raiser(span, drop, alone=False))
    unexplained = [
        label
        for label, told in dropping.items()
        if not told or told[0].amount < values[label] * _EXPLAINING
    ]
    alone = await _alone(scorer, text, stretch, unexplained)
    return {
        label: tuple((alone.get(label) or told)[:_MOST_TOLD]) for label, told in dropping.items()
    }


async def _alone(
    scorer: Scorer, text: str, stretch: Span, labels: Sequence[str]
) -> dict[str, list[Raiser]]:
    """Return the words that score high without any other, highest first."""
    if not labels:
        return {}
    words = list(_words(text, *stretch))
    rows = await scorer.score([text[word.start : word.end] for word in words], Priority.PROMPT)
    found = {}
    for label in labels:
        values = [row.values[label] for row in rows]
        least = max(WORTH_TELLING, max(values, default=0.0) * _BESIDE_THE_HIGHEST)
        told = [
            Raiser(word, value, alone=True)
            for word, value in zip(words, values, strict=True)
            if value >= least
        ]
        found[label] = sorted(told, key=lambda each: each.amount, reverse=True)
    return found


def _words(text: str, start: int, end: int) -> Iterator[Span]:
    yield from (Span(*match.span()) for match in _WORD.finditer(text, start, end))


def _stretches(text: str) -> Iterator[Span]:
    """Yield overlapping stretches of whole words, at least one; a single word may be longer."""
    words = list(_words(text, 0, len(text)))
    first = 0
    while (last := _end_of_stretch(words, first)) < len(words):
        yield Span(words[first].start, words[last - 1].end)
        first = max(first + 1, last - _SHARED_WORDS)
    yield Span(words[first].start if first else 0, len(text))


def _end_of_stretch(words: Sequence[Span], first: int) -> int:
    last = first + 1
    while (
        last < min(len(words), first + MOST_WORDS)
        and words[last].end - words[first].start <= MOST_CHARACTERS
    ):
        last += 1
    return last
