"""Detoxify checkpoints, read without running a line of what they hold and without torch.

Lives here: the format (a zip of one pickle and raw storages, as `torch.save` writes it), a reader
that lets the pickle name nothing but tensors and plain containers, and the check that the file is
Detoxify's. Not here: what is computed with the weights (`bot.scoring.graph`, `.reference`).
"""

from __future__ import annotations

import mmap
import pickle
import struct
import warnings
import zipfile
import zlib
from collections import OrderedDict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from bot.errors import Location, Problem, UserError

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

_DAMAGED = "is damaged or incomplete"
_UNSAFE = "was not loaded: it holds more than weights, and such a file can run programs"
_HINT = (
    "a Detoxify checkpoint holds `config` (with `arch` and `dataset.args.classes`) and `state_dict`"
)


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """What a Detoxify checkpoint says.

    `labels` are standardised names; the model may have more outputs than labels (`outputs`), and
    the first ones are theirs. `tensors` maps parameter names to arrays, read when asked for; what
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
        return _understand(path, content)
    except OSError as error:
        raise UserError(_problem(path, f"cannot be read: {error.strerror}")) from None


def check_intact(path: Path) -> None:
    """Read all of a checkpoint; raise `UserError` when its own checksums tell of damage."""
    if not zipfile.is_zipfile(path):
        return
    try:
        with zipfile.ZipFile(path) as archive:
            damaged = archive.testzip()
    except _DAMAGE as error:
        raise UserError(_problem(path, f"{_DAMAGED} ({error})")) from None
    if damaged is not None:
        raise UserError(_problem(path, f"is damaged in {damaged}"))


def _understand(path: Path, content: Any) -> Checkpoint:
    try:
        arch = content["config"]["arch"]["args"]
        classes = content["config"]["dataset"]["args"]["classes"]
        state = content["state_dict"]
        model_class, tokenizer_class = str(arch["model_name"]), str(arch["tokenizer_name"])
        outputs = int(arch["num_classes"])
        labels = tuple(_STANDARD_LABELS.get(name, str(name)) for name in classes)
        weights = {str(name): value for name, value in state.items() if not is_surplus(name)}
    except (KeyError, TypeError, ValueError, AttributeError, IndexError):
        raise UserError(_problem(path, "is not a Detoxify checkpoint", hint=_HINT)) from None
    if model_class not in ARCHITECTURES:
        hint = f"Gavel runs {', '.join(ARCHITECTURES.values())}"
        raise UserError(_problem(path, f"is a model of another kind, {model_class}", hint=hint))
    if not 0 < len(set(labels)) == len(labels) <= outputs:
        raise UserError(_problem(path, "contradicts itself about its labels"))
    return Checkpoint(path, model_class, tokenizer_class, outputs, labels, _arrays(path, weights))


def _arrays(path: Path, weights: Mapping[str, object]) -> Mapping[str, Array]:
    arrays = {name: each for name, each in weights.items() if isinstance(each, np.ndarray)}
    tensors = {name: each for name, each in weights.items() if isinstance(each, _Tensor)}
    if len(arrays) + len(tensors) < len(weights):
        raise UserError(_problem(path, "holds weights that are no tensors", hint=_HINT))
    return _Tensors(path, tensors) if tensors else arrays


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


def _problem(path: Path, message: str, hint: str = "") -> Problem:
    hint = hint or "download or copy the file again, then try `gavel model verify`"
    return Problem("model.checkpoint", f"{path.name} {message}", Location(str(path)), hint)


# --- the zip that torch.save writes -----------------------------------------------------------

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
    """What stands in a pickle for torch's class of that name."""

    name: str


@dataclass(frozen=True, slots=True)
class _Tensor:
    """Where an array lies: a member of the zip, and the view on its numbers."""

    member: str
    dtype: str
    count: int
    offset: int = 0
    size: tuple[int, ...] = ()
    stride: tuple[int, ...] = ()

    def view(self, numbers: Array) -> Array:
        last = sum((n - 1) * step for n, step in zip(self.size, self.stride, strict=True))
        if min((self.offset, *self.size, *self.stride), default=0) < 0 or (
            0 not in self.size and self.offset + last >= numbers.size
        ):
            raise ValueError("a tensor reaches outside its storage")
        strides = [step * numbers.itemsize for step in self.stride]
        return np.lib.stride_tricks.as_strided(
            numbers[self.offset :], self.size, strides, writeable=False
        )


class _Tensors(Mapping[str, Array]):
    """Arrays by name, read from the file when they are asked for."""

    def __init__(self, path: Path, tensors: Mapping[str, _Tensor]) -> None:
        self._path = path
        self._tensors = tensors
        self._archive = zipfile.ZipFile(path)
        with path.open("rb") as file:
            self._whole = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)

    def __getitem__(self, name: str) -> Array:
        tensor = self._tensors[name]
        try:
            return tensor.view(self._numbers(tensor))
        except _DAMAGE as error:
            raise UserError(_problem(self._path, f"is damaged in {name} ({error})")) from None

    def __iter__(self) -> Iterator[str]:
        return iter(self._tensors)

    def __len__(self) -> int:
        return len(self._tensors)

    def _numbers(self, tensor: _Tensor) -> Array:
        kind = _DTYPES[tensor.dtype]
        size = tensor.count * np.dtype(kind).itemsize
        numbers = np.frombuffer(self._bytes(self._archive.getinfo(tensor.member), size), kind)
        if tensor.dtype == "BFloat16Storage":
            # numpy has no such type; its bits are the upper half of a single's.
            return (numbers.astype(np.uint32) << 16).view(np.float32)
        return numbers

    def _bytes(self, entry: zipfile.ZipInfo, size: int) -> memoryview:
        """Return `size` bytes of a member; a stored one, as torch writes it, is not copied."""
        if not 0 <= size <= entry.file_size:
            raise ValueError("weights of another size than announced")
        if entry.compress_type != zipfile.ZIP_STORED:
            with self._archive.open(entry) as stream:
                return memoryview(stream.read(size))
        name_length, extra_length = struct.unpack_from("<HH", self._whole, entry.header_offset + 26)
        start = entry.header_offset + 30 + name_length + extra_length
        return memoryview(self._whole)[start : start + size]


def _rebuild_tensor(
    storage: _Tensor, offset: int, size: Sequence[int], stride: Sequence[int], *_: object
) -> _Tensor:
    return replace(storage, offset=offset, size=tuple(size), stride=tuple(stride))


def _rebuild_parameter(tensor: _Tensor, *_: object) -> _Tensor:
    return tensor


_ALLOWED: dict[tuple[str, str], object] = {
    ("collections", "OrderedDict"): OrderedDict,
    ("torch._utils", "_rebuild_tensor_v2"): _rebuild_tensor,
    ("torch._utils", "_rebuild_parameter"): _rebuild_parameter,
    **{("torch", name): _StorageType(name) for name in _DTYPES},
}


class _Unpickler(pickle.Unpickler):
    """Lets a pickle name only tensors and plain containers, so that it can run nothing."""

    def __init__(self, file: IO[bytes], folder: str) -> None:
        super().__init__(file)
        self._folder = folder

    def find_class(self, module: str, name: str) -> Any:
        try:
            return _ALLOWED[module, name]
        except KeyError:
            raise pickle.UnpicklingError(f"it names {module}.{name}, which is no weight") from None

    def persistent_load(self, pid: Any) -> _Tensor:
        kind, storage_type, key, _, count = pid
        if kind != "storage" or not isinstance(storage_type, _StorageType):
            raise pickle.UnpicklingError("it refers to something that is no tensor storage")
        return _Tensor(f"{self._folder}data/{key}", storage_type.name, count)


_PICKLE = b"\x80"
"""How every pickle of a protocol begins that torch ever wrote."""

_DAMAGE = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    StopIteration,
    EOFError,
    KeyError,
    ValueError,
    TypeError,
    IndexError,
    AttributeError,
    NotImplementedError,
)
"""All that zipfile and pickle raise on bytes that are not what they should be."""


def _load_zip(path: Path) -> object:
    try:
        with zipfile.ZipFile(path) as archive:
            pickled = next(name for name in archive.namelist() if name.endswith("/data.pkl"))
            with archive.open(pickled) as stream:
                return _Unpickler(stream, pickled.removesuffix("data.pkl")).load()
    except pickle.UnpicklingError as error:
        raise UserError(_problem(path, f"was not loaded: {error}", hint=_HINT)) from None
    except _DAMAGE as error:
        raise UserError(_problem(path, f"{_DAMAGED} ({error})")) from None


def _check_start(path: Path) -> None:
    """Tell files apart of which torch would only say that it cannot unpickle them."""
    with path.open("rb") as file:
        start = file.read(2)
    if start == b"PK":
        raise UserError(_problem(path, f"{_DAMAGED}: its end is missing"))
    if not start.startswith(_PICKLE):
        reason = "is not a Detoxify checkpoint" if start else "is empty"
        raise UserError(_problem(path, reason, hint=_HINT))


def _load_legacy(path: Path) -> object:
    """Read the format that torch wrote before 1.6, with torch's own restricted unpickler."""
    import torch  # noqa: PLC0415 - only this old format needs it

    _check_start(path)
    try:
        with warnings.catch_warnings():
            # On files of any other kind torch also warns; our error says more.
            warnings.simplefilter("ignore")
            content = torch.load(path, map_location="cpu", weights_only=True)
        state = content["state_dict"]
        content["state_dict"] = {name: value.numpy() for name, value in state.items()}
    except pickle.UnpicklingError:
        raise UserError(_problem(path, _UNSAFE, hint=_HINT)) from None
    except (RuntimeError, EOFError, ValueError) as error:
        reason = (str(error).splitlines() or ["it ends too early"])[0]
        raise UserError(_problem(path, f"was not loaded: {reason}", hint=_HINT)) from None
    except _DAMAGE:
        raise UserError(_problem(path, "is not a Detoxify checkpoint", hint=_HINT)) from None
    return content
