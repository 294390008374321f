"""DiscordChatExporter, JSON: one channel a file."""

from __future__ import annotations

from collections.abc import Iterator

from bot.archive.base import Head
from bot.archive.jsonstream import walk
from bot.archive.source import Source, objects, text_of
from bot.model import ANONYMOUS, NO_ATTRIBUTES, AttributeValue, Author, Comment

# Everything else is written by Discord itself: joins, pins, boosts, calls.
_WRITTEN = frozenset({"Default", "Reply", "0", "19", "20", "23"})

_REPLIES = frozenset({"Reply", "19"})


def detect(head: Head) -> bool:
    """See an object that names its guild and its channel, and holds messages."""
    return head.opening == "{" and head.has("guild", "channel", "messages")


def read(source: Source) -> Iterator[Comment]:
    """Yield the messages that people or bots wrote; the channel is the thread."""
    about: dict[str, dict[str, object]] = {"guild": {}, "channel": {}}
    for path, value in walk(source, ("messages", "*")):
        if path in (("guild",), ("channel",)) and isinstance(value, dict):
            about[path[0]] = value
        elif path == ("messages", "*") and isinstance(value, dict):
            if comment := _comment(source, about["guild"], about["channel"], value):
                yield comment
        elif path == ("messages", "*"):
            source.problem("bad-row", "this is not a message; it is skipped")


def _comment(
    source: Source,
    guild: dict[str, object],
    channel: dict[str, object],
    message: dict[str, object],
) -> Comment | None:
    if text_of(message.get("type")) not in _WRITTEN:
        source.skip("system")
        return None
    text = text_of(message.get("content"))
    forwarded = message.get("forwardedMessage")
    if not text and isinstance(forwarded, dict):
        text = text_of(forwarded.get("content"))
    attributes = _attributes(message)
    if not text.strip() and "attachments" not in attributes and "embeds" not in attributes:
        source.skip("empty")
        return None
    name = text_of(channel.get("name"))
    thread = text_of(channel.get("id")) or source.stem
    source.thread(thread, name, text_of(channel.get("topic")))
    place = (text_of(guild.get("id")), thread, text_of(message.get("id")))
    return Comment(
        id=place[2] or f"comment-{source.line}",
        text=text,
        channel=name,
        author=_author(message.get("author")),
        created_at=source.time(message.get("timestamp")),
        edited_at=source.time(message.get("timestampEdited")),
        parent_id=_parent_id(message),
        thread_id=thread,
        attributes={"link": "https://discord.com/channels/" + "/".join(place), **attributes}
        if all(place)
        else attributes or NO_ATTRIBUTES,
    )


def _parent_id(message: dict[str, object]) -> str | None:
    # A pin or a forward refers to a message as well, and is no reply.
    reference = message.get("reference")
    if text_of(message.get("type")) not in _REPLIES or not isinstance(reference, dict):
        return None
    return text_of(reference.get("messageId")) or None


def _author(value: object) -> Author:
    if not isinstance(value, dict):
        return ANONYMOUS
    is_bot, roles = value.get("isBot"), value.get("roles")
    return Author(
        id=text_of(value.get("id")),
        name=text_of(value.get("nickname")) or text_of(value.get("name")),
        is_bot=is_bot if isinstance(is_bot, bool) else None,
        roles=tuple(text_of(role.get("name")) for role in objects(roles))
        if isinstance(roles, list)
        else None,
    )


def _attributes(message: dict[str, object]) -> dict[str, AttributeValue]:
    """Return what the message carries beside its text; empty things are left out."""
    text = text_of(message.get("content"))
    found: dict[str, AttributeValue] = {
        "attachments": tuple(
            text_of(each.get("fileName")) for each in objects(message.get("attachments"))
        ),
        "embeds": tuple(filter(None, map(_embed, objects(message.get("embeds"))))),
        "mentions": tuple(text_of(each.get("id")) for each in objects(message.get("mentions"))),
        "mentions_everyone": "@everyone" in text or "@here" in text,
    }
    return {name: value for name, value in found.items() if value}


def _embed(embed: dict[str, object]) -> str:
    return "\n".join(filter(None, (text_of(embed.get(key)) for key in ("title", "description"))))
