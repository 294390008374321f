"""How an interaction is answered: in time, privately, and with words for what went wrong.

Lives here: who asks, acknowledging before any waiting, and sending a reply. Not here: what is
answered (`bot.chat.presses`, `bot.chat.commands`).
"""

from __future__ import annotations

import io
import logging
from collections.abc import Awaitable, Callable

import discord

from bot.chat.card import custom_id
from bot.chat.presses import Modal, Reply, said
from bot.chat.ui import member_row, select_row, to_modal, to_view
from bot.chat.words import LONGEST_MESSAGE
from bot.errors import GavelError
from bot.review import Moderator, RefusedError

_LOG = logging.getLogger(__name__)

_OPTIONS, _ROWS = 25, 5


def moderator_of(interaction: discord.Interaction) -> Moderator:
    """Return who asks, with the roles that Discord vouches for."""
    roles = getattr(interaction.user, "roles", ())
    return Moderator(str(interaction.user.id), frozenset(str(role.id) for role in roles))


async def respond(
    interaction: discord.Interaction, work: Callable[[], Awaitable[Reply]], *, quietly: bool = False
) -> None:
    """Acknowledge first, as Discord waits three seconds only; then work and reply.

    `quietly` shows nothing unless there is something to say: a press on a card.
    """
    await interaction.response.defer(ephemeral=True, thinking=not quietly)
    try:
        reply = await work()
    except RefusedError as error:
        reply = said(str(error))
    except GavelError as error:
        _LOG.exception("an interaction failed")
        reply = Reply(f"That did not work, and nothing was changed: {error}"[:LONGEST_MESSAGE])
    except Exception:  # noqa: BLE001 - whatever it was, nobody should wait for an answer for ever
        _LOG.exception("an interaction failed by a fault of Gavel's")
        reply = Reply("That did not work, by a fault of Gavel's. Its log tells more.")
    if reply != Reply() or not quietly:
        await send(interaction, reply)


async def send(interaction: discord.Interaction, reply: Reply) -> None:
    """Show a reply to the asker alone, after the interaction was acknowledged."""
    await interaction.followup.send(
        reply.text or ("" if reply.file or reply.embed else "Done."),
        ephemeral=True,
        embed=discord.Embed.from_dict(reply.embed) if reply.embed else discord.utils.MISSING,
        view=_view(reply),
        file=_file(reply),
    )


async def show_at_once(interaction: discord.Interaction, reply: Reply | Modal) -> None:
    """Answer an interaction that was not acknowledged yet."""
    if isinstance(reply, Modal):
        await interaction.response.send_modal(to_modal(reply))
    else:
        await interaction.response.send_message(reply.text, ephemeral=True, view=_view(reply))


def _view(reply: Reply) -> discord.ui.View:
    if reply.components:
        return to_view(reply.components)
    if reply.members:
        return to_view([member_row(custom_id(reply.menu_verb, reply.menu_number), "Choose")])
    if not reply.menu:
        nothing: discord.ui.View = discord.utils.MISSING
        return nothing
    parts = [reply.menu[at : at + _OPTIONS] for at in range(0, len(reply.menu), _OPTIONS)][:_ROWS]
    # Ids within a message differ, so the parts of a long menu carry their number.
    rows = [
        select_row(custom_id(f"{reply.menu_verb}-{part}", reply.menu_number), "Choose", options)
        for part, options in enumerate(parts)
    ]
    return to_view(rows)


def _file(reply: Reply) -> discord.File:
    if not reply.file:
        nothing: discord.File = discord.utils.MISSING
        return nothing
    file = reply.file
    content = file.encode("utf-8", "replace") if isinstance(file, str) else file
    return discord.File(io.BytesIO(content), reply.file_name, description=reply.file_says or None)
