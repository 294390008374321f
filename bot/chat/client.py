"""The Discord client: events in, each led to the part that deals with it.

Lives here: which event goes where, and staying connected. Not here: what comes of it (`intake`,
`presses`, `commands`, `sinks`).
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
from collections.abc import Mapping
from typing import Any, cast

import discord

from bot.chat.backfill import DiscordHistory
from bot.chat.card import parse_custom_id
from bot.chat.checks import bad_intents, bad_token, find_problems
from bot.chat.commands import build_commands
from bot.chat.connection import NETWORK_ERRORS, ConnectedClient, delivery_error
from bot.chat.deletions import Deletions
from bot.chat.intake import Intake
from bot.chat.presses import Modal, Press, Reply, answer, at_once
from bot.chat.replies import moderator_of, respond, show_at_once
from bot.chat.settings import SOURCE, ChatServices, ChatSettings
from bot.chat.translate import exempt, to_author, to_comment, wanted, watched, withheld
from bot.errors import GavelError, Problem, UserError
from bot.model import Author, Comment
from bot.review import Moderator, RefusedError

_LOG = logging.getLogger(__name__)

_PAUSE = 5.0
_LONGEST_WAIT = 30
_AUTHENTICATION_FAILED = 4004
_IN_MODALS = frozenset({"note", "except"})
_DECISIONS = frozenset({"uphold", "dismiss", "unsure", "undo"})
_ON_CARDS = _DECISIONS | {"why", "more"}


class GavelClient(ConnectedClient):
    """Serves one server. `started` is set once all checks passed and messages are read."""

    def __init__(self, settings: ChatSettings, services: ChatServices) -> None:
        super().__init__(settings)
        self.settings = settings
        self.services = services
        self.started = asyncio.Event()
        self.problems: list[Problem] = []
        self._history = DiscordHistory(self, settings)
        self.intake = Intake(
            services.submit,
            services.positions,
            self._history,
            services.clock,
            services.forgotten_at,
        )
        self.deletions = Deletions(self, services.desk, services.clock)
        self._tree = build_commands(self, services, settings.review_channel)
        self._withheld = False

    # --- connecting --------------------------------------------------------------------------

    async def on_ready(self) -> None:
        """Check and begin; after a lost session, read back what was missed."""
        if self.started.is_set():
            self.intake.look_back_everywhere()
            self.deletions.look()
            return
        await self._guild_has_come()
        self.problems = find_problems(self, self.settings)
        if self.problems:
            await self.close()
            return
        await self._register_commands()
        while not self.started.is_set():
            try:
                await self.intake.start(self._history.newest())
                self.started.set()
                self.deletions.look()
            except GavelError as error:
                self.services.alarm(f"messages cannot be read yet: {error}")
                await self.services.clock.sleep(_PAUSE)

    async def _guild_has_come(self) -> None:
        """Wait for what the server is made of; Discord sends it some time after it says ready."""
        for _ in range(_LONGEST_WAIT):
            guild = self.get_guild(self.settings.guild)
            if guild is None or not guild.unavailable:
                return
            await asyncio.sleep(1)

    async def _register_commands(self) -> None:
        guild = discord.Object(self.settings.guild)
        self._tree.copy_global_to(guild=guild)
        try:
            await self._tree.sync(guild=guild)
        except NETWORK_ERRORS as error:
            # Buttons and cards work without commands; the next start tries again.
            self.services.alarm(f"the commands could not be registered: {error}")

    # --- messages ----------------------------------------------------------------------------

    async def on_message(self, message: discord.Message) -> None:
        """Screen a new message."""
        if not self._here(message):
            return
        channel = str(message.channel.id)
        if not watched(message.channel, self.settings):
            return
        if not wanted(message, self.settings, self._me):
            self.intake.skip(channel, message.id)
        elif withheld(message):
            self._say_withheld()
        else:
            self.intake.message(to_comment(message))

    async def on_raw_message_edit(self, event: discord.RawMessageUpdateEvent) -> None:
        """Screen an edited message again; what changed only its previews is told by its text."""
        message = event.message
        if (
            self._here(message)
            and wanted(message, self.settings, self._me)
            and not withheld(message)
        ):
            self.intake.aside(to_comment(message))

    async def on_raw_message_delete(self, event: discord.RawMessageDeleteEvent) -> None:
        """Show a deletion on the card."""
        await self._gone(event.channel_id, event.message_id)

    async def on_raw_bulk_message_delete(self, event: discord.RawBulkMessageDeleteEvent) -> None:
        """Show deletions on their cards."""
        for message in sorted(event.message_ids):
            await self._gone(event.channel_id, message)

    async def on_guild_channel_delete(self, _: discord.abc.GuildChannel) -> None:
        """Show that the messages of a channel went with it; no event names them."""
        self.deletions.look()

    async def on_raw_thread_delete(self, _: discord.RawThreadDeleteEvent) -> None:
        """Show that the messages of a thread went with it."""
        self.deletions.look()

    async def on_automod_action(self, execution: discord.AutoModAction) -> None:
        """Screen what Discord's own filter blocked; what it let pass comes as a message."""
        blocked = execution.message_id is None and bool(execution.content)
        if execution.guild_id != self.settings.guild or not blocked:
            return
        if not watched(execution.channel, self.settings):
            return
        author = await self._author(execution)
        if author is None:
            return
        digest = hashlib.blake2b(execution.content.encode("utf-8", "replace"), digest_size=8)
        self.intake.aside(
            Comment(
                id=f"automod-{execution.user_id}-{digest.hexdigest()}",
                text=execution.content,
                source=SOURCE,
                channel=str(execution.channel_id or ""),
                author=author,
                created_at=discord.utils.utcnow(),
                attributes={"automod_rule": str(execution.rule_id)},
            )
        )

    async def _author(self, execution: discord.AutoModAction) -> Author | None:
        """Return whose text was blocked, with their roles; `None` for whoever is exempt."""
        try:
            member = await execution.guild.fetch_member(execution.user_id)
        except NETWORK_ERRORS as error:
            _LOG.info("the author of a blocked message cannot be read: %r", error)
            return Author(str(execution.user_id))
        return None if exempt(member, self.settings) else to_author(member)

    async def _gone(self, channel: int, message: int) -> None:
        try:
            await self.services.desk.gone(SOURCE, str(channel), str(message))
        except GavelError:
            _LOG.exception("the deletion of message %s could not be noted", message)

    def _here(self, message: discord.Message) -> bool:
        return message.guild is not None and message.guild.id == self.settings.guild

    def _say_withheld(self) -> None:
        """Say once that Discord keeps the texts back: nothing unread is ever called clean."""
        if not self._withheld:
            self._withheld = True
            self.services.alarm(
                "Discord sends messages without their text: turn on Message Content Intent."
                " Until then nothing is screened."
            )

    @property
    def _me(self) -> int:
        return self.user.id if self.user else 0

    # --- presses -----------------------------------------------------------------------------

    async def on_interaction(self, interaction: discord.Interaction) -> None:
        """Answer buttons, menus and modals; commands are answered by their tree."""
        identity = parse_custom_id(str(_data(interaction).get("custom_id", "")))
        if identity is None or interaction.guild_id != self.settings.guild:
            return
        verb, number = identity
        verb = verb.partition("-")[0]
        press = Press(
            verb,
            number,
            moderator_of(interaction),
            _chosen(interaction),
            _texts(interaction),
            _member(interaction),
        )
        immediate: Reply | Modal | None = Reply("This is not one of the bot's own buttons.")
        if self._genuine(interaction, verb):
            try:
                immediate = at_once(press, self.services.desk)
            except RefusedError as error:
                immediate = Reply(str(error))
        if immediate is not None:
            await show_at_once(interaction, immediate)
        elif verb == "miss":
            await respond(interaction, lambda: self._file_miss(interaction, press))
        else:
            # A card that all see tells what became of it; one that only the presser sees does not.
            quietly = verb in _DECISIONS and not _is_private(interaction)
            await respond(interaction, lambda: answer(press, self.services), quietly=quietly)

    def _genuine(self, interaction: discord.Interaction, verb: str) -> bool:
        """Say whether a press is on a component that we put there."""
        if interaction.type is discord.InteractionType.modal_submit:
            return verb in _IN_MODALS
        message = interaction.message
        if message is None or message.author.id != self._me:
            return False
        if verb in _ON_CARDS and interaction.channel_id != self.settings.review_channel:
            return False
        pressed = _data(interaction).get("custom_id")
        return any(
            getattr(each, "custom_id", None) == pressed
            for row in message.components
            for each in getattr(row, "children", ())
        )

    async def _file_miss(self, interaction: discord.Interaction, press: Press) -> Reply:
        channel = interaction.channel
        if not isinstance(channel, discord.abc.Messageable):
            raise RefusedError("The message cannot be read here.")
        try:
            comment = to_comment(await channel.fetch_message(press.number))
        except discord.NotFound:
            raise RefusedError("The message is gone.") from None
        except NETWORK_ERRORS as error:
            raise delivery_error(error) from error
        verdict = await self.services.preview(comment)
        desk = self.services.desk
        case = await desk.report_miss(comment, verdict, press.moderator, press.value)
        return Reply(f"Filed as case {case.number}: {press.value} should have caught it.")


async def serve(client: GavelClient) -> None:
    """Stay connected until closed; raise `UserError` for what only the operator can mend."""
    try:
        await client.connected()
    except discord.LoginFailure:
        raise bad_token() from None
    except discord.ConnectionClosed as error:
        if error.code != _AUTHENTICATION_FAILED:
            raise
        raise bad_token() from None
    except discord.PrivilegedIntentsRequired:
        raise bad_intents() from None
    finally:
        await client.intake.close()
        await client.deletions.close()
    if client.problems:
        raise UserError(client.problems)


def _is_private(interaction: discord.Interaction) -> bool:
    return interaction.message is not None and interaction.message.flags.ephemeral


def _chosen(interaction: discord.Interaction) -> str:
    """Return what was chosen in a select."""
    return next((str(value) for value in _data(interaction).get("values", ())), "")


def _texts(interaction: discord.Interaction) -> dict[str, str]:
    """Return what was written in a modal, by question."""
    return {
        str(field.get("custom_id", "")): str(field.get("value", ""))
        for row in _data(interaction).get("components", ())
        for field in row.get("components", ())
    }


def _member(interaction: discord.Interaction) -> Moderator | None:
    """Return the member chosen in a select, with the roles that Discord vouches for."""
    members = _data(interaction).get("resolved", {}).get("members", {})
    found = members.get(_chosen(interaction))
    return Moderator(_chosen(interaction), frozenset(found["roles"])) if found else None


def _data(interaction: discord.Interaction) -> Mapping[str, Any]:
    return cast("Mapping[str, Any]", interaction.data or {})
