"""Telegram Desktop, `result.json`: one chat, or all of an account's."""

from __future__ import annotations

from collections.abc import Iterator

from bot.archive.base import Head
from bot.archive.jsonstream import walk
from bot.archive.source import Source, author_of, objects, text_of
from bot.model import AttributeValue, Comment

_CHAT = ("messages", "*")
_CHATS = ("chats", "list", "*")


def detect(head: Head) -> bool:
    """See messages with a sender, or the list of chats around them."""
    messages = head.has("messages", "type", "date") and not head.has("guild")
    return (
        head.opening == "{"
        and messages
        and not head.keys.isdisjoint({"from_id", "actor_id", "text_entities", "date_unixtime"})
    )


def read(source: Source) -> Iterator[Comment]:
    """Yield the messages; a chat is a thread, and its id goes before those of its messages."""
    name, number = "", source.stem
    for path, value in walk(source, _CHAT, (*_CHATS, *_CHAT)):
        if path[-1:] == ("name",):
            name = text_of(value)
        elif path[-1:] == ("id",):
            number = text_of(value)
            source.thread(number, name)
        elif path[-2:] == _CHAT and isinstance(value, dict):
            if comment := _comment(source, number, name, value):
                yield comment
        elif path[-2:] == _CHAT:
            source.problem("bad-row", "this is not a message; it is skipped")


def _comment(source: Source, chat: str, name: str, message: dict[str, object]) -> Comment | None:
    if message.get("type") != "message":
        source.skip("system")
        return None
    text, mentions = _text(message.get("text"))
    files = _files(message)
    if not text.strip() and not files:
        source.skip("empty")
        return None
    parent = text_of(message.get("reply_to_message_id"))
    extras: dict[str, AttributeValue] = {"attachments": files, "mentions": mentions}
    return Comment(
        id=f"{chat}/{text_of(message.get('id')) or source.line}",
        text=text,
        channel=name,
        author=author_of(text_of(message.get("from")), text_of(message.get("from_id"))),
        # The plain date is local to whoever exported it.
        created_at=source.time(message.get("date_unixtime") or message.get("date")),
        edited_at=source.time(message.get("edited_unixtime") or message.get("edited")),
        parent_id=f"{chat}/{parent}" if parent else None,
        thread_id=chat,
        attributes={key: value for key, value in extras.items() if value},
    )


def _files(message: dict[str, object]) -> tuple[str, ...]:
    names = (text_of(message.get(key)) for key in ("photo", "file"))
    return tuple(name.rpartition("/")[2] for name in names if name)


def _text(value: object) -> tuple[str, tuple[str, ...]]:
    """Return the text, and the ids of those whom it mentions by link."""
    if not isinstance(value, list):
        return text_of(value), ()
    mentions = [text_of(each["user_id"]) for each in objects(value) if each.get("user_id")]
    parts = (_entity(part) if isinstance(part, dict) else text_of(part) for part in value)
    return "".join(parts), tuple(mentions)


def _entity(entity: dict[str, object]) -> str:
    text, target = text_of(entity.get("text")), text_of(entity.get("href"))
    if entity.get("type") == "blockquote":
        quoted = "\n".join(f"> {line}" for line in text.strip("\n").split("\n"))
        return f"{quoted}\n"
    return f"{text} ({target})" if target and target not in text else text
