"""What computes: the shape that every engine has.

Lives here: the `Engine` protocol, blocking and free of asyncio, and the precisions. Implementations:
`bot.scoring.reference` (Detoxify's own `predict`), `bot.scoring.fast` (the processor at hand),
`bot.scoring.cuda`. Who waits, what is cached and how texts are cut is not their business.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from bot.scoring.tokens import Encoder, Window

Probabilities = NDArray[np.float32]


class Precision(StrEnum):
    """In which numbers matrices are multiplied, fastest first on most processors."""

    INT8 = "int8"
    BF16 = "bf16"
    F32 = "f32"


@dataclass(frozen=True, slots=True)
class Layout:
    """How bulk work is cut: it changes how fast scores come, not what they are.

    `at_once` tokens are handed over in one call, after which a live comment gets its turn. They are
    computed in batches of at most `batch` padded tokens, `streams` of them side by side.
    """

    streams: int
    batch: int
    at_once: int


@dataclass(frozen=True, slots=True)
class Loaded:
    """A model, ready to compute. `budget` is how many tokens are best asked for at once."""

    encoder: Encoder
    engine: Engine
    budget: int


class Engine(Protocol):
    """Computes label probabilities; called from one thread at a time."""

    def run(self, windows: Sequence[Window]) -> Probabilities:
        """Return an array (windows, labels), rows in order; may raise anything."""
        ...
