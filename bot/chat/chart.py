"""The statistics as a picture: each rule's hits and precision, and the reviews of each day.

Lives here: drawing, for a dark background and a small screen. Pure, and slow enough (some tens of
milliseconds) to be called off the event loop. Not here: the same numbers in words
(`bot.chat.answers`).
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from PIL import Image, ImageDraw, ImageFont

from bot.cases import DayCounts, QueueCounts, RuleCounts
from bot.proportion import Proportion, percent

MOST_RULES = 12

_WIDTH, _MARGIN, _ROW = 960, 28, 36
_DAYS_HEIGHT = 150
_BACK, _INK, _QUIET, _LINE = "#2b2d31", "#f2f3f5", "#b5bac1", "#4e5058"
_HITS, _PRECISION, _DECIDED = "#6ea8fe", "#f0b232", "#57c7a5"
_NAME_END, _HITS_END, _SCALE, _SCALE_END = 330, 550, 620, 780
_LONGEST_NAME = 27

Box = tuple[float, float, float, float]


def stats_chart(counts: QueueCounts, until: date, days: int) -> bytes:
    """Return a PNG of the last `days` days before and with `until`."""
    rules = counts.rules[:MOST_RULES]
    rules_height = 80 + _ROW * max(len(rules), 1)
    sheet = _Sheet(rules_height + 100 + _DAYS_HEIGHT)
    _draw_rules(sheet, rules, len(counts.rules) - len(rules))
    _draw_days(sheet, counts.days, until, days, rules_height)
    return sheet.png()


@dataclass
class _Sheet:
    """A canvas with two sizes of writing."""

    height: int
    image: Image.Image = field(init=False)
    draw: ImageDraw.ImageDraw = field(init=False)

    def __post_init__(self) -> None:
        self.image = Image.new("RGB", (_WIDTH, self.height), _BACK)
        self.draw = ImageDraw.Draw(self.image)
        self._large = ImageFont.load_default(22)
        self._small = ImageFont.load_default(18)

    def write(
        self, at: tuple[float, float], text: str, colour: str = _INK, anchor: str = "lm"
    ) -> None:
        self.draw.text(at, text, colour, self._small, anchor)

    def head(self, y: float, text: str) -> None:
        self.draw.text((_MARGIN, y), text, _INK, self._large, "lm")

    def bar(self, box: Box, colour: str) -> None:
        left, top, right, bottom = box
        self.draw.rectangle((left, top, max(right, left + 2), bottom), colour)

    def png(self) -> bytes:
        out = io.BytesIO()
        self.image.save(out, "PNG", optimize=True)
        return out.getvalue()


# --- rules -----------------------------------------------------------------------------------


def _draw_rules(sheet: _Sheet, rules: Sequence[RuleCounts], more: int) -> None:
    sheet.head(28, "Rules" + (f" (the first {len(rules)}; {more} more)" if more else ""))
    sheet.write((_NAME_END, 28), "hits", _HITS)
    sheet.write((_SCALE, 28), "precision, 95 % interval", _PRECISION)
    bottom = 64 + _ROW * max(len(rules), 1)
    for share in (0, 0.5, 1):
        x = _on_scale(share)
        sheet.draw.line((x, 56, x, bottom - 6), _LINE)
        sheet.write((x, bottom + 6), f"{share * 100:.0f} %", _QUIET, "mm")
    if not rules:
        sheet.write((_MARGIN, 64 + _ROW / 2), "No rule matched anything.", _QUIET)
    most = max((rule.hits for rule in rules), default=1) or 1
    for number, rule in enumerate(rules):
        _draw_rule(sheet, rule, most, 64 + _ROW * number + _ROW / 2 - 4)


def _draw_rule(sheet: _Sheet, rule: RuleCounts, most: int, y: float) -> None:
    sheet.write((_MARGIN, y), _short(rule.rule))
    reach = (_HITS_END - _NAME_END) * rule.hits / most
    sheet.bar((_NAME_END, y - 8, _NAME_END + reach, y + 8), _HITS)
    sheet.write((_NAME_END + reach + 8, y), f"{rule.hits:,}")
    precision = Proportion(rule.upheld, rule.upheld + rule.dismissed)
    share, ends = precision.value, precision.interval
    if share is None or ends is None:
        sheet.write((_SCALE_END + 16, y), "none decided", _QUIET)
        return
    low, middle, high = map(_on_scale, (ends.low, share, ends.high))
    sheet.draw.line((low, y, high, y), _PRECISION, 3)
    for x in (low, high):
        sheet.draw.line((x, y - 6, x, y + 6), _PRECISION, 3)
    sheet.draw.ellipse((middle - 6, y - 6, middle + 6, y + 6), _PRECISION, _BACK)
    sheet.write((_SCALE_END + 16, y), f"{percent(share)} of {precision.of:,}", _QUIET)


def _on_scale(share: float) -> float:
    return _SCALE + (_SCALE_END - _SCALE) * share


def _short(name: str) -> str:
    """Return a rule's id, its end kept: that is what tells rules of a pack apart."""
    return name if len(name) <= _LONGEST_NAME else f"…{name[1 - _LONGEST_NAME :]}"


# --- days ------------------------------------------------------------------------------------


def _draw_days(
    sheet: _Sheet, counts: Sequence[DayCounts], until: date, days: int, top: int
) -> None:
    sheet.head(top + 44, "A day")
    sheet.write((120, top + 44), "cases opened", _QUIET)
    sheet.write((260, top + 44), "decided", _DECIDED)
    known = {each.day: each for each in counts}
    shown = [until - timedelta(days=ago) for ago in reversed(range(days))]
    rows = [known.get(day, DayCounts(day, 0, 0)) for day in shown]
    most = max(max(row.opened, row.decided) for row in rows)
    floor, width = top + 76 + _DAYS_HEIGHT - 30, (_WIDTH - 2 * _MARGIN) / days
    for number, row in enumerate(rows):
        left, gap = _MARGIN + width * number, min(6.0, width / 6)
        middle = left + width / 2
        for value, colour, start, end in (
            (row.opened, _QUIET, left + gap, middle),
            (row.decided, _DECIDED, middle, left + width - gap),
        ):
            if value:
                height = (_DAYS_HEIGHT - 50) * value / most
                sheet.bar((start, floor - height, end, floor), colour)
    sheet.draw.line((_MARGIN, floor + 1, _WIDTH - _MARGIN, floor + 1), _LINE)
    highest = f"highest: {most:,}" if most else "nothing yet"
    sheet.write((_WIDTH - _MARGIN, top + 44), highest, _QUIET, "rm")
    _label_days(sheet, shown, floor + 18, width)


def _label_days(sheet: _Sheet, days: Sequence[date], y: float, width: float) -> None:
    """Write as many dates as have room."""
    every = max(1, -(-90 // int(max(width, 1))))
    for number in range(0, len(days), every):
        x = _MARGIN + width * (number + 0.5)
        if _MARGIN + 30 <= x <= _WIDTH - _MARGIN - 30 or len(days) == 1:
            sheet.write((x, y), f"{days[number]:%d %b}", _QUIET, "mm")
