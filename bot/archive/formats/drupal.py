"""A pasted Drupal thread: an article, the line `Comments`, and comments that end in `Permalink`.

A comment begins `AUTHOR [PARENT] Www, MM/DD/YYYY - HH:MM Permalink` and, where it answers somebody,
ends `In reply to [TITLE] by PARENT`. Names hold spaces and dots: only that last line tells where the
author's name ends and the parent's begins. Times have no zone and are read as UTC.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from bot.archive.base import Head
from bot.archive.source import MAX_FIELD, Source, author_of
from bot.model import AttributeValue, Comment

_LONGEST_HEADER = 400
_HEADER = re.compile(
    r"(?P<who>\S.*?)\s+(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun),\s+"
    r"(?P<date>\d{1,2}/\d{1,2}/\d{4}\s+-\s+\d{1,2}:\d{2})\s+Permalink\s*"
)


@dataclass(frozen=True, slots=True)
class _Block:
    """One comment: its header, the header's line, and the lines below it."""

    line: int
    who: str
    date: str
    body: list[str]


def detect(head: Head) -> bool:
    """One header is enough: nobody else writes such a line."""
    return any(_header(line) for line in head.lines)


def _header(line: str) -> re.Match[str] | None:
    # Long lines are text; the pattern would look at each of their blanks again and again.
    return _HEADER.fullmatch(line) if len(line) <= _LONGEST_HEADER else None


def read(source: Source) -> Iterator[Comment]:
    """Yield the comments in the order of the page; the article becomes the thread's context."""
    article, blocks = _split(source)
    title = next((line.strip() for line in article if line.strip()), "")
    source.thread(source.stem, title, "\n".join(article).strip())
    comments: list[Comment] = []
    lines: list[int] = []
    for number, block in enumerate(blocks, 1):
        source.line = block.line
        if comment := _comment(source, block, f"comment-{number}"):
            comments.append(comment)
            lines.append(block.line)
    by_author = _by_author(comments)
    for comment, source.line in zip(comments, lines, strict=True):
        yield _linked(comment, by_author)


def _split(source: Source) -> tuple[list[str], list[_Block]]:
    """Return the article's lines and the comments. A pasted page is small: it is held whole."""
    article: list[str] = []
    blocks: list[_Block] = []
    held = 0
    for line in source.lines():
        held += len(line) + 1
        if held > MAX_FIELD:
            message = f"the page is longer than {MAX_FIELD:,} characters; the rest is not read"
            source.problem("too-long", message, hint="split it into threads")
            break
        if found := _header(line):
            blocks.append(_Block(source.line, found["who"].strip(), found["date"], []))
        else:
            (blocks[-1].body if blocks else article).append(line)
    return _without_heading(article), blocks


def _without_heading(article: list[str]) -> list[str]:
    """Drop the line `Comments` that stands between the article and the comments."""
    for place in range(len(article) - 1, -1, -1):
        if line := article[place].strip():
            return article[:place] if line == "Comments" else article
    return article


def _comment(source: Source, block: _Block, name: str) -> Comment | None:
    body = "\n".join(block.body).strip().split("\n")
    parent = _parent_name(block.who, body[-1])
    author = block.who
    attributes: dict[str, AttributeValue] = {}
    if parent:
        author = author[: -len(parent)].rstrip()
        body.pop()
        attributes["reply_to"] = parent
    text = "\n".join(body).strip()
    if not text:
        source.skip("empty")
        return None
    return Comment(
        id=name,
        text=text,
        author=author_of(author),
        created_at=_time(source, block.date),
        thread_id=source.stem,
        attributes=attributes,
    )


def _parent_name(who: str, last_line: str) -> str:
    """Return the parent whom the last line and the header both name; empty for no reply.

    The title may itself hold the word "by", so the longest name that the header ends with counts.
    """
    line = last_line.strip()
    if not line.startswith("In reply to "):
        return ""
    names = (line[found.end() :].strip() for found in re.finditer(r"\bby ", line))
    return next((name for name in names if name and who.endswith(f" {name}")), "")


def _time(source: Source, date: str) -> datetime | None:
    try:
        return datetime.strptime(" ".join(date.split()), "%m/%d/%Y - %H:%M").replace(tzinfo=UTC)
    except ValueError:
        return source.time(date)


def _by_author(comments: Sequence[Comment]) -> Mapping[str, list[Comment]]:
    grouped: dict[str, list[Comment]] = {}
    for comment in comments:
        grouped.setdefault(comment.author.id, []).append(comment)
    return grouped


def _linked(comment: Comment, by_author: Mapping[str, list[Comment]]) -> Comment:
    """Link a reply to its parent where only one comment of that author is earlier."""
    named = by_author.get(str(comment.attributes.get("reply_to", "")), [])
    earlier = [each for each in named if _is_earlier(each, comment)]
    return replace(comment, parent_id=earlier[0].id) if len(earlier) == 1 else comment


def _is_earlier(first: Comment, second: Comment) -> bool:
    if first.created_at is None or second.created_at is None:
        return False
    return first.created_at < second.created_at
