"""Which stretches of a text quote somebody else.

Lives here: quoted lines, block quotes, the quote tags of boards and wikis, and reported speech in
quotation marks. Not here: what a quote means for a rule (`bot.rules`).
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


_SUBJECT = r"""
    (?: you | s?he | they | who | people | kids | users? | (?:some|every|any)(?:one|body)
      | (?:some|this|that|my|his|her|their|our|your|a|the) \s \w+ | <@!?\d+> | @[\w.-]+
    )
    (?: \s (?:just|then|also|once|even|literally|actually|always|has|had|have|keeps?|kept) ){0,2}
"""
_VERB = r"""
    (?: said|says?|saying | wrote|writes?|writing | post(?:s|ed|ing)? | comment(?:s|ed)?
      | text(?:s|ed)? | sen(?:d|ds|t) | repl(?:y|ies|ied) | calls?|called|calling
      | tells?|told|telling | yell(?:s|ed)? | shout(?:s|ed)? | typ(?:e|es|ed)
    )
"""
_SAID = '"[^"“”\\n]{1,300}" | “[^"“”\\n]{1,300}”'
_REPORTED = re.compile(
    rf"""
      (?<!\w)(?: {_SUBJECT} \s {_VERB} | (?:was|were|am|are|is|got|gets?|been|being) \s (?:called|told) )\b
      (?:\s [\w'’]+){{0,3}} [:,]? \s? (?P<said> {_SAID} )
      | (?P<told> {_SAID} ) ,? \s {_SUBJECT} \s {_VERB}\b
    """,
    re.VERBOSE | re.IGNORECASE,
)


def reported_spans(text: str) -> tuple[Span, ...]:
    """Return what somebody else is reported to have said in quotation marks, marks included.

    Quotation marks alone report nothing: anybody can put them around an insult.
    """
    if '"' not in text and "“" not in text:
        return ()
    found = _REPORTED.finditer(text)
    return tuple(Span(*each.span("said" if each["said"] else "told")) for each in found)
