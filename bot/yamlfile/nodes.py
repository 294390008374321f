"""Nodes that know their place, and the report that collects what is wrong with them.

Lives here: the tree that a file becomes, and `Report`. Not here: parsing, and what values mean.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from bot.errors import Location, Problem, Severity

MOST_PROBLEMS = 100
"""Problems told of one file; a file with more is not the file that its author meant."""


@dataclass(frozen=True, slots=True)
class Source:
    """A text file that was read: its path as the user wrote it, and its lines."""

    path: str
    lines: tuple[str, ...]

    def line(self, number: int) -> str:
        """Return a line, counted from 0; the one after the last is empty."""
        return self.lines[number] if number < len(self.lines) else ""

    def location(self, line: int, column: int, width: int = 1) -> Location:
        """Return the place of `line` and `column`, both counted from 0."""
        return Location(self.path, line + 1, column + 1, self.line(line), width)


# The tree is built in place by the parser, hence not frozen; nobody changes it afterwards.


@dataclass(slots=True)
class Node:
    """A value and its place: line and column counted from 0, width in code points."""

    source: Source = field(repr=False)
    line: int
    column: int
    width: int

    @property
    def location(self) -> Location:
        """The place as people read it."""
        return self.source.location(self.line, self.column, self.width)

    @property
    def found(self) -> str:
        """What the value is, for a message that says "expected …, not …"."""
        raise NotImplementedError


@dataclass(slots=True)
class ScalarNode(Node):
    """Text, a number or true/false. `broken`: already reported, nobody should say more.

    `verbatim` is true where the value stands in the file letter by letter, `inset` letters after
    the node's beginning, so that an offset in the value is a column in the file.
    """

    value: str | int | float | bool
    text: str
    broken: bool = False
    verbatim: bool = False
    inset: int = 0

    @property
    def found(self) -> str:
        """What the value is."""
        if isinstance(self.value, bool):
            return self.text
        kind = "the text" if isinstance(self.value, str) else "the number"
        shown = textwrap.shorten(self.text, 40, placeholder=" …")
        return f'{kind} "{shown}"' if isinstance(self.value, str) else f"{kind} {shown}"

    def inside(self, offset: int, width: int = 1) -> Location:
        """Return the place of a part of the value, or of the value where that cannot be told."""
        if not self.verbatim:
            return self.location
        return self.source.location(self.line, self.column + self.inset + offset, width)


@dataclass(slots=True)
class ListNode(Node):
    """A sequence."""

    items: list[Node] = field(default_factory=list)

    @property
    def found(self) -> str:
        """What the value is."""
        return "a list"


@dataclass(slots=True)
class MapNode(Node):
    """A mapping; `keys` has the key's own node, `values` its value, both by the key's text."""

    keys: dict[str, ScalarNode] = field(default_factory=dict)
    values: dict[str, Node] = field(default_factory=dict)
    broken: bool = False

    @property
    def found(self) -> str:
        """What the value is."""
        return "a mapping"


class RefusedError(Exception):
    """A value is wrong and the report says why; the reader goes on with the next one.

    `salvaged` is what could be read of it, of the value's own type, or `None`: good for further
    checks, so that all problems are told at once, and for nothing else.
    """

    def __init__(self, what: str, salvaged: object = None) -> None:
        super().__init__(what)
        self.salvaged = salvaged


class Report:
    """Collects problems of many files, in the order found."""

    def __init__(self) -> None:
        self._problems: dict[Problem, None] = {}
        self._counts: dict[str, int] = {}

    @property
    def problems(self) -> tuple[Problem, ...]:
        """All problems, sorted by file and place."""
        return tuple(sorted(self._problems, key=_place))

    @property
    def errors(self) -> tuple[Problem, ...]:
        """The problems that keep the file from loading."""
        return tuple(p for p in self.problems if p.severity is Severity.ERROR)

    def add(self, problem: Problem) -> None:
        """Take one problem; a file that has too many is cut short, and that is said."""
        path = problem.location.path if problem.location else ""
        count = self._counts.get(path, 0)
        if count == MOST_PROBLEMS:
            problem = Problem(
                "too-many-problems",
                f"more than {MOST_PROBLEMS} problems in this file",
                Location(path),
                "mend these first, then check again",
            )
        if count <= MOST_PROBLEMS:
            self._problems[problem] = None
            self._counts[path] = count + 1

    def error(
        self, code: str, message: str, where: Node | Location | None, hint: str = ""
    ) -> RefusedError:
        """Take an error at a node or place; return the exception to raise where reading stops."""
        place = where.location if isinstance(where, Node) else where
        self.add(Problem(code, message, place, hint))
        return RefusedError(message)

    def advise(self, node: Node, hint: str) -> None:
        """Give what the parser said of a node the hint that fits what is wanted there."""
        self._problems = {
            replace(each, hint=hint)
            if (each.code, each.location) == ("yaml-surprise", node.location)
            else each: None
            for each in self._problems
        }

    def warn(self, code: str, message: str, where: Node | Location | None, hint: str = "") -> None:
        """Take a warning: the file loads, and its author should look."""
        place = where.location if isinstance(where, Node) else where
        self.add(Problem(code, message, place, hint, Severity.WARNING))


def _place(problem: Problem) -> tuple[str, int, int]:
    where = problem.location
    if where is None:
        return ("", 0, 0)
    last = 1 << 60 if problem.code == "too-many-problems" else 0
    return (where.path, where.line or last, where.column or 0)


def walk(node: Node) -> Iterator[ScalarNode]:
    """Yield the scalars under `node`; depth is bounded by the parser."""
    if isinstance(node, ScalarNode):
        yield node
    elif isinstance(node, ListNode):
        for item in node.items:
            yield from walk(item)
    elif isinstance(node, MapNode):
        for value in node.values.values():
            yield from walk(value)
