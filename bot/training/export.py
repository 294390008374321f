"""Writes a trained model in Detoxify's own checkpoint format, small enough to ship.

Lives here: rounding, packing and the files beside the checkpoint. Not here: training, and reading
checkpoints back (`bot.scoring`).
"""

import io
import json
import zipfile
from collections.abc import Mapping
from pathlib import Path

import torch
from transformers import BertConfig, BertTokenizer

from bot.scoring.catalogue import SIDECAR
from bot.training.data import LABELS

CHECKPOINT = "compact.ckpt"
LOCAL_TYPE = "bot/scoring/compact"
"""Detoxify looks the configuration up by this name even when it was given one. A folder below the
root of a checkout is found offline; three path segments can never be a name on a hub."""

MATRIX = 2
WORD_STEPS, MATRIX_STEPS = 127, 255
"""Steps from zero to the largest weight of a row; fewer make a smaller file and coarser scores."""


def export(
    state: Mapping[str, torch.Tensor], config: BertConfig, tokenizer: BertTokenizer, folder: Path
) -> Path:
    """Write checkpoint, configuration and tokenizer to `folder`; return the checkpoint's path."""
    folder.mkdir(parents=True, exist_ok=True)
    config.dtype = "float32"
    config.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    (folder / SIDECAR).write_text(json.dumps({"sees": "as_read"}) + "\n", encoding="utf-8")
    path = folder / CHECKPOINT
    path.write_bytes(packed(checkpoint(state)))
    return path


def checkpoint(state: Mapping[str, torch.Tensor]) -> dict[str, object]:
    """Return what Detoxify expects to find, with weights rounded and in half the bytes."""
    arch = {
        "model_type": LOCAL_TYPE,
        "model_name": "BertForSequenceClassification",
        "tokenizer_name": "BertTokenizer",
        "num_classes": len(LABELS),
    }
    return {
        "config": {
            "arch": {"type": "BERT", "args": arch},
            "dataset": {"args": {"classes": list(LABELS)}},
        },
        "state_dict": {
            name: rounded(name, value).to(torch.bfloat16) if value.is_floating_point() else value
            for name, value in state.items()
        },
    }


def rounded(name: str, weights: torch.Tensor) -> torch.Tensor:
    """Lay a large matrix on a grid of its own for each row, coarse enough to deflate well.

    Steps are powers of two and rows have at most 255 steps a side, which makes every value exact
    in bfloat16: what is measured in single precision is what ships.
    """
    if weights.ndim != MATRIX or len(weights) <= len(LABELS):
        return weights
    steps = WORD_STEPS if "word_embeddings" in name else MATRIX_STEPS
    largest = weights.abs().amax(dim=1, keepdim=True).clamp(min=1e-8)
    step = torch.exp2(torch.ceil(torch.log2(largest / steps)))
    return (weights / step).round() * step


def packed(content: object) -> bytes:
    """Return the bytes of `torch.save`, deflated: the exponents of weights repeat themselves.

    A PyTorch file is a zip file, and PyTorch reads deflated members as it reads stored ones.
    """
    plain, small = io.BytesIO(), io.BytesIO()
    torch.save(content, plain)
    with (
        zipfile.ZipFile(plain) as source,
        zipfile.ZipFile(small, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as target,
    ):
        for name in source.namelist():
            member = zipfile.ZipInfo(name, date_time=(1980, 1, 1, 0, 0, 0))
            member.compress_type = zipfile.ZIP_DEFLATED
            target.writestr(member, source.read(name))
    return small.getvalue()
