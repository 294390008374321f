"""Comments as bytes and back, for pipes between our own processes and for files of our own run.

Lives here: a form that only this Python reads, many times as fast as pickle. Not here: anything
that outlives a run (`bot.archive.convert`, `bot.store`).
"""

from __future__ import annotations

import marshal
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from itertools import starmap

from bot.frozen import maker
from bot.model import NO_ATTRIBUTES, Author, Comment

_Instant = tuple[int, int, int] | None
"""Days, seconds and microseconds since 1970: read and written faster than ISO 8601, and exact."""

_Person = tuple[str, str, bool | None, tuple[str, ...] | None, _Instant, _Instant]

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_make_comment = maker(Comment)


def pack(comments: Sequence[Comment]) -> bytes:
    """Return comments as bytes."""
    return marshal.dumps([_row(comment) for comment in comments])


def unpack(data: bytes) -> list[Comment]:
    """Return the comments that `pack` made bytes of; equal authors are one object."""
    return list(starmap(_comment, marshal.loads(data)))  # noqa: S302 - written by `pack`


def _row(comment: Comment) -> tuple[object, ...]:
    author, attributes = comment.author, comment.attributes
    return (
        comment.id,
        comment.text,
        comment.source,
        comment.channel,
        (
            author.id,
            author.name,
            author.is_bot,
            author.roles,
            _written(author.account_created_at),
            _written(author.joined_at),
        ),
        _written(comment.created_at),
        _written(comment.edited_at),
        comment.parent_id,
        comment.thread_id,
        comment.label,
        dict(attributes) if attributes else None,
    )


def _comment(  # noqa: PLR0913, PLR0917 - the fields of a comment
    id_: str,
    text: str,
    source: str,
    channel: str,
    author: _Person,
    created_at: _Instant,
    edited_at: _Instant,
    parent_id: str | None,
    thread_id: str | None,
    label: bool | None,  # noqa: FBT001 - a field
    attributes: dict[str, str] | None,
) -> Comment:
    return _make_comment(
        id_,
        text,
        source,
        channel,
        _author(author),
        _read(created_at),
        _read(edited_at),
        parent_id,
        thread_id,
        label,
        attributes or NO_ATTRIBUTES,
    )


@lru_cache(maxsize=1 << 14)
def _author(person: _Person) -> Author:
    id_, name, is_bot, roles, account_created_at, joined_at = person
    return Author(id_, name, is_bot, roles, _read(account_created_at), _read(joined_at))


def _written(time: datetime | None) -> _Instant:
    if time is None:
        return None
    passed = time - _EPOCH
    return passed.days, passed.seconds, passed.microseconds


def _read(written: _Instant) -> datetime | None:
    return None if written is None else _EPOCH + timedelta(*written)
