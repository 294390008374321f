"""The spellings under which an entry is looked for.

Lives here: from a term to the strings of the automaton. Not here: entries (`bot.rules.terms`)
and the search (`bot.rules.matcher`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from bot.model import Evasion, FoldedText
from bot.rules.terms import Term
from bot.text import is_unspaced, is_word_character, skeleton


@dataclass(frozen=True, slots=True)
class Key:
    """One spelling of the term with index `term`.

    It counts in views up to the level `limit`, and a hit is at least of the level `evasion`.
    `closed_start` and `closed_end` ask for a boundary. `loose` words are long enough to be told
    apart from their neighbours when every letter stands alone.
    """

    term: int
    evasion: Evasion
    limit: Evasion
    closed_start: bool
    closed_end: bool
    loose: bool


_LOOSE = 4
_SPACES = re.compile(r"\s+")


def keys_of(index: int, term: Term, core: FoldedText) -> Iterator[tuple[str, Key]]:
    """Yield the spellings of a term, whose core comes folded, the plainest first, each once."""
    seen = set()
    for written, evasion, whole in _spellings(term, core):
        spelling = _SPACES.sub(" ", written)
        if not spelling or spelling in seen:
            continue
        seen.add(spelling)
        yield (
            spelling,
            Key(
                index,
                evasion,
                term.evasion,
                (whole or not term.open_start) and _needs_boundary(spelling[0]),
                (whole or not term.open_end) and _needs_boundary(spelling[-1]),
                len(spelling) >= _LOOSE,
            ),
        )


def _needs_boundary(edge: str) -> bool:
    """Whether words may not run on at an edge: at punctuation they may, and in Chinese."""
    return is_word_character(edge) and not is_unspaced(edge)


def _spellings(term: Term, core: FoldedText) -> Iterator[tuple[str, Evasion, bool]]:
    """Yield spelling, the level to which it belongs, and whether it must stand alone."""
    for view in core.views:
        if view.evasion <= min(term.evasion, Evasion.LIGHT):
            yield view.text, view.evasion, False
            if term.evasion >= Evasion.LIGHT:
                yield skeleton(view.text), Evasion.LIGHT, False
    if term.evasion is Evasion.STRONG:
        for spelling, whole in _disguises(term.core.casefold()):
            yield spelling, Evasion.STRONG, whole


_PLAIN = re.compile(r"[a-z]{4,}")
# Between consonants no l stands.
_CAPITAL_I = re.compile(r"(?<=[b-df-hj-np-tv-z])i(?=[b-df-hj-np-tv-z])")
_VOWELS = re.compile(r"[aeiou]+")
_ENOUGH = 4
_TELLING = ("ck", "sh")


def _disguises(core: str) -> Iterator[tuple[str, bool]]:
    """Yield spellings in letters alone: `v` for `u`, `l` for a capital i, vowels left out."""
    if not _PLAIN.fullmatch(core):
        return
    if "u" in core[1:]:
        yield core[0] + core[1:].replace("u", "v"), False
    yield _CAPITAL_I.sub("l", core), True
    bare = core[0] + _VOWELS.sub("", core[1:])
    if len(bare) >= _ENOUGH or any(telling in bare for telling in _TELLING):
        yield bare, True
