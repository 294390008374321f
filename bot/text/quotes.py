"""Which stretches of a text quote somebody else.

Lives here: quoted lines, block quotes, and the quote tags of boards and wikis. Not here: what a
quote means for a rule (`bot.rules`).
"""

from __future__ import annotations

import re

from bot.model import Span

_QUOTES = re.compile(
    r"""
      ^[ \t]*>>>[\s\S]*                         # a block quote runs to the end of the message
    | ^[ \t]*(?:>|&gt;)[^\n]*                   # one quoted line
    | \[quote\b[^\]\n]{0,200}\](?:(?!\[/quote\])[\s\S])*(?:\[/quote\]|\Z)
    | <(blockquote|q)\b[^>\n]{0,200}>(?:(?!</\1>)[\s\S])*(?:</\1>|\Z)
    | \{\{\s*(?:tq|tqq|tq2|xt|quote|talk\ quote|blockquote)[^|{}]{0,50}\|[^{}]*\}\}
    """,
    re.VERBOSE | re.IGNORECASE | re.MULTILINE,
)


def quoted_spans(text: str) -> tuple[Span, ...]:
    """Return the quoted stretches, markers included, in order; they do not overlap."""
    if ">" not in text and "[" not in text and "{" not in text and "&gt;" not in text:
        return ()
    return tuple(Span(*found.span()) for found in _QUOTES.finditer(text))
