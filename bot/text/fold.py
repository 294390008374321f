"""From a text to its folded views.

Lives here: which views a text gets, one text at a time and many at once. Not here: the steps
themselves (`bot.text.light`, `bot.text.strong`).
"""

from __future__ import annotations

from collections.abc import Sequence

from bot.model import Evasion, FoldedText, FoldedView
from bot.text.light import compose, light, plain
from bot.text.quotes import quoted_spans
from bot.text.strong import strong
from bot.text.tracked import Tracked


def fold(text: str) -> FoldedText:
    """Return `text` with its folded views, weakest first; never raises."""
    original = Tracked.of(text)
    none = plain(original)
    views = [none.view(Evasion.NONE)]
    undisguised = light(compose(original))
    if undisguised.text != none.text:
        views.append(undisguised.view(Evasion.LIGHT))
    seen = {view.text for view in views}
    for guess in strong(original, none, undisguised):
        if guess.text not in seen:
            seen.add(guess.text)
            views.append(guess.view(Evasion.STRONG))
    return FoldedText(text, tuple(views), quoted_spans(text))


def fold_many(texts: Sequence[str]) -> list[FoldedText]:
    """Return what `fold` returns for each of `texts`."""
    return [fold(text) for text in texts]
