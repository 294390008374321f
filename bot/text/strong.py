"""The folding level `strong`: guesses at what a disguised word was.

Lives here: the order of the guesses and the views that they make. Not here: the single steps
(`bot.text.reading`, `emoji`, `separators`, `leet`, `repeats`, `censoring`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import islice

from bot.text.censoring import with_holes
from bot.text.emoji import without_emoji_letters
from bot.text.leet import signs_as_letters, with_capital_i, without_leet
from bot.text.light import compose, light, plain
from bot.text.need import Need
from bot.text.reading import as_read, upright
from bot.text.repeats import without_repeats
from bot.text.separators import pieces_joined, respelled
from bot.text.tracked import Tracked

# A long text without a word in it gets fewer guesses: more would cost too much.
_MOST_GUESSES = 16
_FEWEST_GUESSES = 3
_LONG = 4_000


def _guess_count(text: str) -> int:
    return max(_FEWEST_GUESSES, min(_MOST_GUESSES, _LONG // (len(text) + 1)))


def strong(original: Tracked, none: Tracked, undisguised: Tracked, needs: int) -> Iterator[Tracked]:
    """Yield the guesses at a whole text; `none` and `undisguised` are the weaker levels."""
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
    # What was taken away or put in may have left anything.
    if lettered is not undisguised or len(lettered.text) != len(none.text):
        needs |= Need.EVERYTHING
    capital = with_capital_i(original, lettered) if needs & Need.SIGNS else lettered
    if capital is not lettered:
        yield capital
        yield from islice(_guesses(capital, needs), _guess_count(original.text))
    yield from islice(_guesses(lettered, needs), _guess_count(original.text))
    if needs & Need.HOLES:
        # Markdown takes the stars away that hide letters.
        yield with_holes(none if "markdown" in undisguised.steps else lettered)


_Reading = tuple[int, int, Sequence[Tracked]]
"""Where a word stands, and what it may say."""


def strong_at(original: str, none: Tracked, places: Sequence[int]) -> Iterator[Tracked]:
    """Yield the guesses at the ASCII words around `places`, all words of a text at once.

    As a word seldom has more than a few readings, the n-th guess takes the n-th of each word, or
    its likeliest.
    """
    readings: list[_Reading] = []
    done = 0
    for place in places:
        if place >= done:
            start = max(original.rfind(space, done, place) for space in " \n\t") + 1
            start = max(start, done)
            done = _end_of_word(original, place)
            read = _readings(original[start:done])
            if read:
                readings += _signs_before(original, start, readings, read)
                readings.append((start, done, read))
    if len(readings) == 1:
        ((start, end, guesses),) = readings
        for guess in guesses:
            yield none.with_readings([(start, end, guess)])
        return
    for chosen in _choices([len(read) for *_, read in readings]):
        yield none.with_readings(
            (start, end, read[number])
            for (start, end, read), number in zip(readings, chosen, strict=True)
        )


# So many further guesses take another reading of one word than of the others, where they suffice.
_MOST_ALONE = 6


def _choices(counts: Sequence[int]) -> Iterator[tuple[int, ...]]:
    """Yield which reading each word takes, of so many: all the n-th, then single ones another."""
    for number in range(max(counts, default=0)):
        yield tuple(number if number < count else 0 for count in counts)
    if 1 < sum(count > 1 for count in counts) <= _MOST_ALONE:
        others = (
            (i, n) for n in range(1, max(counts)) for i in range(len(counts)) if n < counts[i]
        )
        for i, number in islice(others, _MOST_ALONE):
            yield (*(0,) * i, number, *(0,) * (len(counts) - i - 1))


def _signs_before(
    original: str, end: int, readings: Sequence[_Reading], read: Sequence[Tracked]
) -> Iterator[_Reading]:
    """Yield the reading of a word of signs that stands between two words in leet."""
    if len(readings) == 0 or "leet" not in read[0].steps:
        return
    done = readings[-1][1]
    word = original[done:end].strip()
    if word and (signs := signs_as_letters(word)) and "leet" in readings[-1][2][0].steps:
        start = original.index(word, done)
        yield start, start + len(word), signs


_SPACE = re.compile(r"[ \n\t]")


def _end_of_word(text: str, place: int) -> int:
    space = _SPACE.search(text, place)
    return space.start() if space else len(text)


# Words with signs in them are few, and come again and again.
@lru_cache(maxsize=1 << 14)
def _readings(word: str) -> tuple[Tracked, ...]:
    original = Tracked(word)
    none = plain(original)
    return tuple(
        guess
        for guess in _distinct(strong(original, none, none, Need.ANY_IN_WORD))
        if guess.text != none.text
    )


def _guesses(tracked: Tracked, needs: int) -> Iterator[Tracked]:
    """Yield every likely reading once, each step tried on what the one before made of the text."""
    for base in _distinct((tracked, *respelled(tracked, needs))):
        changed = base is not tracked
        pieces = needs & Need.PIECES or changed
        for whole in _distinct(pieces_joined(base)) if pieces else (base,):
            signs = needs & Need.SIGNS or changed
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
