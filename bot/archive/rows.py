"""Rows with named fields: what JSON lines and tables have in common.

Lives here: the generic fields, and a comment from a row that has them. Not here: finding rows in a
file (`formats.jsonl`, `formats.delimited`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from bot.archive.source import ARCHIVE, Source, author_of, make_comment, text_of
from bot.errors import Location, Problem, UserError
from bot.model import NO_ATTRIBUTES, AttributeValue, Author, Comment

FIELDS = (
    "text",
    "id",
    "author",
    "author_id",
    "created_at",
    "edited_at",
    "parent_id",
    "thread_id",
    "thread_title",
    "thread_context",
    "channel",
    "label",
)
"""The fields of a generic archive; only `text` is required."""

_LIKELY = (
    "text",
    "body",
    "comment",
    "content",
    "message",
    "comment_text",
    "comment_body",
    "post",
    "tweet",
)


def require_text(source: Source, columns: Iterable[str], line: str) -> None:
    """Raise `UserError` where no column holds the text, naming those that there are."""
    wanted = source.mapping.get("text", "text")
    names = sorted(set(columns))
    if wanted in names or wanted.split(".")[0] in names:
        return
    guess = next((name for name in names if name.lower() in _LIKELY), names[0] if names else "NAME")
    raise UserError(
        Problem(
            "no-text",
            f"no column is called {wanted!r}; there are: {', '.join(names) or 'none'}",
            Location(source.member.place, 1, None, line[:2000]),
            hint=f"say which one holds the text: --map text={guess}",
        )
    )


class RowReader:
    """Makes comments of rows; `mapping` gives other names, dots lead into nested objects."""

    def __init__(self, source: Source) -> None:
        """Prepare for the names that the source's mapping gives."""
        self._source = source
        self._names = tuple(source.mapping.get(field, field) for field in FIELDS)
        self._nested = [name for name in source.mapping.values() if "." in name]
        self._thread = source.stem

    def comment(self, row: Mapping[str, object]) -> Comment | None:
        """Return the comment in `row`; `None`, noted or counted, where there is none."""
        source = self._source
        for name in self._nested:
            row = {name: _dig(row, name), **row}
        # Rows come by the million: in one go, and what is absent is not asked any further.
        (
            text,
            id_,
            author,
            author_id,
            created_at,
            edited_at,
            parent_id,
            thread_id,
            title,
            context,
            channel,
            label,
        ) = map(row.get, self._names)
        if not isinstance(text, str):
            if isinstance(text, dict | list):
                source.problem("bad-row", "the text of this row is no text; the row is skipped")
                return None
            text = text_of(text)
        if not text or text.isspace():
            source.skip("empty")
            return None
        thread = text_of(thread_id) or self._thread
        if title:
            source.thread(thread, text_of(title), text_of(context))
        attributes = row.get("attributes")
        return make_comment(
            text_of(id_) or f"line-{source.line}",
            text,
            ARCHIVE,
            text_of(channel) if channel is not None else "",
            _author(author, author_id),
            source.time(created_at) if created_at is not None else None,
            source.time(edited_at) if edited_at is not None else None,
            (text_of(parent_id) or None) if parent_id is not None else None,
            thread,
            source.label(label) if label is not None else None,
            _attributes(attributes) if attributes else NO_ATTRIBUTES,
        )


def _dig(row: Mapping[str, object], name: str) -> object:
    value: object = row
    for key in name.split("."):
        value = value.get(key) if isinstance(value, dict) else None
    return value


def _author(author: object, number: object) -> Author:
    author_id = text_of(number) if number is not None else ""
    if isinstance(author, dict):
        is_bot = author.get("is_bot")
        roles = author.get("roles")
        name = text_of(author.get("name"))
        return Author(
            id=text_of(author.get("id")) or author_id or name,
            name=name,
            is_bot=is_bot if isinstance(is_bot, bool) else None,
            roles=tuple(map(text_of, roles)) if isinstance(roles, list) else None,
        )
    return author_of(text_of(author), author_id)


def _attributes(value: object) -> Mapping[str, AttributeValue]:
    if not isinstance(value, dict):
        return NO_ATTRIBUTES
    return {
        key: tuple(map(text_of, each)) if isinstance(each, list) else each
        for key, each in value.items()
        if isinstance(each, str | int | float | bool | list)
    }
