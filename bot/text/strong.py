"""The folding level `strong`: guesses at what a disguised word was.

Lives here: the order of the guesses and the views that they make. Not here: the single steps
(`bot.text.leet`, `bot.text.separators`, `bot.text.repeats`, `bot.text.emoji`).
"""

from __future__ import annotations

from collections.abc import Iterator

from bot.text.tracked import Tracked


def strong(original: Tracked, none: Tracked, light: Tracked) -> Iterator[Tracked]:
    """Yield the guesses, the likeliest first."""
    yield from ()
