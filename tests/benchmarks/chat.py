"""How the bot does in a channel: `python -m tests.benchmarks.chat [latency|burst|kills|drops|soak]`.

The bot is `gavel run`, with the compact model (or the one named by --model), beside a fake Discord
in this process; the burst has the starter rules, too. Printed: message to card at 20 messages a second with 5 % flagged;
how late the event loop is, and how long a command waits, during a burst of 200 messages of 2,000
characters; what 50 kills, or
20 drops and an outage, lose or double; memory over a soak of GAVEL_SOAK (20000) messages.
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import json
import os
import random
import shutil
import signal
import sys
import tempfile
import time
from pathlib import Path
from statistics import median, quantiles

from bot.config import starter_rules
from tests.chat.house import House, house, write_rules
from tests.chat.test_kills import ROOT, numbers

STARTED: list[asyncio.subprocess.Process] = []

RATE = 20
FLAGGED = 0.05
WORDS = [
    "the",
    "weather",
    "in",
    "this",
    "town",
    "has",
    "been",
    "lovely",
    "all",
    "week",
    "and",
    "we",
    "went",
    "down",
    "to",
    "the",
    "river",
]


def kilobytes(process: asyncio.subprocess.Process, what: str = "VmRSS") -> int:
    status = Path(f"/proc/{process.pid}/status").read_text(encoding="utf-8")
    (line,) = [each for each in status.splitlines() if each.startswith(what)]
    return int(line.split()[1])


async def start(
    gavel: House, model: str, program: str = "bot run --config"
) -> asyncio.subprocess.Process:
    """Start `gavel run` on the house's store."""
    settings = gavel.settings
    config = gavel.folder / "config.yaml"
    chat = {
        "guild": str(settings.guild),
        "review_channel": str(settings.review_channel),
        "moderator_roles": sorted(settings.moderator_roles),
        "api_base": settings.api_base,
        "gateway_url": settings.gateway_url,
        "cards_per_minute": settings.cards_per_minute,
    }
    folder = {"folder": str(gavel.folder)}
    rules = str(gavel.folder / "rules")
    whole = {"rules": rules, "model": {"name": model}, "discord": chat, "store": folder}
    config.write_text(json.dumps({**whole, "cache": folder}), encoding="utf-8")
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", *program.split(), str(config)),
        cwd=ROOT,
        env={**os.environ, "GAVEL_DISCORD_TOKEN": gavel.discord.token},
        stdout=asyncio.subprocess.PIPE,
        limit=1 << 24,
        stderr=asyncio.subprocess.DEVNULL,
    )
    STARTED.append(process)
    return process


async def ready(
    gavel: House, model: str, program: str = "bot run --config"
) -> asyncio.subprocess.Process:
    one_rule(gavel)
    process = await start(gavel, model, program)
    await gavel.discord.until(lambda: gavel.discord.world.commands, 60)
    await gavel.discord.say(gavel.ann, gavel.general, "muppet 999999")
    await gavel.until_cards(1)
    return process


async def stop(process: asyncio.subprocess.Process) -> None:
    process.kill()
    await process.wait()


async def latency(gavel: House, model: str, seconds: int = 30) -> None:
    process = await ready(gavel, model)
    chance = random.Random(1)
    said: dict[int, float] = {}
    shown: dict[int, float] = {}

    async def watch() -> None:
        while True:
            now = time.monotonic()
            for number in set(numbers(gavel)) - set(shown):
                shown[number] = now
            await asyncio.sleep(0.005)

    watching = asyncio.create_task(watch())
    for number in range(RATE * seconds):
        text = " ".join(chance.choices(WORDS, k=20))
        if chance.random() < FLAGGED:
            said[number] = time.monotonic()
            text = f"muppet {text} {number}"
        await gavel.discord.say(gavel.ann, gavel.general, text)
        await asyncio.sleep(1 / RATE)
    await gavel.discord.until(lambda: set(said) <= set(shown), 30)
    watching.cancel()
    waits = sorted(shown[number] - said[number] for number in said)
    last = quantiles(waits, n=100)[98]
    print(f"message to card: {len(waits)} cards, median {median(waits):.3f} s, p99 {last:.3f} s")
    print(f"memory: {kilobytes(process) / 1024:.0f} MB")
    await stop(process)


async def late(process: asyncio.subprocess.Process) -> list[float]:
    """Return how late the bot's event loop was since the last asking, in milliseconds."""
    assert process.stdout is not None
    process.send_signal(signal.SIGUSR1)
    return [1_000 * each for each in json.loads(await process.stdout.readline())]


def tell(what: str, times: list[float]) -> None:
    last = quantiles(times, n=100)[98]
    print(f"{what}: median {median(times):.3g} ms, p99 {last:.3g}, most {max(times):.3g}")


async def burst(gavel: House, model: str) -> None:
    shutil.copytree(starter_rules(), gavel.folder / "rules")
    process = await ready(gavel, model, "tests.benchmarks.late")
    await late(process)
    chance = random.Random(2)
    texts = [" ".join(chance.choices(WORDS, k=500))[:2000] for _ in range(200)]
    began = time.monotonic()
    for text in texts:
        await gavel.discord.say(gavel.ann, gavel.general, text)
    waits = []
    while await stored(gavel) < len(texts) + 1:
        press = await gavel.discord.command(gavel.mod, gavel.general, "queue")
        waits.append(1_000 * await press.answered())
        await asyncio.sleep(0.05)
    print(f"burst of 200 x 2,000 characters: stored after {time.monotonic() - began:.1f} s")
    tell("the event loop is late", await late(process))
    tell(f"{len(waits)} answers during it wait", waits)
    await stop(process)


async def stored(gavel: House) -> int:
    return await gavel.store.database.read(
        lambda connection: int(connection.execute("SELECT count(*) FROM comment").fetchone()[0])
    )


def one_rule(gavel: House) -> None:
    """Have every message of a talk flagged, and by nothing else."""
    (gavel.folder / "rules").mkdir(exist_ok=True)
    write_rules(gavel.folder / "rules")


async def kills(gavel: House, model: str, times: int = 50) -> None:
    one_rule(gavel)
    await gavel.store.places.advance("discord", gavel.general, 1)
    chance = random.Random(3)
    talking = asyncio.create_task(talk(gavel))
    for _ in range(times):
        process = await start(gavel, model)
        await asyncio.sleep(chance.uniform(0.5, 2.5))
        process.send_signal(signal.SIGKILL)
        await process.wait()
    talking.cancel()
    process = await start(gavel, model)
    await compare(gavel, f"{times} kills")
    await stop(process)


async def talk(gavel: House) -> None:
    for number in itertools.count():
        await gavel.discord.say(gavel.ann, gavel.general, f"muppet {number}")
        await asyncio.sleep(0.1)


async def compare(gavel: House, what: str) -> None:
    """Print how many messages have no card, and how many cards are one too many."""
    said = len(gavel.discord.world.messages[gavel.general])
    await gavel.discord.until(lambda: len(numbers(gavel)) >= said, 120)
    await asyncio.sleep(1)
    found = numbers(gavel)
    lost, doubled = said - len(set(found)), len(found) - len(set(found))
    print(f"{what}, {said} messages: {lost} lost, {doubled} doubled")


async def drops(gavel: House, model: str, times: int = 20, outage: float = 30) -> None:
    one_rule(gavel)
    await gavel.store.places.advance("discord", gavel.general, 1)
    process = await start(gavel, model)
    await gavel.discord.until(lambda: gavel.discord.world.commands, 60)
    talking = asyncio.create_task(talk(gavel))
    for _ in range(times):
        await asyncio.sleep(0.5)
        await gavel.discord.gateway.drop()
    gavel.discord.faults.refuse_resume = gavel.discord.faults.refuse_gateway = True
    await gavel.discord.gateway.drop()
    await asyncio.sleep(outage)
    gavel.discord.faults.refuse_gateway = False
    talking.cancel()
    await compare(gavel, f"{times} dropped connections and an outage of {outage:.0f} s")
    await stop(process)


async def soak(gavel: House, model: str) -> None:
    messages = int(os.environ.get("GAVEL_SOAK", "20000"))
    process = await ready(gavel, model)
    print(f"at rest: {kilobytes(process) / 1024:.0f} MB")
    for number in range(1, messages + 1):
        text = f"muppet {number}" if not number % 1_000 else f"a lovely day, number {number}"
        await gavel.discord.say(gavel.ann, gavel.general, text)
        while number - (done := await stored(gavel)) > 100:  # noqa: ASYNC110 - as above
            await asyncio.sleep(0.01)
        if not number % (messages // 4):
            print(f"{done} stored: {kilobytes(process) / 1024:.0f} MB", flush=True)
    await stop(process)


PARTS = {"latency": latency, "burst": burst, "kills": kills, "drops": drops, "soak": soak}


async def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("parts", nargs="*", default=list(PARTS), choices=list(PARTS))
    parser.add_argument("--model", default="compact")
    given = parser.parse_args()
    for name in given.parts:
        with tempfile.TemporaryDirectory() as folder:
            async with house(Path(folder)) as gavel:
                try:
                    await PARTS[name](gavel, given.model)
                finally:
                    for process in STARTED:
                        if process.returncode is None:
                            await stop(process)


if __name__ == "__main__":
    asyncio.run(main())
