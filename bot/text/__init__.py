"""Texts as a reader sees them: folding with offset maps, word boundaries and quotes.

Lives here: everything that turns a text into its folded views and finds places in it. Not here:
what is looked for in them (`bot.rules`).
"""

from bot.text.addresses import address_parts
from bot.text.censoring import CENSORED, HIDDEN, HIDDEN_VOWEL
from bot.text.fold import fold, fold_many
from bot.text.light import skeleton
from bot.text.marks import LOOKALIKES
from bot.text.quotes import quoted_spans, reported_spans
from bot.text.separators import is_fragment
from bot.text.tracked import Edit, Tracked
from bot.text.words import is_boundary, is_unspaced, is_word_character, word_at

__all__ = [
    "CENSORED",
    "HIDDEN",
    "HIDDEN_VOWEL",
    "LOOKALIKES",
    "Edit",
    "Tracked",
    "address_parts",
    "fold",
    "fold_many",
    "is_boundary",
    "is_fragment",
    "is_unspaced",
    "is_word_character",
    "quoted_spans",
    "reported_spans",
    "skeleton",
    "word_at",
]
