"""XML documents of any size, element by element, by a hardened parser.

Lives here: picking whole elements out of a document, and refusing what attacks a parser. Not here:
what the elements mean.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import chain
from xml.etree.ElementTree import ParseError

from bot.archive.source import MAX_FIELD, Source

# XML may not hold these at all, yet exports do; one of them would end the reading.
_FORBIDDEN = re.compile("[\0-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_DEEPEST = 200


@dataclass(slots=True)
class Node:
    """An element: names without namespaces, and its text without that of its children."""

    name: str
    attributes: dict[str, str]
    line: int
    children: list[Node] = field(default_factory=list)
    parts: list[str] = field(default_factory=list)

    @property
    def text(self) -> str:
        """The element's own text, without space around it."""
        return "".join(self.parts).strip()

    def child(self, name: str) -> Node | None:
        """Return the first child of this name."""
        return next((each for each in self.children if each.name == name), None)

    def get(self, name: str) -> str:
        """Return the text of the first child of this name; empty where there is none."""
        child = self.child(name)
        return child.text if child else ""


def elements(source: Source, *names: str) -> Iterator[Node]:
    """Yield every element of these names that lies in no other of them, as it ends."""
    # Slow to import, and most archives are no XML.
    from defusedxml import DefusedXmlException  # noqa: PLC0415 - only XML archives need it
    from defusedxml.ElementTree import DefusedXMLParser  # noqa: PLC0415 - only XML archives need it

    picker = _Picker(frozenset(names))
    parser = DefusedXMLParser(target=picker)
    picker.expat = parser.parser
    error: Exception | None = None
    for text in chain(source.text(), (None,)):
        try:
            if text is None:
                parser.close()
            else:
                parser.feed(_fit(source, picker.line, text))
        except (ParseError, DefusedXmlException, _HostileError) as raised:
            error = raised
        # What is whole is given before the error is told.
        nodes, picker.finished = picker.finished, []
        for node in nodes:
            source.line = node.line
            yield node
        if error is not None:
            _note(source, error, picker.line)
            return


def _fit(source: Source, line: int, text: str) -> str:
    if unfit := _FORBIDDEN.search(text):
        source.warn_of_unfit_text(line + text.count("\n", 0, unfit.start()))
        return _FORBIDDEN.sub("\N{REPLACEMENT CHARACTER}", text)
    return text


def _note(source: Source, error: Exception, line: int) -> None:
    if isinstance(error, ParseError):
        _note_place(source, error)
    elif isinstance(error, _HostileError):
        source.problem("xml-limit", f"{error}; the rest is not read", line=line)
    else:
        source.problem(
            "xml-entities",
            "the file declares entities of its own, as attacks do; the rest is not read",
            line=line,
            hint="an honest export declares none: be careful where this file came from",
        )


def _note_place(source: Source, error: ParseError) -> None:
    line, column = error.position
    message = str(error).split(":", 1)[0]
    if message.startswith(("no element found", "unclosed token")):
        code, message = "truncated", "the file ends in the middle of the data"
    else:
        code, message = "bad-xml", f"broken XML ({message}); the rest is not read"
    hint = "what came before is read; export it again, or mend it here, for the rest"
    source.problem(code, message, line=line, column=column + 1, hint=hint)


class _HostileError(Exception):
    """The document is built to exhaust us."""


class _Picker:
    """What the parser talks to: keeps the wanted elements, forgets everything else."""

    def __init__(self, names: frozenset[str]) -> None:
        self.expat: object = None
        self.finished: list[Node] = []
        self._names = names
        self._open: list[Node] = []
        self._depth = 0
        self._held = 0

    @property
    def line(self) -> int:
        """The line where the parser stands."""
        return int(getattr(self.expat, "CurrentLineNumber", 0))

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        """Begin an element."""
        self._depth += 1
        if self._depth > _DEEPEST:
            raise _HostileError("elements are nested too deeply")
        name = _local(tag)
        if self._open or name in self._names:
            node = Node(name, {_local(key): value for key, value in attributes.items()}, self.line)
            if self._open:
                self._open[-1].children.append(node)
            self._open.append(node)

    def end(self, tag: str) -> None:
        """End an element."""
        del tag
        self._depth -= 1
        if self._open:
            node = self._open.pop()
            if not self._open:
                self.finished.append(node)
                self._held = 0

    def data(self, text: str) -> None:
        """Take text, in pieces."""
        if self._open:
            self._held += len(text)
            if self._held > MAX_FIELD:
                raise _HostileError(f"an element is longer than {MAX_FIELD:,} characters")
            self._open[-1].parts.append(text)

    def close(self) -> None:
        """End the document."""


def _local(name: str) -> str:
    return name.rpartition("}")[2]
