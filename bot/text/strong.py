"""The folding level `strong`: guesses at what a disguised word was.

Lives here: the order of the guesses and the views that they make. Not here: the single steps
(`bot.text.reading`, `emoji`, `separators`, `leet`, `repeats`, `censoring`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice

from bot.text.censoring import with_holes
from bot.text.emoji import without_emoji_letters
from bot.text.leet import with_capital_i, without_leet
from bot.text.light import compose, light, plain
from bot.text.need import Need
from bot.text.reading import as_read, upright
from bot.text.repeats import without_repeats
from bot.text.separators import joined
from bot.text.tracked import Tracked

_MOST_GUESSES = 10


def strong(
    original: Tracked, none: Tracked, undisguised: Tracked, needs: int
) -> Iterator[Tracked]:
    """Yield the guesses, the likeliest first; `none` and `undisguised` are the weaker levels."""
    if needs & Need.LIGHT:
        read = as_read(original)
        if read is not original:
            none, undisguised = plain(read), light(compose(read))
            yield undisguised
        standing = upright(original, undisguised)
        if standing:
            yield standing
    lettered = without_emoji_letters(undisguised)
    if lettered is not none:
        yield lettered
        needs = Need.EVERYTHING
    capital = with_capital_i(original, lettered) if needs & Need.SIGNS else lettered
    if capital is not lettered:
        yield capital
        yield from islice(_guesses(capital, needs), _MOST_GUESSES)
    yield from islice(_guesses(lettered, needs), _MOST_GUESSES)
    if needs & Need.HOLES:
        # Markdown takes the stars away that hide letters.
        yield with_holes(none if "markdown" in undisguised.steps else lettered)


def _guesses(tracked: Tracked, needs: int) -> Iterator[Tracked]:
    """Yield every likely reading once, each step tried on what the one before made of the text."""
    for whole in _distinct(joined(tracked, needs)):
        changed = "separators" in whole.steps
        signs = needs & Need.SIGNS or (changed and not whole.text.replace(" ", "").isalpha())
        for spelled in _distinct(without_leet(whole)) if signs else (whole,):
            if needs & Need.REPEATS or spelled is not whole:
                yield from without_repeats(spelled)
            elif spelled is not tracked:
                yield spelled


def _distinct(guesses: Iterable[Tracked]) -> Iterator[Tracked]:
    seen = set()
    for guess in guesses:
        if guess.text not in seen:
            seen.add(guess.text)
            yield guess
