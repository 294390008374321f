"""Comments as Gavel's own JSON lines, and authors made unknown.

Lives here: the record that `jsonl` reads back without loss, and `Redactor`. Not here: reading
(`formats.jsonl`) and opening the file that the lines go to (`bot.cli.archive`).
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import replace

from bot.model import ANONYMOUS, AttributeValue, Author, Comment, Thread

_MENTION = re.compile(
    # As Discord, as most others and as Reddit write them.
    r"<@!?(\d+)>|(?<![\w@/])@([\w.-]*\w)|(?<![\w/])/?u/([\w-]{3,20})(?!\w)"
)
_NAMES = frozenset({"mentions", "reply_to"})
_EVERYBODY = frozenset({"everyone", "here", "channel"})


def comment_record(comment: Comment, thread: Thread | None = None) -> dict[str, object]:
    """Return the JSON-ready record of a comment; `thread` where its title is still to be told.

    Fields that are not known are left out. Lists stand for tuples, ISO 8601 for times.
    """
    created, edited = comment.created_at, comment.edited_at
    record: dict[str, object] = {
        "id": comment.id,
        "thread_id": comment.thread_id,
        "thread_title": thread.title if thread else None,
        "thread_context": thread.context if thread else None,
        "parent_id": comment.parent_id,
        "channel": comment.channel,
        "author": _author_record(comment.author),
        "created_at": created.isoformat() if created else None,
        "edited_at": edited.isoformat() if edited else None,
        "text": comment.text,
        "label": comment.label,
        "attributes": {
            name: list(value) if isinstance(value, tuple) else value
            for name, value in comment.attributes.items()
        },
    }
    return {name: value for name, value in record.items() if value not in (None, "", {})}


def _author_record(author: Author) -> dict[str, object] | None:
    if author == ANONYMOUS:
        return None
    record: dict[str, object] = {"id": author.id, "name": author.name}
    if author.is_bot is not None:
        record["is_bot"] = author.is_bot
    if author.roles is not None:
        record["roles"] = list(author.roles)
    return record


class Redactor:
    """Replaces authors by keyed hashes: the same key names the same author alike, in any file."""

    def __init__(self, key: bytes) -> None:
        """Hash with `key`; whoever has it can test a guess, nobody can turn a hash back."""
        self._key = hashlib.blake2b(key, digest_size=32).digest()

    def redact(self, comment: Comment) -> Comment:
        """Return the comment without who wrote it, whom it answers and whom it mentions.

        Names without an @ stay in the text, as does all but the first word of a name with blanks:
        nothing tells them from other words.
        """
        return replace(
            comment,
            author=self._author(comment.author),
            text=self.text(comment.text),
            attributes=self._attributes(comment.attributes),
        )

    def redact_thread(self, thread: Thread) -> Thread:
        """Return the thread without whom its title and its opening text mention."""
        return replace(thread, title=self.text(thread.title), context=self.text(thread.context))

    def text(self, text: str) -> str:
        """Return a text without whom it mentions."""
        return _MENTION.sub(self._mention, text)

    def _author(self, author: Author) -> Author:
        if author == ANONYMOUS:
            return author
        return replace(author, id=self.name(author.id), name=self.name(author.name))

    def name(self, name: str) -> str:
        """Return what an id or a name is replaced by; nothing stays nothing."""
        if not name:
            return ""
        data = name.encode("utf-8", "surrogatepass")
        return "user-" + hashlib.blake2b(data, key=self._key, digest_size=6).hexdigest()

    def _mention(self, found: re.Match[str]) -> str:
        if found[2] in _EVERYBODY:
            return found[0]
        return f"u/{self.name(found[3])}" if found[3] else "@" + self.name(found[1] or found[2])

    def _attributes(self, attributes: Mapping[str, AttributeValue]) -> dict[str, AttributeValue]:
        # An address leads to the author's page on many sites.
        kept = {name: value for name, value in attributes.items() if name != "link"}
        for name, value in kept.items():
            hidden = self.name if name in _NAMES else self.text
            if isinstance(value, tuple):
                kept[name] = tuple(map(hidden, value))
            elif isinstance(value, str):
                kept[name] = hidden(value)
        return kept
