"""Fine-tunes the base model: the loss, the rates, the averaged weights, the loop.

Lives here: how weights move. Not here: which texts they see (`data`, `batches`) and what becomes
of them afterwards (`calibrate`, `export`).
"""

import itertools
import math
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

import torch
from torch.nn.functional import binary_cross_entropy_with_logits
from transformers import BertForSequenceClassification

from bot.training.batches import Batch

State = dict[str, torch.Tensor]

LABEL_WEIGHTS = torch.tensor([1.0, 1.0, 1.2, 2.0, 1.2, 1.2])
"""In the order of `data.LABELS`: threats are few, and missing one costs most."""

HEAD_RATE, POOLER_RATE, TOP_RATE, WORD_RATE, POSITION_RATE = 5e-4, 1e-4, 8e-5, 4e-5, 2e-5
LAYER_DECAY = 0.9
WARM_UP, FINAL_SHARE = 0.06, 0.03
AVERAGE_EVERY, AVERAGE_DECAY = 4, 0.998


@dataclass(frozen=True, slots=True)
class Progress:
    """Where a run stands; `loss` is a running mean."""

    step: int
    steps: int
    loss: float


def masked_loss(logits: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
    """Weighted cross entropy over annotated labels only; `nan` targets weigh nothing."""
    known = ~targets.isnan()
    each = binary_cross_entropy_with_logits(logits, targets.nan_to_num(0.0), reduction="none")
    return (each * known * LABEL_WEIGHTS).sum() / known.sum().clamp(min=1)


def rate(name: str, layers: int) -> float:
    """Return the learning rate of a parameter: the nearer to the words, the slower."""
    if "word_embeddings" in name:
        return WORD_RATE
    if "embeddings" in name:
        return POSITION_RATE
    if "encoder.layer." in name:
        layer = int(name.split("encoder.layer.")[1].split(".", maxsplit=1)[0])
        return TOP_RATE * LAYER_DECAY ** (layers - 1 - layer)
    return POOLER_RATE if "pooler" in name else HEAD_RATE


def schedule(step: int, steps: int) -> float:
    """Return the share of the learning rate at a step: warm up, then a half cosine."""
    warm = min(1.0, (step + 1) / (WARM_UP * steps))
    cosine = 0.5 * (1 + math.cos(math.pi * min(1.0, step / steps)))
    return warm * (cosine * (1 - FINAL_SHARE) + FINAL_SHARE)


class Average:
    """A running mean of the weights: what is shipped, calmer than any single step."""

    def __init__(self, model: torch.nn.Module) -> None:
        self._mean = {
            name: value.detach().clone()
            for name, value in model.state_dict().items()
            if value.is_floating_point()
        }

    @torch.no_grad()
    def update(self, model: torch.nn.Module, step: int) -> None:
        """Move towards the present weights, quickly at first."""
        decay = min(AVERAGE_DECAY, (step + 1) / (step + 20)) ** AVERAGE_EVERY
        for name, value in model.state_dict().items():
            if name in self._mean:
                self._mean[name].lerp_(value, 1 - decay)

    def state(self, model: torch.nn.Module) -> State:
        """Return the averaged weights, with whatever of the model is no weight."""
        return {name: self._mean.get(name, value) for name, value in model.state_dict().items()}


def fine_tune(
    model: BertForSequenceClassification,
    epochs: Callable[[int], Iterable[Batch]],
    steps: int,
    tell: Callable[[Progress], None],
    pace: float = 1.0,
) -> State:
    """Train for `steps` batches of `epochs(0)`, `epochs(1)`, …; return the averaged weights.

    `pace` is the share of the usual learning rates.
    """
    optimizer = _optimizer(model)
    rates = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: pace * schedule(step, steps))
    average = Average(model)
    running = 0.0
    model.train()
    for step, batch in enumerate(itertools.islice(_endless(epochs), steps)):
        loss = _step(model, batch, optimizer)
        rates.step()
        if step % AVERAGE_EVERY == 0:
            average.update(model, step)
        running = 0.98 * running + 0.02 * loss
        tell(Progress(step, steps, running / (1 - 0.98 ** (step + 1))))
    return average.state(model)


def _endless(epochs: Callable[[int], Iterable[Batch]]) -> Iterator[Batch]:
    return (batch for number in itertools.count() for batch in epochs(number))


def _optimizer(model: BertForSequenceClassification) -> torch.optim.Optimizer:
    layers = model.config.num_hidden_layers
    groups = [
        {
            "params": [parameter],
            "lr": rate(name, layers),
            "weight_decay": 0.01 if parameter.ndim > 1 else 0.0,
        }
        for name, parameter in model.named_parameters()
    ]
    return torch.optim.AdamW(groups, betas=(0.9, 0.98), fused=True)


def _step(
    model: BertForSequenceClassification, batch: Batch, optimizer: torch.optim.Optimizer
) -> float:
    with torch.autocast("cpu", torch.bfloat16):
        logits = model(input_ids=batch.ids, attention_mask=batch.mask).logits
    loss = masked_loss(logits.float(), batch.targets)
    optimizer.zero_grad(set_to_none=True)
    loss.backward()  # type: ignore[no-untyped-call]
    torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
    optimizer.step()
    return loss.item()
