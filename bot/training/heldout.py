"""The held-out part of the training data: what calibration may look at.

Lives here: logits, targets and how much each row counts. Not here: the fitting (`calibrate`).
"""

from collections.abc import Sequence

import torch
from transformers import BertForSequenceClassification, BertTokenizer

from bot.training.batches import cut
from bot.training.data import LABELS, NATURAL, TALK, Example, targets_of

TALK_WEIGHT, NATURAL_WEIGHT, OTHER_WEIGHT = 1.0, 1.0, 0.25
"""Talk pages, balanced and natural, say what a comment looks like; pre-selected sources less."""

_ROWS = 64


def targets(examples: Sequence[Example]) -> torch.Tensor:
    """Return rows × labels of targets, `nan` where absent."""
    return torch.tensor([example.targets for example in examples])


def natural_weights(examples: Sequence[Example]) -> torch.Tensor:
    """Return how much each row counts when probabilities are made honest."""
    return torch.tensor([_weight(example.source) for example in examples])


def _weight(source: str) -> float:
    if source == NATURAL:
        return NATURAL_WEIGHT
    return TALK_WEIGHT if source in TALK else OTHER_WEIGHT


@torch.no_grad()
def logits_of(
    model: BertForSequenceClassification, tokenizer: BertTokenizer, texts: Sequence[str]
) -> torch.Tensor:
    """Return rows × labels of logits, in order."""
    model.train(mode=False)
    ids = [cut(each.ids) for each in tokenizer.backend_tokenizer.encode_batch(list(texts))]
    order = sorted(range(len(ids)), key=lambda place: len(ids[place]))
    rows = torch.tensor([targets_of({})] * len(ids)) if ids else torch.zeros(0, len(LABELS))
    for start in range(0, len(order), _ROWS):
        places = order[start : start + _ROWS]
        longest = max(len(ids[place]) for place in places)
        padded = torch.tensor([ids[place] + [0] * (longest - len(ids[place])) for place in places])
        lengths = torch.tensor([len(ids[place]) for place in places])
        mask = (torch.arange(longest)[None, :] < lengths[:, None]).long()
        rows[places] = model(input_ids=padded, attention_mask=mask).logits
    if rows.isnan().any():
        raise ArithmeticError("the model answers with numbers that are none; it must not ship")
    return rows
