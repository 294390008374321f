"""From a text to its folded views.

Lives here: which views a text gets, one text at a time and many at once. Not here: the steps
themselves (`bot.text.light`, `bot.text.strong`).
"""

from __future__ import annotations

from collections.abc import Sequence

from bot.model import Evasion, FoldedText, FoldedView
from bot.text.light import compose, light, plain
from bot.text.needs import Need, needs_of
from bot.text.quotes import quoted_spans
from bot.text.strong import strong
from bot.text.tracked import Tracked


def fold(text: str) -> FoldedText:
    """Return `text` with its folded views, weakest first; never raises."""
    return _folded(text, Need.EVERYTHING)


# So many texts are looked at as one; their arrays fit the processor's cache.
_BATCH = 2_000


def fold_many(texts: Sequence[str]) -> list[FoldedText]:
    """Return what `fold` returns for each of `texts`, faster: ordinary texts need no guess."""
    folded: list[FoldedText] = []
    for start in range(0, len(texts), _BATCH):
        folded += _folded_batch(texts[start : start + _BATCH])
    return folded


def _folded_batch(texts: Sequence[str]) -> list[FoldedText]:
    simple = [text for text in texts if text.isascii() and "\0" not in text]
    joined = "\0".join(simple)
    lowered = joined.lower().split("\0")
    needs = dict(zip(simple, zip(lowered, needs_of(simple, joined), strict=True), strict=True))
    return [_folded_text(text, *needs.get(text, (text, Need.EVERYTHING))) for text in texts]


def _folded_text(text: str, lowered: str, needs: int) -> FoldedText:
    if needs:
        return _folded(text, Need(needs))
    return FoldedText(text, (FoldedView(Evasion.NONE, lowered),), quoted_spans(text))


def _folded(text: str, needs: Need) -> FoldedText:
    original = Tracked.of(text)
    none = plain(original)
    undisguised = light(compose(original)) if needs & Need.LIGHT else none
    views = {none.text: none.view(Evasion.NONE)}
    if undisguised.text not in views:
        views[undisguised.text] = undisguised.view(Evasion.LIGHT)
    for guess in strong(original, none, undisguised, needs):
        if guess.text not in views:
            views[guess.text] = guess.view(Evasion.STRONG)
    return FoldedText(text, tuple(views.values()), quoted_spans(text))
