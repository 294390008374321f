"""Gavel as it runs live: store, pipeline, desk, outbox and chat, beside a fake Discord."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

from bot.chat.edge import ChatEdge
from bot.chat.settings import ACTS, CARDS, SOURCE, ChatServices, ChatSettings, RuleActions
from bot.errors import StoreError
from bot.model import Comment, Mode, Priority, Rule, Verdict
from bot.outbox import Backoff, Outbox, SystemClock
from bot.pipeline import Pipeline
from bot.review import DeskSettings, ReviewDesk
from bot.rules import load_rules
from bot.store.sqlite import Store, open_store
from bot.verdict import Policy
from tests.fakes.discord import FakeDiscord
from tests.fakes.scorer import FixedScorer

RULES = """
pack: {name: house, description: Rules of the tests}
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
    locked: bool = False

    def __post_init__(self) -> None:
        world = self.discord.world
        self.mods = world.add_role("Moderator", position=3)
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
        path = self.folder / "rules.yaml"
        path.write_text(RULES, encoding="utf-8")
        scorer = FixedScorer()
        ruleset = load_rules(path, labels=scorer.model.labels)
        pipeline = Pipeline(lambda: ruleset, scorer, self.store.history, Policy(self.mode))
        clock = SystemClock()
        desk_settings = DeskSettings(frozenset({self.mods}), (CARDS,), {SOURCE: ACTS})
        desk = ReviewDesk(self.store.cases, desk_settings, clock.now)

        async def submit(comment: Comment) -> Verdict:
            if self.locked:
                raise StoreError("the database is locked")
            verdict = await pipeline.screen(comment, Priority.LIVE)
            await desk.file(comment, verdict)
            return verdict

        async def preview(comment: Comment) -> Verdict:
            return (await pipeline.explain(comment)).verdict

        async def explain(comment: Comment) -> str:
            found = await pipeline.explain(comment)
            return "\n".join(f"{each.rule}: {each}" for each in found.traces)

        services = ChatServices(
            submit=submit,
            preview=preview,
            explain=explain,
            alarm=self.alarms.append,
            desk=desk,
            rules=_rule_actions(ruleset.rules),
            positions=self.store.places,
            placements=self.store.places,
            statistics=self.store.statistics,
            clock=clock,
        )
        edge = ChatEdge(self.settings, services)
        outbox = Outbox(
            self.store.deliveries,
            edge.sinks,
            lambda delivery, error: self.alarms.append(f"{delivery.key}: {error}"),
            clock,
            Backoff(first=timedelta(milliseconds=20)),
            idle=timedelta(milliseconds=20),
        )
        return edge, outbox

    # --- what tests look at ------------------------------------------------------------------

    @property
    def cards(self) -> list[dict[str, Any]]:
        return [each for each in self.discord.posted(self.review) if each["components"]]

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


def _rule_actions(rules: Sequence[Rule]) -> RuleActions:
    async def said() -> str:
        return "2 rules, 4 examples, all pass"

    async def shadow(rule: str) -> str:
        return f"{rule} is only counted now"

    return RuleActions(lambda: rules, said, said, shadow)


@asynccontextmanager
async def house(folder: Path, **more: Any) -> AsyncIterator[House]:
    """Yield a house that is not yet running."""
    async with FakeDiscord() as discord:
        store = open_store(folder / "store.sqlite")
        try:
            yield House(discord, store, folder, **more)
        finally:
            await store.close()
