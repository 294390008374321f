"""The way of the README, by its own commands: from a token to the first card, and to forgetting."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.app.running import ROOT, RULES, Process
from tests.fakes.discord import FakeDiscord


@dataclass
class Operator:
    """Somebody with a shell, in a folder of their own."""

    discord: FakeDiscord
    folder: Path

    async def start(self, *words: str) -> asyncio.subprocess.Process:
        environment = {
            **os.environ,
            "PYTHONPATH": str(ROOT),
            "GAVEL_HOME": str(self.folder / "home"),
            "GAVEL_DISCORD_TOKEN": self.discord.token,
            "OMP_NUM_THREADS": "1",
        }
        return await asyncio.create_subprocess_exec(
            sys.executable,
            *("-m", "bot", *words),
            cwd=self.folder,
            env=environment,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )

    async def gives(self, *words: str) -> str:
        """Give a command that succeeds, and return what it prints."""
        process = await self.start(*words)
        out, err = await process.communicate()
        assert process.returncode == 0, err.decode()
        return out.decode()


async def test_from_a_token_to_the_first_card_and_to_forgetting(tmp_path: Path) -> None:
    async with FakeDiscord() as discord:
        world = discord.world
        mods = world.add_role("Moderator", position=3)
        mod, ann = world.add_member("mod", mods), world.add_member("ann")
        general, review = (
            world.add_channel("general"),
            world.add_channel("review", private_to=(mods,)),
        )
        (tmp_path / "rules").mkdir()
        (tmp_path / "rules/house.yaml").write_text(RULES, encoding="utf-8")
        operator = Operator(discord, tmp_path)

        asked = ("--guild", world.guild_id, "--review-channel", review, "--moderator-role", mods)
        where = ("--all-channels", "--api-base", discord.api_base)
        assert "scope=bot+applications.commands" in await operator.gives(
            "init", *asked, *where, "--no-copy-rules", "--no-save-token"
        )
        bot = Process(await operator.start("run"))
        await bot.says("Connected")

        await discord.say(ann, general, "you muppet")
        await discord.until(lambda: discord.posted(review) and embed(discord, review))
        assert embed(discord, review)["description"] == "||you __**muppet**__||"
        card = discord.posted(review)[-1]["id"]
        await discord.press(mod, review, card, "Uphold")
        await discord.until(lambda: embed(discord, review)["title"].startswith("Upheld"))

        assert "problem" not in await operator.gives("doctor", "--offline")
        (line,) = (await operator.gives("export")).splitlines()
        assert json.loads(line)["text"] == "you muppet"
        assert json.loads(line)["label"] is True

        assert "Removed: 1 comment and 1 case" in await operator.gives("forget", ann, "--yes")
        await discord.until(lambda: "no text" in embed(discord, review)["description"])
        assert "ann" not in json.dumps(embed(discord, review)["fields"])
        await bot.stop()


def embed(discord: FakeDiscord, channel: str) -> dict[str, Any]:
    """Return the embed of the newest card."""
    cards = [each for each in discord.posted(channel) if each["embeds"]]
    return dict(cards[-1]["embeds"][0]) if cards else {}
