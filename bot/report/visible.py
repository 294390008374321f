"""Makes text of strangers harmless wherever it is shown.

Lives here: which characters are invisible or dangerous, and how a terminal, a spreadsheet, a JSON
line and Markdown are protected from them. HTML is escaped by the templates; the pieces that they
show come from `bot.report.marks`.
"""

from __future__ import annotations

import re

INVISIBLE = re.compile(
    "["
    "\x00-\x08\x0b-\x1f\x7f-\x9f"  # control characters, but for tab and newline
    "\u00ad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"
    "\ud800-\udfff"  # halves of surrogate pairs, which no encoding can write
    "\U000e0001"
    "]"
)
"""Characters that reorder, hide, break or command; joiners stay, for emoji and scripts need them."""

_SURROGATE = re.compile("[\ud800-\udfff]")
_FORMULA = re.compile(r"[=+\-@\t\r\n＝＋－＠]")  # noqa: RUF001 - spreadsheets obey full-width ones too
_BLANK = re.compile(r"\s+")
_BACKTICKS = re.compile(r"`+")


def code_point(character: str) -> str:
    """Name a character that cannot be shown, such as `U+202E`."""
    return f"U+{ord(character):04X}"


def visible(text: str) -> str:
    """Replace what is invisible or commands a terminal by its name in angle brackets."""
    return INVISIBLE.sub(lambda found: f"⟨{code_point(found[0])}⟩", text.replace("\r\n", "\n"))


def unbroken(text: str) -> str:
    """Return harmless text on one line, each stretch of blanks as one space."""
    return visible(_BLANK.sub(" ", text))


def one_line(text: str, longest: int = 0) -> str:
    """Return harmless text on one line, cut to `longest` code points when that is not 0."""
    line = unbroken(text.strip())
    return f"{line[: longest - 1].rstrip()}…" if 0 < longest < len(line) else line


def without_surrogates(json_line: str) -> str:
    """Escape lone surrogates in a JSON text, so that it can be written as UTF-8."""
    return _SURROGATE.sub(lambda found: f"\\u{ord(found[0]):04x}", json_line)


def cell(text: str) -> str:
    """Return a spreadsheet cell: never a formula, and without what breaks a file of UTF-8."""
    safe = _SURROGATE.sub("\N{REPLACEMENT CHARACTER}", text).replace("\0", "\N{SYMBOL FOR NULL}")
    return f"'{safe}" if _FORMULA.match(safe) else safe


def code(text: str, longest: int = 0) -> str:
    """Return Markdown that shows `text` as code on one line: no link, mention or tag can arise."""
    line = one_line(text, longest) or " "
    fence = "`" * (1 + max((len(run) for run in _BACKTICKS.findall(line)), default=0))
    return f"{fence} {line} {fence}" if "`" in line else f"{fence}{line}{fence}"
