"""The fast engine: OpenVINO on the processor at hand.

Lives here: compiling a graph, padding windows of similar length and running them. Not here: the
graph itself (`bot.scoring.graph`), or whether it agrees with the reference (`.agreement`).
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import openvino as ov

from bot.scoring.batches import plan
from bot.scoring.engine import Precision, Probabilities
from bot.scoring.tokens import Window

_PADDED_TOKENS = 1024
"""Padded tokens of one computation; measured best between 512 and 2,048 on two cores."""

_STEP = 8
"""Widths are multiples of it: kernels are made for each shape when it is first met, at ten times
the price of a run, and so few shapes are met early."""


class FastEngine:
    """A compiled graph, given as a graph or as the path of a saved one.

    `labels` is how many of its outputs are labels; in int8, `group` activations share a scale.
    """

    def __init__(
        self, graph: ov.Model | Path, precision: Precision, *, labels: int, group: int
    ) -> None:
        self._request = _compile(graph, precision, group).create_infer_request()
        self._labels = labels

    def run(self, windows: Sequence[Window]) -> Probabilities:
        """Return an array (windows, labels)."""
        result = np.empty((len(windows), self._labels), dtype=np.float32)
        for batch in plan([_width(window) for window in windows], _PADDED_TOKENS):
            ids, lengths = _padded([windows[i] for i in batch])
            self._request.infer([ids, lengths], share_inputs=True)
            result[batch] = self._request.get_output_tensor(0).data[:, : self._labels]
        return result


def _width(window: Window) -> int:
    return -(-len(window.ids) // _STEP) * _STEP


def _padded(windows: Sequence[Window]) -> tuple[np.ndarray, np.ndarray]:
    lengths = np.array([len(window.ids) for window in windows], dtype=np.int32)
    # What stands in the padding does not matter: it is masked by the lengths.
    ids = np.zeros((len(windows), max(map(_width, windows))), dtype=np.int32)
    for window, row in zip(windows, ids, strict=True):
        row[: len(window.ids)] = window.ids
    return ids, lengths


def _compile(graph: ov.Model | Path, precision: Precision, group: int) -> ov.CompiledModel:
    options = {
        "PERFORMANCE_HINT": "LATENCY",
        "INFERENCE_PRECISION_HINT": "bf16" if precision is Precision.BF16 else "f32",
        "DYNAMIC_QUANTIZATION_GROUP_SIZE": group if precision is Precision.INT8 else 0,
    }
    return ov.Core().compile_model(graph, "CPU", options)
