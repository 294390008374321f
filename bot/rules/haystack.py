"""Many folded views joined into one run of bytes, and the way back.

Lives here: joining, and finding the view and the code points of a stretch of bytes. Not here:
what is looked for (`bot.rules.matcher`).
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from itertools import accumulate

from bot.model import FoldedView
from bot.text import Edit, Tracked

_SPACES = re.compile(r"\s+")
_WIDE = (b"  ", b"\n", b"\t", b"\r", b"\v", b"\f")
_WIDE_BEYOND_ASCII = tuple(sign.encode() for sign in "\x85\u2028\u2029")
SEPARATOR = b"\0"
"""Stands between two views; offsets do not depend on it, so that a view may hold it too."""


class Haystack:
    """Views joined by NUL; `owners` are the texts to which they belong."""

    def __init__(
        self,
        views: Sequence[FoldedView],
        owners: Sequence[int],
        pieces: Sequence[bytes] | None = None,
    ) -> None:
        """Join the views; `pieces` are their texts as UTF-8, where they are known."""
        self.views = list(views)
        self.owners = owners
        self._pieces = list(pieces or map(_encoded, views))
        self._spaced: set[int] = set()
        self._join()

    def _join(self) -> None:
        self.joined = SEPARATOR.join(self._pieces)
        self.starts = list(accumulate([len(piece) + 1 for piece in self._pieces], initial=0))

    def with_views(self, more: Sequence[tuple[int, FoldedView]]) -> Haystack:
        """Return the views with more of them behind."""
        if not more:
            return self
        owners, views = zip(*more, strict=True)
        pieces = [*self._pieces, *(view.text.encode() for view in views)]
        return Haystack([*self.views, *views], [*self.owners, *owners], pieces)

    def single_spaced(self) -> Haystack:
        """Return the views with white space made single, so that phrases are found across any."""
        wide = set(self._wide())
        if not wide:
            return self
        spaced = Haystack(self.views, self.owners, self._pieces)
        spaced._spaced = wide
        for place in wide:
            spaced._pieces[place] = _SPACES.sub(" ", self.views[place].text).encode()
        spaced._join()
        return spaced

    def _wide(self) -> Iterator[int]:
        """Yield the views with white space other than single spaces."""
        for sign in _WIDE if self.joined.isascii() else (*_WIDE, *_WIDE_BEYOND_ASCII):
            found = self.joined.find(sign)
            while found >= 0:
                place = self.place(found)
                yield place
                found = self.joined.find(sign, self.starts[place + 1])

    def place(self, byte: int) -> int:
        """Return the index of the view that holds `byte`."""
        return bisect_right(self.starts, byte) - 1

    def locate(self, start: int, end: int) -> tuple[int, int, int]:
        """Return the index of the view and the code points of a stretch of bytes within it."""
        place = self.place(start)
        if place in self._spaced:
            # The offsets of a text with wide gaps are worked out only when something hit.
            self._spaced.remove(place)
            self.views[place] = _single_spaced(self.views[place])
        offset = self.starts[place]
        if self.views[place].text.isascii():
            return place, start - offset, end - offset
        first = len(self.joined[offset:start].decode())
        return place, first, first + len(self.joined[start:end].decode())


def _encoded(view: FoldedView) -> bytes:
    return view.text.encode()


def _single_spaced(view: FoldedView) -> FoldedView:
    edits = (Edit(*found.span(), " ") for found in _SPACES.finditer(view.text))
    return Tracked.of_view(view).edited(edits).view(view.evasion)
