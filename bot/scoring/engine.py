"""What computes: the shape that every engine has.

Lives here: the `Engine` protocol, blocking and free of asyncio. Implementations:
`bot.scoring.reference` (Detoxify's own `predict`), `bot.scoring.fast` (the processor at hand),
`bot.scoring.cuda`. Who waits, what is cached and how texts are cut is not their business.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from bot.scoring.tokens import Window

Probabilities = NDArray[np.float32]


class Engine(Protocol):
    """Computes label probabilities; called from one thread at a time."""

    def run(self, windows: Sequence[Window]) -> Probabilities:
        """Return an array (windows, labels), rows in order; may raise anything."""
        ...
