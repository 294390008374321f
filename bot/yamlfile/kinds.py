"""Kinds: one description of a value, from which reading and JSON Schema derive alike.

Lives here: the kinds of single values that any file may need. Kinds made of kinds are in
`bot.yamlfile.compound`, kinds that only rules need in `bot.rules`.
A kind reads a node into a value or raises `RefusedError` after it has told the report; a record
reads on past a refused key, so that all problems of a file are found at once.
"""

from __future__ import annotations

import enum
import re
from abc import ABC, abstractmethod
from collections.abc import Collection
from datetime import UTC, date, datetime, timedelta
from typing import Any, Generic, TypeVar

from bot.errors import did_you_mean
from bot.yamlfile.nodes import Node, RefusedError, Report, ScalarNode

T = TypeVar("T")
E = TypeVar("E", bound=enum.Enum)

Schema = dict[str, Any]
"""A JSON Schema, draft 2020-12."""


class Kind(ABC, Generic[T]):
    """A kind of value. `noun` completes "must be …"; `takes` are the nodes it may come from."""

    noun: str
    takes: tuple[type[Node], ...] = (ScalarNode,)

    @abstractmethod
    def read(self, node: Node, what: str, report: Report) -> T:
        """Return the value of `node`, which the user knows as `what`."""

    @abstractmethod
    def schema(self) -> Schema:
        """Return the JSON Schema that accepts exactly what `read` accepts."""

    def refuse(self, node: Node, what: str, report: Report, hint: str = "") -> RefusedError:
        """Report that `node` is not of this kind; say nothing of what is broken already."""
        if isinstance(node, ScalarNode) and node.broken:
            if node.text:
                report.advise(node, f"write {self.noun}")
            return RefusedError(what)
        return report.error(
            "wrong-kind", f"{what} must be {self.noun}, not {node.found}", node, hint
        )


class Text(Kind[str]):
    """Text that is not empty; with `pattern`, text of one form, which `noun` names."""

    def __init__(
        self, noun: str = "text", pattern: str = r"[\s\S]*\S[\s\S]*", longest: int = 10_000
    ) -> None:
        self.noun = noun
        self.longest = longest
        # `$` alone would let a line break at the end pass in Python and not in an editor.
        self.pattern = f"^(?:{pattern})$(?!\\n)"
        self._matches = re.compile(self.pattern).search

    def read(self, node: Node, what: str, report: Report) -> str:
        """Return the text; a number or true/false is refused with the advice to quote it."""
        if not isinstance(node, ScalarNode):
            raise self.refuse(node, what, report)
        if not isinstance(node.value, str):
            raise self.refuse(node, what, report, f'write "{node.text}" in quotes')
        if node.broken:
            raise RefusedError(what)
        if len(node.value) > self.longest:
            message = f"{what} has {len(node.value):,} characters; at most {self.longest:,} fit"
            raise report.error("too-long", message, node)
        if not self._matches(node.value):
            if not node.value.strip():
                raise report.error("empty-text", f"{what} is empty", node)
            raise self.refuse(node, what, report, self._mended(node.value))
        return node.value

    def _mended(self, text: str) -> str:
        """Propose the same in small letters, or with dashes for blanks, where that has the form."""
        small = text.lower()
        fit = (each for each in (small, "-".join(small.split())) if self._matches(each))
        return next((f'write "{each}"' for each in fit), "")

    def schema(self) -> Schema:
        """Return the schema: a string of the pattern."""
        return {"type": "string", "pattern": self.pattern, "maxLength": self.longest}


class Flag(Kind[bool]):
    """True or false; with `only`, just the one that makes a difference."""

    def __init__(self, *, only: bool | None = None) -> None:
        self.only = only
        self.noun = "true or false" if only is None else str(only).lower()

    def read(self, node: Node, what: str, report: Report) -> bool:
        """Return the flag."""
        if not isinstance(node, ScalarNode) or not isinstance(node.value, bool):
            raise self.refuse(node, what, report)
        if self.only is not None and node.value is not self.only:
            raise self.refuse(node, what, report, "leave the key out instead")
        return node.value

    def schema(self) -> Schema:
        """Return the schema."""
        return {"type": "boolean"} if self.only is None else {"const": self.only}


class Whole(Kind[int]):
    """A whole number from `least` to `most`."""

    def __init__(self, least: int = 0, most: int = 10**9) -> None:
        self.least, self.most = least, most
        self.noun = f"a whole number from {least} to {most:,}"

    def read(self, node: Node, what: str, report: Report) -> int:
        """Return the number; 3.0 is whole, as JSON Schema has it."""
        value = node.value if isinstance(node, ScalarNode) else None
        if isinstance(value, float) and value.is_integer():
            value = int(value)
        if not isinstance(value, int) or isinstance(value, bool):
            raise self.refuse(node, what, report)
        if not self.least <= value <= self.most:
            raise self.refuse(node, what, report)
        return value

    def schema(self) -> Schema:
        """Return the schema."""
        return {"type": "integer", "minimum": self.least, "maximum": self.most}


class Fraction(Kind[float]):
    """A number from `least` to `most`."""

    def __init__(self, least: float = 0.0, most: float = 1.0) -> None:
        self.least, self.most = least, most
        self.noun = f"a number from {least:g} to {most:g}"

    def read(self, node: Node, what: str, report: Report) -> float:
        """Return the number."""
        value = node.value if isinstance(node, ScalarNode) else None
        if not isinstance(value, (int, float)) or isinstance(value, bool):
            raise self.refuse(node, what, report)
        if not self.least <= value <= self.most:
            raise self.refuse(node, what, report)
        return float(value)

    def schema(self) -> Schema:
        """Return the schema."""
        return {"type": "number", "minimum": self.least, "maximum": self.most}


class Choice(Kind[E]):
    """One of an enumeration's members, by its written name; `but` are not for this place."""

    def __init__(self, members: type[E], *, but: Collection[E] = ()) -> None:
        self._members = {str(member): member for member in members if member not in but}
        names = list(self._members)
        self.noun = f"{', '.join(names[:-1])} or {names[-1]}" if len(names) > 1 else names[0]

    def read(self, node: Node, what: str, report: Report) -> E:
        """Return the member."""
        value = node.value if isinstance(node, ScalarNode) else None
        member = self._members.get(value) if isinstance(value, str) else None
        if member is None:
            near = did_you_mean(value, self._members) if isinstance(value, str) else ""
            raise self.refuse(node, what, report, near if near.startswith("did") else "")
        return member

    def schema(self) -> Schema:
        """Return the schema."""
        return {"enum": list(self._members)}


class Name(Kind[str]):
    """One of many known names."""

    def __init__(self, noun: str, names: Collection[str]) -> None:
        self.noun = noun
        self._names = frozenset(names)

    def read(self, node: Node, what: str, report: Report) -> str:
        """Return the name."""
        value = node.value if isinstance(node, ScalarNode) else None
        if not isinstance(value, str) or value not in self._names:
            near = did_you_mean(value, self._names) if isinstance(value, str) else ""
            raise self.refuse(node, what, report, near if near.startswith("did") else "")
        return value

    def schema(self) -> Schema:
        """Return the schema."""
        return {"enum": sorted(self._names)}


_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 7 * 86400}


class Duration(Kind[timedelta]):
    """A length of time: a whole number and a unit, as in `10m`."""

    PATTERN = r"[1-9][0-9]{0,5}[smhdw]"

    def __init__(self) -> None:
        self.noun = "a length of time like 30s, 10m, 24h, 7d or 2w"
        self._text = Text(self.noun, self.PATTERN)

    def read(self, node: Node, what: str, report: Report) -> timedelta:
        """Return the length of time."""
        if isinstance(node, ScalarNode) and type(node.value) in {int, float}:
            raise self.refuse(node, what, report, f"which unit? for example {node.text}m")
        return self.parse(self._text.read(node, what, report))

    @staticmethod
    def parse(text: str) -> timedelta:
        """Return the length of time that `text`, of the right form, names."""
        return timedelta(seconds=int(text[:-1]) * _UNITS[text[-1]])

    @staticmethod
    def write(length: timedelta) -> str:
        """Return a length of time as it is written, in the largest unit that leaves no rest."""
        seconds = int(length.total_seconds())
        unit = max((u for u in _UNITS if seconds % _UNITS[u] == 0), key=lambda u: _UNITS[u])
        return f"{seconds // _UNITS[unit]}{unit}"

    def schema(self) -> Schema:
        """Return the schema."""
        return self._text.schema()


class Date(Kind[date]):
    """A day, as in `2028-01-31`."""

    # Which months have 31 days is in the pattern, so that an editor judges as we do.
    PATTERN = (
        r"[0-9]{4}-(?:(?:0[1-9]|1[0-2])-(?:0[1-9]|1[0-9]|2[0-8])"
        r"|(?:0[13-9]|1[0-2])-(?:29|30)|(?:0[13578]|1[02])-31)"
        r"|(?:[0-9]{2}(?:0[48]|[2468][048]|[13579][26])|(?:[02468][048]|[13579][26])00)-02-29"
    )

    def __init__(self) -> None:
        self.noun = "a date like 2028-01-31"
        self._text = Text(self.noun, f"(?!0000)(?:{self.PATTERN})")

    def read(self, node: Node, what: str, report: Report) -> date:
        """Return the day."""
        return date.fromisoformat(self._text.read(node, what, report))

    def schema(self) -> Schema:
        """Return the schema."""
        return self._text.schema()


class Moment(Kind[datetime]):
    """A day and a time of day in UTC, as in `2028-01-31T18:30:00Z`."""

    def __init__(self) -> None:
        self.noun = "a time like 2028-01-31T18:30:00Z"
        clock = r"T(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]Z"
        self._text = Text(self.noun, f"(?!0000)(?:{Date.PATTERN}){clock}")

    def read(self, node: Node, what: str, report: Report) -> datetime:
        """Return the time, aware, in UTC."""
        text = self._text.read(node, what, report)
        return datetime.fromisoformat(text.removesuffix("Z")).replace(tzinfo=UTC)

    def schema(self) -> Schema:
        """Return the schema."""
        return self._text.schema()
