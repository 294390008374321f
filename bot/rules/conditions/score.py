"""The condition on what the model says: `score`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Self

import numpy as np

from bot.model import Missing, Outcome, Threshold
from bot.rules.batch import Batch, Screen
from bot.rules.conditions.base import Binder, Condition
from bot.rules.kinds import LABEL, CompareNumber, Comparison
from bot.rules.look import NO, YES, Answer, Look
from bot.yamlfile import At, Field, Located, MapOf


@dataclass(frozen=True)
class Score(Condition):
    """Thresholds on the model's scores."""

    thresholds_by_label: dict[str, Located[Comparison]]

    name: ClassVar[str] = "score"
    title = "The model's scores pass these thresholds"
    doc = (
        "Label by label, a comparison of the score (0 to 1) with a threshold; all of them must "
        "hold. Which labels there are depends on the model."
    )
    example = 'score: {insult: ">= 0.85"}'
    parameters = (
        Field(
            "labels",
            MapOf(LABEL, At(CompareNumber(">= 0.85"))),
            "Label and comparison.",
            required=True,
            attribute="thresholds_by_label",
        ),
    )
    bare = True

    def bind(self, binder: Binder) -> Self:
        for label, threshold in self.thresholds_by_label.items():
            binder.label(label, threshold)
        return self

    def test(self, look: Look) -> Answer:
        scores = look.facts.scores
        if scores is None:
            return Answer(Outcome.UNKNOWN, missing=(look.lack("scores"),))
        missing = []
        for label, threshold in self.thresholds_by_label.items():
            value = scores.values.get(label)
            if value is None:
                missing.append(Missing(f"score of {label}"))
            elif not threshold.value.holds(value):
                return NO
        return Answer(Outcome.UNKNOWN, missing=tuple(sorted(missing, key=str))) if missing else YES

    def screen(self, batch: Batch) -> Screen:
        match, miss = ~batch.nowhere(), batch.nowhere()
        for label, threshold in self.thresholds_by_label.items():
            scores = batch.scores(label)
            holds = threshold.value.column(scores)
            unknown = np.isnan(scores)
            match &= holds | unknown
            miss |= ~holds
        return Screen(match, miss)

    def meaning(self) -> object:
        return {label: str(each.value) for label, each in sorted(self.thresholds_by_label.items())}

    def describe(self) -> str:
        wanted = (f"{label} {each.value}" for label, each in self.thresholds_by_label.items())
        return f"score: {', '.join(wanted)}"

    def detail(self, look: Look) -> str:
        if look.facts.scores is None:
            return "no scores"
        values = look.facts.scores.values
        return ", ".join(
            f"{label} {values[label]:.2f}" if label in values else f"{label} unknown"
            for label in self.thresholds_by_label
        )

    def thresholds(self) -> tuple[Threshold, ...]:
        return tuple(
            Threshold(label, each.value.sign, each.value.value)
            for label, each in self.thresholds_by_label.items()
        )
