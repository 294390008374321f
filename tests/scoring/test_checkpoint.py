import os
import pickle
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from bot.errors import UserError
from bot.scoring.agreement import compare
from bot.scoring.catalogue import find
from bot.scoring.checkpoint import check_intact, read_checkpoint
from bot.scoring.engine import Precision
from bot.scoring.fast import FastEngine
from bot.scoring.graph import build
from bot.scoring.loading import load
from bot.scoring.reference import load_detoxify
from bot.scoring.tokens import load_encoder
from tests.scoring import tiny

TEXTS = ["hello you", "", "the king is dead! " * 5, "\U0001f600", "[PAD] <pad> ok <s>", "a", "?"]


class Bomb:
    """Pickled, it runs a command when it is read back."""

    def __init__(self, witness: Path) -> None:
        self.witness = witness

    def __reduce__(self) -> tuple[Any, ...]:
        return os.system, (f"touch {self.witness}",)


@pytest.mark.parametrize("kind", tiny.KINDS)
def test_says_what_torch_says(tiny_models: dict[str, Path], kind: str) -> None:
    path = find(str(tiny_models[kind])).checkpoint
    ours = read_checkpoint(path)
    theirs = torch.load(path, weights_only=True)
    kept = {name for name in theirs["state_dict"] if not name.endswith("position_ids")}
    assert set(ours.tensors) == kept
    for name in kept:
        np.testing.assert_array_equal(ours.tensors[name], theirs["state_dict"][name].numpy())


def test_standardises_label_names(tiny_models: dict[str, Path]) -> None:
    assert read_checkpoint(find(str(tiny_models["bert"])).checkpoint).labels == (
        "toxicity",
        "severe_toxicity",
        "obscene",
        "threat",
        "insult",
        "identity_attack",
    )


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float64])
def test_reads_other_number_formats(tmp_path: Path, dtype: torch.dtype) -> None:
    value = torch.linspace(-2, 2, 12).reshape(3, 4).to(dtype)
    # A view in another order, and one that begins inside the storage.
    state = {"a": value.T, "b": value[1:, 1:], "c": torch.arange(3)}
    path = tiny.save(tmp_path, tiny.content(tiny.KINDS["bert"], state))
    read = read_checkpoint(path).tensors
    for name, wanted in state.items():
        np.testing.assert_array_equal(read[name], wanted.to(torch.float64).numpy())


def test_reads_deflated_files(tiny_models: dict[str, Path], tmp_path: Path) -> None:
    stored = find(str(tiny_models["bert"])).checkpoint
    deflated = tmp_path / "deflated.ckpt"
    with (
        zipfile.ZipFile(stored) as old,
        zipfile.ZipFile(deflated, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for name in old.namelist():
            new.writestr(name, old.read(name))
    expected = read_checkpoint(stored).tensors
    for name, array in read_checkpoint(deflated).tensors.items():
        np.testing.assert_array_equal(array, expected[name])


def test_reads_files_from_before_torch_1_6(tmp_path: Path) -> None:
    content = tiny.content(tiny.KINDS["bert"], {"a.weight": torch.ones(2)})
    path = tiny.save(tmp_path, content, _use_new_zipfile_serialization=False)
    assert read_checkpoint(path).tensors["a.weight"].tolist() == [1.0, 1.0]


@pytest.mark.parametrize("new_format", [True, False])
def test_hostile_pickle_does_not_run(tmp_path: Path, *, new_format: bool) -> None:
    witness = tmp_path / "it-ran"
    content = tiny.content(tiny.KINDS["bert"], {"a": torch.ones(1)})
    content["extra"] = Bomb(witness)
    path = tiny.save(tmp_path, content, _use_new_zipfile_serialization=new_format)
    with pytest.raises(UserError, match="was not loaded"):
        read_checkpoint(path)
    assert not witness.exists()
    # The bomb is live: an unguarded reader would have run it.
    torch.load(path, weights_only=False)
    assert witness.exists()


def test_bare_hostile_pickle_does_not_run(tmp_path: Path) -> None:
    path = tmp_path / "bare.ckpt"
    path.write_bytes(pickle.dumps(Bomb(tmp_path / "it-ran")))
    with pytest.raises(UserError, match=r"bare\.ckpt was not loaded"):
        read_checkpoint(path)
    assert not (tmp_path / "it-ran").exists()


@pytest.mark.parametrize("share", [0.0, 0.1, 0.5, 0.9, 0.999])
def test_truncated_file_is_refused(
    tiny_models: dict[str, Path], tmp_path: Path, share: float
) -> None:
    whole = find(str(tiny_models["bert"])).checkpoint.read_bytes()
    path = tmp_path / "short.ckpt"
    path.write_bytes(whole[: int(len(whole) * share)])
    with pytest.raises(UserError, match=r"short\.ckpt"):
        read_checkpoint(path)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "m.ckpt is empty"),
        (b"<html>Please log in</html>", "m.ckpt is not a Detoxify checkpoint"),
        (b"PK\x03\x04 and the rest is missing", "m.ckpt is damaged or incomplete"),
    ],
)
def test_what_is_no_pickle_is_not_called_hostile(
    tmp_path: Path, content: bytes, message: str
) -> None:
    path = tmp_path / "m.ckpt"
    path.write_bytes(content)
    with pytest.raises(UserError) as caught:
        read_checkpoint(path)
    assert message in caught.value.render()


def test_checksums_tell_of_damage(tiny_models: dict[str, Path], tmp_path: Path) -> None:
    whole = find(str(tiny_models["bert"])).checkpoint
    check_intact(whole)
    content = bytearray(whole.read_bytes())
    content[len(content) // 2] ^= 1
    path = tmp_path / "m.ckpt"
    path.write_bytes(content)
    with pytest.raises(UserError, match=r"is damaged in .*/data/"):
        check_intact(path)


@pytest.mark.parametrize(
    "content",
    [
        {},
        [],
        {"state_dict": {}},
        {"config": {"arch": {"args": {}}}, "state_dict": {}},
        {"config": {"arch": None, "dataset": None}, "state_dict": {}},
    ],
)
def test_file_of_another_kind_is_refused(tmp_path: Path, content: object) -> None:
    with pytest.raises(UserError, match="is not a Detoxify checkpoint") as caught:
        read_checkpoint(tiny.save(tmp_path, content))
    assert "dataset.args.classes" in caught.value.render()


def test_unknown_architecture_is_refused(tmp_path: Path) -> None:
    content = tiny.content(tiny.KINDS["bert"], {})
    content["config"]["arch"]["args"]["model_name"] = "BartForSequenceClassification"
    with pytest.raises(UserError, match="another kind, BartForSequenceClassification") as caught:
        read_checkpoint(tiny.save(tmp_path, content))
    assert "Gavel runs bert, roberta, xlm-roberta, albert" in caught.value.render()


def test_more_labels_than_outputs_are_refused(tmp_path: Path) -> None:
    content = tiny.content(tiny.KINDS["bert"], {})
    content["config"]["arch"]["args"]["num_classes"] = 2
    with pytest.raises(UserError, match="contradicts itself"):
        read_checkpoint(tiny.save(tmp_path, content))


def _changed(folder: Path, target: Path, change: str) -> Path:
    """Copy a tiny model and change its weights."""
    shutil.copytree(folder, target)
    path = find(str(target)).checkpoint
    content = torch.load(path, weights_only=True)
    state = content["state_dict"]
    if change == "missing":
        del state["classifier.bias"]
    elif change == "unexpected":
        state["classifier.extra.weight"] = torch.ones(1)
    else:
        state["classifier.weight"] = torch.ones(6, 7)
    path.unlink()
    tiny.save(target, content)
    return target


@pytest.mark.parametrize("kind", ["reference", "f32"])
@pytest.mark.parametrize("change", ["missing", "unexpected", "another size"])
def test_weights_that_misfit_are_refused(
    tiny_models: dict[str, Path], tmp_path: Path, kind: str, change: str
) -> None:
    folder = _changed(tiny_models["bert"], tmp_path / "changed", change)
    with pytest.raises(UserError, match="weights do not fit"):
        load(find(str(folder)), kind)


def test_pooler_of_old_roberta_is_no_surprise(tiny_models: dict[str, Path], tmp_path: Path) -> None:
    folder = tmp_path / "old"
    shutil.copytree(tiny_models["roberta"], folder)
    path = find(str(folder)).checkpoint
    content = torch.load(path, weights_only=True)
    content["state_dict"]["roberta.pooler.dense.weight"] = torch.ones(2, 2)
    path.unlink()
    tiny.save(folder, content)
    for kind in ("f32", "reference"):
        loaded = load(find(str(folder)), kind)
        (windows,) = loaded.encoder.encode(["hello"])
        assert np.isfinite(loaded.engine.run(windows)).all()


@pytest.mark.parametrize("kind", tiny.KINDS)
def test_fast_engine_agrees_with_predict_of_a_list(tiny_models: dict[str, Path], kind: str) -> None:
    """Detoxify pads a list itself; the same numbers must come out of our own way."""
    files = find(str(tiny_models[kind]))
    checkpoint = files.read()
    predicted = load_detoxify(checkpoint, files.folder, files.longest_input()).predict(TEXTS)
    expected = np.array([predicted[label] for label in checkpoint.labels]).T
    windows = [
        window for (window,) in load_encoder(files.folder, files.longest_input()).encode(TEXTS)
    ]
    graph = build(checkpoint, files.config(), Precision.F32)
    engine = FastEngine(graph, Precision.F32, labels=len(checkpoint.labels), group=32)
    assert compare(expected, engine.run(windows)).largest < 1e-4


def test_fast_engine_never_imports_torch(tiny_models: dict[str, Path]) -> None:
    code = (
        "import asyncio, sys; from bot.scoring import open_scorer\n"
        f"scorer = open_scorer({str(tiny_models['bert'])!r})\n"
        "heavy = {'torch', 'transformers', 'detoxify', 'openvino'} & set(sys.modules)\n"
        "assert scorer.model.labels and not heavy, heavy\n"
        "assert len(asyncio.run(scorer.score(['hello', 'you']))) == 2\n"
        "heavy = {'torch', 'transformers', 'detoxify'} & set(sys.modules)\n"
        "assert not heavy, heavy\n"
        "assert sys.modules['openvino_telemetry'] is None\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
