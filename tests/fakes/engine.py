"""An engine that works without a model, and can be made slow, broken or poisoned."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence

import numpy as np

from bot.scoring.engine import Probabilities
from bot.scoring.tokens import Window


class FakeEngine:
    """Two labels: the text's length and its number of spaces, scaled.

    `poison` in a text makes the whole batch fail, as a real model would; `nan` gives NaN in that
    row; `broken` fails always. While `gate` is clear, the engine waits. `batches` remembers the
    texts of each run; `reached` is set when the third run begins, which waits while `onward` is clear.
    """

    def __init__(self, *, poison: str = "POISON", nan: str = "NAN", seconds: float = 0.0) -> None:
        self.poison = poison
        self.nan = nan
        self.seconds = seconds
        self.broken = False
        self.gate = threading.Event()
        self.gate.set()
        self.started = threading.Event()
        self.batches: list[list[str]] = []
        self.reached = threading.Event()
        self.onward = threading.Event()
        self.onward.set()

    def run(self, windows: Sequence[Window]) -> Probabilities:
        self.started.set()
        self.gate.wait(60)
        if len(self.batches) == 2:
            self.reached.set()
            self.onward.wait(60)
        texts = [window.text for window in windows]
        self.batches.append(texts)
        time.sleep(self.seconds)
        if self.broken or any(self.poison in text for text in texts):
            raise RuntimeError("out of order")
        rows = [
            [np.nan if self.nan in text else len(text) / 1000, text.count(" ") / 100]
            for text in texts
        ]
        return np.array(rows, dtype=np.float32)
