"""Makes probabilities honest: one scale and one shift a label, folded into the classifier.

Lives here: fitting on the held-out part of the training data, and the folding, after which plain
`Detoxify.predict` is calibrated. Not here: measuring calibration (`evaluation`).
"""

from collections.abc import Mapping

import torch
from torch.nn.functional import binary_cross_entropy_with_logits

State = Mapping[str, torch.Tensor]

_PULL = 0.02
"""How strongly scale 1 and shift 0 are preferred: few examples must not move a label far."""


def fit(
    logits: torch.Tensor, targets: torch.Tensor, weights: torch.Tensor
) -> tuple[torch.Tensor, torch.Tensor]:
    """Return scale and shift a label from rows × labels of logits and targets, `nan` = absent.

    `weights` has one number a row: how often its like occurs where the model will be used.
    """
    log_scale = torch.zeros(logits.shape[1], requires_grad=True)
    shift = torch.zeros(logits.shape[1], requires_grad=True)
    known = ~targets.isnan()
    weight = known * weights[:, None]
    optimizer = torch.optim.LBFGS([log_scale, shift], max_iter=200, line_search_fn="strong_wolfe")

    def loss() -> torch.Tensor:
        optimizer.zero_grad()
        each = binary_cross_entropy_with_logits(
            logits * log_scale.exp() + shift, targets.nan_to_num(0.0), reduction="none"
        )
        fitted = ((each * weight).sum(dim=0) / weight.sum(dim=0).clamp(min=1)).sum()
        total = fitted + _PULL * (log_scale.square() + shift.square()).sum()
        total.backward()  # type: ignore[no-untyped-call]
        return total

    optimizer.step(loss)  # type: ignore[no-untyped-call]
    return log_scale.exp().detach(), shift.detach()


def fold(state: State, scale: torch.Tensor, shift: torch.Tensor) -> dict[str, torch.Tensor]:
    """Return the weights with scale and shift taken into the classifier's last layer."""
    folded = dict(state)
    folded["classifier.weight"] = state["classifier.weight"] * scale[:, None]
    folded["classifier.bias"] = state["classifier.bias"] * scale + shift
    return folded
