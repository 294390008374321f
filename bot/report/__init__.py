"""Turns screened comments into something worth reading.

Lives here: counting, keeping what is worth showing, and showing it as a page, in a terminal, as
JSON lines, as a table and as Markdown. Not here: screening (`bot.pipeline`), opening files and
choosing among outputs (`bot.cli`).
"""

from bot.report.page import html
from bot.report.sinks import JsonLines, Table
from bot.report.tally import Tally
from bot.report.terminal import print_summary
from bot.report.values import About, Screened, Summary, Writer

__all__ = [
    "About",
    "JsonLines",
    "Screened",
    "Summary",
    "Table",
    "Tally",
    "Writer",
    "html",
    "print_summary",
]
