"""Archived threads in: many formats, found by content, read as a stream.

Lives here: opening, detecting and reading archives, and writing Gavel's own. Not here: screening
what was read (`bot.replay`). To add a format, see `formats` and `table`.
"""

from __future__ import annotations

from bot.archive.base import Format, Head
from bot.archive.opening import Archive, open_archive
from bot.archive.table import FORMATS, formats

__all__ = ["FORMATS", "Archive", "Format", "Head", "formats", "open_archive"]
