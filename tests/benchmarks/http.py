"""Comments over HTTP against a really running server: speed, overload, half-open and hostile clients.

    python -m tests.benchmarks.http [PART…] [--texts N] [--data FILE]

PART is one of speed, overload, beside-chat, half-open, hostile; by default all. The server is
`gavel serve` with `compact`; the clients are a process of their own, on the same processors. Each
measurement is made in rounds by turns with those that it is compared to. Comments of chat length
are pieces of `train/wikipedia_talk_natural*` in `GAVEL_DATA` (default ../shared/data), comments
under news are `dev/jigsaw_slice*`.
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
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

from bot.model import Priority
from bot.scoring import open_scorer
from bot.store.sqlite import open_store
from bot.web.auth import SIGNATURE, SIGNER, TIMESTAMP, sign
from bot.web.keys import mint
from tests.app.running import Town, town
from tests.benchmarks.callers import Load, Run, drive, post
from tests.benchmarks.rules import natural_texts
from tests.benchmarks.scoring import NEWS_LENGTH
from tests.web.raw import connect, said, status
from tests.web.raw import request as closing_request
from tests.web.test_security import bomb

CONNECTIONS = 32
ROUNDS = 3
SHORTEST = 70
"""Characters of a chat comment, at least; with these, they have about 78 on average."""

KNOWN = "32, scores known"
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


@dataclass(frozen=True)
class Texts:
    """Distinct comments: as long as in a chat, and as long as under news."""

    chat: Sequence[str]
    news: Sequence[str]


def main() -> None:
    """Print what was asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("parts", nargs="*", choices=[[], *PARTS], default=[])
    parser.add_argument("--texts", type=int, default=4_000, help="of each length")
    parser.add_argument("--data", type=Path, help="comments under news, instead of the slice")
    args = parser.parse_args()
    texts = Texts(chat_texts()[: args.texts], news_texts(args.data)[: args.texts // 2])
    print(f"load before: {os.getloadavg()[0]:.1f}; {os.cpu_count()} processors, shared by all")
    with tempfile.TemporaryDirectory() as folder, serving(Path(folder)) as server:
        for part in args.parts or PARTS:
            asyncio.run(PARTS[part](server, texts))
    print(f"load after: {os.getloadavg()[0]:.1f}")


def chat_texts() -> list[str]:
    """Return comments of chat length; what is left over of longer ones is left out."""
    pieces = [text for text in natural_texts(80_000) if len(text) >= SHORTEST]
    return random.Random(0).sample(distinct := list(dict.fromkeys(pieces)), len(distinct))


def news_texts(path: Path | None) -> list[str]:
    data = Path(os.environ.get("GAVEL_DATA", "../shared/data"))
    path = path or next((data / "dev").glob("jigsaw_slice*"))
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        texts = {text for line in lines if (text := json.loads(line)["text"][:NEWS_LENGTH]).strip()}
    return random.Random(0).sample(distinct := sorted(texts), len(distinct))


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


async def send(server: Server, texts: Sequence[str], connections: int, name: str) -> Run:
    """Send every text once, from a process of its own."""
    return await drive(Load(server.address, server.token, texts, connections, name))


@dataclass
class Rounds:
    """What several rounds of the same measurement gave; the best tells most on a busy machine."""

    title: str
    runs: list[Run] = field(default_factory=list)
    processor: list[float] = field(default_factory=list)

    async def again(self, server: Server, texts: Sequence[str], connections: int) -> None:
        name, before = f"{self.title} {len(self.runs)}", server.processor()
        self.runs.append(await send(server, texts, connections, name))
        self.processor.append((server.processor() - before) / len(texts))

    @property
    def rate(self) -> float:
        return max(run.rate for run in self.runs)

    @property
    def each(self) -> float:
        """The server's processor time of a request, in seconds."""
        return min(self.processor)

    def __str__(self) -> str:
        best = max(self.runs, key=lambda run: run.rate)
        rates = ", ".join(f"{run.rate:.0f}" for run in self.runs)
        clients = best.processor / len(best.waits)
        return (
            f"  {self.title:<24}{best}; rounds {rates};"
            f" server {self.each * 1e3:.2f} ms a request, clients {clients * 1e3:.2f} ms"
        )


async def speed(server: Server, texts: Texts) -> None:
    """Many connections against one, with the model and with scores that are known already."""
    for length, found in (("chat", texts.chat), ("news", texts.news)):
        await one_length(server, length, found)


async def one_length(server: Server, length: str, texts: Sequence[str]) -> None:
    average = sum(map(len, texts)) / len(texts)
    print(f"{length}: {len(texts)} distinct comments of {average:.0f} characters on average")
    many, one, known, single = map(Rounds, ("32 connections", "1 connection", KNOWN, "1, known"))
    share = len(texts) // (ROUNDS + 1)
    # The engine makes a kernel for each shape that it meets first.
    await send(server, texts[-share:], CONNECTIONS, f"{length} warm")
    for number in range(ROUNDS):
        part = texts[number * share : (number + 1) * share]
        few, rest = part[: share // 6], part[share // 6 :]
        await one.again(server, few, 1)
        await many.again(server, rest, CONNECTIONS)
        await known.again(server, rest, CONNECTIONS)
        await single.again(server, few, 1)
    for rounds in (many, one, known, single):
        print(rounds)
    alone, batched = await model_alone([f"{text} alone" for text in texts[: 2 * share]])
    print(
        f"  batching gives {many.rate / one.rate:.1f} times one at a time over HTTP, by processor"
        f" time {one.each / many.each:.1f} times; two free processors bear {2 / many.each:.0f} a second"
    )
    print(
        f"  the scorer by itself: {1 / alone:.0f} texts a second one at a time,"
        f" {1 / batched:.0f} for {CONNECTIONS} callers: {alone / batched:.1f} times"
    )
    print(
        f"  of a request's processor time the model takes {1 - known.each / many.each:.0%};"
        f" HTTP has {many.rate * batched:.0%} of the scorer's own pace"
    )


async def model_alone(texts: Sequence[str]) -> tuple[float, float]:
    """Return the seconds of a text: one after the other, and `CONNECTIONS` callers at once."""
    scorer = open_scorer("compact")
    middle = len(texts) // 2
    left = iter(texts[:middle])

    async def caller() -> None:
        for text in left:
            await scorer.score([text], Priority.PROMPT)

    async def timed(callers: int, some: Sequence[str]) -> float:
        nonlocal left
        left, start = iter(some), time.perf_counter()
        await asyncio.gather(*(caller() for _ in range(callers)))
        return (time.perf_counter() - start) / len(some)

    await timed(CONNECTIONS, texts[:middle])
    rounds = [texts[middle + at :: ROUNDS] for at in range(ROUNDS)]
    alone, batched = zip(
        *[
            (
                await timed(1, some[: len(some) // 4]),
                await timed(CONNECTIONS, some[len(some) // 4 :]),
            )
            for some in rounds
        ],
        strict=True,
    )
    await scorer.close()
    return min(alone), min(batched)


async def overload(server: Server, texts: Texts) -> None:
    """Three times as many connections as may be under way; then as many as ever."""
    flood = await send(server, [f"{text} flood" for text in texts.chat], 800, "flood")
    after = await send(server, [f"{text} after" for text in texts.chat[:300]], CONNECTIONS, "after")
    print(f"overload, 800 connections: {flood}")
    print(f"afterwards:                {after}")


async def beside_chat(server: Server, texts: Texts) -> None:
    """How long a Discord message takes to its card, alone and beside a flood over HTTP."""
    with tempfile.TemporaryDirectory() as folder:
        token = await _key(Path(folder))
        flood = [f"{text} beside" for text in texts.chat]
        async with town(Path(folder), config=BESIDE) as here, here.running() as gavel:
            await gavel.says("Listening")
            address = next(line.split()[-1] for line in gavel.out if line.startswith("Listening"))
            both = replace(server, address=address, token=token)
            await cards(here, 10)
            alone = await cards(here, 30)
            flooding = asyncio.create_task(send(both, flood, CONNECTIONS, "beside"))
            beside = await cards(here, 30)
            over = flooding.done()
            run = await flooding
    print(f"the flood beside messages lasted {'not ' * over}until their last card: {run}")
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


async def half_open(server: Server, texts: Texts) -> None:
    """Five hundred connections that never finish a request, while others are served."""
    whole = post(server.token, "never comes")
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
    served = await send(server, [f"{text} open" for text in texts.chat[:500]], CONNECTIONS, "open")
    print(f"beside 500 half-open connections: {served}")
    await asyncio.wait(hanging, timeout=60)
    print(f"{len(ended)} of 500 half-open connections closed, the last after {max(ended):.1f} s")


async def hostile(server: Server, texts: Texts) -> None:
    """Ten thousand requests that must be refused, by memory and by status."""
    await send(server, [f"{text} before" for text in texts.chat[:300]], CONNECTIONS, "before")
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
