"""Many folded views joined into one run of bytes, and the way back.

Lives here: joining, and finding the view and the code points of a stretch of bytes. Not here:
what is looked for (`bot.rules.matcher`).
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Sequence
from functools import cache
from itertools import accumulate

import numpy as np

from bot.model import FoldedView
from bot.text import Edit, Tracked

SEPARATOR = b"\0"
"""Stands between two views; offsets do not depend on it, so that a view may hold it too."""

_WIDE_SPACES = re.compile(r"\A\s+|\s+\Z|\s\s+|[^\S ]")
_SPACE = ord(" ")
# The last bytes of all that parts words but a space; other characters may end in one of them too.
_MAY_PART = bytes(code in b"\n\t\r\v\f\x85\xa8\xa9" for code in range(256))


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
        encoded = [text.encode() for text in texts]
        self.joined = b"".join((SEPARATOR, SEPARATOR.join(encoded), SEPARATOR))
        self._ascii = self.joined.isascii()
        self.starts = list(accumulate([len(each) + 1 for each in encoded], initial=1))

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
        spaces = np.frombuffer(self.joined, dtype=np.uint8) == _SPACE
        parting = np.frombuffer(self.joined.translate(_MAY_PART), dtype=np.bool_)
        found = np.flatnonzero(parting[1:] | (spaces[1:] & spaces[:-1])) + 1
        places: list[int] = np.unique(np.searchsorted(self.starts, found, "right") - 1).tolist()
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
