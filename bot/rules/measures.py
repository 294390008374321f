"""Measures of a text's outward form: length, capitals, repeats, stacked marks, emoji.

Lives here: one function a measure, for one text and for many. A measure of many texts is the
same numbers, faster. Nothing here looks at what a text says.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

_UPPER = bytes(range(ord("A"), ord("Z") + 1))
_CASED = _UPPER + _UPPER.lower()

# Pictographs, dingbats, flags and keycaps; skin tones, joiners and variation selectors belong to
# the emoji before them, and a flag is two letters.
_EMOJI = re.compile(
    "(?:[\U0001f1e6-\U0001f1ff]{2}"
    "|[0-9#*]\ufe0f?\u20e3"
    "|[\u203c\u2049\u2122\u2139\u2194-\u21aa\u231a-\u23ff\u25aa-\u25fe\u2600-\u27bf\u2934\u2935"
    "\u2b05-\u2b55\U0001f000-\U0001faff](?:[\ufe0f\U0001f3fb-\U0001f3ff]"
    "|\u200d[\u2600-\u27bf\U0001f000-\U0001faff])*"
    ")"
)
_DISCORD_EMOJI = re.compile(r"<a?:\w{2,32}:\d{15,21}>")


def characters(text: str) -> int:
    """Count code points."""
    return len(text)


def words(text: str) -> int:
    """Count stretches between white space."""
    return len(text.split())


def lines(text: str) -> int:
    """Count lines, empty ones too; an empty text has none."""
    return len(text.splitlines())


def letters(text: str) -> int:
    """Count letters that have a case."""
    if text.isascii():
        return len(text) - len(text.encode().translate(None, _CASED))
    return sum(c.isupper() or c.islower() for c in text)


def capitals(text: str) -> float:
    """Return the share of capitals among letters that have a case; 0 where there are none."""
    cased = letters(text)
    if not cased:
        return 0.0
    if text.isascii():
        return (len(text) - len(text.encode().translate(None, _UPPER))) / cased
    return sum(c.isupper() for c in text) / cased


def repeated(text: str) -> int:
    """Return the length of the longest run of one character, white space aside."""
    longest = run = 0
    previous = ""
    for character in text:
        run = run + 1 if character == previous else 1
        previous = character
        if run > longest and not character.isspace():
            longest = run
    return longest


def marks(text: str) -> int:
    """Return the largest number of combining marks on one character (Zalgo text stacks many)."""
    if text.isascii():
        return 0
    longest = run = 0
    for character in text:
        # Marks that a script needs (vowel signs) are spacing (Mc); stacks are of Mn and Me.
        run = run + 1 if unicodedata.category(character) in {"Mn", "Me"} else 0
        longest = max(longest, run)
    return longest


def emoji(text: str) -> int:
    """Count emoji: a family or a flag counts once; Discord's own emoji count too."""
    own = len(_DISCORD_EMOJI.findall(text)) if ":" in text else 0
    if text.isascii():
        return own
    return own + len(_EMOJI.findall(text))


def longest_run(text: str) -> tuple[int, int]:
    """Return where the longest run of one character begins and ends."""
    length = repeated(text)
    for match in re.finditer(r"(\S)\1*", text):
        if match.end() - match.start() == length:
            return match.span()
    return 0, 0


def repeated_of_many(texts: Sequence[str]) -> NDArray[np.float64]:
    """Return `repeated` of each text."""
    result = np.array([1.0 if text.strip() else 0.0 for text in texts])
    # A line break between two texts ends every run, for white space does not count as one.
    joined = "\n".join(texts) + "\n"
    codes = np.frombuffer(joined.encode("utf-32-le", "surrogatepass"), dtype=np.uint32)
    doubled = codes[1:] == codes[:-1]
    # Few characters are doubled: a run begins where they start to be, and ends one after.
    edges = np.flatnonzero(np.diff(doubled, prepend=False, append=False))
    starts, lengths = edges[::2], edges[1::2] - edges[::2] + 1
    written = np.array([not chr(code).isspace() for code in codes[starts].tolist()], dtype=bool)
    starts, lengths = starts[written], lengths[written]
    if len(starts):
        ends = np.cumsum([len(text) + 1 for text in texts])
        owner = np.searchsorted(ends, starts, side="right")
        firsts = np.flatnonzero(np.diff(owner, prepend=-1))
        result[owner[firsts]] = np.maximum.reduceat(lengths, firsts)
    return result


Measure = Callable[[str], float]

OF_MANY: dict[Measure, Callable[[Sequence[str]], NDArray[np.float64]]] = {
    repeated: repeated_of_many
}
"""The measures that have a faster way for many texts."""


def measure_many(measure: Measure, texts: Sequence[str]) -> NDArray[np.float64]:
    """Return the measure of each text."""
    faster = OF_MANY.get(measure)
    if faster is not None:
        return faster(texts)
    return np.fromiter(map(measure, texts), dtype=np.float64, count=len(texts))
