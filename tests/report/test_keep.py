from hypothesis import given
from hypothesis import strategies as st

from bot.report.keep import Best, by_score, by_strength, chance, identity
from tests.report.corpus import comment, community


@given(st.lists(st.integers(), unique=True), st.integers(1, 5))
def test_the_greatest_are_kept_and_all_are_counted(numbers: list[int], limit: int) -> None:
    best = Best[int](limit)
    for number in numbers:
        best.add((number,), number)
    assert best.items() == sorted(numbers, reverse=True)[:limit]
    assert best.total == len(numbers)


@given(st.lists(st.integers(0, 9)), st.integers(1, 5), st.integers(0, 9))
def test_what_is_not_admitted_would_not_be_kept(
    numbers: list[int], limit: int, candidate: int
) -> None:
    best = Best[int](limit)
    for number in numbers:
        best.add((number, 0), number)
    if not best.admits(candidate):
        before = best.items()
        best.add((candidate, 1), candidate)
        assert best.items() == before


def test_the_strongest_action_comes_first_whatever_the_score() -> None:
    ordered = sorted(community(), key=by_strength, reverse=True)
    assert [item.comment.id for item in ordered[:3]] == ["c3", "c2", "c9"]


def test_scores_order_the_rest() -> None:
    ordered = sorted(community(), key=by_score, reverse=True)
    assert [item.comment.id for item in ordered[:2]] == ["c2", "c3"]


def test_a_comment_is_told_from_every_other() -> None:
    keys = {identity(item.comment) for item in community()}
    assert len(keys) == 10


def test_chance_does_not_depend_on_the_run() -> None:
    assert chance(comment(1, "a")) == chance(comment(1, "b")) == 191141069297930
