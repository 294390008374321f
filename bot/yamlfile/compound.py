"""Kinds made of kinds: lists, mappings, records, and a whole file of one kind.

Lives here: what holds other values. Kinds of single values are in `bot.yamlfile.kinds`.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Generic, cast

from bot.errors import did_you_mean
from bot.yamlfile.kinds import Kind, Schema, T, Text
from bot.yamlfile.nodes import ListNode, MapNode, Node, RefusedError, Report, ScalarNode
from bot.yamlfile.parser import parse


def _salvaged(refused: RefusedError) -> list[Any]:
    """Return what could be read, if anything could."""
    return [] if refused.salvaged is None else [refused.salvaged]


StandIn = Callable[[Node], Any]
"""Makes a value for the place of one that could not be read, so that checks can go on."""


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
        entries: list[Any] = []
        failed = False
        for item in node.items:
            try:
                entries.append(self.kind.read(item, f"an entry of {what}", report))
            except RefusedError as refused:
                failed = True
                entries += _salvaged(refused)
        if failed:
            raise RefusedError(what, tuple(entries))
        return tuple(entries)

    def schema(self) -> Schema:
        """Return the schema."""
        return {"type": "array", "items": self.kind.schema(), "minItems": self.least}


class MapOf(Kind[dict[str, T]]):
    """A mapping whose keys are names of the user's own choosing."""

    takes = (MapNode,)

    def __init__(
        self, key: Text, kind: Kind[T], *, least: int = 1, stand_in: StandIn | None = None
    ) -> None:
        self.key, self.kind, self.least, self.stand_in = key, kind, least, stand_in
        self.noun = "a mapping"

    def read(self, node: Node, what: str, report: Report) -> dict[str, T]:
        """Return the mapping, all of it or nothing."""
        if not isinstance(node, MapNode):
            raise self.refuse(node, what, report)
        if len(node.values) < self.least and not node.broken:
            raise report.error("empty-mapping", f"{what} is empty", node)
        result: dict[str, Any] = {}
        failed = node.broken
        for name, value in node.values.items():
            try:
                self.key.read(node.keys[name], f"a key of {what}", report)
                result[name] = self.kind.read(value, f'"{name}" in {what}', report)
            except RefusedError as refused:
                failed = True
                if refused.salvaged is not None:
                    result[name] = refused.salvaged
                elif self.stand_in is not None:
                    result[name] = self.stand_in(value)
        if failed:
            raise RefusedError(what, result)
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
    """One key of a record: its kind, what it means, and whether it must be given.

    `alias` are words that people write for it elsewhere; they are refused, and named in the hint.
    """

    name: str
    kind: Kind[Any]
    doc: str
    required: bool = False
    attribute: str = ""
    alias: tuple[str, ...] = ()

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
        stand_ins: Mapping[str, StandIn] | None = None,
    ) -> None:
        self.make, self.fields, self.any_of = make, tuple(fields), tuple(any_of)
        self.doc, self.noun = doc, noun
        self._stand_ins = dict(stand_ins or {})
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
            except RefusedError as refused:
                failed = True
                if refused.salvaged is not None:
                    values[known.target] = refused.salvaged
        if failed:
            raise RefusedError(what, self._salvage(node, values))
        return self.make(**values)

    def _salvage(self, node: MapNode, values: dict[str, Any]) -> T | None:
        """Make what can be made of the values that could be read."""
        for each in self.fields:
            if each.required and each.target not in values:
                if each.name not in self._stand_ins:
                    return None
                values[each.target] = self._stand_ins[each.name](node)
        return self.make(**values)

    def _unknown(self, key: ScalarNode, what: str, report: Report) -> None:
        meant = (each.name for each in self.fields if key.text.lower() in each.alias)
        hint = did_you_mean(next(meant, key.text), self._by_name)
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
        try:
            return Located(self.kind.read(node, what, report), node)
        except RefusedError as refused:
            if refused.salvaged is None:
                raise
            raise RefusedError(what, Located(refused.salvaged, node)) from refused

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


def salvage(node: Node, kind: Kind[T], report: Report, what: str) -> T | None:
    """Read a file's node as `kind`, or as much of it as is fit for further checks."""
    try:
        return kind.read(node, what, report)
    except RefusedError as refused:
        return cast("T | None", refused.salvaged)
