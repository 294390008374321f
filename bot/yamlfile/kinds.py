"""Kinds: one description of a value, from which reading and JSON Schema derive alike.

Lives here: the kinds that any file may need. Kinds that only rules need live in `bot.rules`.
A kind reads a node into a value or raises `RefusedError` after it has told the report; a record
reads on past a refused key, so that all problems of a file are found at once.
"""

from __future__ import annotations

import enum
import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, Generic, TypeVar

from bot.errors import did_you_mean
from bot.yamlfile.nodes import ListNode, MapNode, Node, RefusedError, Report, ScalarNode
from bot.yamlfile.parser import parse

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
            raise self.refuse(node, what, report)
        return node.value

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


class ListOf(Kind[tuple[T, ...]]):
    """A list with at least `least` entries, each of one kind."""

    takes = (ListNode,)

    def __init__(self, kind: Kind[T], *, least: int = 1) -> None:
        self.kind, self.least = kind, least
        self.noun = f"a list, each entry {kind.noun}"

    def read(self, node: Node, what: str, report: Report) -> tuple[T, ...]:
        """Return the entries, all of them or none."""
        if not isinstance(node, ListNode):
            hint = f"write [{node.text}]" if isinstance(node, ScalarNode) else ""
            raise self.refuse(node, what, report, hint)
        if len(node.items) < self.least:
            raise report.error("empty-list", f"{what} is empty", node)
        entries: list[T] = []
        for item in node.items:
            try:
                entries.append(self.kind.read(item, f"an entry of {what}", report))
            except RefusedError:
                continue
        if len(entries) < len(node.items):
            raise RefusedError(what)
        return tuple(entries)

    def schema(self) -> Schema:
        """Return the schema."""
        return {"type": "array", "items": self.kind.schema(), "minItems": self.least}


class MapOf(Kind[dict[str, T]]):
    """A mapping whose keys are names of the user's own choosing."""

    takes = (MapNode,)

    def __init__(self, key: Text, kind: Kind[T], *, least: int = 1) -> None:
        self.key, self.kind, self.least = key, kind, least
        self.noun = "a mapping"

    def read(self, node: Node, what: str, report: Report) -> dict[str, T]:
        """Return the mapping, all of it or nothing."""
        if not isinstance(node, MapNode):
            raise self.refuse(node, what, report)
        if len(node.values) < self.least and not node.broken:
            raise report.error("empty-mapping", f"{what} is empty", node)
        result: dict[str, T] = {}
        for name, value in node.values.items():
            try:
                self.key.read(node.keys[name], f"a key of {what}", report)
                result[name] = self.kind.read(value, f'"{name}" in {what}', report)
            except RefusedError:
                continue
        if len(result) < len(node.values) or node.broken:
            raise RefusedError(what)
        return result

    def schema(self) -> Schema:
        """Return the schema."""
        return {
            "type": "object",
            "propertyNames": self.key.schema(),
            "additionalProperties": self.kind.schema(),
            "minProperties": self.least,
        }


@dataclass(frozen=True, slots=True)
class Field:
    """One key of a record: its kind, what it means, and whether it must be given."""

    name: str
    kind: Kind[Any]
    doc: str
    required: bool = False
    attribute: str = ""

    @property
    def target(self) -> str:
        """The name under which the value is handed on; differs where the key is a keyword."""
        return self.attribute or self.name


class Record(Kind[T]):
    """A mapping of known keys, made into `make(**given)`; `any_of`: one of these at least.

    What is not given is left to `make`, a dataclass whose defaults are the only ones there are.
    """

    takes = (MapNode,)

    def __init__(
        self,
        make: Callable[..., T],
        fields: Sequence[Field],
        *,
        any_of: Collection[str] = (),
        doc: str = "",
        noun: str = "a mapping",
    ) -> None:
        self.make, self.fields, self.any_of = make, tuple(fields), tuple(any_of)
        self.doc, self.noun = doc, noun
        self._by_name = {each.name: each for each in self.fields}

    def read(self, node: Node, what: str, report: Report) -> T:
        """Return the made value; every wrong, unknown and missing key is reported."""
        if not isinstance(node, MapNode):
            if isinstance(node, ScalarNode) and node.broken:
                raise RefusedError(what)
            hint = f"its keys are {', '.join(self._by_name)}"
            message = f"{what} must be a mapping, not {node.found}"
            raise report.error("wrong-kind", message, node, hint)
        values: dict[str, Any] = {}
        failed = node.broken | self._misses(node, what, report)
        for name, value in node.values.items():
            known = self._by_name.get(name)
            if known is None:
                self._unknown(node.keys[name], what, report)
                failed = True
                continue
            try:
                values[known.target] = known.kind.read(value, f'"{name}"', report)
            except RefusedError:
                failed = True
        if failed:
            raise RefusedError(what)
        return self.make(**values)

    def _unknown(self, key: ScalarNode, what: str, report: Report) -> None:
        hint = did_you_mean(key.text, self._by_name)
        report.error("unknown-key", f'{what} has no key "{key.text}"', key, hint)

    def _misses(self, node: MapNode, what: str, report: Report) -> bool:
        if node.broken:
            return True
        missing = [e.name for e in self.fields if e.required and e.name not in node.keys]
        for name in missing:
            report.error("missing-key", f'{what} lacks the key "{name}"', node)
        lacks = bool(self.any_of) and not any(name in node.keys for name in self.any_of)
        if lacks:
            needs = ", ".join(f'"{name}"' for name in self.any_of)
            report.error("missing-key", f"{what} needs one of the keys {needs}", node)
        return bool(missing) or lacks

    def schema(self) -> Schema:
        """Return the schema, with the keys' meanings as descriptions."""
        schema: Schema = {
            "type": "object",
            "properties": {
                each.name: {"description": each.doc, **each.kind.schema()} for each in self.fields
            },
            "additionalProperties": False,
        }
        if self.doc:
            schema["description"] = self.doc
        if required := [each.name for each in self.fields if each.required]:
            schema["required"] = required
        if self.any_of:
            schema["anyOf"] = [{"required": [name]} for name in self.any_of]
        return schema


class Either(Kind[Any]):
    """One of several kinds that come from different sorts of nodes."""

    def __init__(self, *kinds: Kind[Any]) -> None:
        self.kinds = kinds
        self.takes = tuple(node for kind in kinds for node in kind.takes)
        self.noun = " or ".join(kind.noun for kind in kinds)

    def read(self, node: Node, what: str, report: Report) -> Any:
        """Return what the kind for this sort of node reads."""
        for kind in self.kinds:
            if isinstance(node, kind.takes):
                return kind.read(node, what, report)
        raise self.refuse(node, what, report)

    def schema(self) -> Schema:
        """Return the schema."""
        return {"anyOf": [kind.schema() for kind in self.kinds]}


@dataclass(frozen=True, slots=True)
class Located(Generic[T]):
    """A value and the node it came from, for checks that come later; equal by value alone."""

    value: T
    node: Node = field(compare=False, repr=False)


class At(Kind[Located[T]]):
    """The same kind, with its place kept."""

    def __init__(self, kind: Kind[T]) -> None:
        self.kind, self.noun, self.takes = kind, kind.noun, kind.takes

    def read(self, node: Node, what: str, report: Report) -> Located[T]:
        """Return the value and its node."""
        return Located(self.kind.read(node, what, report), node)

    def schema(self) -> Schema:
        """Return the schema."""
        return self.kind.schema()


class OneOrMany(Kind[tuple[T, ...]]):
    """One value, or a list of such values."""

    def __init__(self, kind: Kind[T]) -> None:
        self._list = ListOf(kind)
        self.kind = kind
        self.takes = (ListNode, *kind.takes)
        self.noun = f"{kind.noun}, or a list of such"

    def read(self, node: Node, what: str, report: Report) -> tuple[T, ...]:
        """Return the values, also where there is one."""
        if isinstance(node, ListNode):
            return self._list.read(node, what, report)
        return (self.kind.read(node, what, report),)

    def schema(self) -> Schema:
        """Return the schema."""
        return {"anyOf": [self.kind.schema(), self._list.schema()]}


class Nested(Kind[T]):
    """A kind that is defined later, so that a value may hold its like."""

    def __init__(self, name: str, noun: str, takes: tuple[type[Node], ...]) -> None:
        self.name, self.noun, self.takes = name, noun, takes
        self._kind: Kind[T] | None = None

    def define(self, kind: Kind[T]) -> None:
        """Say what kind it is."""
        self._kind = kind

    @property
    def definition(self) -> Kind[T]:
        """The kind that it is."""
        if self._kind is None:
            raise LookupError(self.name)
        return self._kind

    def read(self, node: Node, what: str, report: Report) -> T:
        """Read as the kind that was defined."""
        return self.definition.read(node, what, report)

    def schema(self) -> Schema:
        """Return a reference to the definition of that name."""
        return {"$ref": f"#/$defs/{self.name}"}


def document_schema(kind: Kind[Any], title: str, nested: Sequence[Nested[Any]] = ()) -> Schema:
    """Return the JSON Schema of a whole file."""
    schema: Schema = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": title,
        **kind.schema(),
    }
    if nested:
        schema["$defs"] = {each.name: each.definition.schema() for each in nested}
    return schema


def read_file(path: Path, kind: Kind[T], report: Report, what: str = "the file") -> T | None:
    """Read a whole file as `kind`; `None` when anything was wrong, and the report says what."""
    node = parse(path, report)
    if node is None:
        return None
    try:
        return kind.read(node, what, report)
    except RefusedError:
        return None
