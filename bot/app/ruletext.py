"""A rule as its file has it, for moderators who do not see the file.

Lives here: finding where a rule begins and ends. Not here: reading rules (`bot.rules`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from textwrap import dedent

from bot.rules.ruleset import LoadedRule

_ITEM = re.compile(r" *- ")


def written(rule: LoadedRule) -> str:
    """Return the lines of a rule, comments too, without its examples."""
    node = rule.spec.id.node
    lines = node.source.lines
    first = next(at for at in range(node.line, -1, -1) if _ITEM.match(lines[at]))
    return dedent("\n".join(_without_examples(_item(lines[first:])))).rstrip()


def _item(lines: Sequence[str]) -> Iterator[str]:
    """Yield the lines of the item of a list that begins with the first of them."""
    yield lines[0]
    for line in lines[1:]:
        if line.strip() and _indent(line) <= _indent(lines[0]):
            return
        yield line


def _without_examples(lines: Iterator[str]) -> Iterator[str]:
    inside = None
    for line in lines:
        if inside is not None and (not line.strip() or _indent(line) > inside):
            continue
        inside = _indent(line) if line.lstrip().startswith("examples:") else None
        if inside is None:
            yield line


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())
