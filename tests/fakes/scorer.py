"""A scorer that works without a model: fixed scores, for tests of everything else."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from bot.errors import ScoringError
from bot.model import LABELS, ModelInfo, Priority, Scores

Values = Mapping[str, float]


class FixedScorer:
    """Scores from a mapping (text → label → probability) or from a callable.

    Labels that are not given are 0. A callable may raise `ScoringError`, as a model would. `asked`
    remembers each call's texts and priority.
    """

    def __init__(
        self,
        scores: Mapping[str, Values] | Callable[[str], Values] | None = None,
        *,
        labels: Sequence[str] = LABELS,
        name: str = "fixed",
    ) -> None:
        self._scores = scores or {}
        self._model = ModelInfo(name, "1", tuple(labels))
        self._closed = False
        self.asked: list[tuple[tuple[str, ...], Priority]] = []

    @property
    def model(self) -> ModelInfo:
        return self._model

    async def score(
        self, texts: Sequence[str], priority: Priority = Priority.BULK
    ) -> Sequence[Scores]:
        if self._closed:
            raise ScoringError("the scorer is closed")
        self.asked.append((tuple(texts), priority))
        return [self._row(text) for text in texts]

    async def close(self) -> None:
        self._closed = True

    def _row(self, text: str) -> Scores:
        given = self._scores(text) if callable(self._scores) else self._scores.get(text, {})
        values = {label: float(given.get(label, 0.0)) for label in self._model.labels}
        return Scores(self._model.id, self._model.revision, values)
