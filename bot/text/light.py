"""The folding levels `none` and `light`: what is undone without guessing.

Lives here: case, NFKC, invisible characters, markdown, diacritics and look-alikes. Not here:
leet, separators and whatever else needs a guess (`bot.text.strong`).
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterator
from functools import lru_cache
from itertools import chain

from bot.text.marks import (
    ALL_MARKS,
    BIDI_CONTROLS,
    CLUSTER,
    INHERITED_MARKS,
    LATIN,
    LOOKALIKES,
    ZERO_WIDTH,
    beyond_ascii,
    is_native,
)
from bot.text.tracked import Edit, Tracked

_SURROGATE = re.compile("[\ud800-\udfff]")
_LONGEST_CLUSTER = 30
_LONGEST_SIGN = 4
_ROUNDS = 5


def plain(tracked: Tracked) -> Tracked:
    """Fold case and compatibility forms (NFKC): the level `none`."""
    if tracked.text.isascii():
        return tracked.mapped(tracked.text.lower())
    return _settled(lambda each: casefold(compose(each)), tracked)


def light(tracked: Tracked) -> Tracked:
    """Undo what a reader does not notice; `tracked` is the text before case was folded."""
    return _settled(_light_once, tracked)


def _settled(fold: Callable[[Tracked], Tracked], tracked: Tracked) -> Tracked:
    """Fold until nothing changes any more, which is nearly always at once."""
    for _ in range(_ROUNDS):
        before, tracked = tracked, fold(tracked)
        if tracked.text == before.text:
            break
    return tracked


def _light_once(tracked: Tracked) -> Tracked:
    for step in (without_invisible, compose, without_markdown, without_diacritics):
        tracked = step(tracked)
    return casefold(without_lookalikes(tracked))


def compose(tracked: Tracked) -> Tracked:
    """Bring the text into the form NFKC; a lone surrogate becomes U+FFFD."""
    if tracked.text.isascii():
        return tracked
    if unicodedata.is_normalized("NFKC", tracked.text) and not _SURROGATE.search(tracked.text):
        return tracked
    text = _SURROGATE.sub("\ufffd", tracked.text).translate(_FORMS)
    return tracked.mapped(text).edited(_compositions(text))


class _Forms(dict[int, str]):
    """Code point → its form NFKC, where that is one character; worked out when first met."""

    def __missing__(self, code: int) -> str:
        form = unicodedata.normalize("NFKC", chr(code))
        self[code] = form if len(form) == 1 else chr(code)
        return self[code]


_FORMS = _Forms()


def _compositions(text: str) -> Iterator[Edit]:
    for found in CLUSTER.finditer(text):
        composed = _composed(found[0])
        if composed != found[0]:
            yield Edit(found.start(), found.end(), composed)


@lru_cache(maxsize=1 << 12)
def _composed(cluster: str) -> str:
    # More marks than this are Zalgo; ordering them would take quadratic time.
    cut = cluster[:_LONGEST_CLUSTER]
    composed = unicodedata.normalize("NFKC", cut)
    # The few signs that stand for a whole sentence are left alone, as they would bloat a text.
    return composed if len(composed) - len(cut) < _LONGEST_SIGN else cluster


def casefold(tracked: Tracked) -> Tracked:
    """Fold case as Unicode does: the sharp s becomes two letters."""
    folded = tracked.text.casefold()
    if len(folded) != len(tracked.text):
        longer = (
            Edit(i, i + 1, c.casefold())
            for i, c in enumerate(tracked.text)
            if len(c.casefold()) != 1
        )
        tracked = tracked.edited(longer)
        folded = tracked.text.casefold()
    return tracked.mapped(folded)


_UNSEEN = re.compile(f"[{BIDI_CONTROLS}{ZERO_WIDTH}]")
_BIDI = re.compile(f"[{BIDI_CONTROLS}]+")
_INVISIBLE = re.compile(f"[{ZERO_WIDTH}]+")


def without_invisible(tracked: Tracked) -> Tracked:
    """Drop zero-width and control characters and the controls of writing direction."""
    if not _UNSEEN.search(tracked.text):
        return tracked
    for pattern, step in ((_BIDI, "bidi controls"), (_INVISIBLE, "zero-width")):
        edits = (Edit(*found.span(), "") for found in pattern.finditer(tracked.text))
        tracked = tracked.edited(edits, step)
    return tracked


_MARKDOWN = re.compile(r"[*`]+|~~+|\|\|+|__+")


def without_markdown(tracked: Tracked) -> Tracked:
    """Drop the marks of emphasis, code, strike-through and spoilers where they come in pairs."""
    if not _MARKDOWN.search(tracked.text):
        return tracked
    found = list(_MARKDOWN.finditer(tracked.text))
    kinds = Counter(match[0][0] for match in found)
    paired = (match for match in found if kinds[match[0][0]] > 1)
    return tracked.edited((Edit(*match.span(), "") for match in paired), "markdown")


_MARK = re.compile(f"[{ALL_MARKS}{INHERITED_MARKS}]")
_MARKED = re.compile(f"([{LATIN}])[{ALL_MARKS}]+|([\\s\\S]?)[{INHERITED_MARKS}]+")


def without_diacritics(tracked: Tracked) -> Tracked:
    """Drop accents, enclosures and piles of marks; vowel signs of other scripts stay."""
    if tracked.text.isascii():
        return tracked
    if _MARK.search(tracked.text):
        marked = _MARKED.finditer(tracked.text)
        edits = (Edit(*found.span(), found[1] or found[2] or "") for found in marked)
        tracked = tracked.edited(edits, "diacritics")
    if not BARE.keys().isdisjoint(map(ord, beyond_ascii(tracked.text))):
        tracked = tracked.mapped(tracked.text.translate(BARE), "diacritics")
    return tracked


def _bare(character: str) -> str:
    return unicodedata.normalize("NFD", character)[0]


_ALPHABETS = (range(0xC0, 0x530), range(0x1E00, 0x2000))
BARE = {code: _bare(chr(code)) for code in chain(*_ALPHABETS) if _bare(chr(code)) != chr(code)}
"""Code point of a letter with accents → the letter without."""


_LATIN_LETTER = re.compile(f"[{LATIN}\u0250-\u02af\u1d00-\u1dbf]")
_TOKEN = re.compile(r"[^\s!-/:-@\[-`{-~]+")


def without_lookalikes(tracked: Tracked) -> Tracked:
    """Read look-alikes as the Latin letters that they resemble, word by word.

    A word that is really written in another script stays, and so do words that could be either
    in a text that has such words.
    """
    text = tracked.text
    if text.isascii() or LOOKALIKES.keys().isdisjoint(beyond_ascii(text)):
        return tracked
    tokens = [found for found in _TOKEN.finditer(text) if not found[0].isascii()]
    foreign = any(_is_foreign(found[0]) for found in tokens)
    edits = (
        edit
        for found in tokens
        if _has_latin(found[0]) or not (foreign and any(map(str.isalpha, found[0])))
        for edit in _lookalikes_in(found[0], found.start())
    )
    return tracked.edited(edits, "confusables")


def _is_foreign(token: str) -> bool:
    return not _has_latin(token) and any(map(is_native, token))


def _has_latin(token: str) -> bool:
    return _LATIN_LETTER.search(token) is not None


def _lookalikes_in(token: str, offset: int) -> Iterator[Edit]:
    for i, character in enumerate(token):
        letters = LOOKALIKES.get(character)
        if letters and (character.isalpha() or _between_letters(token, i)):
            yield Edit(offset + i, offset + i + 1, letters)


def _between_letters(token: str, place: int) -> bool:
    """Whether a symbol stands beside a letter and no digit: then it may stand for a letter."""
    beside = token[max(0, place - 1) : place] + token[place + 1 : place + 2]
    return any(map(str.isalpha, beside)) and not any(map(str.isdigit, beside))


def skeleton(text: str) -> str:
    """Return `text` with every look-alike read as Latin, whatever the script of its words."""
    return "".join(LOOKALIKES.get(character, character) for character in text)
