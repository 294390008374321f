import random
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from bot.model import Action, Comment
from bot.report.context import LONGEST, ContextIndex
from bot.report.values import Context
from tests.report.corpus import START, comment


def around(target: Comment, *others: Comment) -> Context:
    index = ContextIndex()
    for each in (target, *others):
        index.add(each, Action.ALLOW)
    return next(index.around([target]))


def ids(context: Context) -> list[str]:
    return [each.id for each in context.around]


def test_parent_and_the_two_before_in_the_order_of_time() -> None:
    thread = [comment(number, f"text {number}") for number in range(6)]
    target = comment(6, "an answer", parent_id="c1")
    context = around(target, *thread)
    assert ids(context) == ["c1", "c4", "c5"]
    assert [each.answered for each in context.around] == [True, False, False]


def test_a_parent_that_just_precedes_is_shown_once() -> None:
    target = comment(2, "an answer", parent_id="c1")
    assert ids(around(target, comment(0, "a"), comment(1, "b"))) == ["c0", "c1"]


def test_an_answer_to_nobody_here_is_an_orphan() -> None:
    assert around(comment(1, "an answer", parent_id="gone")).orphan
    assert not around(comment(1, "no answer")).orphan


def test_other_threads_are_no_context() -> None:
    target = comment(5, "here", parent_id="c1")
    context = around(target, comment(1, "elsewhere", thread_id="pond"))
    assert context == Context(orphan=True)


def test_undated_comments_follow_the_numbers_of_their_ids() -> None:
    lines = [comment(n, f"line {n}", created_at=None) for n in (11, 9, 10, 2)]
    assert ids(around(comment(12, "last", created_at=None), *lines)) == ["c10", "c11"]


def test_a_neighbour_is_cut_and_says_so() -> None:
    long = comment(0, "rose " * 200)
    (neighbour,) = around(comment(1, "short"), long).around
    assert len(neighbour.text) == LONGEST
    assert neighbour.cut


def test_strange_text_comes_back_unchanged() -> None:
    strange = comment(0, "nul \0, half \ud83d, rose \U0001f339", author="\udcff")
    (neighbour,) = around(comment(1, "x"), strange).around
    assert neighbour.text == strange.text


def test_comments_may_be_added_after_looking() -> None:
    index = ContextIndex()
    first, second, third = (comment(n, str(n)) for n in range(3))
    index.add(first, Action.ALLOW)
    index.add(second, Action.ALLOW)
    assert ids(next(index.around([second]))) == ["c0"]
    index.add(third, Action.ALLOW)
    assert ids(next(index.around([third]))) == ["c0", "c1"]


@given(st.randoms(use_true_random=False), st.integers(1, 12))
def test_the_order_of_adding_changes_no_context(chance: random.Random, size: int) -> None:
    thread = [
        comment(n, f"text {n}", created_at=START + timedelta(minutes=chance.randrange(5)))
        for n in range(size)
    ]
    answers = [comment(20 + n, "answer", parent_id=f"c{n}") for n in range(size)]

    def look() -> list[Context]:
        index = ContextIndex()
        mixed = [*thread, *answers]
        chance.shuffle(mixed)
        for each in mixed:
            index.add(each, Action.ALLOW)
        return list(index.around([*answers, *thread]))

    assert look() == look()


def test_an_archive_larger_than_memory_spills_to_disk() -> None:
    index = ContextIndex()
    for number in range(100_000):
        index.add(comment(number, "rose " * 80), Action.ALLOW)
    (context,) = index.around([comment(99_999, "rose " * 80)])
    assert ids(context) == ["c99997", "c99998"]
