"""Comments and verdicts as bytes and back, for pipes between our own processes and for files of our own run.

Lives here: a form that only this Python reads, many times as fast as pickle. Not here: anything
that outlives a run (`bot.archive.convert`, `bot.store`).
"""

from __future__ import annotations

import marshal
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from itertools import starmap
from typing import Any

from bot.frozen import maker
from bot.model import (
    NO_ATTRIBUTES,
    Action,
    Author,
    Comment,
    Effect,
    Evasion,
    Level,
    Match,
    Missing,
    Mode,
    RuleStatus,
    Scores,
    Span,
    Verdict,
)

_Instant = tuple[int, int, int] | None
"""Days, seconds and microseconds since 1970: read and written faster than ISO 8601, and exact."""

_Person = tuple[str, str, bool | None, tuple[str, ...] | None, _Instant, _Instant]

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_make_comment, _make_verdict, _make_match = maker(Comment), maker(Verdict), maker(Match)


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
    return None if time is None else _seconds(time - _EPOCH)


def _seconds(duration: timedelta | None) -> _Instant:
    if duration is None:
        return None
    return duration.days, duration.seconds, duration.microseconds


def _read(written: _Instant) -> datetime | None:
    return None if written is None else _EPOCH + timedelta(*written)


# --- verdicts ----------------------------------------------------------------------------------


def pack_verdicts(verdicts: Sequence[Verdict]) -> bytes:
    """Return verdicts on one comment as bytes; matches and scores that they share are written once."""
    written: dict[int, tuple[object, ...]] = {}
    return marshal.dumps([_verdict_row(verdict, written) for verdict in verdicts])


def unpack_verdicts(data: bytes) -> tuple[Verdict, ...]:
    """Return the verdicts that `pack_verdicts` made bytes of; what they shared, they share again."""
    read: dict[int, Any] = {}
    rows = marshal.loads(data)  # noqa: S302 - written by `pack_verdicts`
    return tuple(_verdict(row, read) for row in rows)


def _verdict_row(verdict: Verdict, written: dict[int, tuple[object, ...]]) -> tuple[object, ...]:
    scores = verdict.scores
    # A tuple that stands twice in what is written is one tuple again when it is read.
    for match in verdict.matches:
        if id(match) not in written:
            written[id(match)] = _match_row(match)
    if scores is not None and id(scores) not in written:
        values = dict(scores.values)
        written[id(scores)] = (scores.model, scores.revision, values, scores.windows)
    return (
        verdict.id,
        verdict.comment_id,
        int(verdict.action),
        tuple(written[id(match)] for match in verdict.matches),
        None if scores is None else written[id(scores)],
        verdict.ruleset,
        verdict.model,
        str(verdict.mode),
        verdict.degraded,
        tuple((missing.what, missing.failed) for missing in verdict.missing),
        _written(verdict.decided_at),
    )


def _match_row(match: Match) -> tuple[object, ...]:
    return (
        match.rule,
        str(match.status),
        int(match.action),
        int(match.level),
        match.reason,
        tuple(map(tuple, match.spans)),
        match.text,
        int(match.evasion),
        match.folding,
        match.labels,
        tuple((effect.kind, _seconds(effect.duration)) for effect in match.effects),
    )


def _verdict(row: tuple[Any, ...], read: dict[int, Any]) -> Verdict:
    name, comment, action, matches, scores, ruleset, model, mode, degraded, missing, decided = row
    for match in matches:
        if id(match) not in read:
            read[id(match)] = _match(match)
    if scores is not None and id(scores) not in read:
        read[id(scores)] = Scores(*scores)
    return _make_verdict(
        name,
        comment,
        Action(action),
        tuple(read[id(match)] for match in matches),
        None if scores is None else read[id(scores)],
        ruleset,
        model,
        Mode(mode),
        degraded,
        tuple(Missing(*each) for each in missing),
        _read(decided),
    )


def _match(row: tuple[Any, ...]) -> Match:
    rule, status, action, level, reason, spans, text, evasion, folding, labels, effects = row
    return _make_match(
        rule,
        RuleStatus(status),
        Action(action),
        Level(level),
        reason,
        tuple(Span(*span) for span in spans),
        text,
        Evasion(evasion),
        folding,
        labels,
        tuple(Effect(kind, seconds and timedelta(*seconds)) for kind, seconds in effects),
    )
