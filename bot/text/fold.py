"""From a text to its folded views.

Lives here: which views a text gets, one text at a time and many at once. Not here: the steps
themselves (`bot.text.light`, `bot.text.strong`).
"""

from __future__ import annotations

from collections.abc import Sequence

from bot.model import Evasion, FoldedText, FoldedView
from bot.text.light import compose, light, plain
from bot.text.need import Need
from bot.text.needs import needs_of
from bot.text.outline import OUTLINE
from bot.text.quotes import quoted_spans
from bot.text.strong import strong, strong_at
from bot.text.tracked import Tracked


def fold(text: str) -> FoldedText:
    """Return `text` with its folded views, weakest first; never raises."""
    return fold_many([text])[0]


# So many texts are looked at as one; their arrays fit the processor's cache.
_BATCH = 2_000


def fold_many(texts: Sequence[str]) -> list[FoldedText]:
    """Return what `fold` returns for each of `texts`, which costs far less than one by one."""
    folded: list[FoldedText] = []
    for start in range(0, len(texts), _BATCH):
        batch = texts[start : start + _BATCH]
        outlines = [text if text.isascii() else text.translate(OUTLINE) for text in batch]
        needs, places = needs_of(outlines)
        folded += [
            _folded(text, need, places.get(i, ())) if need else _unguessed(text)
            for i, (text, need) in enumerate(zip(batch, needs, strict=True))
        ]
    return folded


def _unguessed(text: str) -> FoldedText:
    if text.isascii():
        return FoldedText(text, (FoldedView(Evasion.NONE, text.lower()),), quoted_spans(text))
    return FoldedText(text, (_none(text, plain(Tracked.of(text))),), quoted_spans(text))


def _none(text: str, tracked: Tracked) -> FoldedView:
    """Return the view `none`; where each character kept its place, it needs no offsets."""
    if text.isascii() or text.casefold() == tracked.text and len(text) == len(tracked.text):
        return FoldedView(Evasion.NONE, tracked.text)
    return tracked.view(Evasion.NONE)


def _folded(text: str, needs: int, places: Sequence[int]) -> FoldedText:
    original = Tracked.of(text)
    none = plain(original)
    undisguised = light(compose(original)) if needs & Need.LIGHT else none
    if undisguised.text == none.text:
        undisguised = none
    views = {none.text: _none(text, none)}
    if undisguised is not none:
        views[undisguised.text] = undisguised.view(Evasion.LIGHT)
    if text.isascii() and not needs & ~Need.ANY_IN_WORD:
        guesses = strong_at(text, none, places)
    else:
        guesses = strong(original, none, undisguised, needs)
    for guess in guesses:
        if guess.text not in views:
            views[guess.text] = guess.view(Evasion.STRONG)
    return FoldedText(text, tuple(views.values()), quoted_spans(text))
