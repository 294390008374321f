"""What a format is: how it is known, and how it is read.

Lives here: `Head`, which detection looks at, and `Format`, one line of the table. Not here: the
formats themselves (`formats`) and the order in which they are tried (`table`).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property

from bot.archive.source import Source
from bot.model import Comment

# A key within a text has a backslash before its closing quote, and is not found.
_KEY = re.compile(r'"([A-Za-z_][\w-]*)"\s*:')


@dataclass(frozen=True)
class Head:
    """The beginning of a text, as far as detection looks; `names` are the files of a bundle."""

    text: str
    names: tuple[str, ...] = ()

    @cached_property
    def lines(self) -> list[str]:
        """The lines, the last of which may be cut off."""
        return self.text.split("\n")

    @cached_property
    def opening(self) -> str:
        """The first character that is no space: `{` and `[` begin JSON, `<` begins XML."""
        return self.text.lstrip()[:1]

    @cached_property
    def keys(self) -> frozenset[str]:
        """The names of all JSON members in sight, at any depth."""
        return frozenset(_KEY.findall(self.text)) if self.opening in ("{", "[") else frozenset()

    def has(self, *keys: str) -> bool:
        """Tell whether this is JSON with all of these members."""
        return self.keys.issuperset(keys)


def no_check(source: Source, head: Head) -> None:
    """Most formats have all that they need once they are detected."""


@dataclass(frozen=True, slots=True)
class Format:
    """One archive format.

    `detect` looks at content alone, never at a name's ending. `read` yields comments in file
    order and notes problems in the source; it never raises for bad input. `check` raises
    `UserError` at once where a file of this format lacks what reading needs.
    """

    name: str
    title: str
    detect: Callable[[Head], bool]
    read: Callable[[Source], Iterator[Comment]]
    check: Callable[[Source, Head], None] = no_check
