"""What `gavel doctor` asks Discord.

Lives here: the server as the bot sees it, the gateway and the clock. Not here: the requests
(`bot.chat.probe`) and what is wrong with what is seen (`bot.chat.checks`).
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

from bot.app.tokens import discord_token
from bot.chat.checks import Server, all_problems
from bot.chat.probe import look, reach
from bot.chat.settings import ChatSettings
from bot.cli.checkup import Check, Finding, State, of_problem
from bot.config import Settings
from bot.errors import UserError
from bot.report.visible import one_line

_LITTLE, _MUCH = timedelta(seconds=5), timedelta(minutes=1)


def _server(settings: Settings) -> Iterator[Finding]:
    chat = settings.discord
    if chat is None:
        return
    try:
        token = discord_token()
    except UserError:
        # What is missing is told once, among the secrets.
        yield Finding("discord", State.WARNING, "not asked: there is no token to ask with")
        return
    sight = asyncio.run(look(replace(chat, token=token)))
    problems = all_problems(sight, chat)
    yield from (of_problem("discord", problem) for problem in problems)
    if sight.server is not None:
        yield Finding("discord", State.OK, _summary(sight.server, chat))


def _summary(server: Server, chat: ChatSettings) -> str:
    review = server.place(chat.review_channel)
    cards = f"cards go to #{one_line(review.name)}" if review else "cards go nowhere"
    screened = f"{len(chat.channels)} channels" if chat.channels else "all channels"
    also = (
        "" if server.tells_of_automod else "; what AutoMod blocks is seen with Manage Server only"
    )
    return f"on {one_line(server.name)}, {screened} are screened, {cards}{also}"


def _gateway(settings: Settings) -> Iterator[Finding]:
    if settings.discord is None:
        return
    reached = asyncio.run(reach(settings.discord))
    yield Finding("gateway", State.OK, f"{reached.gateway} answers")
    yield clock(reached.ahead)


def clock(ahead: timedelta) -> Finding:
    """Judge how far Discord's clock is ahead of ours."""
    off = abs(ahead)
    if off <= _LITTLE:
        return Finding("clock", State.OK, "in step with Discord's")
    where = "slow" if ahead > timedelta(0) else "fast"
    text = f"this machine's clock is {off.total_seconds():.0f} s {where}, by Discord's"
    state = State.PROBLEM if off > _MUCH else State.WARNING
    return Finding("clock", state, text, "switch on time synchronisation: timedatectl set-ntp true")


OUTSIDE: dict[str, Check] = {"discord": _server, "gateway": _gateway}
"""The checks that ask Discord."""
