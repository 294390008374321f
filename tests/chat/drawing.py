"""A card's JSON as a picture, near to what Discord shows: enough for the docs, and no more.

Text is laid out by rough widths of letters, and told to the picture so, that it looks alike
wherever it is opened.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from html import escape
from typing import Any

WIDTH, MARGIN, INDENT, LINE = 640, 16, 30, 21
FONT = "'gg sans','Noto Sans','Helvetica Neue',Helvetica,Arial,sans-serif"
PAGE, PANEL, DARK, INK, FAINT, BLUE = (
    "#313338", "#2b2d31", "#1e1f22", "#dbdee1", "#b5bac1", "#00a8fc",
)  # fmt: skip
BUTTONS = {1: "#5865f2", 2: "#4e5058", 3: "#248046", 4: "#da373c"}
NARROW, WIDE = frozenset(" .,:;'|!ijlIt()[]f·…"), frozenset("mwMW@%—")

TOKEN = re.compile(
    r"\\(?P<escaped>.)|(?P<mark>\*\*|__|\|\||`)|<(?P<kind>@|#|t:)(?P<id>\d+)(?::\w)?>"
)


@dataclass(frozen=True)
class Run:
    """Text of one look."""

    text: str
    bold: bool = False
    under: bool = False
    spoiler: bool = False
    code: bool = False
    link: bool = False

    @property
    def width(self) -> float:
        """How wide the text is, in pixels at 15 pixels a line."""
        if self.code:
            return 0.6 * 15 * len(self.text)
        shown = (c for c in self.text if unicodedata.category(c) != "Cf")
        units = sum(0.28 if c in NARROW else 0.82 if c in WIDE else 0.545 for c in shown)
        return units * 15 * (1.06 if self.bold else 1)


def draw(message: Mapping[str, Any], names: Mapping[str, str]) -> str:
    """Return an SVG of a message with one embed and one row of buttons."""
    (embed,) = message["embeds"]
    parts, y = list[str](), float(MARGIN)
    y = _lines(parts, [[Run(embed["title"], bold=True, link=True)]], INDENT, y + 12)
    y = _lines(parts, _wrapped(embed["description"], names, WIDTH - 2 * INDENT), INDENT, y + 4)
    y = _fields(parts, embed["fields"], names, y)
    y = _lines(parts, [[Run(embed["footer"]["text"])]], INDENT, y + 8, FAINT) + 8
    panel = (
        f'<rect x="{MARGIN}" y="{MARGIN}" width="{WIDTH - 2 * MARGIN}" height="{y - MARGIN:.0f}"'
        f' rx="4" fill="{PANEL}"/><rect x="{MARGIN}" y="{MARGIN}" width="4"'
        f' height="{y - MARGIN:.0f}" rx="2" fill="#{embed["color"]:06x}"/>'
    )
    y = _buttons(parts, message["components"][0]["components"], y + 8)
    height = y + MARGIN
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{height:.0f}"'
        f' viewBox="0 0 {WIDTH} {height:.0f}" font-family="{FONT}" font-size="15" fill="{INK}">'
        f'<title>A review card</title><rect width="100%" height="100%" fill="{PAGE}"/>'
    )
    return "\n".join([head, panel, *parts, "</svg>"]) + "\n"


def _fields(
    parts: list[str], fields: list[dict[str, Any]], names: Mapping[str, str], y: float
) -> float:
    """Draw fields, inline ones side by side; return where they end."""
    column, columns, lowest = 0, 3, y
    third = (WIDTH - 2 * INDENT) / columns
    for field in fields:
        wide = not field["inline"]
        if wide or column == columns:
            y, column = lowest, 0
        x, room = INDENT + column * third, WIDTH - 2 * INDENT if wide else third - 8
        rows = [[Run(field["name"], bold=True)], *_wrapped(field["value"], names, room)]
        lowest = max(lowest, _lines(parts, rows, x, y + 10))
        column += columns if wide else 1
    return lowest


def _buttons(parts: list[str], buttons: list[dict[str, Any]], y: float) -> float:
    x = float(MARGIN)
    for each in buttons:
        run = Run(each["label"], bold=True)
        width = run.width + 28
        parts.append(
            f'<rect x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="34" rx="5"'
            f' fill="{BUTTONS[each["style"]]}"/>'
        )
        _lines(parts, [[run]], x + 14, y + 6.5, "#ffffff")
        x += width + 8
    return y + 34


def _lines(parts: list[str], rows: list[list[Run]], x: float, y: float, ink: str = INK) -> float:
    """Draw lines of runs from (x, y) down; return where they end."""
    for row in rows:
        at = x
        for run in row:
            parts += _run(run, at, y, ink)
            at += run.width
        y += LINE
    return y


def _run(run: Run, x: float, y: float, ink: str) -> Iterator[str]:
    if run.spoiler or run.code:
        fill = "#4e5058" if run.spoiler else DARK
        box = f'width="{run.width:.1f}" height="{LINE}" fill="{fill}"'
        yield f'<rect x="{x:.1f}" y="{y - 1:.1f}" {box}/>'
    style = (
        ' font-family="monospace"' * run.code
        + ' font-weight="700"' * run.bold
        + ' text-decoration="underline"' * run.under
    )
    yield (
        f'<text x="{x:.1f}" y="{y + 15:.1f}" textLength="{run.width:.1f}" xml:space="preserve"'
        f' fill="{BLUE if run.link else ink}"{style}>{escape(run.text)}</text>'
    )


def _wrapped(text: str, names: Mapping[str, str], room: float) -> list[list[Run]]:
    """Return the lines of a text in Discord's markdown, broken where they would be too wide."""
    return [row for line in text.split("\n") for row in _broken(list(_runs(line, names)), room)]


def _broken(runs: list[Run], room: float) -> Iterator[list[Run]]:
    row, width = list[Run](), 0.0
    for run in runs:
        for word in re.findall(r"\S+\s*|\s+", run.text):
            piece = replace(run, text=word)
            if row and width + replace(run, text=word.rstrip()).width > room:
                yield row
                row, width = [], 0.0
            same = row and replace(row[-1], text="") == replace(run, text="")
            row[-1:] = [replace(run, text=row[-1].text + word)] if same else [*row[-1:], piece]
            width += piece.width
    yield row


def _runs(line: str, names: Mapping[str, str]) -> Iterator[Run]:
    look, at = Run(""), 0
    for found in TOKEN.finditer(line):
        yield replace(look, text=line[at : found.start()])
        at = found.end()
        if found["escaped"]:
            yield replace(look, text=found["escaped"])
        elif found["mark"]:
            look = _turned(look, found["mark"])
        else:
            yield replace(look, text=_named(found["kind"], found["id"], names), link=True)
    yield replace(look, text=line[at:])


def _turned(look: Run, mark: str) -> Run:
    match mark:
        case "**":
            return replace(look, bold=not look.bold)
        case "__":
            return replace(look, under=not look.under)
        case "||":
            return replace(look, spoiler=not look.spoiler)
    return replace(look, code=not look.code)


def _named(kind: str, identity: str, names: Mapping[str, str]) -> str:
    if kind == "t:":
        return f"{datetime.fromtimestamp(int(identity), UTC):%d %B %Y %H:%M}"
    return kind + names.get(identity, identity)
