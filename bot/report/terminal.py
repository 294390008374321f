"""Prints a summary for people at a terminal."""

from __future__ import annotations

from rich.console import Console
from rich.text import Text

from bot.report.values import About, Summary


def print_summary(summary: Summary, about: About, console: Console) -> None:
    """Print the totals."""
    console.print(Text(f"{len(about.files)}: {summary.flagged} of {summary.total}"))
