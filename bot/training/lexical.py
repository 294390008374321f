"""A second opinion for distillation: logistic regression over words and runs of characters.

It knows nothing of order or meaning, but remembers rare words better than a small network does;
the two err on different texts. It never ships. Lives here: fitting it, and scoring each text by a
model that never saw it. Not here: what becomes of the scores (`distil`).
"""

import math
import zlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import FeatureUnion, Pipeline, make_pipeline

from bot.training.data import Example

Logits = NDArray[np.float64]

FOLDS = 5
WORD = r"(?u)\b\w+\b|[!?*]+"
RUNS = (2, 5)
"""Lengths of the runs of characters; they do not cross words."""


def pipeline(least: int = 3) -> Pipeline:
    """Build the model, unfitted; runs of characters seen in fewer than `least` texts are dropped."""
    words = TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True, min_df=2, token_pattern=WORD)
    runs = TfidfVectorizer(analyzer="char_wb", ngram_range=RUNS, sublinear_tf=True, min_df=least)
    regression = LogisticRegression(C=8.0, solver="liblinear", max_iter=100)
    return make_pipeline(FeatureUnion([("words", words), ("runs", runs)]), regression)


def fold_of(text: str) -> int:
    """Return the fold of a text, by a hash: equal texts never fall on both sides."""
    return zlib.crc32(text.encode("utf-8", "replace")) % FOLDS


@dataclass(frozen=True, slots=True)
class Lexical:
    """One model for texts from elsewhere, and for each fold one that never saw it."""

    whole: Pipeline
    without: tuple[Pipeline, ...]

    def logits(self, texts: Sequence[str]) -> Logits:
        """Return the toxicity of texts that took no part in the fit, as logits."""
        return np.asarray(self.whole.decision_function(texts)) if texts else np.zeros(0)

    def unseen(self, texts: Sequence[str], folds: Sequence[int]) -> Logits:
        """Return the toxicity of each text by the model that saw nothing of its fold."""
        logits = np.zeros(len(texts))
        for fold, model in enumerate(self.without):
            places = [place for place, each in enumerate(folds) if each == fold]
            if places:
                logits[places] = model.decision_function([texts[place] for place in places])
        return logits


def fit(examples: Sequence[Example]) -> Lexical:
    """Fit on the toxicity of `examples`, once on all and once without each fold."""
    rows = [example for example in examples if not math.isnan(example.target("toxicity"))]
    return Lexical(
        _fitted(rows),
        tuple(_fitted([row for row in rows if fold_of(row.text) != fold]) for fold in range(FOLDS)),
    )


def _fitted(rows: Sequence[Example]) -> Pipeline:
    toxic = [row.target("toxicity") >= 0.5 for row in rows]
    fitted: Pipeline = pipeline().fit([row.text for row in rows], toxic)
    return fitted
