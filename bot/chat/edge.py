"""The chat edge as one thing to run: the client and its sinks.

Lives here: what `bot.app` builds. It needs: a `ReviewDesk` whose settings name `CARDS` among the
cards and `{SOURCE: ACTS}` as actors; an `Outbox` over `sinks`, run beside `run`; and a `submit` that
screens a comment, files it at the desk, and returns. Importing this module loads Discord's library.
"""

from __future__ import annotations

from bot.chat.acting import ActSink
from bot.chat.channel import ReviewChannel
from bot.chat.client import GavelClient, serve
from bot.chat.digest import DigestSink
from bot.chat.settings import ChatServices, ChatSettings
from bot.chat.sinks import CardSink, NoticeSink
from bot.chat.surroundings import Surroundings
from bot.ports import Sink


class ChatEdge:
    """One bot on one server. Make it inside a running event loop."""

    def __init__(self, settings: ChatSettings, services: ChatServices) -> None:
        self.client = GavelClient(settings, services)
        channel = ReviewChannel(self.client, settings)
        surroundings = Surroundings(self.client, services)
        self.sinks: tuple[Sink, ...] = (
            CardSink(channel, surroundings, services, settings),
            DigestSink(channel, services),
            ActSink(self.client, settings, services),
            NoticeSink(channel),
        )

    @property
    def healthy(self) -> bool:
        """Whether the bot is connected and reads messages."""
        return self.client.started.is_set() and self.client.is_ready()

    async def run(self) -> None:
        """Serve until `close`; raise `UserError` for what only the operator can mend."""
        await serve(self.client)

    async def close(self) -> None:
        """Disconnect; what is under way is read back at the next start."""
        await self.client.close()
