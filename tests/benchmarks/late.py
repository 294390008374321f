"""`gavel run CONFIG` with a watch on its event loop: `python -m tests.benchmarks.late CONFIG`.

On SIGUSR1 it prints by how many seconds the loop was late, every few milliseconds since the last
one, as a JSON list. Other benchmarks start it as a process of its own.
"""

from __future__ import annotations

import asyncio
import json
import signal
import sys
from pathlib import Path

from bot.app.live import run
from bot.app.tokens import with_secrets
from bot.config import load_settings

EVERY = 0.005


class Lateness:
    """Counts how late it is woken."""

    def __init__(self) -> None:
        self._late: list[float] = []

    def tell(self) -> None:
        """Print what was counted, and begin anew."""
        print(json.dumps(self._late), flush=True)
        self._late = []

    async def watch(self) -> None:
        """Count until cancelled."""
        loop = asyncio.get_running_loop()
        loop.add_signal_handler(signal.SIGUSR1, self.tell)
        while True:
            due = loop.time() + EVERY
            await asyncio.sleep(EVERY)
            self._late.append(loop.time() - due)


async def main(config: Path) -> None:
    settings = with_secrets(load_settings(config))
    watching = asyncio.create_task(Lateness().watch())
    await run(settings, asyncio.Event(), lambda _: None)
    watching.cancel()


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1])))
