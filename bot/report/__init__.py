"""Turns screened comments into something worth reading.

Lives here: counting, keeping what is worth showing, and showing it as a page, in a terminal, as
JSON lines, as a table and as Markdown. Not here: screening (`bot.pipeline`), opening files and
choosing among outputs (`bot.cli`).
"""

from bot.report.changes import Change, Difference, Kind, limits_passed, threshold_advice
from bot.report.compare_page import compare_html
from bot.report.compare_terminal import print_comparison
from bot.report.comparison import Comparison
from bot.report.markdown import comparison_markdown
from bot.report.page import html
from bot.report.sinks import ChangeLines, JsonLines, Table
from bot.report.tally import Tally
from bot.report.terminal import print_summary
from bot.report.values import About, Screened, Summary, Writer

__all__ = [
    "About",
    "Change",
    "ChangeLines",
    "Comparison",
    "Difference",
    "JsonLines",
    "Kind",
    "Screened",
    "Summary",
    "Table",
    "Tally",
    "Writer",
    "compare_html",
    "comparison_markdown",
    "html",
    "limits_passed",
    "print_comparison",
    "print_summary",
    "threshold_advice",
]
