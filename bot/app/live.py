"""The running bot: all parts built from settings, run together, and closed in reverse.

Lives here: who is wired to whom, and how it all starts and stops. Not here: what any part does.
"""

from __future__ import annotations

import asyncio
import gc
import logging
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace

from bot.app.aside import Aside
from bot.app.banner import opening
from bot.app.health import Pulse, TimedScorer
from bot.app.lock import alone
from bot.app.notices import Notices
from bot.app.offline import offline_scorer
from bot.app.proof import Proof
from bot.app.rules import LiveRules
from bot.app.services import RuleRoom, Screening
from bot.app.together import Together
from bot.app.trials import Trials
from bot.app.upkeep import keep_to_retention
from bot.chat.edge import ChatEdge
from bot.chat.settings import ACTS, CARDS, SOURCE, ChatServices, ChatSettings, RuleActions
from bot.config import Settings
from bot.errors import ScoringError
from bot.model import Comment, Delivery, Priority
from bot.outbox import Outbox, SystemClock
from bot.pipeline import Pipeline, facts_of
from bot.ports import Clock, Scorer, Sink
from bot.review import DeskSettings, ReviewDesk
from bot.rules import RuleBook
from bot.scoring.catalogue import languages_of
from bot.store.comments import SqliteComments
from bot.store.sqlite import Store, open_store
from bot.web.edge import WebEdge
from bot.web.services import WebServices
from bot.web.settings import MODERATOR_ROLE
from bot.web.webhooks import sink_name

_LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Engine:
    """What works behind every edge: it screens, files, remembers, counts and tells."""

    settings: Settings
    store: Store
    scorer: Scorer
    rules: LiveRules
    proof: Proof
    desk: ReviewDesk
    screening: Screening
    trials: Trials
    pulse: Pulse
    notices: Notices
    clock: Clock


@asynccontextmanager
async def engine(settings: Settings) -> AsyncIterator[Engine]:
    """Yield the engine; leaving closes it in reverse. Raise `UserError` for what must be mended."""
    clock = SystemClock()
    async with AsyncExitStack() as stack:
        stack.enter_context(alone(settings.store.path))
        store = open_store(settings.store.path, clock.now)
        stack.push_async_callback(store.close)
        pulse = Pulse(clock, store.deliveries.waiting)
        model = await stack.enter_async_context(offline_scorer(settings))
        scorer = TimedScorer(model, pulse.scoring)
        aside = Aside(scorer)
        stack.callback(aside.close)
        book = RuleBook(settings.rules_path, labels=scorer.model.labels)
        notices = Notices(store.cases.tell if settings.discord else None, pulse)
        proof = Proof(SqliteComments(store.database), aside, settings.policy, clock)
        rules = LiveRules(book, notices.tell, proof, store.quotas, clock)
        await rules.resume()
        desk = ReviewDesk(store.cases, _desk_settings(settings, rules, notices, clock), clock.now)
        # Cards show scores, also those that no rule asked about.
        pipeline = Pipeline(
            lambda: rules.current, scorer, store.history, settings.policy, score_all=True
        )
        yield Engine(
            settings,
            store,
            scorer,
            rules,
            proof,
            desk,
            Screening(pipeline, desk, pulse, pipeline.screen),
            Trials(book, settings.policy, aside),
            pulse,
            notices,
            clock,
        )


def _desk_settings(
    settings: Settings, rules: LiveRules, notices: Notices, clock: Clock
) -> DeskSettings:
    async def overspent(rule: str) -> None:
        # Comments that were under way together may find the quota spent one after another.
        if await rules.spend(rule):
            _LOG.warning("%s has spent its quota, and is only counted now", rule)
            await notices.tell(
                f"overspent-{rule}-{clock.now().isoformat()}",
                f"`{rule}` has done all that its quota allows today, and may be wrong: it is only"
                " counted now, until it is changed or the day (UTC) is over.",
            )

    told = tuple(sink_name(each) for each in settings.http.webhooks) if settings.http else ()
    limits = DeskSettings(frozenset({MODERATOR_ROLE}), told, quota=rules.quota, overspent=overspent)
    if settings.discord is None:
        return limits
    roles = settings.discord.moderator_roles | limits.moderator_roles
    return replace(limits, moderator_roles=roles, cards=(CARDS, *told), actors={SOURCE: ACTS})


def chat_services(parts: Engine) -> ChatServices:
    """Return what the chat edge calls."""
    room = RuleRoom(parts.rules, parts.proof)
    return ChatServices(
        submit=parts.screening.submit,
        preview=parts.screening.preview,
        explain=parts.screening.explain,
        dry_run=parts.trials.run,
        forgotten_at=parts.store.upkeep.forgotten_at,
        alarm=parts.pulse.alarm,
        tell=parts.store.cases.tell,
        desk=parts.desk,
        rules=RuleActions(
            room.listed,
            parts.rules.reload,
            room.test,
            room.shadow,
            room.add_example,
            room.add_exception,
            room.written,
        ),
        positions=parts.store.places,
        placements=parts.store.places,
        statistics=parts.store.statistics,
        clock=parts.clock,
    )


def web_services(parts: Engine) -> WebServices:
    """Return what the HTTP edge calls."""
    # Discord's messages are screened one by one: they never wait for what comes over HTTP.
    together = Together(parts.screening.pipeline)
    screening = replace(parts.screening, screen=together.screen)
    return WebServices(
        submit=screening.submit,
        preview=parts.screening.preview,
        score=lambda texts: parts.scorer.score(texts, Priority.PROMPT),
        model=lambda: parts.scorer.model,
        ruleset=lambda: parts.rules.current.id,
        desk=parts.desk,
        verdicts=parts.store.verdicts,
        keys=parts.store.keys,
        answers=parts.store.answers,
        arrivals=parts.store.arrivals,
        health=parts.pulse.vitals,
        statistics=parts.store.statistics,
        clock=parts.clock,
        tell=parts.store.cases.tell,
        languages=languages_of(parts.scorer.model.id),
    )


async def run(settings: Settings, stop: asyncio.Event, say: Callable[[str], None]) -> None:
    """Serve what the settings name until `stop` is set; `say` tells the operator where it stands.

    Raise `UserError` for what only the operator can mend. What is under way when it stops is stored
    already, or is read back at the next start.
    """
    async with AsyncExitStack() as stack:
        stack.callback(gc.unfreeze)
        parts = await stack.enter_async_context(engine(settings))
        works: list[Coroutine[object, object, None]] = []
        sinks: list[Sink] = []
        for line in opening(settings, parts.rules.current, parts.scorer.model):
            say(line)
        if settings.discord is not None:
            chat = ChatEdge(settings.discord, chat_services(parts))
            stack.push_async_callback(chat.close)
            parts.pulse.connected = lambda: chat.healthy
            sinks += chat.sinks
            works += [_stay(chat), _tell_connected(chat, settings.discord, say)]
        if settings.http is not None:
            web = WebEdge(settings.http, web_services(parts))
            sinks += web.sinks
            works += [web.run(), _tell_listening(web, say)]
        works += [
            _outbox(parts, sinks).run(),
            parts.rules.watch(),
            keep_to_retention(
                parts.store.upkeep, settings.retention, parts.desk.cards, parts.clock
            ),
            _warm(parts),
        ]
        await _until_stopped(works, stop)
        say("Stopping.")


async def _warm(parts: Engine) -> None:
    """Load the model and fill the rules' tables before the first message comes."""
    # No cache knows this text.
    text = f"started at {parts.clock.now().isoformat()}"
    await asyncio.to_thread(parts.rules.current.evaluate_many, facts_of([Comment("start", text)]))
    try:
        await parts.scorer.score((text,), Priority.LIVE)
    except ScoringError as error:
        parts.pulse.alarm(f"the model cannot be used, so all comments go to review: {error}")
    # What was built until now stays. Looking through all of it for garbage, again and again, would
    # stop the event loop for a third of a second each time.
    gc.collect()
    gc.freeze()


async def _stay(edge: ChatEdge) -> None:
    await edge.run()
    raise RuntimeError("the connection to Discord was closed, and nobody asked for it")


async def _tell_connected(edge: ChatEdge, chat: ChatSettings, say: Callable[[str], None]) -> None:
    await edge.client.started.wait()
    channel = edge.client.get_channel(chat.review_channel)
    say(f"Connected as {edge.client.user}; cards go to #{channel}. Ctrl-C stops.")


async def _tell_listening(edge: WebEdge, say: Callable[[str], None]) -> None:
    await edge.started.wait()
    say(f"Listening at {edge.address}")


def _outbox(parts: Engine, sinks: Sequence[Sink]) -> Outbox:
    def lost(delivery: Delivery, error: str) -> None:
        parts.pulse.alarm(f"{delivery.sink} gave up on {delivery.key}: {error}")

    return Outbox(parts.store.deliveries, sinks, lost, parts.clock)


async def _until_stopped(
    works: Sequence[Coroutine[object, object, None]], stop: asyncio.Event
) -> None:
    """Run all until `stop` is set, or until one of them raises: then raise that."""
    pending = {asyncio.create_task(work) for work in (stop.wait(), *works)}
    try:
        while not stop.is_set():
            done, pending = await asyncio.wait(pending, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                await task
    finally:
        for task in pending:
            task.cancel()
        await asyncio.gather(*pending, return_exceptions=True)
