"""The conditions that a rule may ask: one small class each, one line each in the table below.

Lives here: the table, and how a condition is read from a rule file. To add a condition, copy
one that is like it, and add a line.
"""

from __future__ import annotations

from typing import Any

from bot.errors import did_you_mean
from bot.rules.conditions import author, form, links, logic, message, score, text, thread, time
from bot.rules.conditions.base import Binder, Condition
from bot.yamlfile import Either, Kind, MapNode, Node, Record, RefusedError, Report, Schema

CONDITIONS: tuple[type[Condition], ...] = (
    text.Words,
    text.Regex,
    score.Score,
    form.Length,
    form.Shape,
    links.Links,
    message.Mentions,
    message.Attachments,
    author.WrittenBy,
    thread.Reply,
    thread.Quoted,
    time.Rate,
    time.Clock,
    logic.All,
    logic.Any,
    logic.Not,
)


class _Parameters(Kind[Condition]):
    """What stands behind a condition's name."""

    def __init__(self, cls: type[Condition]) -> None:
        self._cls = cls
        optional = [each.name for each in cls.parameters if not each.required]
        any_of = cls.any_of or (optional if len(optional) == len(cls.parameters) else ())
        record: Kind[Any] = Record(cls, cls.parameters, any_of=any_of, doc=cls.title)
        alone = cls.parameters[0].name if cls.bare else cls.shorthand
        self._alone = next((each for each in cls.parameters if each.name == alone), None)
        if self._alone is None:
            self._kind = record
        else:
            self._kind = self._alone.kind if cls.bare else Either(record, self._alone.kind)
        self.noun, self.takes = self._kind.noun, self._kind.takes

    def read(self, node: Node, what: str, report: Report) -> Condition:
        try:
            return self._made(self._kind.read(node, what, report))
        except RefusedError as refused:
            if refused.salvaged is None:
                raise
            raise RefusedError(what, self._made(refused.salvaged)) from refused

    def _made(self, value: object) -> Condition:
        if isinstance(value, self._cls) and not self._cls.bare:
            return value
        assert self._alone is not None  # noqa: S101 - only a record makes the condition itself
        return self._cls(**{self._alone.target: value})

    def schema(self) -> Schema:
        return {"description": self._cls.title, **self._kind.schema()}


class _ConditionKind(Kind[Condition]):
    """A mapping of one key, the condition's name."""

    takes = (MapNode,)
    noun = "a condition"

    def __init__(self) -> None:
        self._by_name = {cls.name: _Parameters(cls) for cls in CONDITIONS}

    def read(self, node: Node, what: str, report: Report) -> Condition:
        if not isinstance(node, MapNode):
            raise self.refuse(node, what, report, f"conditions are {', '.join(self._by_name)}")
        if not node.keys:
            if node.broken:
                raise RefusedError(what)
            raise report.error("empty-condition", f"{what} is empty", node)
        found, failed = self._read_all(node, report)
        if len(node.keys) > 1:
            second = list(node.keys.values())[1]
            hint = 'put them into a list under "all" or "any"'
            report.error("many-conditions", f"{what} holds several conditions", second, hint)
        if failed or node.broken or len(node.keys) > 1:
            raise RefusedError(what, logic.All(tuple(found)))
        return found[0]

    def _read_all(self, node: MapNode, report: Report) -> tuple[list[Condition], bool]:
        """Read every condition that is there, also where only one may be."""
        found: list[Condition] = []
        failed = False
        for name, key in node.keys.items():
            if name not in self._by_name:
                hint = did_you_mean(name, self._by_name)
                report.error("unknown-condition", f'there is no condition "{name}"', key, hint)
                failed = True
                continue
            try:
                found.append(self._by_name[name].read(node.values[name], f'"{name}"', report))
            except RefusedError as refused:
                failed = True
                if isinstance(refused.salvaged, Condition):
                    found.append(refused.salvaged)
        return found, failed

    def schema(self) -> Schema:
        return {
            "type": "object",
            "properties": {name: each.schema() for name, each in self._by_name.items()},
            "additionalProperties": False,
            "minProperties": 1,
            "maxProperties": 1,
        }


CONDITION = logic.CONDITION
CONDITION.define(_ConditionKind())

__all__ = ["CONDITION", "CONDITIONS", "Binder", "Condition"]
