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
        value = self._kind.read(node, what, report)
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
        if node.broken:
            raise RefusedError(what)
        if not node.keys:
            raise report.error("empty-condition", f"{what} is empty", node)
        if len(node.keys) > 1:
            second = list(node.keys.values())[1]
            hint = 'put them into a list under "all" or "any"'
            raise report.error("many-conditions", f"{what} holds several conditions", second, hint)
        (key,) = node.keys.values()
        if key.text not in self._by_name:
            hint = did_you_mean(key.text, self._by_name)
            message = f'there is no condition "{key.text}"'
            raise report.error("unknown-condition", message, key, hint)
        return self._by_name[key.text].read(node.values[key.text], f'"{key.text}"', report)

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
