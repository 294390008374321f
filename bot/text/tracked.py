"""A text under change that remembers where each of its characters came from.

Lives here: edits and the offset map that they leave. Not here: which edits to make.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

from bot.model import Evasion, FoldedView


class Edit(NamedTuple):
    """Put `text` in the place of the characters from `start` to `end`."""

    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class Tracked:
    """A text, the original offsets of each character, and the steps that changed it."""

    text: str
    starts: tuple[int, ...]
    ends: tuple[int, ...]
    steps: tuple[str, ...] = ()

    @classmethod
    def of(cls, text: str) -> Tracked:
        """Begin with the original text."""
        length = len(text)
        return cls(text, tuple(range(length)), tuple(range(1, length + 1)))

    def edited(self, edits: Iterable[Edit], step: str = "") -> Tracked:
        """Return the text with `edits` made, which are in order and do not overlap.

        A replacement as long as what it replaces lies on it one to one; any other comes, each
        character of it, from the whole of what it replaces.
        """
        parts: list[str] = []
        starts: list[int] = []
        ends: list[int] = []
        done = 0
        for start, end, text in edits:
            parts += (self.text[done:start], text)
            starts += self.starts[done:start]
            ends += self.ends[done:start]
            if len(text) == end - start:
                starts += self.starts[start:end]
                ends += self.ends[start:end]
            elif text:
                starts += [min(self.starts[start:end])] * len(text)
                ends += [max(self.ends[start:end])] * len(text)
            done = end
        if not parts:
            return self
        parts.append(self.text[done:])
        starts += self.starts[done:]
        ends += self.ends[done:]
        return Tracked("".join(parts), tuple(starts), tuple(ends), self._steps_with(step))

    def mapped(self, text: str, step: str = "") -> Tracked:
        """Return the text replaced by one of the same length that lies on it one to one."""
        if text == self.text:
            return self
        return Tracked(text, self.starts, self.ends, self._steps_with(step))

    def picked(self, order: Iterable[int], step: str) -> Tracked:
        """Return the characters at the places in `order`, in that order."""
        places = list(order)
        if places == list(range(len(self.text))):
            return self
        return Tracked(
            "".join([self.text[i] for i in places]),
            tuple([self.starts[i] for i in places]),
            tuple([self.ends[i] for i in places]),
            self._steps_with(step),
        )

    def view(self, evasion: Evasion) -> FoldedView:
        """Return the finished view."""
        if not self.steps and self.starts == tuple(range(len(self.text))):
            return FoldedView(evasion, self.text)
        return FoldedView(evasion, self.text, self.starts, self.ends, self.steps)

    def _steps_with(self, step: str) -> tuple[str, ...]:
        return self.steps if not step or step in self.steps else (*self.steps, step)
