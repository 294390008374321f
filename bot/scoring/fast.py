"""The fast engine: OpenVINO on the processor at hand.

Lives here: compiling a graph, padding windows of similar length and running them. Not here: the
graph itself (`bot.scoring.graph`), or whether it agrees with the reference (`.agreement`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import cached_property, partial
from pathlib import Path

import numpy as np
import openvino as ov
from numpy.typing import NDArray

from bot.errors import Location, Problem, UserError
from bot.scoring.batches import plan
from bot.scoring.engine import Precision, Probabilities
from bot.scoring.tokens import Window

Inputs = list[NDArray[np.int32]]
"""What the graph takes: ids (batch, tokens) and lengths (batch)."""

_FEWEST_TOKENS = 128
"""Padded tokens of a batch below which another stream is not worth its trouble."""

# Kernels are made for each shape when it is first met, at ten times the price of a run and for
# some memory. So shapes are few: widths are rounded up, and batches cut to powers of two.


class FastEngine:
    """A compiled graph, given as a graph or as the path of a saved one.

    `labels` is how many of its outputs are labels; in int8, `group` activations share a scale. A
    single batch has the whole processor; several are computed in `streams` side by side.
    """

    def __init__(
        self,
        graph: ov.Model | Path,
        precision: Precision,
        *,
        labels: int,
        group: int,
        batch: int = 1024,
        streams: int = 1,
    ) -> None:
        self._request = _compile(graph, precision, group).create_infer_request()
        self._labels = labels
        self._batch = batch
        self._streams = streams
        compile_again = partial(_compile, graph, precision, group, streams)
        self._side_by_side = _SideBySide(compile_again, streams) if streams > 1 else None

    def run(self, windows: Sequence[Window]) -> Probabilities:
        """Return an array (windows, labels)."""
        parts = self._parts(windows)
        inputs = [_padded([windows[i] for i in part]) for part in parts]
        if self._side_by_side is not None and len(parts) > 1:
            outputs = self._side_by_side.run(inputs)
        else:
            outputs = [_infer(self._request, each) for each in inputs]
        result = np.empty((len(windows), self._labels), dtype=np.float32)
        for part, output in zip(parts, outputs, strict=True):
            result[part] = output[:, : self._labels]
        return result

    def _parts(self, windows: Sequence[Window]) -> list[Sequence[int]]:
        """Return the positions that are computed together, so that each stream gets some."""
        widths = [_width(window) for window in windows]
        batch = min(self._batch, max(sum(widths) // self._streams, _FEWEST_TOKENS))
        return [part for each in plan(widths, batch) for part in _powers_of_two(each)]


class _SideBySide:
    """Computes several batches at a time; the graph is compiled for it when they first come."""

    def __init__(self, compiled: Callable[[], ov.CompiledModel], streams: int) -> None:
        self._compiled = compiled
        self._streams = streams

    def run(self, inputs: Sequence[Inputs]) -> list[Probabilities]:
        outputs: dict[int, Probabilities] = {}

        def keep(request: ov.InferRequest, number: int) -> None:
            outputs[number] = request.get_output_tensor(0).data.copy()

        self._queue.set_callback(keep)
        for number, each in enumerate(inputs):
            self._queue.start_async(each, number)
        self._queue.wait_all()
        return [outputs[number] for number in range(len(inputs))]

    @cached_property
    def _queue(self) -> ov.AsyncInferQueue:
        return ov.AsyncInferQueue(self._compiled(), self._streams)


def _infer(request: ov.InferRequest, inputs: Inputs) -> Probabilities:
    request.infer(inputs, share_inputs=True)
    # The tensor is the request's own, and the next batch is written into it.
    output: Probabilities = request.get_output_tensor(0).data.copy()
    return output


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


def _padded(windows: Sequence[Window]) -> Inputs:
    lengths = np.array([len(window.ids) for window in windows], dtype=np.int32)
    # What stands in the padding does not matter: it is masked by the lengths.
    ids = np.zeros((len(windows), max(map(_width, windows))), dtype=np.int32)
    for window, row in zip(windows, ids, strict=True):
        row[: len(window.ids)] = window.ids
    return [ids, lengths]


def _compile(
    graph: ov.Model | Path, precision: Precision, group: int, streams: int = 1
) -> ov.CompiledModel:
    options = {
        "PERFORMANCE_HINT": "THROUGHPUT" if streams > 1 else "LATENCY",
        "NUM_STREAMS": streams,
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
