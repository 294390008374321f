"""What must be right before the bot begins, each with the way to mend it.

Lives here: intents, channel and permissions. Not here: the settings' own form (`bot.config`).
"""

from __future__ import annotations

from collections.abc import Iterator

import discord

from bot.chat.settings import ChatSettings
from bot.errors import Problem

_NEEDED = {
    "view_channel": "View Channel",
    "send_messages": "Send Messages",
    "embed_links": "Embed Links",
    "read_message_history": "Read Message History",
}


def find_problems(client: discord.Client, settings: ChatSettings) -> list[Problem]:
    """Return all that keeps the bot from working, once it is connected."""
    problems = list(_intent(client.application_flags))
    guild = client.get_guild(settings.guild)
    if guild is None:
        return [
            *problems,
            Problem(
                "discord",
                f"the bot is not on the server {settings.guild}",
                hint="invite it with the scopes bot and applications.commands, or mend"
                " discord.guild",
            ),
        ]
    return [*problems, *_channel(guild, settings)]


def _intent(flags: discord.ApplicationFlags) -> Iterator[Problem]:
    if not (flags.gateway_message_content or flags.gateway_message_content_limited):
        yield Problem(
            "discord",
            "the bot may not read what messages say",
            hint="turn on Message Content Intent: discord.com/developers/applications, your"
            " application, Bot, Privileged Gateway Intents",
        )


def _channel(guild: discord.Guild, settings: ChatSettings) -> Iterator[Problem]:
    channel = guild.get_channel(settings.review_channel)
    if channel is None:
        yield Problem(
            "discord",
            f"there is no review channel {settings.review_channel} that the bot can see",
            hint="mend discord.review_channel (right click the channel, Copy Channel ID), and give"
            " the bot View Channel there",
        )
        return
    mine = channel.permissions_for(guild.me)
    missing = [name for key, name in _NEEDED.items() if not getattr(mine, key)]
    if missing:
        yield Problem(
            "discord",
            f"in #{channel.name} the bot lacks: {', '.join(missing)}",
            hint="give these permissions to the bot's role in that channel's settings",
        )
    if channel.permissions_for(guild.default_role).view_channel:
        yield Problem(
            "discord",
            f"everybody can read the review channel #{channel.name}",
            hint="take View Channel from @everyone there: cards repeat the abuse, and name rules",
        )
