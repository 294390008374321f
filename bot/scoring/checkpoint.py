"""Detoxify checkpoints, read without running a line of what they hold and without torch.

Lives here: the format (a zip of one pickle and raw storages, as `torch.save` writes it), a reader
that lets the pickle name nothing but tensors and plain containers, and the check that the file is
Detoxify's. Not here: what is computed with the weights (`bot.scoring.graph`, `.reference`).
"""

from __future__ import annotations

import mmap
import pickle
import struct
import zipfile
import zlib
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from bot.errors import Location, Problem, UserError, did_you_mean

Array = NDArray[Any]

ARCHITECTURES = {
    "BertForSequenceClassification": "bert",
    "RobertaForSequenceClassification": "roberta",
    "XLMRobertaForSequenceClassification": "xlm-roberta",
    "AlbertForSequenceClassification": "albert",
}
"""Model classes that Detoxify's checkpoints name, and the `model_type` of their configuration."""

_STANDARD_LABELS = {
    "toxic": "toxicity",
    "identity_hate": "identity_attack",
    "severe_toxic": "severe_toxicity",
}

_HINT = (
    "a Detoxify checkpoint holds `config` (with `arch` and `dataset.args.classes`) and `state_dict`"
)


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """What a Detoxify checkpoint says.

    `labels` are standardised names; the model may have more outputs than labels (`outputs`), and
    the first ones are theirs. `tensors` maps parameter names to arrays that lie on the file; what
    `is_surplus` is left out.
    """

    path: Path
    model_class: str
    tokenizer_class: str
    outputs: int
    labels: tuple[str, ...]
    tensors: Mapping[str, Array]


def read_checkpoint(path: Path) -> Checkpoint:
    """Read the checkpoint at `path`; raise `UserError` when it is not one that can be trusted."""
    try:
        content = _load_zip(path) if zipfile.is_zipfile(path) else _load_legacy(path)
    except OSError as error:
        raise UserError(_problem(path, f"cannot be read: {error.strerror}")) from None
    return _understand(path, content)


def _understand(path: Path, content: object) -> Checkpoint:
    try:
        arch = content["config"]["arch"]["args"]  # type: ignore[index]
        classes = content["config"]["dataset"]["args"]["classes"]  # type: ignore[index]
        state = content["state_dict"]  # type: ignore[index]
        model_class, tokenizer_class = str(arch["model_name"]), str(arch["tokenizer_name"])
        outputs = int(arch["num_classes"])
        labels = tuple(_STANDARD_LABELS.get(name, str(name)) for name in classes)
        tensors = {str(name): value for name, value in state.items() if not is_surplus(name)}
    except (KeyError, TypeError, ValueError, AttributeError, IndexError):
        raise UserError(_problem(path, "is not a Detoxify checkpoint", hint=_HINT)) from None
    if model_class not in ARCHITECTURES:
        hint = did_you_mean(model_class, ARCHITECTURES)
        raise UserError(_problem(path, f"is a model of another kind, {model_class}", hint=hint))
    if not labels or len(labels) > outputs or not all(_is_array(v) for v in tensors.values()):
        raise UserError(_problem(path, "contradicts itself about its labels or weights"))
    return Checkpoint(path, model_class, tokenizer_class, outputs, labels, tensors)


def is_surplus(name: str) -> bool:
    """Tell names that older transformers saved though no classifier computes with them."""
    return name.endswith(".position_ids") or name.startswith("roberta.pooler.")


def misfit(path: Path, reason: str) -> UserError:
    """Return the error for weights that do not go with the architecture or configuration."""
    return UserError(
        Problem(
            "model.weights",
            f"the weights do not fit the model's configuration: {reason}",
            Location(str(path)),
            hint="checkpoint, config.json and tokenizer must come from the same model",
        )
    )


def _is_array(value: object) -> bool:
    return isinstance(value, np.ndarray)


def _problem(path: Path, message: str, hint: str = "") -> Problem:
    hint = hint or "download or copy the file again, then try `gavel model verify`"
    return Problem("model.checkpoint", f"{path.name} {message}", Location(str(path)), hint)


# --- the zip that torch.save writes -----------------------------------------------------------


class _Storage(NamedTuple):
    """One run of numbers in the file."""

    data: Array


_DTYPES: dict[str, str] = {
    "FloatStorage": "<f4",
    "HalfStorage": "<f2",
    "DoubleStorage": "<f8",
    "BFloat16Storage": "<u2",
    "LongStorage": "<i8",
    "IntStorage": "<i4",
    "ShortStorage": "<i2",
    "CharStorage": "<i1",
    "ByteStorage": "<u1",
    "BoolStorage": "?",
}


class _StorageType(NamedTuple):
    name: str


def _rebuild_tensor(
    storage: _Storage, offset: int, size: Sequence[int], stride: Sequence[int], *_: object
) -> Array:
    data = storage.data
    last = offset + sum((n - 1) * step for n, step in zip(size, stride, strict=True))
    if min((offset, *size, *stride), default=0) < 0 or (0 not in size and last >= data.size):
        raise pickle.UnpicklingError("a tensor reaches outside its storage")
    strides = [step * data.itemsize for step in stride]
    return np.lib.stride_tricks.as_strided(data[offset:], size, strides, writeable=False)


def _rebuild_parameter(data: Array, *_: object) -> Array:
    return data


_ALLOWED: dict[tuple[str, str], object] = {
    ("collections", "OrderedDict"): OrderedDict,
    ("torch._utils", "_rebuild_tensor_v2"): _rebuild_tensor,
    ("torch._utils", "_rebuild_parameter"): _rebuild_parameter,
    **{("torch", name): _StorageType(name) for name in _DTYPES},
}


class _Unpickler(pickle.Unpickler):
    """Lets a pickle name only tensors and plain containers, so that it can run nothing."""

    def __init__(self, file: Any, storage: Callable[[str, str, int], _Storage]) -> None:
        super().__init__(file)
        self._storage = storage

    def find_class(self, module: str, name: str) -> Any:
        try:
            return _ALLOWED[module, name]
        except KeyError:
            raise pickle.UnpicklingError(f"it names {module}.{name}, which is no weight") from None

    def persistent_load(self, pid: Any) -> _Storage:
        kind, storage_type, key, _, count = pid
        if kind != "storage" or not isinstance(storage_type, _StorageType):
            raise pickle.UnpicklingError("it refers to something that is no tensor storage")
        return self._storage(storage_type.name, key, count)


def _load_zip(path: Path) -> object:
    try:
        with zipfile.ZipFile(path) as archive, path.open("rb") as file:
            pickled = next(n for n in archive.namelist() if n.endswith("/data.pkl"))
            whole = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
            prefix = pickled.removesuffix("data.pkl")

            def storage(dtype: str, key: str, count: int) -> _Storage:
                return _Storage(
                    _numbers(whole, archive.getinfo(f"{prefix}data/{key}"), dtype, count)
                )

            with archive.open(pickled) as stream:
                return _Unpickler(stream, storage).load()
    except pickle.UnpicklingError as error:
        raise UserError(_problem(path, f"was not loaded: {error}", hint=_HINT)) from None
    except (
        zipfile.BadZipFile,
        StopIteration,
        KeyError,
        ValueError,
        EOFError,
        struct.error,
        zlib.error,
    ) as error:
        raise UserError(_problem(path, f"is damaged or incomplete ({error})")) from None


def _numbers(whole: mmap.mmap, entry: zipfile.ZipInfo, dtype: str, count: int) -> Array:
    """Lay an array on a stored zip entry without a copy; a deflated one is read into memory."""
    name_length, extra_length = struct.unpack_from("<HH", whole, entry.header_offset + 26)
    start = entry.header_offset + 30 + name_length + extra_length
    kind = _DTYPES[dtype]
    if entry.compress_type == zipfile.ZIP_STORED:
        numbers = np.frombuffer(whole, kind, count, start)
    else:
        # Never more than the shape asks for, whatever the entry claims to hold.
        wanted = count * np.dtype(kind).itemsize
        packed = whole[start : start + entry.compress_size]
        numbers = np.frombuffer(zlib.decompressobj(-15).decompress(packed, wanted), kind, count)
    if dtype == "BFloat16Storage":
        return (numbers.astype(np.uint32) << 16).view(np.float32)
    return numbers


def _load_legacy(path: Path) -> object:
    """Read the format that torch wrote before 1.6, with torch's own restricted unpickler."""
    import torch  # noqa: PLC0415 - only this old format needs it

    try:
        content = torch.load(path, map_location="cpu", weights_only=True)
        state = content["state_dict"]
        content["state_dict"] = {name: value.numpy() for name, value in state.items()}
    except (KeyError, TypeError, AttributeError):
        raise UserError(_problem(path, "is not a Detoxify checkpoint", hint=_HINT)) from None
    except (pickle.UnpicklingError, RuntimeError, EOFError, ValueError) as error:
        reason = str(error).splitlines()[0]
        raise UserError(_problem(path, f"was not loaded: {reason}", hint=_HINT)) from None
    return content
