"""The folding level `strong`: guesses at what a disguised word was.

Lives here: the order of the guesses and the views that they make. Not here: the single steps
(`bot.text.reading`, `emoji`, `separators`, `leet`, `repeats`, `censoring`).
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from bot.text.censoring import with_holes
from bot.text.emoji import without_emoji_letters
from bot.text.leet import without_leet
from bot.text.light import compose, light, plain
from bot.text.reading import as_read, upright
from bot.text.repeats import without_repeats
from bot.text.separators import joined
from bot.text.tracked import Tracked

_MOST_GUESSES = 10


def strong(original: Tracked, none: Tracked, undisguised: Tracked) -> Iterator[Tracked]:
    """Yield the guesses, the likeliest first; `none` and `undisguised` are the weaker levels."""
    read = as_read(original)
    if read is not original:
        none, undisguised = plain(read), light(compose(read))
        yield undisguised
    standing = upright(original, undisguised)
    if standing:
        yield standing
    lettered = without_emoji_letters(undisguised)
    yield from islice(_guesses(lettered), _MOST_GUESSES)
    # Markdown takes the stars away that hide letters.
    yield with_holes(none if "markdown" in undisguised.steps else lettered)


def _guesses(tracked: Tracked) -> Iterator[Tracked]:
    for whole in joined(tracked):
        for spelled in without_leet(whole):
            yield from without_repeats(spelled)
