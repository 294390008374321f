"""Letters hidden behind signs that say nothing: `f*n`, `f--n`, `f_n`.

Lives here: which signs may hide a letter; each becomes `HIDDEN`. Not here: which word was meant:
that depends on the words looked for (`bot.rules.matcher`).
"""

from __future__ import annotations

import re

from bot.text.tracked import Tracked

HIDDEN = "\N{ASTERISK OPERATOR}"
"""Stands for a hidden letter where any letter may be."""

HIDDEN_VOWEL = "\N{BULLET OPERATOR}"
"""Stands for a hidden letter where only a vowel may be: the sign is common in plain writing."""

CENSORED = "self-censoring"
"""The folding step of the views that hold such signs."""

_LOUD = "*#^@%&$!?~+=<>\"|°•·×…█▇■□○●\U0001f300-\U0001faff\u2600-\u27bf"
_QUIET = "-_'’.24-9"
_TOKEN = re.compile(
    rf"(?<![^\W_])[^\W\d_](?:[013]*[^\W\d_])*(?:[{_LOUD}{_QUIET}]{{1,8}}[^\W\d_](?:[013]*[^\W\d_])*)+"
    r"(?:[*#]{2,})?|(?<![^\W_])[^\W\d_]+[*#]{2,}"
)
_CLITIC = re.compile(r"n?['’](?:[stdmn]|re|ve|ll|em|all)(?![^\W_])")
_LETTER = re.compile(r"[^\W\d_]")
_SIGNS = str.maketrans(
    dict.fromkeys("-_'’.2456789", HIDDEN_VOWEL) | {"0": "o", "1": "i", "3": "e"}
)


def with_holes(tracked: Tracked) -> Tracked:
    """Mark the places in words where signs may hide letters."""
    characters = list(tracked.text)
    for token in _TOKEN.finditer(tracked.text):
        if not _CLITIC.search(token[0]):
            characters[slice(*token.span())] = map(_read, token[0])
    return tracked.mapped("".join(characters), CENSORED)


def _read(character: str) -> str:
    read = character.translate(_SIGNS)
    return read if read == HIDDEN_VOWEL or _LETTER.match(read) else HIDDEN
