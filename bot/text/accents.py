"""Latin letters with accents and strokes, each read as one plain letter wherever it stands.

Lives here: a fast way to fold texts that hold nothing more disguised than these; it gives what
`bot.text.light` gives. Not here: look-alikes that depend on their word, marks that stand alone.
"""

from __future__ import annotations

import re
import unicodedata
from itertools import chain

from bot.text.marks import LOOKALIKES
from bot.text.tracked import Tracked

# Beyond these are letters that may stand on their head; so may one among these.
_RANGES = (range(0xC0, 0x250), range(0x1E00, 0x1F00))
_TURNED = "ǝ"


def _is_letter(letter: str) -> bool:
    return len(letter) == 1 and letter.isascii() and letter.isalpha()


def _letters() -> dict[str, tuple[str, str]]:
    """Return lower-case letters with the plain letter that each is read as, and the step."""
    found = {}
    for letter in map(chr, chain.from_iterable(_RANGES)):
        is_stable = unicodedata.normalize("NFKC", letter.casefold()) == letter
        if not letter.isalpha() or not is_stable or letter == _TURNED:
            continue
        bare = unicodedata.normalize("NFD", letter)[0]
        if _is_letter(bare):
            found[letter] = bare, "diacritics"
        elif bare == letter and _is_letter(LOOKALIKES.get(letter, "")):
            found[letter] = LOOKALIKES[letter], "confusables"
    return found


_LETTERS = _letters()
_TABLES = {
    step: str.maketrans({letter: plain for letter, (plain, by) in _LETTERS.items() if by == step})
    for step in ("diacritics", "confusables")
}
_ANY = re.compile(f"[{''.join(_LETTERS)}]")


def without_accents(lowered: Tracked) -> Tracked:
    """Read such letters as plain ones in a text that has been folded at the level `none`."""
    if lowered.text.isascii() or not _ANY.search(lowered.text):
        return lowered
    for step, table in _TABLES.items():
        lowered = lowered.mapped(lowered.text.translate(table), step)
    return lowered


def plain_letter(character: str) -> str:
    """Return the letter of ASCII that `character` is read as, in its case; "" for any other."""
    plain, _ = _LETTERS.get(character.casefold(), ("", ""))
    return plain.upper() if character.isupper() else plain
