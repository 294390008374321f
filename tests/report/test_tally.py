from hypothesis import given
from hypothesis import strategies as st

from bot.model import Action
from bot.report import Screened, Summary, Tally
from tests.report.corpus import community


def summary_of(items: list[Screened]) -> Summary:
    tally = Tally()
    for item in items:
        tally.add(item)
    return tally.summary()


def test_totals_and_actions() -> None:
    summary = summary_of(community())
    assert summary.total == 10
    assert summary.flagged == 3
    assert summary.actions[Action.HOLD] == 1
    assert summary.per_thousand == 300


@given(st.permutations(community()))
def test_the_order_of_adding_changes_nothing(items: list[Screened]) -> None:
    assert summary_of(items) == summary_of(community())
