"""Text out of HTML: as a reader sees it, with quotes as `> ` lines and hidden addresses shown.

Lives here: one conversion, used by every format whose bodies are HTML. Not here: Markdown and what
rules make of quotes and links (`bot.text`).
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bs4.element import PageElement, Tag

_MARKUP = re.compile(r"<[A-Za-z/!?]")
_SPACES = re.compile(r"[ \t\r\n\f]+")
_BLANK_LINES = re.compile(r"\n{3,}")
_TAG = re.compile(r"</?([A-Za-z]\w*)\b[^<>]*>")

# The parser's time grows with the square of unclosed tags; no honest comment is near these.
_LONGEST = 20_000
_FEW = 20
_DEEPEST_QUOTE = 20

_PARAGRAPHS = frozenset(
    "p div blockquote ul ol pre h1 h2 h3 h4 h5 h6 table section article aside figure hr".split()  # noqa: SIM905 - reads as the list that it is
)
_NESTING = _PARAGRAPHS - {"hr"}
_LINES = frozenset({"br", "li", "tr", "dt", "dd"})
_DROPPED = frozenset({"script", "style", "head", "template"})
_NAMED_LINKS = frozenset({"mention", "hashtag", "u-url"})


def html_text(markup: str, *, line_breaks: bool = False) -> str:
    """Return the text of `markup`; text without tags only has its entities resolved.

    `line_breaks`: line ends are meant, as in forms whose input becomes paragraphs later.
    """
    if not _MARKUP.search(markup):
        return html.unescape(markup).strip() if "&" in markup else markup.strip()
    if len(markup) > _LONGEST:
        return "\n\n".join(
            _short_text(piece, line_breaks=line_breaks) for piece in _pieces(markup)
        ).strip()
    return _short_text(markup, line_breaks=line_breaks)


def _short_text(markup: str, *, line_breaks: bool) -> str:
    if len(markup) > _LONGEST or markup.count("<") > 2 * markup.count(">") + _FEW:
        return _stripped(markup)
    # Slow to import, and most archives hold no HTML.
    from bs4 import BeautifulSoup  # noqa: PLC0415 - only bodies with markup need it
    from bs4.exceptions import ParserRejectedMarkup  # noqa: PLC0415 - only bodies with markup need it

    try:
        # The blank keeps the parser from taking a short text for an address or for XML.
        soup = BeautifulSoup(f" {markup}", "html.parser")
    except ParserRejectedMarkup:
        return _stripped(markup)
    writer = _Writer(line_breaks=line_breaks)
    for node, entering in _events(soup):
        writer.write(node, entering=entering)
    return writer.text()


def _pieces(markup: str) -> Iterator[str]:
    """Cut long markup between paragraphs, so that each piece is short; in linear time."""
    start = depth = 0
    for tag in _TAG.finditer(markup):
        if tag[1].lower() in _NESTING:
            depth = max(0, depth - 1) if tag[0].startswith("</") else depth + 1
            if not depth and tag.end() - start > _LONGEST // 2:
                yield markup[start : tag.end()]
                start = tag.end()
    yield markup[start:]


def _stripped(markup: str) -> str:
    """Return the text without tags, in linear time; what the parser may not be given."""

    def gap(tag: re.Match[str]) -> str:
        return "\n" if tag[1].lower() in _PARAGRAPHS | _LINES else ""

    return html.unescape(_TAG.sub(gap, markup)).strip()


def _events(root: Tag) -> Iterator[tuple[PageElement, bool]]:
    """Yield each node on entering, and tags on leaving too; no nesting is too deep."""
    from bs4.element import Tag  # noqa: PLC0415 - as above

    stack: list[tuple[PageElement, bool]] = [(root, True)]
    while stack:
        node, entering = stack.pop()
        yield node, entering
        if entering and isinstance(node, Tag) and node.name not in _DROPPED:
            stack.append((node, False))
            stack.extend((child, True) for child in reversed(node.contents))


class _Writer:
    """Writes text as the nodes come by."""

    def __init__(self, *, line_breaks: bool) -> None:
        self._line_breaks = line_breaks
        self._parts: list[str] = []
        self._quotes: list[int] = []
        self._links: list[int] = []
        self._verbatim = 0

    def write(self, node: PageElement, *, entering: bool) -> None:
        """Take one node of the tree."""
        from bs4.element import NavigableString, PreformattedString, Tag  # noqa: PLC0415 - as above

        if isinstance(node, Tag):
            self._tag(node, entering=entering)
        elif isinstance(node, NavigableString) and not isinstance(node, PreformattedString):
            self._string(str(node))

    def text(self) -> str:
        """Return all that was written."""
        lines = (line.rstrip(" ") for line in "".join(self._parts).split("\n"))
        return _BLANK_LINES.sub("\n\n", "\n".join(lines)).strip()

    def _string(self, text: str) -> None:
        if self._verbatim or self._line_breaks:
            self._parts.append(text)
        else:
            text = _SPACES.sub(" ", text)
            at_line_start = not self._parts or self._parts[-1].endswith("\n")
            self._parts.append(text.lstrip(" ") if at_line_start else text)

    def _tag(self, tag: Tag, *, entering: bool) -> None:
        name = tag.name
        if name == "pre":
            self._verbatim += 1 if entering else -1
        if name == "blockquote" and not entering:
            self._close_quote()
        if name in _PARAGRAPHS:
            self._parts.append("\n\n")
        elif name in _LINES and entering:
            self._parts.append("\n")
        if name == "blockquote" and entering:
            self._quotes.append(len(self._parts))
        elif name == "a":
            self._link(tag, entering=entering)
        elif name == "img" and entering:
            self._parts.append(str(tag.get("alt") or ""))

    def _close_quote(self) -> None:
        start = self._quotes.pop()
        if len(self._quotes) >= _DEEPEST_QUOTE:
            return
        quoted = _BLANK_LINES.sub("\n\n", "".join(self._parts[start:])).strip()
        self._parts[start:] = ["\n".join(f"> {line}".rstrip(" ") for line in quoted.split("\n"))]

    def _link(self, tag: Tag, *, entering: bool) -> None:
        """Show where a link leads, unless its text already does or names a person or a topic."""
        if entering:
            self._links.append(len(self._parts))
            return
        start = self._links.pop()
        shown = "".join(self._parts[start:]).strip()
        target = str(tag.get("href") or "")
        kinds = tag.get("class") or ()
        if not target.startswith(("http://", "https://")) or not _NAMED_LINKS.isdisjoint(kinds):
            return
        beginning = shown.removesuffix("...").removesuffix("\N{HORIZONTAL ELLIPSIS}")
        if beginning and beginning in target:
            self._parts[start:] = [target]
        elif target not in shown:
            self._parts.append(f" ({target})")
