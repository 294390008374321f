"""Softens the targets: what two teachers think of a text, beside what its annotators said.

The first teacher is the network that the plain labels made, the second a `lexical` model of talk
pages; how much each counts is fitted on held-out texts. Lives here: that mixture, and pieces of
talk pages as further texts, which only the teachers have judged. Not here: the teachers
themselves, and the training of the student (`train`).
"""

import math
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch
from sklearn.linear_model import LogisticRegression

from bot.training import lexical
from bot.training.data import ABSENT, LABELS, NATURAL, TALK, Example
from bot.training.lexical import Lexical, Logits

Network = Callable[[Sequence[str]], torch.Tensor]
"""Texts to rows × labels of logits."""

HOME = (*TALK, NATURAL)
"""The sources that the second teacher learns from: they are what the model is for."""

TAUGHT = (*HOME, "civil_comments_spans", "paradetox", "davidson_tweets")
"""The sources whose toxicity is softened; where annotators meant something else, it is not."""

TRUST = 0.5
"""The share of the teachers in a target that annotators gave, too."""

PIECES = "pieces"
"""The source of what `pieces` makes."""


@dataclass(frozen=True, slots=True)
class Teachers:
    """Both teachers, and how much each counts."""

    network: Network
    lexical: Lexical
    weights: tuple[float, float]
    shift: float

    def toxicity(self, texts: Sequence[str], folds: Sequence[int | None]) -> Logits:
        """Return what both think, as probabilities; a text of a fold is judged by its others."""
        first = self.network(texts)[:, LABELS.index("toxicity")].double().numpy()
        second = self.lexical.logits(texts)
        known = [place for place, fold in enumerate(folds) if fold is not None]
        second[known] = self.lexical.unseen(
            [texts[place] for place in known], [fold for fold in folds if fold is not None]
        )
        logits = self.weights[0] * first + self.weights[1] * second + self.shift
        return np.asarray(1 / (1 + np.exp(-logits)))


def agree(network: Network, kept: Sequence[Example], held: Sequence[Example]) -> Teachers:
    """Fit the second teacher on `kept` talk pages, and the weight of both on `held` ones."""
    second = lexical.fit([row for row in kept if row.source in HOME])
    rows = [row for row in held if row.source in HOME and not math.isnan(row.target("toxicity"))]
    texts = [row.text for row in rows]
    first = network(texts)[:, LABELS.index("toxicity")].double().numpy()
    opinions = np.stack([first, second.logits(texts)], axis=1)
    stack = LogisticRegression(C=1.0).fit(opinions, [row.target("toxicity") >= 0.5 for row in rows])
    one, other = stack.coef_[0]
    return Teachers(network, second, (float(one), float(other)), float(stack.intercept_[0]))


def soften(examples: Sequence[Example], teachers: Teachers) -> list[Example]:
    """Return the examples, those of `TAUGHT` sources with a softened toxicity."""
    places = [
        place
        for place, row in enumerate(examples)
        if row.source in TAUGHT and not math.isnan(row.target("toxicity"))
    ]
    texts = [examples[place].text for place in places]
    folds = [
        lexical.fold_of(examples[place].text) if examples[place].source in HOME else None
        for place in places
    ]
    softened = list(examples)
    for place, opinion in zip(places, teachers.toxicity(texts, folds), strict=True):
        row = examples[place]
        toxicity = (1 - TRUST) * row.target("toxicity") + TRUST * float(opinion)
        softened[place] = replace(row, lesson=(toxicity, *row.targets[1:]))
    return softened


def pieces(examples: Sequence[Example], teachers: Teachers, rng: random.Random) -> list[Example]:
    """Cut as many pieces as there are talk pages, some joined, with what the teachers think."""
    home = [row.text for row in examples if row.source in HOME]
    by_fold = [[text for text in home if lexical.fold_of(text) == n] for n in range(lexical.FOLDS)]
    cut = [_piece(by_fold, rng) for _ in home]
    opinions = teachers.toxicity([text for text, _ in cut], [fold for _, fold in cut])
    others = (ABSENT,) * (len(LABELS) - 1)
    return [
        Example(text, (float(opinion), *others), PIECES)
        for (text, _), opinion in zip(cut, opinions, strict=True)
    ]


def _piece(by_fold: Sequence[Sequence[str]], rng: random.Random) -> tuple[str, int]:
    fold = rng.choice([number for number, texts in enumerate(by_fold) if texts])
    parts = rng.choices(by_fold[fold], k=rng.choice((1, 1, 2)))
    return rng.choice((" ", ". ", "\n")).join(_span(part, rng) for part in parts), fold


def _span(text: str, rng: random.Random) -> str:
    words = text.split()
    length = rng.randint(3, 40)
    start = rng.randrange(max(1, len(words) - length + 1))
    return " ".join(words[start : start + length])
