"""Rules of other programs, carried over as far as they can be.

Lives here: one file a format, one line each in the table below. What could not be carried is
noted with its place; a rule that lost a check would catch more than it did, and becomes a draft.
All others become shadow rules: their status is earned here anew.
"""

from __future__ import annotations

from collections.abc import Callable

from bot.rules.imports.automoderator import read_automoderator
from bot.rules.imports.discord import read_discord
from bot.rules.imports.draft import Imported
from bot.rules.imports.word_list import read_word_list
from bot.rules.imports.zeppelin import read_zeppelin

FORMATS: dict[str, Callable[[str, str], Imported]] = {
    "automoderator": read_automoderator,
    "discord": read_discord,
    "zeppelin": read_zeppelin,
    "words": read_word_list,
}
"""What reads a text and its name, by the format's name."""

__all__ = ["FORMATS", "Imported"]
