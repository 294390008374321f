"""Gavel as it runs live: store, pipeline, desk, outbox and chat, beside a fake Discord."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bot.chat.edge import ChatEdge
from bot.chat.settings import ChatSettings, QuietHours
from bot.errors import StoreError
from bot.model import Mode
from bot.outbox import Outbox
from bot.store.sqlite import Store, open_store
from tests.chat.live import Live
from tests.fakes.clock import LeapingClock
from tests.fakes.discord import FakeDiscord
from tests.fakes.discord.world import MANAGE_MESSAGES
from tests.fakes.scorer import FixedScorer

RULES = """
pack: {name: house, description: Rules of the tests}
defaults: {scope: {bots: true}}
rules:
  - id: abuse.muppet
    title: Calls somebody a muppet
    status: live
    level: high
    when: {words: [muppet]}
    then: {action: flag, timeout: 10m}
    reason: "matched {match}"
    examples:
      match: [{text: you muppet}]
      no_match: [{text: you hero}]
  - id: abuse.insult
    title: Scored as an insult
    status: live
    level: high
    when: {score: {insult: ">= 0.9"}}
    then: {action: flag}
    reason: "insult {score.insult:.2f}"
    examples:
      match: [{text: you fool, scores: {insult: 0.95}}]
      no_match: [{text: you hero, scores: {insult: 0.1}}]
  - id: abuse.address
    title: Tells an address, which is hidden until somebody looked
    status: live
    level: high
    when: {words: [elm street]}
    then: {action: hold}
    reason: "matched {match}"
    examples:
      match: [{text: elm street 4}]
      no_match: [{text: the street}]
  - id: abuse.spam
    title: Spam that is removed at once
    status: live
    level: critical
    when: {words: [buy now]}
    then: {action: remove, warn: true}
    reason: "matched {match}"
    examples:
      match: [{text: buy now}]
      no_match: [{text: good bye}]
"""


@dataclass
class House:
    """All parts, and the people and places of a guild."""

    discord: FakeDiscord
    store: Store
    folder: Path
    mode: Mode = Mode.REVIEW
    alarms: list[str] = field(default_factory=list)
    cards_per_minute: int = 1_000
    quiet_hours: QuietHours | None = None
    tell_when_held: bool = True
    screen_bots: bool = False
    exempt_roles: frozenset[str] = frozenset()
    exempt_channels: frozenset[str] = frozenset()
    locked: bool = False
    clock: LeapingClock = field(default_factory=LeapingClock)
    scorer: FixedScorer = field(default_factory=FixedScorer)

    def __post_init__(self) -> None:
        world = self.discord.world
        self.mods = world.add_role("Moderator", position=3, permissions=MANAGE_MESSAGES)
        self.mod = world.add_member("mod", self.mods)
        self.other_mod = world.add_member("other mod", self.mods)
        self.ann = world.add_member("ann")
        self.general = world.add_channel("general")
        self.review = world.add_channel("review", private_to=(self.mods,))

    @property
    def settings(self) -> ChatSettings:
        return ChatSettings(
            token=self.discord.token,
            guild=int(self.discord.world.guild_id),
            review_channel=int(self.review),
            moderator_roles=frozenset({self.mods}),
            api_base=self.discord.api_base,
            gateway_url=self.discord.gateway.address,
            cards_per_minute=self.cards_per_minute,
            quiet_hours=self.quiet_hours,
            tell_when_held=self.tell_when_held,
            screen_bots=self.screen_bots,
            exempt_roles=self.exempt_roles,
            exempt_channels=self.exempt_channels,
        )

    @asynccontextmanager
    async def running(self) -> AsyncIterator[ChatEdge]:
        """Run the bot; leaving is a stop, after which it may run again on the same store."""
        edge, outbox = self._build()
        tasks = [asyncio.create_task(edge.run()), asyncio.create_task(outbox.run())]
        try:
            await self.discord.until(lambda: edge.healthy or tasks[0].done())
            if tasks[0].done():
                tasks[0].result()
            yield edge
        finally:
            await edge.close()
            tasks[1].cancel()
            with suppress(asyncio.CancelledError, Exception):
                await asyncio.gather(*tasks)

    def _build(self) -> tuple[ChatEdge, Outbox]:
        live = Live(
            self.store,
            write_rules(self.folder),
            self.scorer,
            self.mode,
            self.alarms.append,
            self._before_submit,
            self.clock,
        )
        return live.build(self.settings)

    def _before_submit(self) -> None:
        if self.locked:
            raise StoreError("the database is locked")

    # --- what tests look at ------------------------------------------------------------------

    @property
    def cards(self) -> list[dict[str, Any]]:
        return [each for each in self.discord.posted(self.review) if "Why?" in labels(each)]

    @property
    def summaries(self) -> list[dict[str, Any]]:
        """The embeds of the messages that list waiting cases, first to last."""
        embeds = [each["embeds"][0] for each in self.discord.posted(self.review) if each["embeds"]]
        return [each for each in embeds if "Case" not in each["title"]]

    def card(self, number: int = 0) -> str:
        return str(self.cards[number]["id"])

    def embed(self, number: int = 0) -> dict[str, Any]:
        return dict(self.cards[number]["embeds"][0])

    async def until_cards(self, count: int) -> None:
        await self.discord.until(lambda: len(self.cards) >= count)

    async def until_titled(self, text: str, number: int = 0) -> None:
        await self.discord.until(
            lambda: len(self.cards) > number and text in self.embed(number)["title"]
        )

    def field(self, name: str, number: int = 0) -> str:
        """Return a field of a card, empty where it has none."""
        fields = {each["name"]: each["value"] for each in self.embed(number)["fields"]}
        return str(fields.get(name, ""))


def labels(message: dict[str, Any]) -> list[str]:
    """Return what the buttons of a message read."""
    return [each.get("label", "") for row in message["components"] for each in row["components"]]


def write_rules(folder: Path) -> Path:
    path = folder / "rules.yaml"
    path.write_text(RULES, encoding="utf-8")
    return path


@asynccontextmanager
async def house(folder: Path, **more: Any) -> AsyncIterator[House]:
    """Yield a house that is not yet running."""
    clock = more.pop("clock", None) or LeapingClock()
    async with FakeDiscord() as discord:
        store = open_store(folder / "gavel.sqlite", clock.now)
        try:
            yield House(discord, store, folder, clock=clock, **more)
        finally:
            await store.close()
