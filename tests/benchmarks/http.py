"""Comments over HTTP against a really running server: speed, overload, half-open and hostile clients.

    python -m tests.benchmarks.http [PART…] [--texts N] [--longest N] [--data FILE]

PART is one of speed, overload, beside-chat, half-open, hostile; by default all. The server is `gavel serve` with
`compact`, on this machine, and shares its processors with this client. Comments come from
`GAVEL_DATA` (default ../shared/data) `/dev/jigsaw_slice*`.
"""

from __future__ import annotations

import argparse
import asyncio
import gzip
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from bot.model import Priority
from bot.scoring import open_scorer
from bot.store.sqlite import open_store
from bot.web.auth import SIGNATURE, SIGNER, TIMESTAMP, sign
from bot.web.keys import mint
from tests.app.running import Town, town
from tests.web.raw import Streams, connect, said, status
from tests.web.raw import request as closing_request
from tests.web.test_security import bomb

CONNECTIONS = 32
SECRET = "a secret of the benchmark"
CONFIG = """
store: {folder: %s}
cache: {folder: %s}
http:
  port: 0
  signers: [{name: bench, scopes: [submit]}]
  limits: {per_minute: 100000000, burst: 100000000}
"""
BESIDE = "http: {port: 0, limits: {per_minute: 100000000, burst: 100000000}}"


@dataclass(frozen=True)
class Server:
    """A running server, and the key that it knows."""

    address: str
    token: str
    process: int

    def memory(self) -> float:
        """Return the resident memory in MiB."""
        fields = Path(f"/proc/{self.process}/status").read_text(encoding="utf-8").split("\n")
        line = next(each for each in fields if each.startswith("VmRSS"))
        return int(line.split()[1]) / 1024

    def processor(self) -> float:
        """Return the seconds of processor time that the server has taken."""
        after = Path(f"/proc/{self.process}/stat").read_text(encoding="utf-8").rsplit(") ", 1)[1]
        user, system = after.split()[11:13]
        return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")

    def post(self, text: str) -> bytes:
        """Return a request that keeps its connection."""
        body = json.dumps({"text": text, "author": "bench", "channel": "bench"}).encode()
        head = (
            "POST /v1/comments HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
            f"Authorization: Bearer {self.token}\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        return head.encode() + body


def main() -> None:
    """Print what was asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("parts", nargs="*", choices=[[], *PARTS], default=[])
    parser.add_argument("--texts", type=int, default=3_000)
    parser.add_argument("--longest", type=int, default=280, help="cut to as many characters")
    parser.add_argument("--data", type=Path)
    args = parser.parse_args()
    texts = [text[: args.longest] for text in comments(args.data)[: args.texts]]
    length = sum(map(len, texts)) / len(texts)
    print(f"load before: {os.getloadavg()[0]:.1f}; {os.cpu_count()} processors")
    print(f"{len(texts)} comments of {length:.0f} characters on average")
    with tempfile.TemporaryDirectory() as folder, serving(Path(folder)) as server:
        for part in args.parts or PARTS:
            asyncio.run(PARTS[part](server, texts))


def comments(path: Path | None) -> list[str]:
    data = Path(os.environ.get("GAVEL_DATA", "../shared/data"))
    path = path or next((data / "dev").glob("jigsaw_slice*"))
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        texts = [text for line in lines if (text := json.loads(line)["text"]).strip()]
    return random.Random(0).sample(texts, len(texts))


@contextmanager
def serving(folder: Path) -> Iterator[Server]:
    """Yield `gavel serve` as a process of its own."""
    config = folder / "config.yaml"
    config.write_text(CONFIG % (folder, folder), encoding="utf-8")
    token = asyncio.run(_key(folder))
    environment = {**os.environ, "GAVEL_SIGNER_SECRET_BENCH": SECRET}
    command = [sys.executable, "-m", "bot", "serve", "--config", str(config)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, env=environment, text=True) as process:
        assert process.stdout is not None
        lines = iter(process.stdout.readline, "")
        address = next(line.split()[-1] for line in lines if line.startswith("Listening"))
        try:
            yield Server(address, token, process.pid)
        finally:
            process.terminate()


async def _key(folder: Path) -> str:
    store = open_store(folder / "gavel.sqlite")
    token, key = mint("bench", ["submit", "read"], datetime.now(UTC))
    await store.keys.add(key)
    await store.close()
    return token


async def ask(streams: Streams, sent: bytes) -> int:
    """Send a request, read the whole answer, return its status."""
    reader, writer = streams
    writer.write(sent)
    head = await reader.readuntil(b"\r\n\r\n")
    length = head.lower().split(b"content-length: ")[1].split(b"\r\n")[0]
    await reader.readexactly(int(length))
    return status(head)


@asynccontextmanager
async def connections(server: Server, count: int) -> AsyncIterator[list[Streams]]:
    opened = [await connect(server.address) for _ in range(count)]
    try:
        yield opened
    finally:
        for _, writer in opened:
            writer.close()


@dataclass(frozen=True)
class Run:
    """How requests went."""

    seconds: float
    waits: list[float]
    statuses: Counter[int]

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


async def drive(server: Server, texts: Sequence[str], count: int) -> Run:
    """Send every text once over `count` connections, each of which waits for its answer."""
    left, waits, statuses = iter(texts), [], Counter[int]()

    async def one(streams: Streams) -> None:
        for text in left:
            sent, start = server.post(text), time.perf_counter()
            statuses[await ask(streams, sent)] += 1
            waits.append(time.perf_counter() - start)

    async with connections(server, count) as opened:
        start = time.perf_counter()
        await asyncio.gather(*map(one, opened))
        return Run(time.perf_counter() - start, waits, statuses)


async def speed(server: Server, texts: Sequence[str]) -> None:
    """Many connections against one, and against the model alone."""
    # The engine makes a kernel for each shape that it meets first.
    await drive(server, [f"{text} warm" for text in texts], CONNECTIONS)
    before = server.processor()
    many = await drive(server, texts, CONNECTIONS)
    each = (server.processor() - before) / len(texts)
    one = await drive(server, [f"{text} again" for text in texts[: len(texts) // 8]], 1)
    print(f"{CONNECTIONS} connections: {many}")
    print(f" 1 connection:  {one}: batching gives {many.rate / one.rate:.1f} times as much")
    print(
        f"processor time: {each * 1000:.2f} ms a request; two free ones bear {2 / each:.0f} a second"
    )
    alone, batched = await model_alone([f"{text} alone" for text in texts])
    print(f"the model alone: {alone * 1000:.2f} ms one at a time, {batched * 1000:.2f} ms together")


async def model_alone(texts: Sequence[str]) -> tuple[float, float]:
    """Return the processor time of a text: one after the other, and `CONNECTIONS` at once."""
    scorer = open_scorer("compact")
    for at in range(0, len(texts), CONNECTIONS):
        await scorer.score([f"{text} warm" for text in texts[at : at + CONNECTIONS]])
    few = texts[: len(texts) // 4]
    start = time.process_time()
    for text in few:
        await scorer.score([text], Priority.LIVE)
    alone = (time.process_time() - start) / len(few)
    left = iter(texts[len(few) :])

    async def one() -> None:
        for text in left:
            await scorer.score([text], Priority.LIVE)

    start = time.process_time()
    await asyncio.gather(*(one() for _ in range(CONNECTIONS)))
    batched = (time.process_time() - start) / (len(texts) - len(few))
    await scorer.close()
    return alone, batched


async def overload(server: Server, texts: Sequence[str]) -> None:
    """Three times as many connections as may be under way; then as many as ever."""
    flood = await drive(server, [f"{text} flood" for text in texts], 800)
    after = await drive(server, [f"{text} after" for text in texts[:300]], CONNECTIONS)
    print(f"overload, 800 connections: {flood}")
    print(f"afterwards:                {after}")


async def beside_chat(server: Server, texts: Sequence[str]) -> None:
    """How long a Discord message takes to its card, alone and beside a flood over HTTP."""
    with tempfile.TemporaryDirectory() as folder:
        token = await _key(Path(folder))
        flood = [f"{text} beside" for text in texts]
        async with town(Path(folder), config=BESIDE) as here, here.running() as gavel:
            await gavel.says("Listening")
            address = next(line.split()[-1] for line in gavel.out if line.startswith("Listening"))
            both = replace(server, address=address, token=token)
            await cards(here, 10)
            alone = await cards(here, 30)
            flooding = asyncio.create_task(drive(both, flood, CONNECTIONS))
            beside = await cards(here, 30)
            flooding.cancel()
            await asyncio.wait([flooding])
    for name, waits in (("alone", alone), ("beside 32 connections", beside)):
        median, worst = sorted(waits)[len(waits) // 2], max(waits)
        print(f"message to card {name}: median {median * 1000:.0f} ms, worst {worst * 1000:.0f} ms")


async def cards(here: Town, count: int) -> list[float]:
    """Return how long messages took until their cards were there, in seconds."""
    waits = []
    for number in range(count):
        known, start = len(here.cards), time.perf_counter()
        await here.discord.say(here.ann, here.general, f"you muppet {number} {start}")
        await here.until_cards(known + 1)
        waits.append(time.perf_counter() - start)
        await asyncio.sleep(0.1)
    return waits


async def half_open(server: Server, texts: Sequence[str]) -> None:
    """Five hundred connections that never finish a request, while others are served."""
    whole = server.post("never comes")
    begun = [b"", whole[:20], whole[: whole.index(b"\r\n\r\n")], whole[:-4]]
    start = time.perf_counter()
    ended: list[float] = []

    async def linger(sent: bytes) -> None:
        reader, writer = await connect(server.address)
        writer.write(sent)
        while await reader.read(4_096):
            pass
        ended.append(time.perf_counter() - start)
        writer.close()

    hanging = [asyncio.create_task(linger(begun[i % len(begun)])) for i in range(500)]
    await asyncio.sleep(0.5)
    served = await drive(server, [f"{text} beside" for text in texts[:500]], CONNECTIONS)
    print(f"beside 500 half-open connections: {served}")
    await asyncio.wait(hanging, timeout=60)
    print(f"{len(ended)} of 500 half-open connections closed, the last after {max(ended):.1f} s")


async def hostile(server: Server, texts: Sequence[str]) -> None:
    """Ten thousand requests that must be refused, by memory and by status."""
    await drive(server, [f"{text} before" for text in texts[:300]], CONNECTIONS)
    before, kinds = server.memory(), hostile_kinds(server)
    statuses: Counter[int] = Counter()
    left = iter(range(10_000))

    async def one() -> None:
        for number in left:
            answer = await said(server.address, kinds[number % len(kinds)])
            statuses[status(answer) if answer else 0] += 1

    start = time.perf_counter()
    await asyncio.gather(*(one() for _ in range(CONNECTIONS)))
    seconds = time.perf_counter() - start
    counts = ", ".join(f"{count} × {code}" for code, count in sorted(statuses.items()))
    print(f"10,000 hostile requests in {seconds:.0f} s: {counts}")
    print(f"memory before {before:.0f} MiB, after {server.memory():.0f} MiB")


def hostile_kinds(server: Server) -> list[bytes]:
    """Return requests that each break something else."""
    key, good = f"Authorization: Bearer {server.token}", b'{"text": "hi"}'
    stamp = str(time.time())
    signature = sign(SECRET, stamp, "POST", "/v1/comments", good)
    signing = (f"{SIGNER}: bench", f"{TIMESTAMP}: {stamp}")
    return [
        closing_request(good, f"Authorization: Bearer {server.token[:-1]}!"),
        closing_request(good, f"Authorization: Bearer gavel_{'0' * 12}_{'a' * 43}"),
        closing_request(good + b" ", *signing, f"{SIGNATURE}: {signature}"),
        closing_request(good, f"{SIGNER}: bench", f"{TIMESTAMP}: 1", f"{SIGNATURE}: {signature}"),
        closing_request(b'{"text": "' + b"a" * 1_100_000 + b'"}', key),
        closing_request(bomb(), key, "Content-Encoding: gzip"),
        closing_request(b"[" * 200_000, key),
        closing_request(b'{"a":' * 500 + b"1" + b"}" * 500, key),
        closing_request(b'{"text": NaN}', key),
        closing_request(b'{"text": 1e999}', key),
        closing_request(b'{"text": "\\ud800"}', key),
        closing_request(b'{"text": "\xff\xfe"}', key),
        closing_request(b'{"text": "a", "text": "b"}', key),
        b"POST /v1/comments HTTP/1.1\r\nHost a\r\n\r\n",
    ]


PARTS = {
    "speed": speed,
    "overload": overload,
    "beside-chat": beside_chat,
    "half-open": half_open,
    "hostile": hostile,
}

if __name__ == "__main__":
    main()
