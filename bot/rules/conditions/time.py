"""Conditions on when: `rate`, how often within a window, and `time`, at which hour."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import ClassVar, Self
from zoneinfo import ZoneInfo, available_timezones

import numpy as np

from bot.model import Facts, HistoryKind, HistoryQuery
from bot.rules.batch import Batch, Screen
from bot.rules.conditions.base import Binder, Condition
from bot.rules.kinds import IDENTIFIER, CompareNumber, Comparison, Hours, HoursKind
from bot.rules.look import NO, YES, Answer, Look, truth, unknown
from bot.yamlfile import At, Choice, Duration, Field, Located, Name, OneOrMany, Record

# Some systems have no time zones but the one that needs no table.
ZONE = Name("a time zone", available_timezones() | {"UTC"})


class Per(enum.StrEnum):
    """Whose comments are counted."""

    AUTHOR = "author"
    CHANNEL = "channel"


class Day(enum.StrEnum):
    """A day of the week."""

    MON = "mon"
    TUE = "tue"
    WED = "wed"
    THU = "thu"
    FRI = "fri"
    SAT = "sat"
    SUN = "sun"


@dataclass(frozen=True)
class RuleMatches:
    """How often another rule matched."""

    rule: Located[str]
    count: Comparison


_RULE_MATCHES = Record(
    RuleMatches,
    (
        Field("rule", At(IDENTIFIER), "The id of the rule.", required=True),
        Field("count", CompareNumber(">= 3", whole=True), "How often.", required=True),
    ),
)


@dataclass(frozen=True)
class Rate(Condition):
    """How often within a window."""

    within: timedelta
    comments: Comparison | None = None
    same_text: Comparison | None = None
    matches: RuleMatches | None = None
    per: Per = Per.AUTHOR

    name: ClassVar[str] = "rate"
    title = "So many comments, same texts or matches within a window"
    doc = (
        "Counts within the window that ends at the comment's own time. `comments` and "
        "`same_text` count this comment too; `matches` counts earlier matches of a rule. All "
        "that is given must hold."
    )
    example = 'rate: {comments: ">= 6", within: 10s}'
    parameters = (
        Field("comments", CompareNumber(">= 6", whole=True), "Comments, this one too."),
        Field("same_text", CompareNumber(">= 3", whole=True), "Equal texts, this one too."),
        Field("matches", _RULE_MATCHES, "Earlier matches of a rule."),
        Field("within", Duration(), "The window.", required=True),
        Field("per", Choice(Per), "Counted per author or per channel."),
    )
    any_of = ("comments", "same_text", "matches")

    def bind(self, binder: Binder) -> Self:
        if self.matches:
            binder.rule(self.matches.rule)
        return self

    @cached_property
    def wanted(self) -> tuple[tuple[HistoryQuery, Comparison, int], ...]:
        """Each question, its comparison, and what to add for the comment itself."""
        per, window = str(self.per), self.within
        wanted = []
        if self.comments:
            wanted.append((HistoryQuery(HistoryKind.COMMENTS, per, window), self.comments, 1))
        if self.same_text:
            wanted.append((HistoryQuery(HistoryKind.SAME_TEXT, per, window), self.same_text, 1))
        if self.matches:
            query = HistoryQuery(HistoryKind.MATCHES, per, window, self.matches.rule.value)
            wanted.append((query, self.matches.count, 0))
        return tuple(wanted)

    def test(self, look: Look) -> Answer:
        answers = [_rate(look.facts, *each) for each in self.wanted]
        if False in answers:
            return NO
        return unknown(look.lack("history")) if None in answers else YES

    def screen(self, batch: Batch) -> Screen:
        match, miss = ~batch.nowhere(), batch.nowhere()
        for query, comparison, own in self.wanted:
            counts = batch.history(query) + own
            holds = comparison.column(counts)
            match &= holds | np.isnan(counts)
            miss |= ~holds
        return Screen(match, miss)

    def queries(self) -> tuple[HistoryQuery, ...]:
        return tuple(query for query, _, _ in self.wanted)

    def detail(self, look: Look) -> str:
        counts = [(q.kind, look.facts.history.get(q), own) for q, _, own in self.wanted]
        return ", ".join(
            f"{kind} {'not known' if count is None else count + own}" for kind, count, own in counts
        )


def _rate(facts: Facts, query: HistoryQuery, comparison: Comparison, own: int) -> bool | None:
    count = facts.history.get(query)
    return None if count is None else comparison.holds(count + own)


@dataclass(frozen=True)
class Clock(Condition):
    """When a comment was written."""

    between: Hours | None = None
    days: tuple[Day, ...] = ()
    zone: str = "UTC"

    name: ClassVar[str] = "time"
    title = "The comment was written at this time"
    doc = (
        "The comment's own time, in the given time zone; `between` may run past midnight, and "
        "its end does not belong to it. All that is given must hold."
    )
    example = 'time: {between: "22:00-06:00", zone: Europe/Berlin}'
    parameters = (
        Field("between", HoursKind(), "From one time of day to another."),
        Field("days", OneOrMany(Choice(Day)), "Days of the week."),
        Field("zone", ZONE, "The time zone."),
    )
    any_of = ("between", "days")

    def test(self, look: Look) -> Answer:
        now = self._local(look.facts)
        if now is None:
            return unknown(look.lack("time"))
        in_days = not self.days or list(Day)[now.weekday()] in self.days
        return truth(in_days and (self.between is None or self.between.holds(now.time())))

    def _local(self, facts: Facts) -> datetime | None:
        written = facts.comment.created_at
        if written is None:
            return None
        return written.astimezone(UTC if self.zone == "UTC" else ZoneInfo(self.zone))

    def detail(self, look: Look) -> str:
        now = self._local(look.facts)
        return f"written {now:%a %H:%M}" if now else "time not known"
