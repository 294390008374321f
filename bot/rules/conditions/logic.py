"""Conditions made of conditions: `all`, `any` and `not`, with three answers each."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import ClassVar, Self

from bot.model import Evasion, Missing, Outcome
from bot.rules.batch import Batch, Screen
from bot.rules.conditions.base import Anchors, Binder, Condition
from bot.rules.look import NO, YES, Answer, Look, in_order
from bot.rules.matcher import Hit
from bot.yamlfile import Field, ListOf, MapNode, Nested

CONDITION: Nested[Condition] = Nested("condition", "a condition", (MapNode,))
"""Any condition; `bot.rules.conditions` says which there are."""


@dataclass(frozen=True)
class _Several(Condition):
    """What `all` and `any` share."""

    conditions: tuple[Condition, ...] = ()

    parameters = (Field("conditions", ListOf(CONDITION), "The conditions.", required=True),)
    bare = True

    def bind(self, binder: Binder) -> Self:
        return replace(self, conditions=tuple(each.bind(binder) for each in self.conditions))

    def children(self) -> tuple[Condition, ...]:
        return self.conditions

    def describe(self) -> str:
        return f"{self.name} of {len(self.conditions)}"


class All(_Several):
    """Every one of them."""

    name: ClassVar[str] = "all"
    title = "Every condition of the list holds"
    doc = (
        "Matches when all conditions match. One that does not match decides; otherwise an "
        "unknown one leaves the whole unknown."
    )
    example = "all:\n  - words: [muppet]\n  - reply: {is_reply: true}"

    def test(self, look: Look) -> Answer:
        answers: list[Answer] = []
        for each in self.conditions:
            answer = each.test(look)
            if answer.outcome is Outcome.NO_MATCH:
                return NO
            answers.append(answer)
        if missing := _missing(answers):
            return Answer(Outcome.UNKNOWN, missing=missing)
        evasion = max((answer.evasion for answer in answers), default=Evasion.NONE)
        return Answer(Outcome.MATCH, _hits(answers), evasion)

    def screen(self, batch: Batch) -> Screen:
        match, miss = ~batch.nowhere(), batch.nowhere()
        for each in self.conditions:
            screen = each.screen(batch)
            match, miss = match & screen.match, miss | screen.miss
            if not match.any():
                # Nothing that follows can bring a match back.
                return Screen(match, ~match)
        return Screen(match, miss)

    def anchors(self) -> Anchors | None:
        known = [each.anchors() for each in self.conditions]
        return min(filter(None, known), key=lambda each: sum(map(len, each)), default=None)


class Any(_Several):
    """At least one of them."""

    name: ClassVar[str] = "any"
    title = "At least one condition of the list holds"
    doc = "Matches when any condition matches. Otherwise an unknown one leaves the whole unknown."
    example = 'any:\n  - score: {insult: ">= 0.85"}\n  - words: [muppet]'

    def test(self, look: Look) -> Answer:
        answers = [each.test(look) for each in self.conditions]
        matching = [answer for answer in answers if answer.outcome is Outcome.MATCH]
        if matching:
            return Answer(Outcome.MATCH, _hits(matching), min(each.evasion for each in matching))
        if missing := _missing(answers):
            return Answer(Outcome.UNKNOWN, missing=missing)
        return NO

    def screen(self, batch: Batch) -> Screen:
        match, miss = batch.nowhere(), ~batch.nowhere()
        for each in self.conditions:
            screen = each.screen(batch)
            match, miss = match | screen.match, miss & screen.miss
        return Screen(match, miss)

    def anchors(self) -> Anchors | None:
        known = [each.anchors() for each in self.conditions]
        if None in known:
            return None
        terms, patterns = zip((frozenset(), frozenset()), *filter(None, known), strict=True)
        return frozenset().union(*terms), frozenset().union(*patterns)


@dataclass(frozen=True)
class Not(Condition):
    """Turns a yes into a no and a no into a yes; what is unknown stays so."""

    condition: Condition

    name: ClassVar[str] = "not"
    title = "The condition does not hold"
    doc = (
        "Matches when the condition does not match. An unknown answer stays unknown: what "
        "cannot be seen is no proof of absence."
    )
    example = "not: {quoted: true}"
    parameters = (Field("condition", CONDITION, "The condition.", required=True),)
    bare = True

    def test(self, look: Look) -> Answer:
        answer = self.condition.test(look)
        if answer.outcome is Outcome.UNKNOWN:
            return Answer(Outcome.UNKNOWN, missing=answer.missing)
        return NO if answer.outcome is Outcome.MATCH else YES

    def screen(self, batch: Batch) -> Screen:
        return self.condition.screen(batch).inverted()

    def bind(self, binder: Binder) -> Self:
        return replace(self, condition=self.condition.bind(binder))

    def children(self) -> tuple[Condition, ...]:
        return (self.condition,)

    def describe(self) -> str:
        return "not"


def _missing(answers: Iterable[Answer]) -> tuple[Missing, ...]:
    wanted = {item for answer in answers for item in answer.missing}
    return tuple(sorted(wanted, key=lambda item: (item.what, item.failed)))


def _hits(answers: list[Answer]) -> tuple[Hit, ...]:
    if len(answers) == 1:
        return answers[0].hits
    return in_order(hit for answer in answers for hit in answer.hits)
