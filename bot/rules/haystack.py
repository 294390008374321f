"""Many folded views joined into one run of bytes, and the way back.

Lives here: joining, and finding the view and the code points of a stretch of bytes. Not here:
what is looked for (`bot.rules.matcher`).
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Sequence
from functools import cache

import numpy as np

from bot.model import FoldedView
from bot.text import Edit, Tracked

SEPARATOR = b"\0"
"""Stands between two views; offsets do not depend on it, so that a view may hold it too."""

_WIDE_SPACES = re.compile(r"\A\s+|\s+\Z|\s\s+|[^\S ]")
_SPACE = ord(" ")
_FIRST_CONTROL, _LAST_CONTROL = np.uint8(ord("\t")), np.uint8(ord("\r"))
# The last bytes of all else that parts words; other characters may end in one of them too.
_MAY_PART = b"\x85\xa8\xa9"


class Haystack:
    """The texts of views, a NUL before and after each; `owners` are the texts they stem from.

    `view` returns the view with an index; few are asked for, so it may make them on demand.
    """

    def __init__(
        self, texts: Sequence[str], owners: Sequence[int], view: Callable[[int], FoldedView]
    ) -> None:
        """Join the texts of the views."""
        self.texts = texts
        self.owners = owners
        self.view = cache(lambda at: _with_offsets(view(at)))
        written = "\0".join(("", *texts, ""))
        self.joined = written.encode()
        self._ascii = len(self.joined) == len(written)
        lengths = np.fromiter(map(len, texts), np.intp, len(texts))
        if not self._ascii:
            for place in [i for i, text in enumerate(texts) if not text.isascii()]:
                lengths[place] = len(texts[place].encode())
        self._starts = np.concatenate(([1], np.cumsum(lengths + 1) + 1))
        self.starts: list[int] = self._starts.tolist()

    @classmethod
    def of(cls, views: Sequence[FoldedView], owners: Sequence[int]) -> Haystack:
        """Join finished views."""
        return cls([view.text for view in views], owners, views.__getitem__)

    def place(self, byte: int) -> int:
        """Return the index of the view that holds `byte`."""
        return bisect_right(self.starts, byte) - 1

    def locate(self, start: int, end: int) -> tuple[int, int, int]:
        """Return the index of the view and the code points of a stretch of bytes within it."""
        place = self.place(start)
        offset = self.starts[place]
        if self._ascii or self.texts[place].isascii():
            return place, start - offset, end - offset
        first = len(self.joined[offset:start].decode())
        return place, first, first + len(self.joined[start:end].decode())

    def respaced(self) -> Haystack:
        """Return the views with wide gaps alone, their white space made single."""
        texts = {place: " ".join(self.texts[place].split()) for place in self._may_be_wide()}
        places = [place for place, text in texts.items() if text != self.texts[place]]
        return Haystack(
            [texts[place] for place in places],
            [self.owners[place] for place in places],
            lambda at: single_spaced(self.view(places[at])),
        )

    def _may_be_wide(self) -> list[int]:
        """Return the indices of views in which words may stand more than a space apart."""
        written = np.frombuffer(self.joined, dtype=np.uint8)
        spaces = written == _SPACE
        # Wrapping around, all that comes before the tabulator is far beyond it.
        parting = written - _FIRST_CONTROL <= _LAST_CONTROL - _FIRST_CONTROL
        for last in b"" if self._ascii else _MAY_PART:
            parting |= written == last
        found = np.flatnonzero(parting[1:] | (spaces[1:] & spaces[:-1])) + 1
        places: list[int] = np.unique(np.searchsorted(self._starts, found, "right") - 1).tolist()
        return places


def _with_offsets(view: FoldedView) -> FoldedView:
    """Return the view with its offsets worked out, for they are about to be asked for singly."""
    if view.starts is None or view.ends is None:
        return view
    return view._replace(starts=view.starts[:], ends=view.ends[:])


def single_spaced(view: FoldedView) -> FoldedView:
    """Return the view with single spaces between its words, so that phrases are found."""
    last = len(view.text)
    spans = (found.span() for found in _WIDE_SPACES.finditer(view.text))
    edits = (Edit(start, end, " " if start > 0 and end < last else "") for start, end in spans)
    return Tracked.of_view(view).edited(edits).view(view.evasion)
