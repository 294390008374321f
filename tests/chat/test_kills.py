"""A process that is killed at random moments under load: no message lost, no card doubled."""

import asyncio
import json
import random
import re
import signal
import sys
from dataclasses import asdict
from pathlib import Path

from tests.chat.house import House, house, write_rules

ROOT = Path(__file__).parent.parent.parent
KILLS = 3
MESSAGES = 45


async def start(gavel: House, model: str = "fixed") -> asyncio.subprocess.Process:
    """Start the bot as a process of its own, on the house's store."""
    settings = asdict(gavel.settings)
    settings["moderator_roles"] = list(settings["moderator_roles"])
    for empty in ("channels", "exempt_channels", "exempt_roles", "quiet_hours"):
        del settings[empty]
    words = (
        "-m",
        "tests.chat.live",
        str(gavel.store.database.path),
        str(gavel.folder / "rules.yaml"),
    )
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *words,
        model,
        cwd=ROOT,
        stdin=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )
    assert process.stdin is not None
    process.stdin.write(json.dumps(settings).encode())
    process.stdin.close()
    return process


async def say(gavel: House) -> None:
    for number in range(MESSAGES):
        await gavel.discord.say(gavel.ann, gavel.general, f"muppet {number}")
        await asyncio.sleep(0.08)


def numbers(gavel: House) -> list[int]:
    texts = [each["embeds"][0]["description"] for each in gavel.cards]
    return sorted(int(re.findall(r"(\d+)\|\|$", text)[0]) for text in texts)


async def test_kills_lose_and_double_nothing(tmp_path: Path) -> None:
    chance = random.Random(3)
    async with house(tmp_path) as gavel:
        write_rules(tmp_path)
        await gavel.store.places.advance("discord", gavel.general, 1)
        talking = asyncio.create_task(say(gavel))
        for _ in range(KILLS):
            process = await start(gavel)
            seen = gavel.discord.gateway.identified
            await gavel.discord.until(lambda: gavel.discord.gateway.identified > seen, 100)  # noqa: B023 - awaited at once
            await asyncio.sleep(chance.uniform(0.05, 0.8))
            process.send_signal(signal.SIGKILL)
            await process.wait()
        process = await start(gavel)
        await talking
        await gavel.discord.until(lambda: len(numbers(gavel)) >= MESSAGES, 100)
        await asyncio.sleep(0.2)
        process.kill()
        await process.wait()
        assert numbers(gavel) == list(range(MESSAGES))
