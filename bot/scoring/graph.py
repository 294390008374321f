"""BERT, RoBERTa, XLM-R and ALBERT classifiers as OpenVINO graphs.

Lives here: how token ids become probabilities, built straight from a checkpoint's arrays, so that
neither torch nor a converter is needed. The last layer is computed for the first token alone,
because the classifier sees no other. Not here: compiling and running (`bot.scoring.fast`).
"""

from __future__ import annotations

import errno
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import openvino as ov
from numpy.typing import ArrayLike, NDArray
from openvino import opset15 as op

from bot.scoring.checkpoint import ARCHITECTURES, Checkpoint, misfit
from bot.scoring.engine import Precision

Floats = NDArray[np.float32]
Node = Any
"""An OpenVINO node; the library publishes no types."""

_BF16 = ov.Type.bf16
_MASKED = -1e9

_ACTIVATIONS: Mapping[str, Callable[[Node], Node]] = {
    "gelu": lambda x: op.gelu(x, "erf"),
    "gelu_new": lambda x: op.gelu(x, "tanh"),
    "gelu_pytorch_tanh": lambda x: op.gelu(x, "tanh"),
    "relu": op.relu,
}


def build(checkpoint: Checkpoint, config: Mapping[str, Any], precision: Precision) -> ov.Model:
    """Return the graph: `ids` (batch, tokens) and `lengths` (batch) to (batch, outputs).

    Raise `UserError` when weights are missing, left over, or of another size than `config` says.
    """
    try:
        head = int(config["hidden_size"]) // int(config["num_attention_heads"])
        weights = _Weights(checkpoint, precision, affinity=head**-0.5)
        classifier = _Classifier(weights, config, ARCHITECTURES[checkpoint.model_class])
        model = classifier.graph()
    except KeyError as error:
        raise misfit(checkpoint.path, f"config.json or the weights lack {error}") from None
    except (RuntimeError, ValueError) as error:
        # How OpenVINO and numpy tell that sizes do not go together.
        raise misfit(checkpoint.path, f"sizes differ ({str(error).strip()[:200]})") from None
    if weights.unused:
        left_over = ", ".join(sorted(weights.unused)[:3])
        raise misfit(checkpoint.path, f"nothing in this architecture uses {left_over}")
    return model


def save(model: ov.Model, path: Path) -> None:
    """Write a graph to `path` (.xml) and its constants beside it (.bin); raise `OSError`."""
    try:
        ov.save_model(model, path, compress_to_fp16=False)
    except RuntimeError:
        # OpenVINO does not tell why a stream of its own has failed.
        raise OSError(errno.EIO, "the compiled form was not written; is the disk full?") from None


class _Weights:
    """Turns a checkpoint's arrays into constants and layers; each name becomes one constant.

    `affinity` is the factor of products of queries and keys; queries carry it in their weights.
    """

    def __init__(self, checkpoint: Checkpoint, precision: Precision, *, affinity: float) -> None:
        self._tensors = checkpoint.tensors
        self._precision = precision
        self._affinity = np.float32(affinity)
        self._made: dict[str, tuple[Node, Node]] = {}
        self.unused = set(checkpoint.tensors)

    def array(self, name: str) -> Floats:
        """Return the array, in single precision."""
        array = self._tensors[name]
        self.unused.discard(name)
        return np.ascontiguousarray(array, dtype=np.float32)

    def table(self, name: str) -> Node:
        """Return an embedding table; half precision where the matrices are coarser than that."""
        array = self.array(name)
        half = self._precision is Precision.INT8
        return op.constant(array.astype(np.float16) if half else array)

    def exact(self, x: Node, name: str) -> Node:
        """Apply the linear layer `name` in single precision."""
        weight, bias = self.array(f"{name}.weight"), self.array(f"{name}.bias")
        return _apply(x, op.constant(weight), op.constant(bias))

    def linear(self, x: Node, *names: str) -> Node:
        """Apply linear layers of the same input side by side: whole numbers in int8."""
        key = "+".join(names)
        if key not in self._made:
            weight, bias = self._joined(names)
            quantised = self._precision is Precision.INT8
            self._made[key] = (_quantised(weight) if quantised else op.constant(weight), bias)
        return _apply(x, *self._made[key])

    def tolerant(self, x: Node, name: str) -> Node:
        """Apply a linear layer that bears rounding: in bf16 where that is asked for."""
        if self._precision is not Precision.BF16:
            return self.linear(x, name)
        if name not in self._made:
            weight, bias = self.array(f"{name}.weight"), self.array(f"{name}.bias")
            self._made[name] = (op.constant(weight, dtype=_BF16), op.constant(bias, dtype=_BF16))
        return _apply(op.convert(x, _BF16), *self._made[name])

    def _joined(self, names: Sequence[str]) -> tuple[Floats, Node]:
        weight, bias = (
            np.concatenate([self._scaled(f"{name}.{part}") for name in names])
            for part in ("weight", "bias")
        )
        return weight, op.constant(bias)

    def _scaled(self, name: str) -> Floats:
        array = self.array(name)
        return array * self._affinity if ".query." in name else array

    def norm(self, x: Node, name: str, epsilon: float) -> Node:
        """Apply the layer normalisation `name`."""
        centred = op.mvn(
            x, _ints([-1]), normalize_variance=True, eps=epsilon, eps_mode="inside_sqrt"
        )
        gain, bias = self.array(f"{name}.weight"), self.array(f"{name}.bias")
        return op.add(op.multiply(centred, op.constant(gain)), op.constant(bias))


@dataclass(frozen=True, slots=True)
class _LayerNames:
    """What one encoder layer's parts are called."""

    query: str
    key: str
    value: str
    attended: str
    attention_norm: str
    up: str
    down: str
    norm: str


class _Classifier:
    """Builds the graph of one model; one method a part."""

    def __init__(self, weights: _Weights, config: Mapping[str, Any], family: str) -> None:
        self._weights = weights
        self._config = config
        self._family = family
        self._body = "roberta" if "roberta" in family else family
        self._hidden = int(config["hidden_size"])
        self._heads = int(config["num_attention_heads"])
        self._epsilon = float(config["layer_norm_eps"])
        self._activate = _ACTIVATIONS[config["hidden_act"]]

    def graph(self) -> ov.Model:
        ids = op.parameter([-1, -1], np.int32, name="ids")
        lengths = op.parameter([-1], np.int32, name="lengths")
        mask = _mask(ids, lengths)
        x = self._embed(ids)
        count = int(self._config["num_hidden_layers"])
        for number in range(count):
            x = self._layer(x, mask, self._names(number), only_first=number == count - 1)
        logits = self._head(op.squeeze(x, _ints([1])))
        return ov.Model([op.sigmoid(logits)], [ids, lengths], "classifier")

    def _embed(self, ids: Node) -> Node:
        prefix = f"{self._body}.embeddings"
        words = op.gather(self._words(prefix), ids, _int(0))
        places = self._weights.array(f"{prefix}.position_embeddings.weight")
        # Every token of a single text has type 0, so its vector can be added beforehand.
        kind = self._weights.array(f"{prefix}.token_type_embeddings.weight")[0]
        places = op.gather(op.constant(places + kind), self._positions(ids), _int(0))
        summed = op.add(op.convert(words, np.float32), places)
        x = self._weights.norm(summed, f"{prefix}.LayerNorm", self._epsilon)
        if self._family == "albert":
            x = self._weights.exact(x, "albert.encoder.embedding_hidden_mapping_in")
        return x

    def _words(self, prefix: str) -> Node:
        table = self._weights.table(f"{prefix}.word_embeddings.weight")
        rows, known = table.shape[0], int(self._config["vocab_size"])
        if rows < known:
            # The runtime would read nothing for the others, and say nothing.
            raise ValueError(f"{rows} word vectors for a vocabulary of {known}")
        return table

    def _positions(self, ids: Node) -> Node:
        if self._body != "roberta":
            return op.unsqueeze(_counting(ids), _int(0))
        # RoBERTa counts from behind the padding token's number, and skips padding tokens.
        padding = int(self._config["pad_token_id"])
        real = op.convert(op.not_equal(ids, _int(padding)), np.int32)
        return op.add(op.multiply(op.cum_sum(real, _int(1)), real), _int(padding))

    def _names(self, number: int) -> _LayerNames:
        if self._family == "albert":
            groups = int(self._config["num_hidden_groups"])
            group = number * groups // int(self._config["num_hidden_layers"])
            layer = f"albert.encoder.albert_layer_groups.{group}.albert_layers.0"
            parts = ("attention.query", "attention.key", "attention.value", "attention.dense")
            rest = ("attention.LayerNorm", "ffn", "ffn_output", "full_layer_layer_norm")
        else:
            layer = f"{self._body}.encoder.layer.{number}"
            own = "attention.self"
            parts = (f"{own}.query", f"{own}.key", f"{own}.value", "attention.output.dense")
            rest = (
                "attention.output.LayerNorm",
                "intermediate.dense",
                "output.dense",
                "output.LayerNorm",
            )
        return _LayerNames(*(f"{layer}.{part}" for part in (*parts, *rest)))

    def _layer(self, x: Node, mask: Node, names: _LayerNames, *, only_first: bool) -> Node:
        linear = self._weights.linear
        if only_first:
            keys, values = _parts(linear(x, names.key, names.value), 2)
            x = _first_token(x)
            queries = linear(x, names.query)
        else:
            queries, keys, values = _parts(linear(x, names.query, names.key, names.value), 3)
        # What attends to what decides everything after it, and is never rounded to bf16.
        tolerant = self._weights.tolerant
        attended = tolerant(self._attend(queries, keys, values, mask), names.attended)
        x = self._normed(attended, x, names.attention_norm)
        inner = tolerant(self._activate(tolerant(x, names.up)), names.down)
        return self._normed(inner, x, names.norm)

    def _normed(self, change: Node, x: Node, name: str) -> Node:
        summed = op.add(op.convert(change, np.float32), x)
        return self._weights.norm(summed, name, self._epsilon)

    def _attend(self, queries: Node, keys: Node, values: Node, mask: Node) -> Node:
        queries, keys, values = (self._by_head(each) for each in (queries, keys, values))
        affinity = _product(queries, keys, transpose_b=True)
        mixed = _product(op.softmax(op.add(affinity, mask), -1), values)
        joined = op.transpose(mixed, _ints([0, 2, 1, 3]))
        return _reshape(joined, [0, 0, self._hidden])

    def _by_head(self, x: Node) -> Node:
        split = _reshape(x, [0, 0, self._heads, self._hidden // self._heads])
        return op.transpose(split, _ints([0, 2, 1, 3]))

    def _head(self, x: Node) -> Node:
        inner, outer = {
            "bert": ("bert.pooler.dense", "classifier"),
            "roberta": ("classifier.dense", "classifier.out_proj"),
            "albert": ("albert.pooler", "classifier"),
        }[self._body]
        return self._weights.exact(op.tanh(self._weights.exact(x, inner)), outer)


def _quantised(weight: Floats) -> Node:
    """Return whole numbers with a scale for each output; activations get theirs at run time."""
    scale = np.maximum(np.abs(weight).max(axis=1, keepdims=True), 1e-12) / 127.0
    whole = np.rint(weight / scale).astype(np.int8)
    return op.multiply(op.convert(op.constant(whole), np.float32), op.constant(scale))


def _int(number: int) -> Node:
    return op.constant(np.int32(number))


def _ints(numbers: ArrayLike) -> Node:
    return op.constant(np.asarray(numbers, dtype=np.int64))


def _product(a: Node, b: Node, *, transpose_b: bool = False) -> Node:
    return op.matmul(a, b, transpose_a=False, transpose_b=transpose_b)


def _apply(x: Node, weight: Node, bias: Node) -> Node:
    """Apply a linear layer; `weight` is (outputs, inputs) as torch keeps it."""
    return op.add(_product(x, weight, transpose_b=True), bias)


def _reshape(x: Node, shape: ArrayLike) -> Node:
    """Reshape; a size of 0 stays as it is."""
    return op.reshape(x, _ints(shape), special_zero=True)


def _counting(ids: Node) -> Node:
    """Return 0, 1, … for each column of `ids` (batch, tokens)."""
    width = op.gather(op.shape_of(ids, "i32"), _int(1), _int(0))
    return op.range(_int(0), width, _int(1), "i32")


def _mask(ids: Node, lengths: Node) -> Node:
    """Return what is added to an affinity: 0 for tokens of the text, much below for padding."""
    inside = op.less(op.unsqueeze(_counting(ids), _int(0)), op.unsqueeze(lengths, _int(1)))
    low = op.constant(np.float32(_MASKED))
    return op.unsqueeze(op.select(inside, op.constant(np.float32(0)), low), _ints([1, 2]))


def _first_token(x: Node) -> Node:
    return op.slice(x, _ints([0]), _ints([1]), _ints([1]), _ints([1]))


def _parts(x: Node, count: int) -> list[Node]:
    return list(op.split(x, op.constant(np.int64(2)), count).outputs())
