"""The reference: Detoxify's own class and its own `predict`, loaded safely and offline.

Lives here: everything that is needed so that the real `predict` runs on a checkpoint that nobody
vouches for. Detoxify's loader unpickles freely and looks its configuration up on a hub; ours reads
with `weights_only` and from the model's folder. Every other engine is held against this one.
"""

from __future__ import annotations

import logging
import pickle
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import torch
from detoxify import Detoxify
from detoxify.detoxify import get_model_and_tokenizer
from transformers.utils import logging as transformers_logging

from bot.scoring.checkpoint import Checkpoint, is_surplus, misfit
from bot.scoring.engine import Probabilities
from bot.scoring.tokens import Window

_NAMES_SHOWN = 3


class ReferenceEngine:
    """`Detoxify.predict`, one text after the other: no padding, no neighbours, no surprises."""

    def __init__(self, detoxify: Detoxify) -> None:
        self._detoxify = detoxify

    def run(self, windows: Sequence[Window]) -> Probabilities:
        """Return an array (windows, labels)."""
        rows = [self._row(self._detoxify.predict(window.text)) for window in windows]
        return np.array(rows, dtype=np.float32).reshape(len(windows), -1)

    def _row(self, scores: Mapping[str, float]) -> list[float]:
        return [scores[label] for label in self._detoxify.class_names]


class LocalDetoxify(Detoxify):  # type: ignore[misc]
    """A real `Detoxify`; only its loading is ours."""

    def __init__(self, checkpoint: Checkpoint, folder: Path, limit: int) -> None:
        self.model, self.tokenizer = get_model_and_tokenizer(
            # The folder in place of a hub's name, for configuration and tokenizer alike.
            model_type=str(folder),
            model_name=checkpoint.model_class,
            tokenizer_name=checkpoint.tokenizer_class,
            num_classes=checkpoint.outputs,
            state_dict=_state(checkpoint.path),
        )
        _check_names(checkpoint, self.model.state_dict())
        self.model.to(torch.float32)
        self.class_names = list(checkpoint.labels)
        self.device = "cpu"
        self.tokenizer.model_max_length = limit


def load_detoxify(checkpoint: Checkpoint, folder: Path, limit: int) -> Detoxify:
    """Return a real `Detoxify` with the checkpoint's weights; raise `UserError` when they misfit.

    `folder` holds `config.json` and the tokenizer; `limit` is how many tokens the model takes.
    """
    try:
        with _quiet():
            return LocalDetoxify(checkpoint, folder, limit)
    except (RuntimeError, OSError, ValueError, KeyError, pickle.UnpicklingError) as error:
        reason = str(error).strip().splitlines()[0]
        if "ignore_mismatched_sizes" in reason:
            reason = "their sizes are not those that config.json tells"
        raise misfit(checkpoint.path, reason) from None


def _state(path: Path) -> dict[str, Any]:
    state: dict[str, Any] = torch.load(path, map_location="cpu", weights_only=True)["state_dict"]
    return {name: value for name, value in state.items() if not is_surplus(name)}


def _check_names(checkpoint: Checkpoint, wanted: Mapping[str, object]) -> None:
    """Refuse weights that would be left random, and weights that would be left out."""
    parameters = {name for name in wanted if not is_surplus(name)}
    missing = sorted(parameters - set(checkpoint.tensors))
    unexpected = sorted(set(checkpoint.tensors) - parameters)
    if missing or unexpected:
        word, names = ("lacks", missing) if missing else ("has unexpected", unexpected)
        more = len(names) - _NAMES_SHOWN
        rest = f" and {more} more" if more > 0 else ""
        raise misfit(checkpoint.path, f"it {word} {', '.join(names[:_NAMES_SHOWN])}{rest}")


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep transformers' report on loading off the screen; we check the names ourselves."""
    logger = logging.getLogger("transformers")
    level = logger.level
    logger.setLevel(logging.CRITICAL)
    transformers_logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    try:
        yield
    finally:
        logger.setLevel(level)
