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

_LOUD = '*#^@%&$!?~+=<>"|°•·×…█▇■□○●\U0001f300-\U0001faff\u2600-\u27bf'
_LETTER = r"[^\W\d_]"
_CONSONANT = "[b-df-hj-np-tv-z]"
_CLITIC = r"['’](?:[stdm]|re|ve|ll)(?![^\W_])"
# One look at the sign spares most places all that follows.
_HOLES = re.compile(
    rf"(?=[{_LOUD}_.'’24-9-])(?:"
    rf"(?<={_LETTER})[{_LOUD}]{{1,8}}(?={_LETTER})"
    rf"|(?<=(?<![*\w]){_LETTER}{{2}})\*{{2,8}}(?!\w)"
    rf"|(?<=(?<![*\w]){_LETTER}{{3}})\*{{2,8}}(?!\w)"
    rf"|(?P<several>(?:(?<=(?<![^\W_]){_LETTER})|(?<=(?<![^\W_]){_LETTER}{{2}}))"
    rf"[-_.]{{2,8}}(?={_LETTER}))"
    rf"|(?P<underlined>(?<={_LETTER})_(?={_LETTER}))"
    rf"|(?P<quiet>(?<={_CONSONANT})(?!{_CLITIC})[-_'’.24-9]"
    rf"(?={_CONSONANT}{{2}}|{_LETTER}{{1,2}}(?!{_LETTER}))))"
)
_VOWEL_DIGIT = re.compile(
    rf"(?<=[^\W\d_{HIDDEN}{HIDDEN_VOWEL}])[013]+(?=[^\W\d_{HIDDEN}{HIDDEN_VOWEL}])"
)
_READ = str.maketrans({"0": "o", "1": "i", "3": "e"})


def with_holes(tracked: Tracked) -> Tracked:
    """Mark the places in words where signs may hide letters."""
    marked = _HOLES.sub(_marked, tracked.text)
    if marked == tracked.text:
        return tracked
    read = _VOWEL_DIGIT.sub(lambda found: found[0].translate(_READ), marked)
    return tracked.mapped(read, CENSORED)


def _marked(found: re.Match[str]) -> str:
    return (HIDDEN_VOWEL if found.lastgroup else HIDDEN) * len(found[0])
