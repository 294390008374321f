"""Verdicts and cases in SQLite: stored together, changed by one at a time."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.cases import Case, DayCounts, Decision, Pause, Review
from bot.model import Action, Comment, HistoryKind, HistoryQuery
from bot.ports import Placement
from bot.store.sqlite import Store
from tests.store.examples import NOON, comment, told, verdict


async def filed(store: Store, of: Comment, action: Action = Action.FLAG) -> Case:
    case = await store.cases.save(of, verdict(of, action), told, opens=True)
    assert case is not None
    return case


def uphold(case: Case) -> Case:
    review = Review(case.verdict.id, "mod", Decision.UPHOLD, NOON + timedelta(hours=1))
    return replace(case, review=review)


async def test_a_verdict_its_case_and_its_deliveries_are_stored_together(store: Store) -> None:
    case = await filed(store, comment())
    assert await store.cases.case(case.number) == case
    assert await store.cases.case_of("discord", "10", "1") == case
    (delivery,) = await store.deliveries.claim("card", NOON, 10)
    assert delivery.payload == {"case": case.number}
    assert await store.places.stored_text("discord", "10", "1") == "you muppet"


async def test_what_cannot_be_told_is_not_stored_either(store: Store) -> None:
    def failing(_: Case) -> tuple[()]:
        raise RuntimeError("no card")

    of = comment()
    with pytest.raises(RuntimeError):
        await store.cases.save(of, verdict(of), failing, opens=True)
    assert await store.cases.case_of("discord", "10", "1") is None
    assert await store.places.stored_text("discord", "10", "1") is None


async def test_a_clean_comment_opens_no_case(store: Store) -> None:
    of = comment()
    assert await store.cases.save(of, verdict(of, Action.ALLOW), told, opens=False) is None
    assert await store.deliveries.waiting() == 0


async def test_an_edit_stays_in_its_case(store: Store) -> None:
    first = await filed(store, comment())
    edited = comment(text="nice")
    second = await store.cases.save(edited, verdict(edited, Action.ALLOW), told, opens=False)
    assert second is not None
    assert (second.number, second.revision, second.comment.text) == (first.number, 2, "nice")


async def test_the_same_verdict_again_tells_nothing_new(store: Store) -> None:
    await filed(store, comment())
    again = await filed(store, comment())
    assert again.revision == 1
    assert await store.deliveries.waiting() == 1


async def test_of_many_writers_each_sees_the_case_as_the_last_one_left_it(store: Store) -> None:
    case = await filed(store, comment())

    def once(before: Case) -> Case:
        return before if before.settled else uphold(before)

    changed = await asyncio.gather(
        *(store.cases.change(case.number, once, told) for _ in range(20))
    )
    assert {each.revision for each in changed} == {2}
    assert await store.deliveries.waiting() == 2


async def test_an_unknown_case_is_an_error(store: Store) -> None:
    with pytest.raises(KeyError):
        await store.cases.change(5, uphold, told)


async def test_the_queue_shows_the_gravest_first_and_drops_the_settled(store: Store) -> None:
    flagged = await filed(store, comment(1))
    removed = await filed(store, comment(2), Action.REMOVE)
    assert [case.number for case in await store.cases.queue(5)] == [removed.number, flagged.number]
    await store.cases.change(removed.number, uphold, told)
    assert [case.number for case in await store.cases.queue(5)] == [flagged.number]


async def test_a_settled_case_comes_back_when_it_is_edited_into_something_flagged(
    store: Store,
) -> None:
    case = await filed(store, comment())
    await store.cases.change(case.number, uphold, told)
    edited = comment(text="you muppets")
    again = await store.cases.save(edited, verdict(edited), told, opens=True)
    assert again is not None
    assert again.changed_since
    assert again.review is not None, "the decision stands"
    assert [each.number for each in await store.cases.queue(5)] == [case.number]


async def test_upheld_comments_are_history_from_the_decision_on(store: Store) -> None:
    case = await filed(store, comment(1))
    other = await filed(store, comment(2))
    query = HistoryQuery(HistoryKind.UPHELD, window=timedelta(days=1))
    later = replace(comment(3), created_at=NOON + timedelta(hours=2))
    await store.cases.change(case.number, uphold, told)
    assert store.history.answer(comment(3), [query]) == {query: 0}
    assert store.history.answer(later, [query]) == {query: 1}
    assert await store.cases.upheld_before(other) == 1
    await store.cases.change(case.number, lambda each: replace(each, review=None), told)
    assert store.history.answer(later, [query]) == {query: 0}
    assert await store.cases.upheld_before(other) == 0


async def test_a_quota_is_spent_once_for_each_comment(store: Store) -> None:
    spent = [await store.cases.spend("rule", "2024-05-01", 2, key) for key in "aabc"]
    assert spent == [True, True, True, False]
    assert await store.cases.spend("rule", "2024-05-02", 2, "c")


async def test_spent_quotas_are_remembered_for_their_day_alone(store: Store) -> None:
    quotas = store.quotas
    await quotas.spend("rule", "2024-05-01", "as it was")
    assert await quotas.spent("2024-05-01") == {"rule": "as it was"}
    assert await quotas.spent("2024-05-02") == {}
    await quotas.spend("other", "2024-05-02", "as it is")
    assert await quotas.spent("2024-05-01") == {}


async def test_a_renewed_quota_is_whole(store: Store) -> None:
    day = "2024-05-01"
    assert [await store.cases.spend("rule", day, 1, key) for key in "ab"] == [True, False]
    await store.quotas.spend("rule", day, "digest")
    await store.quotas.renew("rule", day)
    assert await store.quotas.spent(day) == {}
    assert [await store.cases.spend("rule", day, 1, key) for key in "bc"] == [True, False]


async def test_positions_never_go_back(store: Store) -> None:
    await store.places.advance("discord", "10", 5)
    await store.places.advance("discord", "10", 3)
    assert await store.places.positions("discord") == {"10": 5}
    assert await store.places.positions("http") == {}


async def test_what_is_shown_nowhere_is_listed_gravest_first(store: Store) -> None:
    for number, action in (1, Action.FLAG), (2, Action.REMOVE), (3, Action.FLAG), (4, Action.FLAG):
        await filed(store, comment(number), action)
    await store.places.placed("card", 1, Placement("77", 1))
    await store.places.placed("another", 2, Placement("78", 1))
    await store.cases.change(4, uphold, told)
    cases, total = await store.places.unplaced("card", 1)
    assert ([case.number for case in cases], total) == ([2], 2)


async def test_a_pause_is_one_and_can_be_ended(store: Store) -> None:
    assert await store.cases.paused() is None
    for who in "ann", "bob":
        await store.cases.pause(Pause(who, NOON))
    assert await store.cases.paused() == Pause("bob", NOON)
    await store.cases.pause(None)
    assert await store.cases.paused() is None


async def test_counts_for_moderators(store: Store) -> None:
    upheld = await filed(store, comment(1))
    await filed(store, comment(2))
    await store.cases.change(upheld.number, uphold, told)
    counts = await store.statistics.counts(NOON)
    assert (counts.screened, counts.opened, counts.decided, counts.waiting) == (2, 2, 1, 1)
    assert counts.median_decision == timedelta(hours=1)
    assert counts.days == (DayCounts(NOON.date(), opened=2, decided=1),)
    (rule,) = counts.rules
    assert (rule.rule, rule.hits, rule.upheld, rule.dismissed, rule.waiting) == (
        "abuse.directed",
        2,
        1,
        0,
        1,
    )
