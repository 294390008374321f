"""Obfuscations of a word, as people write them to get past a filter.

Lives here: one function a technique, in a visible table, each drawing on `bot.text`'s knowledge
of look-alikes but on none of its folding. Not here: reporting which survive (`bot.cli`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from random import Random

from bot.text import LOOKALIKES

_ZERO_WIDTH = "\u200b\u200c\u200d\u2060\ufeff\u00ad\u034f\ufe0f\U000e0041"
_BIDI = "\u200e\u200f\u061c\u202a\u202c\u2066\u2069"
_MARKS = [chr(code) for code in range(0x300, 0x34F)]
_SEPARATORS = ".-_*/|,~·"
_VOWELS = "aeiou"
_LEET = {
    "a": "4@",
    "b": "8",
    "c": "(<",
    "e": "3€",
    "g": "9",
    "i": "1!|",
    "l": "1|",
    "o": "0",
    "s": "5$",
    "t": "7+",
    "z": "2",
}
_LETTERS = "abcdefghijklmnopqrstuvwxyz"
_ALPHABETS = (0x1F130, 0x1F150, 0x1F170, 0x1F1E6)
_MARKDOWN = ("**", "*", "__", "~~", "||", "`")

Technique = Callable[[str, Random], str | None]
"""Disguises a word; `None` where the technique has nothing to hold on to."""


def _places(word: str) -> range:
    """Return the places between two characters."""
    return range(1, len(word))


def _with(word: str, place: int, inserted: str) -> str:
    return word[:place] + inserted + word[place:]


def _zero_width(word: str, rng: Random) -> str:
    """Put an invisible character between all letters."""
    return rng.choice(_ZERO_WIDTH).join(word)


def _bidi(word: str, rng: Random) -> str:
    """Turn it around by an override, or put one control of writing direction inside."""
    if rng.random() < 0.5:  # noqa: PLR2004 - a coin
        return f"\u202e{word[::-1]}\u202c"
    return _with(word, rng.choice(_places(word)), rng.choice(_BIDI))


def _confusables(word: str, rng: Random) -> str | None:
    """Replace up to three letters by look-alikes of other scripts."""
    looks: dict[str, list[str]] = {}
    for character, target in LOOKALIKES.items():
        looks.setdefault(target, []).append(character)
    chosen = [i for i, c in enumerate(word) if c in looks]
    if not chosen:
        return None
    places = set(rng.sample(chosen, rng.randint(1, min(3, len(chosen)))))
    return "".join(rng.choice(looks[c]) if i in places else c for i, c in enumerate(word))


def _leet(word: str, rng: Random) -> str | None:
    """Replace some or all letters that look like a digit or sign by it."""
    chosen = [i for i, c in enumerate(word) if c in _LEET]
    if not chosen or len(chosen) == len(word):
        return None
    places = set(rng.sample(chosen, rng.randint(1, len(chosen))))
    return "".join(rng.choice(_LEET[c]) if i in places else c for i, c in enumerate(word))


def _spacing(word: str, rng: Random) -> str:
    """Put white space between all letters, and leave the gaps between words out."""
    return rng.choice((" ", "  ", "\u00a0", " \n")).join(word.replace(" ", ""))


def _separators(word: str, rng: Random) -> str:
    """Put one sign between all letters, and leave the gaps between words out."""
    separator = rng.choice(_SEPARATORS)
    return separator.join(word.replace(" ", ""))


def _repeats(word: str, rng: Random) -> str:
    """Write one letter three to seven times."""
    place = rng.randrange(len(word))
    return _with(word, place, word[place] * rng.randint(2, 6))


def _self_censoring(word: str, rng: Random) -> str | None:
    """Replace one inner vowel by a sign."""
    vowels = [i for i, c in enumerate(word) if c in _VOWELS and 0 < i < len(word) - 1]
    if not vowels or len(word) < 4:  # noqa: PLR2004 - nothing would be left to read
        return None
    place = rng.choice(vowels)
    return word[:place] + rng.choice("*#^_-") + word[place + 1 :]


def _diacritics(word: str, rng: Random) -> str:
    """Put a mark on every letter."""
    return "".join(c + rng.choice(_MARKS) if c.isalpha() else c for c in word)


def _full_width(word: str, _rng: Random) -> str:
    """Write letters of full width."""
    return "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in word)


def _emoji_letters(word: str, rng: Random) -> str:
    """Draw letters as emoji."""
    first = rng.choice(_ALPHABETS)
    return "".join(chr(first + _LETTERS.index(c)) if c in _LETTERS else c for c in word)


def _markdown(word: str, rng: Random) -> str:
    """Mark one letter up."""
    mark = rng.choice(_MARKDOWN)
    start = rng.choice(_places(word))
    return word[:start] + mark + word[start] + mark + word[start + 1 :]


def _splitting(word: str, rng: Random) -> str | None:
    """Put one blank inside a word, two letters or more on either side."""
    places = [i for i in range(2, len(word) - 1) if word[i - 2 : i + 2].isalpha()]
    return _with(word, rng.choice(places), " ") if places else None


def _chopping(word: str, rng: Random) -> str | None:
    """Chop it into pieces of two and three letters, and leave the gaps between words out."""
    bare = word.replace(" ", "")
    pieces = []
    while bare:
        size = rng.choice((2, 3))
        pieces.append(bare[:size])
        bare = bare[size:]
    return " ".join(pieces) if len(pieces) > 3 else None  # noqa: PLR2004 - else it is splitting


_TURNED = dict(zip(_LETTERS, "ɐqɔpǝɟƃɥᴉɾʞl\u026fuodbɹsʇnʌʍxʎz", strict=True))


def _upside_down(word: str, _rng: Random) -> str | None:
    """Put letters on their head, to be read from the end."""
    turned = "".join(_TURNED.get(c, c) for c in reversed(word))
    return turned if sum(not c.isascii() for c in turned) > 1 else None


def _backwards(word: str, _rng: Random) -> str:
    """Write it from the last letter to the first."""
    return word[::-1]


TECHNIQUES: Mapping[str, Technique] = {
    "zero-width": _zero_width,
    "bidi": _bidi,
    "confusables": _confusables,
    "leet": _leet,
    "spacing": _spacing,
    "separators": _separators,
    "repeats": _repeats,
    "self-censoring": _self_censoring,
    "diacritics": _diacritics,
    "full-width": _full_width,
    "emoji letters": _emoji_letters,
    "markdown": _markdown,
    "splitting": _splitting,
    "chopping": _chopping,
    "upside down": _upside_down,
    "backwards": _backwards,
}
"""The techniques by name, in the order in which reports show them."""


def explained(name: str) -> str:
    """Return what a technique does to a word, in one sentence."""
    return (TECHNIQUES[name].__doc__ or "").strip()


def obfuscations(word: str, rng: Random) -> Iterator[tuple[str, str]]:
    """Yield technique and disguised `word`, one of each technique that can disguise it.

    `word` is in lower case and at least two characters long; shorter ones have no disguise.
    """
    if len(word) < 2:  # noqa: PLR2004 - one letter has no inside
        return
    for name, technique in TECHNIQUES.items():
        disguised = technique(word, rng)
        if disguised is not None and disguised != word:
            yield name, disguised
