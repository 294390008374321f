"""Scoring: every Detoxify model behind the Scorer port, safe, offline and fast.

Lives here: `open_scorer`, which puts files, engine, batches and cache together. Importing this
package loads neither torch nor an inference runtime; opening a scorer reads no weights either:
both wait for the first text that the cache does not know.
"""

from __future__ import annotations

from functools import partial

from bot.errors import UserError, did_you_mean
from bot.model import ModelInfo
from bot.ports import Scorer
from bot.scoring import loading
from bot.scoring.catalogue import find
from bot.scoring.engine import Precision
from bot.scoring.environment import go_offline
from bot.scoring.scorer import ModelScorer, ScoreCache

__all__ = ["ScoreCache", "open_scorer"]

ENGINES = ("auto", "reference", *Precision)
DEVICES = ("cpu", "cuda")

# Before any module of this room imports a library that would look something up.
go_offline()


def open_scorer(
    name: str, *, cache: ScoreCache | None = None, device: str = "cpu", engine: str = "auto"
) -> Scorer:
    """Return a scorer for `compact`, an installed model, or the path of a checkpoint.

    `engine` is `auto` (what installation measured to be fastest here), a precision of the fast
    engine (`int8`, `bf16`, `f32`), or `reference` (Detoxify's own `predict`). Each has a revision
    of its own, because their scores differ a little. `device` is `cpu` or `cuda`. Raise
    `UserError` for a model that is not there or is no model.
    """
    _one_of("engine", engine, ENGINES)
    _one_of("device", device, DEVICES)
    files = find(name)
    if engine == "auto" and device == "cpu":
        engine = files.precision()
    kind = "cuda" if device == "cuda" else engine
    info = ModelInfo(files.name, files.revision(kind), files.labels())
    return ModelScorer(info, partial(loading.load, files, kind), cache)


def _one_of(what: str, given: str, known: tuple[str, ...]) -> None:
    if given not in known:
        raise UserError(f'there is no {what} "{given}"', hint=did_you_mean(given, known))
