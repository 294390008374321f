"""A text under change that remembers where each of its characters came from.

Lives here: edits and the offset map that they leave, worked out only where something is found.
Not here: which edits to make.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple, overload

from bot.model import Evasion, FoldedView


class Edit(NamedTuple):
    """Put `text` in the place of the characters from `start` to `end`."""

    start: int
    end: int
    text: str


Offsets = tuple[Sequence[int], Sequence[int]]
"""The original offsets at which each character starts and ends."""


class Tracked(NamedTuple):
    """A text, the steps that changed it, and a way to its offsets in the original.

    A tuple, as folding makes many of them. `moved` works the offsets out; it is `None` while each character is in its old place.
    """

    text: str
    steps: tuple[str, ...] = ()
    moved: Callable[[], Offsets] | None = None

    def offsets(self) -> Offsets:
        """Return the original offsets."""
        if self.moved is not None:
            return self.moved()
        places = range(len(self.text) + 1)
        return places[:-1], places[1:]

    @classmethod
    def of_view(cls, view: FoldedView, start: int = 0, end: int | None = None) -> Tracked:
        """Go on with a stretch of a finished view."""
        part = slice(start, len(view.text) if end is None else end)
        starts, ends = view.starts, view.ends
        if starts is None or ends is None:
            places = range(len(view.text) + 1)
            starts, ends = places[:-1], places[1:]
        return cls(view.text[part], view.steps, lambda: (starts[part], ends[part]))

    def edited(self, edits: Iterable[Edit], step: str = "") -> Tracked:
        """Return the text with `edits` made, which are in order and do not overlap.

        A replacement as long as what it replaces lies on it one to one; any other comes, each
        character of it, from the whole of what it replaces.
        """
        made = list(edits)
        if not made:
            return self
        parts: list[str] = []
        done = 0
        for start, end, text in made:
            parts += (self.text[done:start], text)
            done = end
        parts.append(self.text[done:])
        return Tracked(
            "".join(parts), self._steps_with(step), lambda: _edited_offsets(self.offsets(), made)
        )

    def with_readings(self, readings: Iterable[tuple[int, int, Tracked]]) -> Tracked:
        """Put readings in the place of stretches: start, end, and what is read there.

        A reading tracks the stretch by itself: its own offsets count from `start`. Stretches are
        in order and do not overlap.
        """
        made = list(readings)
        text, done = "", 0
        for start, end, read in made:
            text += self.text[done:start] + read.text
            done = end
        steps = dict.fromkeys((*self.steps, *[step for _, _, read in made for step in read.steps]))
        return Tracked(
            text + self.text[done:], tuple(steps), lambda: _read_offsets(self.offsets(), made)
        )

    def mapped(self, text: str, step: str = "") -> Tracked:
        """Return the text replaced by one of the same length that lies on it one to one."""
        if text == self.text:
            return self
        return Tracked(text, self._steps_with(step), self.moved)

    def picked(self, places: Sequence[int], step: str) -> Tracked:
        """Return the characters at `places`, in that order."""
        text = "".join([self.text[place] for place in places])

        def offsets() -> Offsets:
            starts, ends = self.offsets()
            return [starts[place] for place in places], [ends[place] for place in places]

        return Tracked(text, self._steps_with(step), offsets)

    def view(self, evasion: Evasion) -> FoldedView:
        """Return the finished view; one that lies on the original one to one has no offsets."""
        if self.moved is None:
            return FoldedView(evasion, self.text, steps=self.steps)
        places = _Places(self.moved)
        return FoldedView(evasion, self.text, _Side(places, 0), _Side(places, 1), self.steps)

    def _steps_with(self, step: str) -> tuple[str, ...]:
        return self.steps if not step or step in self.steps else (*self.steps, step)


def _edited_offsets(offsets: Offsets, edits: Sequence[Edit]) -> Offsets:
    old_starts, old_ends = offsets
    starts: list[int] = []
    ends: list[int] = []
    done = 0
    for start, end, text in edits:
        starts += old_starts[done:start]
        ends += old_ends[done:start]
        if len(text) == end - start:
            starts += old_starts[start:end]
            ends += old_ends[start:end]
        elif text:
            starts += [min(old_starts[start:end])] * len(text)
            ends += [max(old_ends[start:end])] * len(text)
        done = end
    starts += old_starts[done:]
    ends += old_ends[done:]
    return starts, ends


def _read_offsets(offsets: Offsets, made: Sequence[tuple[int, int, Tracked]]) -> Offsets:
    own_starts, own_ends = offsets
    edits = [Edit(start, end, read.text) for start, end, read in made]
    starts, ends = map(list, _edited_offsets(offsets, edits))
    shift = 0
    for start, end, read in made:
        places = slice(start + shift, start + shift + len(read.text))
        inner_starts, inner_ends = read.offsets()
        starts[places] = [own_starts[start + place] for place in inner_starts]
        ends[places] = [own_ends[start + place - 1] for place in inner_ends]
        shift += len(read.text) - (end - start)
    return starts, ends


class _Places:
    """The offsets of all characters, worked out when first asked for."""

    __slots__ = ("_known", "_work_out")

    def __init__(self, work_out: Callable[[], Offsets]) -> None:
        self._work_out = work_out
        self._known: tuple[tuple[int, ...], tuple[int, ...]] | None = None

    def known(self) -> tuple[tuple[int, ...], tuple[int, ...]]:
        if self._known is None:
            starts, ends = self._work_out()
            self._known = tuple(starts), tuple(ends)
        return self._known


class _Side(Sequence[int]):
    """The starts or the ends of all characters."""

    __slots__ = ("_places", "_side")

    def __init__(self, places: _Places, side: int) -> None:
        self._places = places
        self._side = side

    def _known(self) -> tuple[int, ...]:
        return self._places.known()[self._side]

    @overload
    def __getitem__(self, index: int) -> int: ...

    @overload
    def __getitem__(self, index: slice) -> tuple[int, ...]: ...

    def __getitem__(self, index: int | slice) -> int | tuple[int, ...]:
        return self._known()[index]

    def __len__(self) -> int:
        return len(self._known())

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Side) and self._known() == other._known()

    def __hash__(self) -> int:
        return hash(self._known())

    def __repr__(self) -> str:
        return repr(self._known())
