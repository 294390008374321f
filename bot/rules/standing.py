"""How an entry stands among the words around it, and so whether it is one.

Lives here: from an occurrence of a spelling to its place in the original. Not here: spellings
(`bot.rules.keys`) and where they occur (`bot.rules.matcher`).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from operator import gt

from bot.model import Evasion, FoldedView, Span
from bot.rules.keys import Manner
from bot.text import HIDDEN, HIDDEN_VOWEL, is_boundary


def place_of(
    manner: Manner, view: FoldedView, start: int, end: int
) -> tuple[Span, str, int] | None:
    """Return where an entry stands in the original, its folded form, and where that ends."""
    if not _stands(manner, view, start, end):
        return None
    start, end = _whole(manner, view.text, start, end)
    return view.original_span(start, end), view.text[start:end], end


def _whole(manner: Manner, text: str, start: int, end: int) -> tuple[int, int]:
    """Return the words that a hit of an entry with wildcards stands in: what a reader sees."""
    while not manner.closed_start and _runs_on(text, start):
        start -= 1
    while not manner.closed_end and _runs_on(text, end):
        end += 1
    return start, end


def _runs_on(text: str, place: int) -> bool:
    """Whether a word runs across `place`, letters still hidden included."""
    return 0 < place < len(text) and _are_together(text[place - 1 : place + 1])


@lru_cache(maxsize=1 << 12)
def _are_together(pair: str) -> bool:
    return HIDDEN in pair or HIDDEN_VOWEL in pair or not is_boundary(pair, 1)


def _stands(manner: Manner, view: FoldedView, start: int, end: int) -> bool:
    """Whether the words around leave room for the entry, in the view and in the original."""
    text, starts, ends = view.text, view.starts, view.ends
    if manner.initials and _among_initials(text, start, end):
        return False
    if starts is None or ends is None:
        return not manner.run and _at_boundaries(manner, text, start, end)
    if manner.run and _longest_piece(starts[start:end], ends[start:end]) > _LONGEST_PIECE:
        return False
    if view.evasion is not Evasion.STRONG:
        return _at_boundaries(manner, text, start, end)
    opened = is_boundary(text, start) or (
        starts[start] > ends[start - 1] and (manner.loose or text[start - 1] in _LETTER_WORDS)
    )
    # What was pulled apart must begin where a piece begins, or `push-it` would hold a word.
    if not opened and (
        manner.closed_start or any(map(gt, starts[start + 1 : end], ends[start : end - 1]))
    ):
        return False
    return (
        not manner.closed_end
        or is_boundary(text, end)
        or (starts[end] > ends[end - 1] and (manner.loose or text[end] in _LETTER_WORDS))
    )


def _at_boundaries(manner: Manner, text: str, start: int, end: int) -> bool:
    return (not manner.closed_start or is_boundary(text, start)) and (
        not manner.closed_end or is_boundary(text, end)
    )


# Words of one letter, which among single letters are words all the same.
_LETTER_WORDS = frozenset("ai")

_INITIAL_BEFORE = re.compile(r"(?<![^\W_])([^\W_]) $")
_INITIAL_AFTER = re.compile(r" ([^\W_])(?![^\W_])")


def _among_initials(text: str, start: int, end: int) -> bool:
    """Whether single letters stand between others: the end of `s t f u` is no word of its own."""
    beside = _INITIAL_BEFORE.search(text, max(0, start - 3), start), _INITIAL_AFTER.match(text, end)
    return any(found is not None and found[1] not in _LETTER_WORDS for found in beside)


# A phrase without its gaps counts when it was written in pieces no longer than this.
_LONGEST_PIECE = 3


def _longest_piece(starts: Sequence[int], ends: Sequence[int]) -> int:
    """Return the length of the longest stretch that was not pulled apart."""
    longest = run = 1
    for before, start in zip(ends, starts[1:], strict=False):
        run = 1 if start > before else run + 1
        longest = max(longest, run)
    return longest
