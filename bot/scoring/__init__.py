"""Scoring: every Detoxify model behind the Scorer port, safe, offline and fast.

Lives here: `open_scorer`, which puts files, engine, batches and cache together. Importing this
package loads neither torch nor an inference runtime; opening a scorer reads no weights either:
both wait for the first text that the cache does not know.
"""

from __future__ import annotations

from functools import partial

from bot.errors import UserError
from bot.model import ModelInfo
from bot.ports import Scorer
from bot.scoring.catalogue import ModelFiles, find
from bot.scoring.environment import go_offline
from bot.scoring.scorer import Loaded, ModelScorer, ScoreCache
from bot.scoring.tokens import load_encoder

__all__ = ["ScoreCache", "open_scorer"]

# Before any module of this room can import a library that would look something up.
go_offline()

ENGINES = ("auto", "reference")
DEVICES = ("cpu",)


def open_scorer(
    name: str, *, cache: ScoreCache | None = None, device: str = "cpu", engine: str = "auto"
) -> Scorer:
    """Return a scorer for `compact`, an installed model, or the path of a checkpoint.

    `engine` is `auto` or `reference` (Detoxify's own `predict`). Raise `UserError` for a model
    that is not there or not a model.
    """
    if engine not in ENGINES:
        raise UserError(f'there is no engine "{engine}"', hint=f"known: {', '.join(ENGINES)}")
    if device not in DEVICES:
        raise UserError(f'there is no device "{device}"', hint=f"known: {', '.join(DEVICES)}")
    files = find(name)
    info = ModelInfo(files.name, files.weights(), files.labels())
    return ModelScorer(info, partial(_load_reference, files), cache)


def _load_reference(files: ModelFiles) -> Loaded:
    from bot.scoring.reference import ReferenceEngine, load_detoxify, longest_input  # noqa: PLC0415 - torch only when it is needed

    detoxify = load_detoxify(files.read(), files.folder)
    encoder = load_encoder(files.folder, longest_input(files.config()))
    return Loaded(encoder, ReferenceEngine(detoxify), budget=1)
