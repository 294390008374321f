"""The condition on who wrote a comment: `author`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import ClassVar

from bot.model import Facts, HistoryKind, HistoryQuery
from bot.rules.conditions.base import Condition
from bot.rules.kinds import GLOB, AgeComparison, CompareAge, CompareNumber, Comparison, Globs
from bot.rules.look import NO, YES, Answer, Look, unknown
from bot.yamlfile import Duration, Field, Flag, ListOf, Record

_EVER = HistoryQuery(HistoryKind.EVER)


@dataclass(frozen=True)
class Upheld:
    """How often moderators upheld a verdict on the author within a window."""

    count: Comparison
    within: timedelta

    @property
    def query(self) -> HistoryQuery:
        """The question to the history."""
        return HistoryQuery(HistoryKind.UPHELD, window=self.within)


_UPHELD = Record(
    Upheld,
    (
        Field("count", CompareNumber(">= 2", whole=True), "How many verdicts.", required=True),
        Field("within", Duration(), "The time before the comment.", required=True),
    ),
)


@dataclass(frozen=True)
class WrittenBy(Condition):
    """Roles, ages and record of the author."""

    roles: tuple[str, ...] = ()
    not_roles: tuple[str, ...] = ()
    account_age: AgeComparison | None = None
    joined: AgeComparison | None = None
    bot: bool | None = None
    first_comment: bool | None = None
    upheld: Upheld | None = None

    name: ClassVar[str] = "author"
    title = "The author is of this sort"
    doc = (
        "All that is given must hold. Ages are those at the comment's own time. What the source "
        "does not tell is unknown."
    )
    example = 'author: {joined: "< 24h", first_comment: true}'
    parameters = (
        Field("roles", ListOf(GLOB), "Has at least one of these roles."),
        Field("not_roles", ListOf(GLOB), "Has none of these roles."),
        Field("account_age", CompareAge("< 7d"), "How long the account has existed."),
        Field("joined", CompareAge("< 24h"), "How long ago the author joined."),
        Field("bot", Flag(), "Whether the author is a bot."),
        Field("first_comment", Flag(), "Whether this is the author's first comment here."),
        Field("upheld", _UPHELD, "Verdicts on the author that moderators upheld."),
    )

    def test(self, look: Look) -> Answer:
        answers = list(self._answers(look.facts))
        if any(answer is False for _, answer in answers):
            return NO
        missing = sorted({what for what, answer in answers if answer is None})
        return unknown(*(look.lack(what) for what in missing)) if missing else YES

    def _answers(self, facts: Facts) -> Iterator[tuple[str, bool | None]]:
        """Yield what was asked for and its answer, `None` where the source does not tell."""
        author = facts.comment.author
        now = facts.comment.edited_at or facts.comment.created_at
        if self.roles:
            yield "author roles", _holds(author.roles, self.roles)
        if self.not_roles:
            has = _holds(author.roles, self.not_roles)
            yield "author roles", None if has is None else not has
        if self.account_age:
            yield "account age", _age(self.account_age, author.account_created_at, now)
        if self.joined:
            yield "join time", _age(self.joined, author.joined_at, now)
        if self.bot is not None:
            yield "bot mark", None if author.is_bot is None else author.is_bot is self.bot
        if self.first_comment is not None:
            ever = facts.history.get(_EVER)
            yield "history", None if ever is None else (ever == 0) is self.first_comment
        if self.upheld:
            count = facts.history.get(self.upheld.query)
            yield "history", None if count is None else self.upheld.count.holds(count)

    def queries(self) -> tuple[HistoryQuery, ...]:
        first = (_EVER,) if self.first_comment is not None else ()
        return (*first, self.upheld.query) if self.upheld else first

    def detail(self, look: Look) -> str:
        shown = {True: "yes", False: "no", None: "not told"}
        return ", ".join(f"{what}: {shown[answer]}" for what, answer in self._answers(look.facts))


def _holds(roles: tuple[str, ...] | None, wanted: tuple[str, ...]) -> bool | None:
    return None if roles is None else any(Globs(wanted).match(role) for role in roles)


def _age(comparison: AgeComparison, since: datetime | None, now: datetime | None) -> bool | None:
    return None if since is None or now is None else comparison.holds(now - since)
