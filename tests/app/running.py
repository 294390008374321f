"""`gavel run` as a process of its own, beside a fake Discord: what operators start and stop."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bot.app import live
from bot.app.tokens import with_secrets
from bot.config import Settings, load_settings
from tests.fakes.discord import FakeDiscord, Visit

ROOT = Path(__file__).parent.parent.parent

FORCED = "did not stop in time"

RULES = """
pack: {name: house, description: Rules of the tests}
rules:
  - id: house.muppet
    title: Calls somebody a muppet
    status: live
    level: high
    when: {words: [muppet]}
    then: {action: flag, timeout: 10m}
    reason: "matched {match}"
    examples:
      match: [{text: you muppet}]
      no_match: [{text: you hero}]
"""


@dataclass
class Town:
    """A guild with people, a channel and a review channel; and the folder of an operator."""

    discord: FakeDiscord
    folder: Path
    rules: str = RULES
    config: str = ""
    mode: str = "review"
    outputs: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        world = self.discord.world
        self.mods = world.add_role("Moderator", position=3)
        self.mod = world.add_member("mod", self.mods)
        self.ann = world.add_member("ann")
        self.general = world.add_channel("general")
        self.review = world.add_channel("review", private_to=(self.mods,))
        self.rules_file = self.folder / "rules" / "house.yaml"
        self.rules_file.parent.mkdir(exist_ok=True)
        self.rules_file.write_text(self.rules, encoding="utf-8")
        self.config_file = self.folder / "config.yaml"
        self.config_file.write_text(self.configuration, encoding="utf-8")

    @property
    def configuration(self) -> str:
        return f"""
rules: {self.rules_file.parent}
store: {{folder: {self.folder}}}
cache: {{folder: {self.folder}}}
verdicts: {{mode: {self.mode}}}
discord:
  guild: "{self.discord.world.guild_id}"
  review_channel: "{self.review}"
  moderator_roles: ["{self.mods}"]
  api_base: {self.discord.api_base}
  gateway_url: {self.discord.gateway.address}
  cards_per_minute: 1000
{self.config}
"""

    @property
    def cards(self) -> list[dict[str, Any]]:
        return [each for each in self.discord.posted(self.review) if each["components"]]

    @property
    def notices(self) -> list[str]:
        said = self.discord.posted(self.review)
        return [each["content"] for each in said if not each["components"]]

    async def until_cards(self, count: int) -> None:
        await self.discord.until(lambda: len(self.cards) >= count)

    async def until_notice(self, text: str) -> str:
        await self.discord.until(lambda: any(text in each for each in self.notices))
        return next(each for each in self.notices if text in each)

    async def command(self, name: str, **options: Any) -> str:
        """Give a command as a moderator; return what is shown, or what is in the file shown."""
        visit = await self.discord.command(self.mod, self.review, name, **options)
        await self.discord.until(lambda: _shown(visit))
        return _shown(visit)

    async def until_told(self, text: str, name: str, **options: Any) -> None:
        """Give a command again and again, until its answer holds a text."""
        async with asyncio.timeout(60):
            while True:
                visit = await self.discord.command(self.mod, self.review, name, **options)
                if text in await visit.text():
                    return
                await asyncio.sleep(0.05)

    async def start(self, *more: str, **environment: str) -> Process:
        """Start `gavel run`, which need not come up."""
        given = {
            **os.environ,
            "GAVEL_DISCORD_TOKEN": self.discord.token,
            "OMP_NUM_THREADS": "1",
            **environment,
        }
        words = ("-m", "bot", "run", "--config", str(self.config_file), *more)
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            *words,
            cwd=ROOT,
            env={key: value for key, value in given.items() if value},
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        return Process(process)

    @asynccontextmanager
    async def running(self, *more: str) -> AsyncIterator[Process]:
        """Run the bot; leaving stops it as systemd does."""
        process = await self.start(*more)
        try:
            await process.says("Connected")
            yield process
        finally:
            await process.stop()

    @asynccontextmanager
    async def serving(self, token: str = "") -> AsyncIterator[Serving]:
        """Run the same parts within the test, which is quicker."""
        settings = with_secrets(
            load_settings(self.config_file), {"GAVEL_DISCORD_TOKEN": token or self.discord.token}
        )
        bot = Serving(settings)
        try:
            await bot.says("Connected as gavel")
            yield bot
        finally:
            await bot.stop()


class Serving:
    """The parts of `gavel run` as a task, and what the operator reads."""

    def __init__(self, settings: Settings) -> None:
        self.out: list[str] = []
        self._stop = asyncio.Event()
        self._task = asyncio.create_task(live.run(settings, self._stop, self.out.append))

    async def says(self, text: str) -> None:
        """Wait until it has said something; raise what it raised instead."""
        async with asyncio.timeout(60):
            while not any(text in line for line in self.out):
                if self._task.done():
                    self._task.result()
                await asyncio.sleep(0.02)

    async def ended(self) -> None:
        """Wait for its end; raise what it raised."""
        async with asyncio.timeout(60):
            await asyncio.shield(self._task)

    async def stop(self) -> None:
        self._stop.set()
        await asyncio.gather(self._task, return_exceptions=True)


class Process:
    """A running `gavel run`, and what it has written."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self.out: list[str] = []
        self.err: list[str] = []
        self._readers = [
            asyncio.create_task(_read(process.stdout, self.out)),
            asyncio.create_task(_read(process.stderr, self.err)),
        ]

    async def says(self, text: str, seconds: float = 60) -> None:
        """Wait until it has said something; fail with all that it said when it does not."""
        try:
            async with asyncio.timeout(seconds):
                while not any(text in line for line in self.out):
                    if self._process.returncode is not None:
                        break
                    await asyncio.sleep(0.02)
        except TimeoutError:
            pass
        assert any(text in line for line in self.out), "\n".join([*self.out, *self.err])

    async def ended(self, seconds: float = 60) -> int:
        """Wait for its end and return the exit code."""
        async with asyncio.timeout(seconds):
            await asyncio.gather(*self._readers)
            return await self._process.wait()

    async def stop(self) -> None:
        """Stop it as systemd does. Where a slow machine has it end by force, it says so."""
        if self._process.returncode is None:
            self.ask_to_stop()
        code = await self.ended()
        assert code == 0 or any(FORCED in line for line in self.err), "\n".join(self.err)

    def ask_to_stop(self) -> None:
        """Send what systemd sends."""
        self._process.send_signal(signal.SIGTERM)


def _shown(visit: Visit) -> str:
    for message in visit.shown.values():
        for _, content in message.get("files", ()):
            return str(content, "utf-8")
    return "".join(visit.texts)


async def _read(stream: asyncio.StreamReader | None, lines: list[str]) -> None:
    assert stream is not None
    async for line in stream:
        lines.append(line.decode().rstrip("\n"))  # noqa: PERF401 - readers look on meanwhile


@asynccontextmanager
async def town(folder: Path, **more: Any) -> AsyncIterator[Town]:
    """Yield a town in which nothing runs yet."""
    async with FakeDiscord() as discord:
        yield Town(discord, folder, **more)
