"""From a Discord message to a comment.

Lives here: which part of a message becomes which field, and which messages are none of our
business. Not here: when messages are read (`bot.chat.intake`).
"""

from __future__ import annotations

from collections.abc import Iterator

import discord

from bot.chat.settings import SOURCE, ChatSettings
from bot.model import Author, Comment

Person = discord.User | discord.Member


def to_comment(message: discord.Message) -> Comment:
    """Return a message as a comment; `channel` is the thread's id where it stands in a thread."""
    reference = message.reference
    return Comment(
        id=str(message.id),
        text=message.content,
        source=SOURCE,
        channel=str(message.channel.id),
        author=to_author(message.author, webhook=message.webhook_id is not None),
        created_at=message.created_at,
        edited_at=message.edited_at,
        parent_id=str(reference.message_id) if reference and reference.message_id else None,
        attributes={
            "attachments": tuple(each.filename for each in message.attachments),
            "embeds": tuple(text for embed in message.embeds for text in _texts(embed)),
            "mentions": tuple(str(each) for each in message.raw_mentions),
            "role_mentions": tuple(str(each) for each in message.raw_role_mentions),
            "mentions_everyone": message.mention_everyone,
            "webhook": message.webhook_id is not None,
            "link": message.jump_url,
        },
    )


def to_author(person: Person, *, webhook: bool = False) -> Author:
    """Return who wrote a message; roles are names, unknown for whoever has left."""
    member = person if isinstance(person, discord.Member) else None
    return Author(
        id=str(person.id),
        name=person.display_name,
        is_bot=person.bot or webhook,
        roles=tuple(role.name for role in member.roles[1:]) if member else None,
        account_created_at=None if webhook else person.created_at,
        joined_at=member.joined_at if member else None,
    )


def wanted(message: discord.Message, settings: ChatSettings, me: int) -> bool:
    """Say whether a message is to be screened."""
    if message.author.id == me or message.is_system() or not watched(message.channel, settings):
        return False
    if message.webhook_id is not None:
        return settings.screen_webhooks
    if message.author.bot:
        return settings.screen_bots
    return not exempt(message.author, settings)


def exempt(person: Person, settings: ChatSettings) -> bool:
    """Say whether somebody has a role that is not screened."""
    roles = {str(role.id) for role in getattr(person, "roles", ())}
    return not settings.exempt_roles.isdisjoint(roles)


def watched(channel: object, settings: ChatSettings) -> bool:
    """Say whether a channel, or the parent of a thread, is one of those to be screened."""
    ids = {str(each) for each in (getattr(channel, "id", None), _parent(channel)) if each}
    if str(settings.review_channel) in ids or not settings.exempt_channels.isdisjoint(ids):
        return False
    return not settings.channels or not settings.channels.isdisjoint(ids)


def withheld(message: discord.Message) -> bool:
    """Say whether Discord kept the content back: a message of a person never is quite empty."""
    return not (
        message.content
        or message.attachments
        or message.embeds
        or message.stickers
        or message.components
        or message.poll
        or message.message_snapshots
        or message.activity
    )


def _parent(channel: object) -> int | None:
    return getattr(channel, "parent_id", None)


def _texts(embed: discord.Embed) -> Iterator[str]:
    parts = [embed.title, embed.description, embed.author.name, embed.footer.text]
    for field in embed.fields:
        parts += [field.name, field.value]
    yield from (part for part in parts if part)
