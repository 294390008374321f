"""The spellings under which an entry is looked for.

Lives here: from a term to the strings of the automaton. Not here: entries (`bot.rules.terms`)
and the search (`bot.rules.matcher`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import NamedTuple

from bot.model import Evasion, FoldedText
from bot.rules.terms import Term
from bot.text import is_fragment, is_unspaced, is_word_character, skeleton


class Manner(NamedTuple):
    """How a spelling must stand among the words around it.

    `closed_start` and `closed_end` ask for a boundary. `loose` words are long enough to be told
    apart from their neighbours when every letter stands alone. An `initials` spelling is made of
    single letters, and counts only where no other single letter stands beside it. A `run` is a
    phrase without its gaps, and counts only where it was pulled apart.
    """

    closed_start: bool
    closed_end: bool
    loose: bool
    initials: bool
    run: bool


_manner = cache(Manner)
"""Equal manners are one object: they are told apart for every occurrence."""


class Key(NamedTuple):
    """One spelling of the term with index `term`.

    It counts in views up to the level `limit`, and a hit is at least of the level `evasion`.
    """

    term: int
    evasion: Evasion
    limit: Evasion
    manner: Manner


_LOOSE = 4
_SHORTEST_RUN = 4
_INITIALS = re.compile(r"\w(?: \w)+")
_SPACES = re.compile(r"\s+")


def keys_of(index: int, term: Term, core: FoldedText) -> Iterator[tuple[str, Key]]:
    """Yield the spellings of a term, whose core comes folded, the plainest first, each once."""
    seen = set()
    for written, evasion, whole in _spellings(term, core):
        spelling = _SPACES.sub(" ", written)
        if not spelling or spelling in seen:
            continue
        seen.add(spelling)
        manner = _manner(
            (whole or not term.open_start) and _needs_boundary(spelling[0]),
            (whole or not term.open_end) and _needs_boundary(spelling[-1]),
            len(spelling) >= _LOOSE,
            initials=_INITIALS.fullmatch(spelling) is not None,
            run=False,
        )
        yield spelling, Key(index, evasion, term.evasion, manner)
    run = _without_gaps(core) if term.evasion is Evasion.STRONG else ""
    if len(run) >= _SHORTEST_RUN and run not in seen:
        closed = _needs_boundary(run[0]), _needs_boundary(run[-1])
        manner = _manner(*closed, loose=True, initials=False, run=True)
        yield run, Key(index, Evasion.STRONG, Evasion.STRONG, manner)


def _without_gaps(core: FoldedText) -> str:
    undisguised = [view for view in core.views if view.evasion <= Evasion.LIGHT][-1]
    return "".join(filter(is_word_character, undisguised.text))


@cache
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
        yield _LONG.sub(r"\1\1", term.core.casefold()), Evasion.STRONG, True
        for spelling, whole in _disguises(term.core.casefold()):
            yield spelling, Evasion.STRONG, whole


_PLAIN = re.compile(r"[a-z]{4,}")
# Between consonants no l stands.
_CAPITAL_I = re.compile(r"(?<=[b-df-hj-np-tv-z])i(?=[b-df-hj-np-tv-z])")
_VOWELS = re.compile(r"[aeiou]+")
_LONG = re.compile(r"([^\W\d_])\1{2,}")
_DOUBLES = re.compile(r"([b-df-hj-np-tv-z])\1")
_LONG_ENOUGH = 7
_ENOUGH = 4
_TELLING = ("ck", "sh")


def _disguises(core: str) -> Iterator[tuple[str, bool]]:
    """Yield spellings in letters alone, each with whether it must be a word of its own.

    `v` for `u`, `l` for a capital i, vowels left out, double letters written once, spelled by ear,
    read from the end, parted by one blank.
    """
    if not _PLAIN.fullmatch(core):
        return
    if "u" in core[1:]:
        yield core[0] + core[1:].replace("u", "v"), False
    yield _CAPITAL_I.sub("l", core), True
    bare = core[0] + _VOWELS.sub("", core[1:])
    if len(bare) >= _ENOUGH or any(telling in bare for telling in _TELLING):
        yield bare, True
    if len(core) >= _LONG_ENOUGH:
        yield _DOUBLES.sub(r"\1", core), True
    for written, heard in _BY_EAR:
        if (spelling := written.sub(heard, core, count=1)) != core:
            yield spelling, True
    if _ODD_START.match(core[::-1]) or _ODD_END.search(core[::-1]):
        yield core[::-1], True
    for parted in _parted(core):
        yield parted, True


_LONGEST_PARTED = 9
_SHORTEST_PART = 2


def _parted(core: str) -> Iterator[str]:
    """Yield a short word with a blank inside, where one side surely is no word: `mup pet`."""
    if len(core) > _LONGEST_PARTED:
        return
    for place in range(_SHORTEST_PART, len(core) - _SHORTEST_PART + 1):
        if is_fragment(core[:place]) or is_fragment(core[place:]):
            yield f"{core[:place]} {core[place:]}"


_BY_EAR = tuple(
    (re.compile(written), heard)
    for written, heard in (
        (r"(?<=[^s]{3})s$", "z"),
        (r"ck", "kk"),
        (r"^f(?=[aeiou])", "ph"),
        (r"^c(?=[lr]|un)", "k"),
    )
)
# No English word begins or ends so; `spam` is never looked for as `maps`.
_ODD_START = re.compile(r"([bcdfgkmprstz])\1|kc|tn|hc|ht|hs|tc|dl|dn|pm|tl|sg|sd")
_ODD_END = re.compile(r"(?:h[cpsw]|wt|lc|uq)$")
