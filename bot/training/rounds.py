"""The two rounds of training: what each shows, for how long and how fast.

The first learns what annotators said; the second goes on from there with softened targets (see
`distil`), sentences of our own, and more of the talk pages that the model is for. Lives here: these
choices. Not here: what they mean to a text (`batches`) or to a weight (`train`).
"""

from collections.abc import Mapping
from dataclasses import dataclass

from bot.training.data import NATURAL, RECIPE, Share


@dataclass(frozen=True, slots=True)
class Round:
    """One round; `pace` is its share of the learning rates, `first_epoch` seeds what is drawn.

    `own` says how many sentences of our own an epoch adds: from which files of `own/`, and as what
    share of the rows that it draws.
    """

    seed: int
    epochs: float
    pace: float
    first_epoch: int
    recipe: Mapping[str, Share]
    own: Mapping[tuple[str, ...], float]


ANNOTATED = Round(
    seed=7, epochs=1.7, pace=1.0, first_epoch=1, recipe=RECIPE, own={("identities",): 0.016}
)
SOFTENED = Round(
    seed=4,
    epochs=1.4,
    pace=0.6,
    first_epoch=401,
    recipe={**RECIPE, "jigsaw_slice": Share(3.0, 3.0), NATURAL: Share(3.0, 1.0)},
    own={("identities",): 0.009, ("groups", "harmless", "persons", "plain"): 0.107},
)
