"""From a text to its folded views.

Lives here: which views a text gets, one text at a time and many at once. Not here: the steps
themselves (`bot.text.light`, `bot.text.strong`).
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from itertools import repeat

from bot.model import Evasion, FoldedText, FoldedView
from bot.text.accents import without_accents
from bot.text.light import compose, light, plain
from bot.text.need import Need
from bot.text.needs import needs_of
from bot.text.outline import borne_out, outline
from bot.text.quotes import quoted_spans
from bot.text.strong import strong, strong_at
from bot.text.tracked import Tracked


def fold(text: str) -> FoldedText:
    """Return `text` with its folded views, weakest first; never raises."""
    return fold_many([text])[0]


# So many texts are looked at as one, which spares calls; far more would not fit the caches.
_BATCH = 4_096


def fold_many(texts: Sequence[str]) -> list[FoldedText]:
    """Return what `fold` returns for each of `texts`, which costs far less than one by one."""
    folded: list[FoldedText] = []
    for start in range(0, len(texts), _BATCH):
        batch = texts[start : start + _BATCH]
        beyond_ascii = [i for i, text in enumerate(batch) if not text.isascii()]
        outlines = list(batch)
        for i in beyond_ascii:
            outlines[i] = outline(batch[i])
        needs, places = needs_of(outlines)
        for i in beyond_ascii:
            needs[i] = borne_out(batch[i], needs.get(i, Need.NOTHING))
        ordinary = _ordinary(batch)
        for i, need in needs.items():
            ordinary[i] = _folded(batch[i], need, places.get(i, ()))
        folded += ordinary
    return folded


def _ordinary(texts: Sequence[str]) -> list[FoldedText]:
    """Return each text with its lower case as its only view.

    Most comments are no more than that; tuples made of tuples spare a call for each of them.
    """
    make = tuple.__new__
    fields = (repeat(Evasion.NONE), map(str.lower, texts), repeat(None), repeat(None), repeat(()))
    views = map(make, repeat(FoldedView), zip(*fields, strict=False))
    return list(map(make, repeat(FoldedText), zip(texts, zip(views, strict=True), repeat(()))))


def _unguessed(text: str) -> FoldedText:
    """Fold a text outside ASCII that needs nothing but case, NFKC and bare letters."""
    lowered = text.casefold()
    if len(lowered) == len(text) and unicodedata.is_normalized("NFKC", lowered):
        none = Tracked(lowered)
    else:
        none = plain(Tracked(text))
    undisguised = without_accents(none)
    view = none.view(Evasion.NONE)
    if undisguised is none:
        return FoldedText(text, (view,))
    return FoldedText(text, (view, undisguised.view(Evasion.LIGHT)))


def _folded(text: str, needs: int, places: Sequence[int]) -> FoldedText:
    if not needs:
        return _unguessed(text)
    original = Tracked(text)
    none = plain(original)
    undisguised = light(compose(original)) if needs & Need.LIGHT else without_accents(none)
    if undisguised.text == none.text:
        undisguised = none
    views = {none.text: none.view(Evasion.NONE)}
    if undisguised is not none:
        views[undisguised.text] = undisguised.view(Evasion.LIGHT)
    for guess in _guesses(original, none, undisguised, needs, places):
        if guess.text not in views:
            views[guess.text] = guess.view(Evasion.STRONG)
    quoted = quoted_spans(text) if needs & Need.QUOTES else ()
    return FoldedText(text, tuple(views.values()), quoted)


def _guesses(
    original: Tracked, none: Tracked, undisguised: Tracked, needs: int, places: Sequence[int]
) -> Iterator[Tracked]:
    if original.text.isascii() and not needs & ~(Need.ANY_IN_WORD | Need.QUOTES):
        return strong_at(original.text, none, places)
    return strong(original, none, undisguised, needs)
