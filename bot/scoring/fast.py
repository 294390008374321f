"""The fast engine: OpenVINO on the processor at hand.

Lives here: compiling a graph, padding windows of similar length and running them. Not here: the
graph itself (`bot.scoring.graph`), or whether it agrees with the reference (`.agreement`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import openvino as ov

from bot.errors import Location, Problem, UserError
from bot.scoring.batches import plan
from bot.scoring.engine import Precision, Probabilities
from bot.scoring.tokens import Window

_PADDED_TOKENS = 1024
"""Padded tokens of one computation; measured best between 512 and 2,048 on two cores."""

# Kernels are made for each shape when it is first met, at ten times the price of a run and for
# some memory. So shapes are few: widths are rounded up, and batches cut to powers of two.


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
            for part in _powers_of_two(batch):
                ids, lengths = _padded([windows[i] for i in part])
                self._request.infer([ids, lengths], share_inputs=True)
                result[part] = self._request.get_output_tensor(0).data[:, : self._labels]
        return result


def _powers_of_two(batch: Sequence[int]) -> Iterator[Sequence[int]]:
    start = 0
    while start < len(batch):
        size = 1 << ((len(batch) - start).bit_length() - 1)
        yield batch[start : start + size]
        start += size


def _width(window: Window) -> int:
    """Round a length up so that few widths occur: 8, 16, … 64, 80, … 128, 160, … 256, 320, …."""
    length = len(window.ids)
    step = max(8, 1 << max(0, (length - 1).bit_length() - 3))
    return -(-length // step) * step


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
        # A thread that may not move waits behind whoever else has its core: on busy machines,
        # as with an event loop beside it, a comment alone took a quarter longer.
        "ENABLE_CPU_PINNING": False,
        # The graph itself says what is rounded; no more than that may be.
        "INFERENCE_PRECISION_HINT": "f32",
        "DYNAMIC_QUANTIZATION_GROUP_SIZE": group if precision is Precision.INT8 else 0,
    }
    try:
        return ov.Core().compile_model(graph, "CPU", options)
    except RuntimeError:
        if isinstance(graph, ov.Model):
            raise
        raise UserError(
            Problem(
                "model.compiled",
                "the compiled form of the model is damaged",
                Location(str(graph)),
                hint="`gavel model verify` tells what else is; install the model again",
            )
        ) from None
