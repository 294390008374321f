"""Letters written more often than the word has them.

Lives here: which runs of a letter are shortened, and to what length. Not here: other guesses.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence

from bot.text.tracked import Edit, Tracked

# What a character is, is asked of those alone that stand twice or more: that takes a third of the
# time.
_LONG = re.compile(r"(.)\1\1(?<=[^\W\d_])\1*")
# English writes these letters twice in hardly any word, and no letter twice at the beginning of
# one; a double at the end may be one too many.
_ODD = re.compile(
    r"(.)\1(?:(?<=[aiuhjkqvwxy])|(?<=(?<![^\W_])[b-df-hj-np-tv-z].)"
    r"|(?<=[^\W\d_]{2}[tgdnrpbmcz].)(?![^\W_]))"
)
_NEVER_DOUBLE = frozenset("aiuhjkqvwxy")

_Lengths = Callable[[Sequence[str]], Sequence[int]]

_LENGTHS: tuple[_Lengths, ...] = (
    lambda letters: [1] * len(letters),
    lambda letters: [1 if letter in _NEVER_DOUBLE else 2 for letter in letters],
    lambda letters: [2] * len(letters),
    lambda letters: [2, *[1] * (len(letters) - 1)],
    lambda letters: [*[1] * (len(letters) - 1), 2],
)


def without_repeats(tracked: Tracked) -> Iterator[Tracked]:
    """Yield the text with its long runs shortened to one or two letters, in every likely way."""
    runs = list(_LONG.finditer(tracked.text))
    odd = list(_odd_doubles(tracked.text, runs))
    if not runs:
        yield tracked.edited(odd, "repeats")
        if odd:
            yield tracked
        return
    for doubles in (odd, []) if odd else (odd,):
        for lengths in _LENGTHS:
            chosen = lengths([run[1] for run in runs])
            pairs = zip(runs, chosen, strict=True)
            edits = [Edit(*run.span(), run[1] * length) for run, length in pairs]
            yield tracked.edited(sorted([*edits, *doubles]), "repeats")


def _odd_doubles(text: str, runs: Iterable[re.Match[str]]) -> Iterator[Edit]:
    longer = {place for run in runs for place in range(*run.span())}
    for found in _ODD.finditer(text):
        if found.start() not in longer and _long_word(text, found.start()):
            yield Edit(*found.span(), text[found.start()])


_SHORTEST = 5
_WORD = re.compile(rf"[^\W\d_]{{{_SHORTEST}}}")


def _long_word(text: str, place: int) -> bool:
    """Whether the word around `place` is long enough for a double letter to be an accident."""
    start = place
    while start > 0 and place - start < _SHORTEST and text[start - 1].isalpha():
        start -= 1
    return _WORD.match(text, start) is not None
