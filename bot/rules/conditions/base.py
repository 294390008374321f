"""What every condition is: a name, a page of documentation, parameters, and an answer.

Lives here: the base class, and `Binder`, through which a condition gets what lies outside it
(lists, the matcher's entries, other rules' names). Not here: any condition.
"""

from __future__ import annotations

import dataclasses
import json
from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, ClassVar, Protocol, Self

from bot.model import Evasion, HistoryQuery, Threshold
from bot.rules.batch import Batch, Screen
from bot.rules.look import Answer, Look
from bot.yamlfile import Duration, Field, Located


class Binder(Protocol):
    """What lies outside a condition. Each method reports what is wrong and goes on."""

    def entries(self, lists: tuple[Located[str], ...]) -> tuple[Located[str], ...]:
        """Return the entries of named lists."""
        ...

    def terms(self, entries: tuple[Located[str], ...], evasion: Evasion) -> frozenset[int]:
        """Return the matcher's numbers of word entries."""
        ...

    def written_out(self, sources: tuple[Located[str], ...]) -> tuple[Located[str], ...]:
        """Return regexes with the entries of a list in the place of each `{list}`."""
        ...

    def patterns(self, sources: tuple[Located[str], ...], evasion: Evasion) -> frozenset[int]:
        """Return the matcher's numbers of regexes."""
        ...

    def label(self, label: str, where: Located[Any]) -> None:
        """Check that the model has a label."""
        ...

    def rule(self, rule: Located[str]) -> None:
        """Check that there is a rule of this id."""
        ...


Anchors = tuple[frozenset[int], frozenset[int]]
"""The matcher's numbers of word entries and of regexes."""


@dataclass(frozen=True)
class Condition(ABC):
    """One question to a comment. A subclass is frozen; its fields are its parameters."""

    name: ClassVar[str]
    """The key under which a rule writes it."""
    title: ClassVar[str]
    """What it asks, in one line."""
    doc: ClassVar[str]
    """What it means, in full, for the reference."""
    example: ClassVar[str]
    """How it is written, in YAML."""
    parameters: ClassVar[tuple[Field, ...]] = ()
    any_of: ClassVar[tuple[str, ...]] = ()
    """One of these parameters must be given; without any here, one of all."""
    shorthand: ClassVar[str | None] = None
    """The parameter that may be written alone, in the place of the mapping."""
    bare: ClassVar[bool] = False
    """Whether the one parameter is always written alone."""

    @abstractmethod
    def test(self, look: Look) -> Answer:
        """Answer for one comment."""

    def screen(self, batch: Batch) -> Screen:
        """Say where an answer other than NO_MATCH, and other than MATCH, is possible."""
        return batch.open()

    def bind(self, binder: Binder) -> Self:
        """Return the condition with what lies outside it filled in."""
        del binder
        return self

    def describe(self) -> str:
        """Return the condition as people read it."""
        return f"{self.name}: {_shown(self.meaning())}"

    def detail(self, look: Look) -> str:
        """Return what was looked at and found, for an explanation."""
        del look
        return ""

    def meaning(self) -> object:
        """Return what the condition says as plain data, from which the rule set's id is made."""
        fields = {each.name: getattr(self, each.name) for each in dataclasses.fields(self)}
        return {name: plain(value) for name, value in fields.items() if value not in (None, ())}

    def children(self) -> tuple[Condition, ...]:
        """Return the conditions inside this one."""
        return ()

    def walk(self) -> Iterator[Condition]:
        """Yield this condition and all inside it."""
        yield self
        for child in self.children():
            yield from child.walk()

    def thresholds(self) -> tuple[Threshold, ...]:
        """Return the scores that this condition compares with."""
        return ()

    def queries(self) -> tuple[HistoryQuery, ...]:
        """Return what this condition asks of the history."""
        return ()

    def anchors(self) -> Anchors | None:
        """Return entries without any of which the answer is NO_MATCH, if there are such."""
        return None

    def term_ids(self) -> frozenset[int]:
        """Return the matcher's numbers of this condition's word entries."""
        return frozenset()

    def pattern_ids(self) -> frozenset[int]:
        """Return the matcher's numbers of this condition's regexes."""
        return frozenset()


def plain(value: object) -> object:
    """Return a parameter's value as data that JSON can hold, with sets in order."""
    if isinstance(value, Located):
        return plain(value.value)
    if isinstance(value, Condition):
        return {value.name: value.meaning()}
    if isinstance(value, timedelta):
        return Duration.write(value)
    if isinstance(value, dict):
        return {str(key): plain(value[key]) for key in sorted(value, key=str)}
    if isinstance(value, (list, tuple, frozenset)):
        return sorted((plain(each) for each in value), key=canonical)
    return (
        value if isinstance(value, (str, int, float, bool)) and type(value) in _JSON else str(value)
    )


_JSON = {str, int, float, bool}


def canonical(data: object) -> str:
    """Return the one way of writing plain data."""
    return json.dumps(data, sort_keys=True, ensure_ascii=False, separators=(",", ":"))


def _shown(data: object) -> str:
    """Write plain data the way a rule file does, shortened."""
    if isinstance(data, dict):
        return ", ".join(f"{key} {_shown(value)}" for key, value in data.items())
    if isinstance(data, list):
        shown = ", ".join(_shown(each) for each in data[:_MOST_SHOWN])
        more = f", … {len(data) - _MOST_SHOWN} more" if len(data) > _MOST_SHOWN else ""
        return f"[{shown}{more}]"
    if isinstance(data, bool):
        return str(data).lower()
    return str(data)


_MOST_SHOWN = 6
