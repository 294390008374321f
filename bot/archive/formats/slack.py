"""Slack export, a folder or zip: users, and for each channel a file of messages a day."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from bot.archive.base import Head
from bot.archive.jsonstream import walk
from bot.archive.source import Source, objects, text_of
from bot.model import ANONYMOUS, AttributeValue, Author, Comment

_DAY = re.compile(r"(?:.*/)?(?P<channel>[^/]+)/\d{4}-\d{2}-\d{2}\.json")
_MARKS = re.compile(r"<([^<>|]+)(?:\|([^<>]*))?>")
# Everything else is written by Slack: joins, topics, pins, reminders.
_WRITTEN = frozenset(
    {"", "thread_broadcast", "bot_message", "file_share", "me_message", "reply_broadcast"}
)


def detect(head: Head) -> bool:
    """See files of days in folders of channels, or the messages of one day."""
    if head.names:
        return any(_DAY.fullmatch(name) for name in head.names)
    return head.opening == "[" and head.has("type", "ts", "text") and not head.has("kind")


def read(source: Source) -> Iterator[Comment]:
    """Yield the messages, channel by channel, day by day; a channel is a thread."""
    members = source.bundle.members
    days = {member: day for member in members if (day := _DAY.fullmatch(member.name))}
    if not days:
        yield from _messages(source, source.stem, {})
        return
    users: dict[str, Author] = {}
    for member in members:
        if member.name.rpartition("/")[2] == "users.json":
            source.turn_to(member)
            users.update(_users(source))
    # Days in a channel's folder sort by their names, as the folders do.
    for member in sorted(days, key=lambda member: member.name):
        source.turn_to(member)
        yield from _messages(source, days[member]["channel"], users)


def _users(source: Source) -> Iterator[tuple[str, Author]]:
    for _, user in walk(source, ("*",)):
        if not isinstance(user, dict):
            continue
        number, profile = text_of(user.get("id")), user.get("profile")
        display = text_of(profile.get("display_name")) if isinstance(profile, dict) else ""
        name = display or text_of(user.get("real_name")) or text_of(user.get("name"))
        yield number, Author(number, name, is_bot=user.get("is_bot") is True)


def _messages(source: Source, channel: str, users: Mapping[str, Author]) -> Iterator[Comment]:
    for _, message in walk(source, ("*",)):
        if not isinstance(message, dict):
            source.problem("bad-row", "this is not a message; it is skipped")
        elif comment := _comment(source, channel, message, users):
            yield comment


def _comment(
    source: Source, channel: str, message: dict[str, object], users: Mapping[str, Author]
) -> Comment | None:
    kind = text_of(message.get("subtype"))
    if kind not in _WRITTEN:
        source.skip("deleted" if kind == "tombstone" else "system")
        return None
    raw, files = text_of(message.get("text")), tuple(_file_names(message))
    if not raw.strip() and not files:
        source.skip("empty")
        return None
    mentions = tuple(found[1][1:] for found in _MARKS.finditer(raw) if found[1].startswith("@"))
    extras: dict[str, AttributeValue] = {"attachments": files, "mentions": mentions}
    extras["mentions_everyone"] = any(
        f"<!{word}" in raw for word in ("channel", "here", "everyone")
    )
    time, edited = text_of(message.get("ts")), message.get("edited")
    parent = text_of(message.get("thread_ts"))
    return Comment(
        id=f"{channel}/{time or source.line}",
        text=_text(raw, users),
        channel=channel,
        author=_author(message, users),
        created_at=source.time(time),
        edited_at=source.time(edited.get("ts")) if isinstance(edited, dict) else None,
        parent_id=f"{channel}/{parent}" if parent and parent != time else None,
        thread_id=channel,
        attributes={name: value for name, value in extras.items() if value},
    )


def _author(message: dict[str, object], users: Mapping[str, Author]) -> Author:
    number = text_of(message.get("user")) or text_of(message.get("bot_id"))
    if number in users:
        return users[number]
    name = text_of(message.get("username")) or number
    is_bot = True if message.get("subtype") == "bot_message" else None
    return Author(number or name, name, is_bot=is_bot) if name else ANONYMOUS


def _file_names(message: dict[str, object]) -> Iterator[str]:
    for each in objects(message.get("files")):
        yield text_of(each.get("name")) or "file"


def _text(raw: str, users: Mapping[str, Author]) -> str:
    """Return the text as readers see it: names for people, addresses with their labels."""

    def shown(mark: re.Match[str]) -> str:
        target, label = mark[1], mark[2] or ""
        if target.startswith("@"):
            known = users.get(target[1:])
            return "@" + (label or (known.name if known else target[1:]))
        if target.startswith("#"):
            return "#" + (label or target[1:])
        if target.startswith("!"):
            return "@" + target[1:].partition("^")[0]
        return f"{label} ({target})" if label and label not in target else target

    text = _MARKS.sub(shown, raw)
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
