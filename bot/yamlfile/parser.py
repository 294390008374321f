"""From text to nodes: syntax, and only YAML's plain heart.

Lives here: everything that touches PyYAML. It is used for its events only: no object is ever
built from a tag, no alias is ever expanded, and nesting is bounded without recursion.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from bot.yamlfile.files import check_characters, read_text
from bot.yamlfile.nodes import ListNode, MapNode, Node, RefusedError, Report, ScalarNode, Source
from bot.yamlfile.scalars import resolve, surprise

DEEPEST = 50
"""Levels of nesting."""

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def parse(path: Path, report: Report) -> Node | None:
    """Read a YAML file; `None` when it is not one, and the report says why."""
    try:
        return _Builder(*read_text(path, report), report).build()
    except RefusedError:
        return None


def parse_text(text: str, name: str, report: Report) -> Node | None:
    """Read YAML from a string; `name` stands for the path in messages."""
    try:
        return _Builder(text, check_characters(text, name, report), report).build()
    except RefusedError:
        return None


def parse_loose(text: str, name: str, report: Report) -> Node | None:
    """Read another program's YAML: words that readers disagree on are kept as text."""
    source = Source(name, tuple(text.splitlines()))
    try:
        return _Builder(text, source, report, strict=False).build()
    except RefusedError:
        return None


# What the parser says (a part of it), what we say, and the way out.
_COMPLAINTS = (
    ("cannot start any token", "text cannot begin with {}", "put the whole text in quotes"),
    ("mapping values", "a colon is not expected here", "put text that holds a colon in quotes"),
    ("escape character", "unknown escape in double quotes", "use single quotes: no escapes there"),
    ("escape code", "this escape is not a character", "use single quotes: no escapes there"),
    ("quoted scalar", "this quote is never closed", ""),
    ("flow", "this bracket is never closed", ""),
    ("document start", "this line does not fit those before it", "check its indentation"),
    ("block", "this line does not fit those before it", "check its indentation"),
)


@dataclass(slots=True)
class _Open:
    """A collection whose end has not come yet; `key` waits for its value."""

    node: ListNode | MapNode
    key: ScalarNode | None = None
    keyless: bool = False

    def wants_key(self) -> bool:
        return isinstance(self.node, MapNode) and self.key is None and not self.keyless


class _Builder:
    """Builds the tree of one document from parser events."""

    def __init__(self, text: str, source: Source, report: Report, *, strict: bool = True) -> None:
        self._text = text
        self._source = source
        self._report = report
        self._strict = strict
        self._open: list[_Open] = []
        self._root: Node | None = None

    def build(self) -> Node:
        """Return the root; raise `RefusedError` when there is none to speak of."""
        for event in self._events():
            self._take(event)
        if self._root is None:
            place = self._source.location(0, 0)
            raise self._report.error("empty-file", "the file is empty", type(place)(place.path))
        return self._root

    def _events(self) -> Iterator[yaml.Event]:
        try:
            yield from yaml.parse(self._text, _LOADER)
        except yaml.MarkedYAMLError as error:
            raise self._syntax_error(error) from error

    def _syntax_error(self, error: yaml.MarkedYAMLError) -> RefusedError:
        mark = error.problem_mark
        line, column = (mark.line, mark.column) if mark else (0, 0)
        text = self._source.line(line)
        indent = text[: len(text) - len(text.lstrip())]
        if "\t" in indent and column <= len(indent):
            place = self._source.location(line, indent.index("\t"))
            return self._report.error(
                "tab", "a tab cannot indent YAML", place, "indent with spaces"
            )
        complaint = f"{error.problem} {error.context}"
        if "maximum nesting depth" in complaint:
            # Newer libraries give up on their own, before the first event that would be too deep.
            return self._too_deep(line, column)
        message, hint = next(
            ((message, hint) for part, message, hint in _COMPLAINTS if part in complaint),
            (f"not valid YAML: {error.problem}", ""),
        )
        if message.startswith("this quote") and error.context_mark:
            line, column = error.context_mark.line, error.context_mark.column
        elif message.startswith("this bracket") and self._open:
            line, column = self._open[-1].node.line, self._open[-1].node.column
        place = self._source.location(line, column)
        return self._report.error(
            "yaml-syntax", message.format(text[column : column + 1]), place, hint
        )

    def _take(self, event: yaml.Event) -> None:
        if isinstance(event, yaml.ScalarEvent):
            self._check_properties(event)
            self._attach(self._scalar(event))
        elif isinstance(event, (yaml.SequenceStartEvent, yaml.MappingStartEvent)):
            self._check_properties(event)
            self._begin(event)
        elif isinstance(event, yaml.CollectionEndEvent):
            self._open.pop()
        elif isinstance(event, yaml.AliasEvent):
            self._error(event, "alias", f"aliases (*{event.anchor}) are not read")
            self._attach(self._broken(event))
        elif isinstance(event, yaml.DocumentStartEvent):
            self._check_document(event)

    def _begin(self, event: yaml.SequenceStartEvent | yaml.MappingStartEvent) -> None:
        line, column, _ = self._extent(event)
        if len(self._open) == DEEPEST:
            raise self._too_deep(line, column)
        place = (self._source, line, column, 1)
        is_list = isinstance(event, yaml.SequenceStartEvent)
        node: ListNode | MapNode = ListNode(*place) if is_list else MapNode(*place)
        self._attach(node)
        self._open.append(_Open(node))

    def _too_deep(self, line: int, column: int) -> RefusedError:
        return self._report.error(
            "too-deep",
            f"nested more than {DEEPEST} levels deep",
            self._source.location(line, column),
            "flatten this part",
        )

    def _attach(self, node: Node) -> None:
        if not self._open:
            self._root = node
            return
        parent = self._open[-1]
        if isinstance(parent.node, ListNode):
            parent.node.items.append(node)
        elif parent.wants_key():
            self._set_key(parent, node)
        else:
            if parent.key is not None:
                parent.node.values[parent.key.text] = node
            parent.key, parent.keyless = None, False

    def _set_key(self, parent: _Open, node: Node) -> None:
        assert isinstance(parent.node, MapNode)  # noqa: S101 - `wants_key` has seen to it
        if not isinstance(node, ScalarNode):
            raise self._report.error("key", f"a key must be text, not {node.found}", node)
        if node.broken or (self._strict and not isinstance(node.value, str)):
            if not node.broken:
                hint = f'write "{node.text}" in quotes'
                self._report.error("key", f"a key must be text, not {node.found}", node, hint)
        elif node.text in parent.node.keys:
            first = parent.node.keys[node.text]
            self._report.error(
                "duplicate-key",
                f'the key "{node.text}" stands here twice',
                node,
                f"the first is on line {first.line + 1}; keep one",
            )
        else:
            parent.node.keys[node.text] = parent.key = node
        parent.keyless = parent.key is None
        parent.node.broken |= parent.keyless

    def _scalar(self, event: yaml.ScalarEvent) -> ScalarNode:
        line, column, width = self._extent(event)
        value: str | float | bool | None = event.value
        plain = event.implicit[0]
        if plain and self._strict:
            value = resolve(event.value)
        inset = 0 if plain else 1
        node = ScalarNode(
            self._source,
            line,
            column,
            width,
            event.value if value is None else value,
            event.value,
            broken=value is None,
            verbatim=self._source.line(line).startswith(event.value, column + inset),
            inset=inset,
        )
        if value is None:
            message, hint = surprise(event.value)
            self._report.error("yaml-surprise", message, node, hint)
        return node

    def _broken(self, event: yaml.AliasEvent) -> ScalarNode:
        return ScalarNode(self._source, *self._extent(event), "", "", broken=True)

    def _extent(self, event: Any) -> tuple[int, int, int]:
        """Return line, column and width on that line; only hand-made events lack marks."""
        start, end = event.start_mark, event.end_mark
        if start.line == end.line:
            return start.line, start.column, max(1, end.column - start.column)
        return start.line, start.column, max(1, len(self._source.line(start.line)) - start.column)

    def _check_properties(
        self, event: yaml.ScalarEvent | yaml.SequenceStartEvent | yaml.MappingStartEvent
    ) -> None:
        if event.anchor is None and event.tag is None:
            return
        line, column, _ = self._extent(event)
        written = self._source.line(line)[column:].split(maxsplit=1)[0]
        place = self._source.location(line, column, len(written))
        if written.startswith("&"):
            hint = "write the value out in full"
            self._report.error("anchor", f"anchors ({written}) are not read", place, hint)
        else:
            self._report.error("tag", f"tags ({written}) are not read", place, "remove the tag")

    def _check_document(self, event: yaml.DocumentStartEvent) -> None:
        if self._root is not None:
            place = self._source.location(*self._extent(event))
            raise self._report.error(
                "second-document", "a second document begins here", place, "one file holds one"
            )
        if event.version or event.tags:
            self._error(event, "directive", "YAML directives (%) are not read", "remove the line")

    def _error(
        self, event: yaml.Event, code: str, message: str, hint: str = "write the value out in full"
    ) -> None:
        self._report.error(code, message, self._source.location(*self._extent(event)), hint)
