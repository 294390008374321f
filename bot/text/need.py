"""The groups of folding steps, as flags.

Lives here: the flags. Not here: which text needs which (`bot.text.needs`).
"""

from enum import IntEnum


class Need(IntEnum):
    """The groups of steps that may change a text."""

    NOTHING = 0
    LIGHT = 1
    SPELLED = 2
    CHAINED = 4
    PIECES = 8
    SIGNS = 16
    REPEATS = 32
    HOLES = 64
    QUOTES = 128
    ANY_IN_WORD = CHAINED | SIGNS | REPEATS | HOLES
    EVERYTHING = 255
