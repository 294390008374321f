"""Asking Discord without serving: who the bot is, what it sees, and whether it can be reached.

Lives here: a few requests, each time anew, for `gavel init` and `gavel doctor`. Not here: what is
wrong with the answers (`bot.chat.checks`).
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

import aiohttp
import discord
import yarl

from bot.chat.checks import Sight, bad_token, see
from bot.chat.connection import NETWORK_ERRORS, ConnectedClient
from bot.chat.settings import API_BASE, ChatSettings
from bot.errors import UserError

_PATIENCE = 20
"""Seconds for one look; discord.py waits long for a service that answers with errors."""

_HELLO, _ROLE = 10, 1


@dataclass(frozen=True, slots=True)
class Account:
    """The application that a token belongs to, and its servers: id → name."""

    application: int
    name: str
    servers: dict[int, str]


@dataclass(frozen=True, slots=True)
class Reached:
    """What answered: the gateway's address, and how far Discord's clock is ahead of ours."""

    gateway: str
    ahead: timedelta


async def identify(token: str, api_base: str = API_BASE) -> Account:
    """Return whose token it is; raise `UserError` when it is nobody's, or nothing answers."""
    async with _logged_in(token, api_base) as (client, application):
        servers = {guild.id: guild.name async for guild in client.fetch_guilds()}
        return Account(application.id, application.name, servers)


async def look(settings: ChatSettings) -> Sight:
    """Return what the bot sees of its server; raise `UserError` as `identify` does."""
    async with _logged_in(settings.token, settings.api_base) as (client, application):
        try:
            guild = await client.fetch_guild(settings.guild)
            me = await guild.fetch_member(application.id)
        except (discord.NotFound, discord.Forbidden):
            return see(application, None, (), None)
        shown = await _commands_for(client, application.id, guild.id)
        return see(application, guild, await guild.fetch_channels(), me, shown)


async def _commands_for(client: discord.Client, application: int, guild: int) -> frozenset[str]:
    """Return the roles that are let use our commands by name, on this server's own settings."""
    try:
        overwrites = await client.http.get_guild_application_command_permissions(application, guild)
    except (discord.NotFound, discord.Forbidden):
        # A compatible server need not know of such settings.
        return frozenset()
    return frozenset(
        str(each["id"])
        for command in overwrites
        for each in command["permissions"]
        if each["type"] == _ROLE and each["permission"]
    )


async def reach(settings: ChatSettings) -> Reached:
    """Ask for the gateway and wait for its greeting; raise `UserError` when it does not come."""
    async with _patiently(settings.api_base), aiohttp.ClientSession() as session:
        async with session.get(f"{settings.api_base}/gateway", raise_for_status=True) as answer:
            ahead = _clock(answer.headers.get("Date", ""))
            url = settings.gateway_url or str((await answer.json())["url"])
        address = yarl.URL(url).update_query(v="10", encoding="json")
        async with session.ws_connect(address) as socket:
            greeting = await socket.receive_json()
    if greeting.get("op") != _HELLO:
        raise UserError(f"{url} is no gateway of Discord", hint="mend discord.gateway_url")
    return Reached(url, ahead)


def _clock(date: str) -> timedelta:
    """Return how far a Date header is ahead; it tells whole seconds."""
    if not date:
        return timedelta(0)
    return parsedate_to_datetime(date) - datetime.now(UTC).replace(microsecond=0)


@asynccontextmanager
async def _logged_in(
    token: str, api_base: str
) -> AsyncIterator[tuple[discord.Client, discord.AppInfo]]:
    settings = ChatSettings(token, 0, 0, frozenset(), api_base=api_base)
    async with _patiently(api_base), ConnectedClient(settings) as client:
        try:
            await client.login(token)
        except discord.LoginFailure:
            raise bad_token() from None
        if client.application is None:
            raise LookupError("it does not say whose token it is")
        yield client, client.application


@asynccontextmanager
async def _patiently(api_base: str) -> AsyncIterator[None]:
    """Turn what the network does into what the user can mend."""
    try:
        async with asyncio.timeout(_PATIENCE):
            yield
    except (*NETWORK_ERRORS, ValueError, LookupError, TypeError) as error:
        what = "it takes too long" if isinstance(error, TimeoutError) else str(error)
        raise UserError(
            f"Discord does not answer at {api_base}: {what}",
            hint="check the network, a proxy, discord.api_base and discord.gateway_url",
        ) from None
