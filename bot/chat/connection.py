"""How discord.py is led to another address than Discord's, and its errors to ours.

Lives here: a client whose REST base and gateway are settings. discord.py holds both in class
attributes; changing those would change every client of the process, so requests are readdressed on
their way out, for this client alone. Not here: what the client does.
"""

from __future__ import annotations

import asyncio
import logging
from typing import Any

import aiohttp
import discord
import yarl
from discord.gateway import DiscordWebSocket
from discord.http import HTTPClient, Route
from discord.state import ConnectionState
from discord.webhook.async_ import AsyncWebhookAdapter, async_context

from bot.chat.settings import ChatSettings
from bot.errors import DeliveryError

_LOG = logging.getLogger(__name__)

_TOO_MANY_REQUESTS, _UNAUTHORISED, _SERVER_ERROR = 429, 401, 500
_TRY_AGAIN = 4000
_PAUSE, _LONGEST_PAUSE = 0.5, 30.0
_GUILD_TIMEOUT = 0.05
"""Seconds between two servers' data: there is one to wait for, not thousands."""
_MOST_REFUSALS = 3


class ConnectedClient(discord.Client):
    """A `discord.Client` that talks to the addresses of the settings."""

    def __init__(self, settings: ChatSettings) -> None:
        self._settings = settings
        super().__init__(
            intents=_intents(),
            allowed_mentions=discord.AllowedMentions.none(),
            # Members and old messages are asked for when they are needed: memory stays flat.
            chunk_guilds_at_startup=False,
            guild_ready_timeout=_GUILD_TIMEOUT,
            member_cache_flags=discord.MemberCacheFlags.none(),
            max_messages=None,
        )

    def _get_state(self, **options: Any) -> ConnectionState[Any]:
        # The one place where the library hands its HTTP client on; before it, nobody has used it.
        self.http = _Http(self._settings, self.loop)
        return super()._get_state(**options)

    async def connected(self) -> None:
        """Log in, then serve events until closed."""
        # Answers to interactions go through an adapter that tasks inherit with their context.
        async_context.set(_Adapter(self._settings))
        await _reachable(self._settings.api_base)
        async with self:
            await self.login(self._settings.token)
            while not self.is_closed():
                try:
                    await self.connect()
                except (LookupError, TypeError, ValueError, AttributeError):
                    # An event that discord.py could not read; it would end the bot otherwise.
                    _LOG.exception("an event of Discord could not be read; connecting anew")
                    await self.ws.close(code=_TRY_AGAIN)
                    await asyncio.sleep(_PAUSE)


async def _reachable(api_base: str) -> None:
    """Wait until Discord answers: a machine often starts before its network."""
    pause = _PAUSE
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(_LONGEST_PAUSE)) as session:
        while True:
            try:
                async with session.get(f"{api_base}/gateway") as answer:
                    if answer.status < _SERVER_ERROR:
                        return
                    trouble = f"it answers {answer.status}"
            except (aiohttp.ClientError, OSError, TimeoutError) as error:
                trouble = str(error) or type(error).__name__
            _LOG.error("Discord cannot be reached, which is tried again: %s", trouble)
            await asyncio.sleep(pause)
            pause = min(2 * pause, _LONGEST_PAUSE)


class _Http(HTTPClient):
    """Sends requests and websockets to the settings' addresses."""

    def __init__(self, settings: ChatSettings, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__(loop)
        self._api_base = settings.api_base
        self._gateway_url = settings.gateway_url
        self._refusals = 0

    async def request(self, route: Route, **kwargs: Any) -> Any:
        if self._refusals >= _MOST_REFUSALS:
            # Calls with a bad token get the whole address banned.
            raise discord.LoginFailure("Discord refuses the token; nothing more is sent")
        try:
            answer = await super().request(_readdressed(route, self._api_base), **kwargs)
        except discord.HTTPException as error:
            self._refusals += error.status == _UNAUTHORISED
            raise
        self._refusals = 0
        return answer

    async def ws_connect(self, url: str, *, compress: int = 0) -> aiohttp.ClientWebSocketResponse:
        address = yarl.URL(url)
        # A resumed session has an address of its own, which the gateway named.
        if self._gateway_url and address.host == DiscordWebSocket.DEFAULT_GATEWAY.host:
            address = yarl.URL(self._gateway_url).with_query(address.query)
        return await super().ws_connect(str(address), compress=compress)


class _Adapter(AsyncWebhookAdapter):
    """Sends the answers to interactions to the settings' address."""

    def __init__(self, settings: ChatSettings) -> None:
        super().__init__()  # type: ignore[no-untyped-call]  # discord.py leaves it bare
        self._api_base = settings.api_base

    async def request(self, route: Route, session: aiohttp.ClientSession, **kwargs: Any) -> Any:
        return await super().request(_readdressed(route, self._api_base), session, **kwargs)


def _readdressed(route: Route, base: str) -> Route:
    route.url = base + route.url.removeprefix(Route.BASE).removeprefix(base)
    return route


def _intents() -> discord.Intents:
    return discord.Intents(
        guilds=True, guild_messages=True, message_content=True, auto_moderation_execution=True
    )


def delivery_error(error: Exception) -> DeliveryError:
    """Return what the outbox understands of a failure of discord.py or of the network."""
    if isinstance(error, discord.RateLimited):
        return DeliveryError("Discord asks to wait", error.retry_after)
    if isinstance(error, discord.HTTPException) and error.status == _TOO_MANY_REQUESTS:
        wait = error.response.headers.get("Retry-After", "")
        return DeliveryError("Discord asks to wait", _seconds(wait))
    return DeliveryError(f"{type(error).__name__}: {error}")


def _seconds(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


NETWORK_ERRORS = (discord.DiscordException, aiohttp.ClientError, OSError, TimeoutError)
"""What a call to Discord may raise when it fails for reasons that pass."""
