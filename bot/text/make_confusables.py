"""Regenerates `data/confusables.tsv`: every character that a reader takes for a Latin letter.

Run as `python -m bot.text.make_confusables CONFUSABLES.TXT` with the Unicode file of UTS #39.
Lives here: the reading of that file and of the Unicode names that complete it. Not here: the
folding itself (`bot.text.light`). Nothing imports this module when the program runs.
"""

from __future__ import annotations

import re
import sys
import unicodedata
from collections.abc import Iterator, Mapping
from pathlib import Path

TARGET = Path(__file__).parent / "data" / "confusables.tsv"

# What the Unicode file leaves out, because it asks for confusion at a glance, not for reading:
# small capitals, letters with hooks and strokes, and letters that stand on their head.
_NAMED = re.compile(
    r"(?:LATIN (?:SMALL|CAPITAL) LETTER|LATIN LETTER SMALL CAPITAL|MODIFIER LETTER SMALL|"
    r"LATIN SUBSCRIPT SMALL LETTER)"
    r" (?:TURNED |SIDEWAYS |SCRIPT |OPEN |LONG |REVERSED |CLOSED |DOTLESS |BARRED |INSULAR )*"
    r"([A-Z])(?: WITH [A-Z ]+)?"
)
_BY_HAND = {
    "β": "b",
    "µ": "u",
    "μ": "u",
    "η": "n",
    "π": "n",
    "τ": "t",
    "θ": "o",
    "ε": "e",
    "ω": "w",
    "λ": "a",
    "χ": "x",
    "ѵ": "v",
    "к": "k",
    "и": "n",
    "ғ": "f",
    "ᖴ": "f",
    "ᑕ": "c",
    "є": "e",
    "я": "r",
    "ч": "y",
    "ц": "u",
    "ш": "w",
    "щ": "w",
    "ъ": "b",
    "ь": "b",
    "†": "t",
    "‡": "t",
    "¢": "c",
    "⊂": "c",
    "⸦": "c",
    "∩": "n",
    "∪": "u",
    "₵": "c",
    "₣": "f",
    "₦": "n",
    "₭": "k",
    "₮": "t",
    "₴": "s",
    "₲": "g",
    "₳": "a",
    "€": "e",
    "£": "l",
    "§": "s",
    "₥": "m",
    "ø": "o",
    "đ": "d",
    "ł": "l",
    "æ": "ae",
    "œ": "oe",
    "ꜳ": "aa",
    "ʉ": "u",
    "ө": "o",
    "ұ": "y",
    "ҝ": "k",
    "ɛ": "e",
}


def main(source: Path) -> None:
    """Write the table: one line a target, then all characters that look like it."""
    table = letters(read_prototypes(source.read_text(encoding="utf-8-sig")))
    by_target: dict[str, list[str]] = {}
    for character, target in sorted(table.items()):
        by_target.setdefault(target, []).append(character)
    lines = [f"{target}\t{''.join(found)}\n" for target, found in sorted(by_target.items())]
    TARGET.write_text("".join(lines), encoding="utf-8")


def read_prototypes(text: str) -> dict[str, str]:
    """Return character → prototype as UTS #39 gives it."""
    prototypes = {}
    for line in text.splitlines():
        fields = line.partition("#")[0].split(";")
        if len(fields) > 1:
            source, target = (_characters(field) for field in fields[:2])
            prototypes[source] = target
    return prototypes


def _characters(field: str) -> str:
    return "".join(chr(int(code, 16)) for code in field.split())


def letters(prototypes: Mapping[str, str]) -> dict[str, str]:
    """Return the characters outside ASCII that end in Latin letters, and those letters.

    A capital is read as its own small letter where that one is known: U+0406 is an i, although
    it looks as much like an l.
    """
    direct = {}
    for character in _candidates(prototypes):
        target = _resolve(character, prototypes)
        if target:
            direct[character] = target
    return {c: direct.get(c.lower(), target) for c, target in direct.items()}


def _candidates(prototypes: Mapping[str, str]) -> Iterator[str]:
    for code in range(0x80, 0x1FBFA):
        character = chr(code)
        if unicodedata.category(character)[0] == "M":
            continue
        by_hand = character.lower() in _BY_HAND
        if unicodedata.normalize("NFKC", character) != character and not by_hand:
            # The level `none` has already made something else of it.
            continue
        named = unicodedata.name(character, "")
        if character in prototypes or by_hand or _NAMED.fullmatch(named):
            yield character


def _resolve(character: str, prototypes: Mapping[str, str]) -> str:
    """Follow prototypes, names and decompositions until Latin letters are left, or nothing."""
    seen = character
    for _ in range(5):
        seen = "".join(_step(c, prototypes) for c in seen)
    seen = seen.replace("rn", "m")
    return seen if seen.isascii() and seen.isalpha() else ""


def _step(character: str, prototypes: Mapping[str, str]) -> str:
    if character.isascii():
        return character.lower()
    if character.lower() in _BY_HAND:
        return _BY_HAND[character.lower()]
    named = _NAMED.fullmatch(unicodedata.name(character, ""))
    target = named[1].lower() if named else prototypes.get(character, character).lower()
    bare = unicodedata.normalize("NFKD", target)
    return "".join(c for c in bare if not unicodedata.category(c).startswith("M"))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
