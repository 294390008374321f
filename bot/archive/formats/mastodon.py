"""A Mastodon conversation, as `/api/v1/statuses/ID/context` gives it."""

from __future__ import annotations

from collections.abc import Iterator

from bot.archive.base import Head
from bot.archive.jsonstream import walk
from bot.archive.markup import html_text
from bot.archive.source import Source, objects, text_of
from bot.model import ANONYMOUS, AttributeValue, Author, Comment

_STATUSES = (("ancestors", "*"), ("descendants", "*"))


def detect(head: Head) -> bool:
    """See the two halves of a conversation."""
    return head.opening == "{" and head.has("ancestors", "descendants")


def read(source: Source) -> Iterator[Comment]:
    """Yield the statuses before and after the one that was asked for, which is not in the file."""
    for path, value in walk(source, *_STATUSES):
        if path not in _STATUSES:
            continue
        if not isinstance(value, dict):
            source.problem("bad-row", "this is not a status; it is skipped")
        elif comment := _comment(source, value):
            yield comment


def _comment(source: Source, status: dict[str, object]) -> Comment | None:
    warning = text_of(status.get("spoiler_text"))
    body = html_text(text_of(status.get("content")))
    text = "\n\n".join(filter(None, (warning, body)))
    extras: dict[str, AttributeValue] = {
        "attachments": tuple(
            text_of(each.get("url")) for each in objects(status.get("media_attachments"))
        ),
        "mentions": tuple(text_of(each.get("id")) for each in objects(status.get("mentions"))),
        "link": text_of(status.get("url")),
    }
    if not text and not extras["attachments"]:
        source.skip("empty")
        return None
    return Comment(
        id=text_of(status.get("id")) or f"line-{source.line}",
        text=text,
        author=_author(status.get("account")),
        created_at=source.time(status.get("created_at")),
        edited_at=source.time(status.get("edited_at")),
        parent_id=text_of(status.get("in_reply_to_id")) or None,
        thread_id=source.stem,
        attributes={name: value for name, value in extras.items() if value},
    )


def _author(account: object) -> Author:
    if not isinstance(account, dict):
        return ANONYMOUS
    is_bot = account.get("bot")
    return Author(
        id=text_of(account.get("id")),
        name=text_of(account.get("acct")),
        is_bot=is_bot if isinstance(is_bot, bool) else None,
    )
