"""The clients of the HTTP benchmark, in a process of their own: they ask, wait and count.

Lives here: connections that each send one comment after the other, and how their requests went. Not
here: what is asked and printed (`tests.benchmarks.http`). Only little is imported, so that the
clients take as little as they can of the processors that they share with the server.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import cache
from multiprocessing import get_context

from tests.web.raw import Streams, connect, status


@dataclass(frozen=True)
class Load:
    """What is sent: every text once, over `connections` that each wait for their answer.

    `name` tells the comments of one load from those of others: every author and the channel
    carry it, so that no rule about floods sees more than what people write.
    """

    address: str
    token: str
    texts: Sequence[str]
    connections: int
    name: str

    def requests(self) -> list[bytes]:
        return [
            post(self.token, text, author=f"{self.name}-{number}", channel=self.name)
            for number, text in enumerate(self.texts)
        ]


@dataclass(frozen=True)
class Run:
    """How requests went; `processor` is what the clients took, in seconds."""

    seconds: float
    waits: list[float]
    statuses: Counter[int]
    processor: float

    @property
    def rate(self) -> float:
        return len(self.waits) / self.seconds

    def at(self, share: float) -> float:
        """Return a quantile of the waits in milliseconds."""
        return sorted(self.waits)[int(share * (len(self.waits) - 1))] * 1_000

    def __str__(self) -> str:
        counts = ", ".join(f"{count} × {code}" for code, count in sorted(self.statuses.items()))
        return (
            f"{self.rate:6.0f} a second, p50 {self.at(0.5):.0f} ms, p99 {self.at(0.99):.0f} ms"
            f" ({counts})"
        )


def post(token: str, text: str, *, author: str = "bench", channel: str = "bench") -> bytes:
    """Return a request that keeps its connection."""
    body = json.dumps({"text": text, "author": author, "channel": channel}).encode()
    head = (
        "POST /v1/comments HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
        f"Authorization: Bearer {token}\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


async def drive(load: Load) -> Run:
    """Send a load from another process."""
    loop = asyncio.get_running_loop()
    return await loop.run_in_executor(_process(), _drive, load)


@cache
def _process() -> ProcessPoolExecutor:
    return ProcessPoolExecutor(1, mp_context=get_context("spawn"))


def _drive(load: Load) -> Run:
    return asyncio.run(_send(load))


async def _send(load: Load) -> Run:
    sent, waits, statuses = iter(load.requests()), [], Counter[int]()

    async def one(streams: Streams) -> None:
        for request in sent:
            start = time.perf_counter()
            statuses[await ask(streams, request)] += 1
            waits.append(time.perf_counter() - start)

    opened = [await connect(load.address) for _ in range(load.connections)]
    start, processor = time.perf_counter(), time.process_time()
    await asyncio.gather(*map(one, opened))
    run = Run(time.perf_counter() - start, waits, statuses, time.process_time() - processor)
    for _, writer in opened:
        writer.close()
    return run


async def ask(streams: Streams, sent: bytes) -> int:
    """Send a request, read the whole answer, return its status."""
    reader, writer = streams
    writer.write(sent)
    head = await reader.readuntil(b"\r\n\r\n")
    length = head.lower().split(b"content-length: ")[1].split(b"\r\n")[0]
    await reader.readexactly(int(length))
    return status(head)
