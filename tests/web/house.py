"""Gavel over HTTP as it runs live: store, pipeline, desk and edge on the loopback interface."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path

import aiohttp

from bot.app.health import Pulse, TimedScorer
from bot.app.together import Together
from bot.model import Comment, Priority, Scores, Verdict
from bot.outbox import Backoff, Outbox, SystemClock
from bot.pipeline import Pipeline
from bot.ports import Clock, Scorer, Sink
from bot.review import DeskSettings, ReviewDesk
from bot.rules import load_rules
from bot.store.sqlite import Store, open_store
from bot.web.edge import WebEdge
from bot.web.keys import mint
from bot.web.services import WebServices
from bot.web.settings import MODERATOR_ROLE, WebSettings
from bot.web.webhooks import sink_name
from tests.chat.house import write_rules
from tests.fakes.scorer import FixedScorer

ALL_SCOPES = ("submit", "read", "decide", "score", "metrics")


@dataclass
class House:
    """A running edge and what stands behind it; `before_submit` may raise or wait."""

    store: Store
    folder: Path
    settings: WebSettings = field(default_factory=lambda: WebSettings(port=0))
    scorer: Scorer = field(default_factory=FixedScorer)
    clock: Clock = field(default_factory=SystemClock)
    alarms: list[str] = field(default_factory=list)
    before_submit: Callable[[Comment], None] = lambda _: None
    address: str = ""
    edge: WebEdge = field(init=False)

    def services(self) -> WebServices:
        """Build the services from real parts."""
        pulse = Pulse(self.clock, self.store.deliveries.waiting)
        scorer = TimedScorer(self.scorer, pulse.scoring)
        ruleset = load_rules(write_rules(self.folder), labels=scorer.model.labels)
        pipeline = Pipeline(lambda: ruleset, scorer, self.store.history, score_all=True)
        together = Together(pipeline)
        cards = tuple(sink_name(each) for each in self.settings.webhooks)
        desk = ReviewDesk(
            self.store.cases, DeskSettings(frozenset({MODERATOR_ROLE}), cards), self.clock.now
        )

        async def submit(comment: Comment) -> Verdict:
            self.before_submit(comment)
            with pulse.at_work():
                verdict = await together.screen(comment)
                await desk.file(comment, verdict)
            pulse.judged(comment, verdict)
            return verdict

        async def preview(comment: Comment) -> Verdict:
            return (await pipeline.explain(comment)).verdict

        async def score(texts: Sequence[str]) -> Sequence[Scores]:
            return await scorer.score(texts, Priority.LIVE)

        return WebServices(
            submit=submit,
            preview=preview,
            score=score,
            model=lambda: scorer.model,
            ruleset=lambda: ruleset.id,
            desk=desk,
            verdicts=self.store.verdicts,
            keys=self.store.keys,
            answers=self.store.answers,
            arrivals=self.store.arrivals,
            health=pulse.vitals,
            statistics=self.store.statistics,
            clock=self.clock,
            tell=self.store.cases.tell,
        )

    async def key(self, *scopes: str, name: str = "") -> dict[str, str]:
        """Store a key, by default with all scopes, and return the headers that send it."""
        wanted = scopes or ALL_SCOPES
        token, key = mint(name or "-".join(wanted), wanted, self.clock.now())
        assert await self.store.keys.add(key)
        return {"Authorization": f"Bearer {token}"}

    def outbox(self, sinks: Sequence[Sink]) -> Outbox:
        """Return an outbox that tries again quickly."""
        moment = timedelta(milliseconds=20)
        return Outbox(
            self.store.deliveries,
            sinks,
            lambda delivery, error: self.alarms.append(f"{delivery.key}: {error}"),
            self.clock,
            Backoff(first=moment),
            idle=moment,
        )


@asynccontextmanager
async def running(house: House) -> AsyncIterator[House]:
    """Serve a house; leaving is a stop."""
    house.edge = WebEdge(house.settings, house.services())
    serving = asyncio.create_task(house.edge.run())
    started = asyncio.create_task(house.edge.started.wait())
    try:
        await asyncio.wait({serving, started}, return_when=asyncio.FIRST_COMPLETED)
        if serving.done():
            serving.result()
        house.address = house.edge.address
        yield house
    finally:
        started.cancel()
        serving.cancel()
        with suppress(asyncio.CancelledError):
            await serving


@asynccontextmanager
async def http_house(folder: Path, **more: object) -> AsyncIterator[House]:
    """Yield a running house on a store of its own; `more` are fields of `House`."""
    store = open_store(folder / "store.sqlite")
    try:
        async with running(replace(House(store, folder), **more)) as house:  # type: ignore[arg-type]
            yield house
    finally:
        await store.close()


async def until(true: Callable[[], bool]) -> None:
    """Wait until something holds."""
    async with asyncio.timeout(60):
        while not true():  # noqa: ASYNC110 - what it waits for has no event
            await asyncio.sleep(0.01)


@asynccontextmanager
async def visiting(house: House, *scopes: str) -> AsyncIterator[aiohttp.ClientSession]:
    """Yield a client of a house that sends a key."""
    headers = await house.key(*scopes)
    async with aiohttp.ClientSession(house.address, headers=headers) as session:
        yield session
