"""All regular expressions of all rules, looked for at once.

Lives here: the set that says cheaply which of them may match where, and their hits. Not here:
entries (`bot.rules.terms`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

import re2

from bot.rules.haystack import SEPARATOR, Haystack
from bot.rules.hits import MOST_HITS, ByIndex, Hit, keep
from bot.rules.terms import Pattern, compile_pattern, options


class Patterns:
    """All patterns as one set, which says cheaply that nothing matches."""

    def __init__(self, patterns: Sequence[Pattern]) -> None:
        self._exact = [(compile_pattern(p.source), p.evasion) for p in patterns]
        written = [_per_line(pattern.source) for pattern in patterns]
        self._per_line = [compile_pattern(source) for source in written]
        self._set = re2.Set.SearchSet(options())
        for source in written:
            self._set.Add(source)
        self._set.Compile()

    def find(self, haystack: Haystack) -> dict[int, ByIndex]:
        """Return the hits, by the text and by the index of the pattern."""
        found: dict[int, ByIndex] = {}
        if not self._exact:
            return found
        lines = haystack.joined.replace(SEPARATOR, b"\n")
        for first in range(0, len(haystack.texts), _BLOCK):
            last = min(first + _BLOCK, len(haystack.texts))
            block = lines[haystack.starts[first] : haystack.starts[last] - 1]
            for number in self._set.Match(block) or ():
                for place in self._candidates(number, haystack, lines, (first, last)):
                    self._confirm(number, haystack, place, found)
        return found

    def _candidates(
        self, number: int, haystack: Haystack, lines: bytes, block: tuple[int, int]
    ) -> Iterator[int]:
        """Yield the views of a block, first and last, in which the pattern may match."""
        place, last = block
        end = haystack.starts[last] - 1
        while place < last:
            match = self._per_line[number].search(lines, haystack.starts[place], end)
            if match is None:
                return
            place = haystack.place(match.start())
            yield place
            place += 1

    def _confirm(
        self, number: int, haystack: Haystack, place: int, found: dict[int, ByIndex]
    ) -> None:
        owner, view = haystack.owners[place], haystack.view(place)
        pattern, limit = self._exact[number]
        if limit < view.evasion:
            return
        piece = view.text.encode()
        read = end = 0
        for match in pattern.finditer(piece):
            first, last = match.span()
            if first == last:
                continue
            start = end + len(piece[read:first].decode())
            end = start + len(piece[first:last].decode())
            read = last
            hits = found.setdefault(owner, {})
            span, folded = view.original_span(start, end), view.text[start:end]
            if keep(hits, number, Hit(span, folded, view.evasion, view.steps)) > MOST_HITS:
                return


_UNLIKE_LINES = re.compile(r"\\Q|\(\?[a-zA-Z]*-[a-zA-Z]*m")
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
_EDGES = {"A": "^", "z": "$"}


def _per_line(source: str) -> str:
    """Return an expression that finds in lines all that `source` finds in texts, or more.

    Where that cannot be told, it finds every line.
    """
    if _UNLIKE_LINES.search(source):
        return "(?m:^)"
    lines = _ESCAPED.sub(lambda found: _EDGES.get(found[1], found[0]), source)
    return f"(?m:{lines})"


_BLOCK = 64
