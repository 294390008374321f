"""The chart of the statistics: a picture that fits, whatever the numbers are."""

import io
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from bot.cases import DayCounts, QueueCounts, RuleCounts
from bot.chat.chart import MOST_RULES, stats_chart

TODAY = date(2026, 11, 24)
HITS, PRECISION, DECIDED = (0x6E, 0xA8, 0xFE), (0xF0, 0xB2, 0x32), (0x57, 0xC7, 0xA5)


def counted(rules: tuple[RuleCounts, ...], *days: DayCounts) -> QueueCounts:
    return QueueCounts(1_000, 9, 8, 1, timedelta(minutes=3), rules, days)


def pixels(counts: QueueCounts, days: int) -> dict[tuple[int, ...], int]:
    """Return how many pixels there are of each colour."""
    with Image.open(io.BytesIO(stats_chart(counts, TODAY, days))) as image:
        assert image.format == "PNG"
        colours = image.getcolors(1 << 24)
        assert colours is not None
        return {colour: count for count, colour in colours if isinstance(colour, tuple)}


def test_more_hits_are_drawn_longer() -> None:
    one = pixels(counted((RuleCounts("a", 100, 0, 0, 0),)), 7)
    two = pixels(counted((RuleCounts("a", 100, 0, 0, 0), RuleCounts("b", 50, 0, 0, 0))), 7)
    legend = pixels(counted(()), 7)[HITS]
    assert two[HITS] - legend == pytest.approx(1.5 * (one[HITS] - legend), rel=0.02)


def test_a_wide_interval_is_drawn_wider() -> None:
    few = pixels(counted((RuleCounts("a", 9, 2, 2, 0),)), 7)[PRECISION]
    many = pixels(counted((RuleCounts("a", 9, 200, 200, 0),)), 7)[PRECISION]
    none = pixels(counted((RuleCounts("a", 9, 0, 0, 4),)), 7)[PRECISION]
    assert few > many > none


def test_days_are_drawn_by_what_was_decided() -> None:
    before = pixels(counted((), DayCounts(TODAY - timedelta(days=9), 5, 5)), 7)[DECIDED]
    now = pixels(counted((), DayCounts(TODAY, 5, 5)), 7)[DECIDED]
    assert now > 2 * before, "a day before the first is left out"


def test_many_rules_are_cut() -> None:
    rules = tuple(RuleCounts(f"rule.{number}", 9, 1, 1, 0) for number in range(40))
    assert stats_chart(counted(rules), TODAY, 7) != stats_chart(counted(rules[:9]), TODAY, 7)
    heights = [
        Image.open(io.BytesIO(stats_chart(counted(rules[:n]), TODAY, 7))).height
        for n in (MOST_RULES, 40)
    ]
    assert heights[0] == heights[1]


RULE = st.builds(
    RuleCounts,
    st.from_regex(r"[a-z0-9.-]{1,60}", fullmatch=True),
    *[st.integers(0, 10**7)] * 4,
)


@settings(max_examples=25, deadline=None)
@given(st.lists(RULE, max_size=15), st.integers(1, 365))
def test_any_numbers_and_names_can_be_drawn(rules: list[RuleCounts], days: int) -> None:
    last = DayCounts(TODAY, 10**6, 0)
    assert stats_chart(counted(tuple(rules), last), TODAY, days).startswith(b"\x89PNG")
