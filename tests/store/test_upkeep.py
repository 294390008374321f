"""Forgetting, expiry and export: texts and names go, labels stay."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.cases import Case, Decision, Note, Review
from bot.errors import UserError
from bot.model import Comment, Delivery, HistoryKind, HistoryQuery
from bot.ports import Placement
from bot.store.sqlite import Store
from bot.store.upkeep import Forgotten
from tests.store.examples import NOON, comment, told, verdict

SECRET = "unmistakable muppetry"


async def decided(store: Store, of: Comment, decision: Decision = Decision.UPHOLD) -> Case:
    store.history.record(of, verdict(of).matches)
    case = await store.cases.save(of, verdict(of), told, opens=True)
    assert case is not None
    review = Review(case.verdict.id, "mod", decision, NOON, f"said {of.text}")
    return await store.cases.change(
        case.number,
        lambda each: replace(each, review=review, notes=(Note("mod", of.text, NOON),)),
        told,
    )


def on_disk(store: Store) -> bytes:
    folder = store.database.path.parent
    return b"".join(each.read_bytes() for each in sorted(folder.iterdir()))


async def test_a_forgotten_author_is_gone_from_the_file(store: Store) -> None:
    case = await decided(store, comment(1, SECRET, author="author-7"))
    await decided(store, comment(2, "kept text", author="author-8"))
    assert SECRET.encode() in on_disk(store)
    done = await store.upkeep.forget("discord", "author-7", told, NOON)
    assert (done.comments, done.cases) == (1, 1)
    disk = on_disk(store)
    assert SECRET.encode() not in disk
    assert b"author-7" not in disk
    assert b"kept text" in disk
    left = await store.cases.case(case.number)
    assert left is not None
    assert left.review is not None
    assert left.review.decision is Decision.UPHOLD
    assert left.verdict.acting[0].rule == "abuse.directed"


async def test_a_forgotten_author_has_no_history(store: Store) -> None:
    await decided(store, comment(1, author="7"))
    await decided(store, comment(2, author="8"))
    later = replace(comment(3, author="7"), created_at=NOON + timedelta(days=1))
    queries = [HistoryQuery(HistoryKind.EVER), HistoryQuery(HistoryKind.EVER, "channel")]
    assert list(store.history.answer(later, queries).values()) == [1, 2]
    await store.upkeep.forget("discord", "7", told, NOON)
    assert list(store.history.answer(later, queries).values()) == [0, 1]


async def test_shown_cases_that_quote_a_forgotten_author_are_drawn_anew(store: Store) -> None:
    hers = comment(20, author="7")
    await decided(store, hers)
    others = [
        replace(comment(number, author="8"), parent_id=parent)
        for number, parent in ((10, "9"), (21, None), (22, "9"), (23, "9"), (24, "9"), (25, "20"))
    ]
    cases = [await decided(store, each) for each in others]
    for case in cases:
        await store.places.placed("card", case.number, Placement(str(case.number), case.revision))
    drawn: list[str] = []

    def anew(case: Case) -> tuple[Delivery, ...]:
        drawn.append(case.comment.id)
        return told(case)

    await store.upkeep.forget("discord", "7", told, NOON, anew)
    assert sorted(drawn) == ["21", "22", "23", "25"]
    (before,) = [each for each in cases if each.comment.id == "22"]
    after = await store.cases.case(before.number)
    assert after == replace(before, revision=before.revision + 1)


async def test_when_an_author_was_forgotten_is_remembered_without_who(store: Store) -> None:
    await decided(store, comment(1, author="author-7"))
    assert await store.upkeep.forgotten_at("discord", "author-7") is None
    for day in (0, 1):
        at = NOON + timedelta(days=day)
        await store.upkeep.forget("discord", "author-7", told, at)
        assert await store.upkeep.forgotten_at("discord", "author-7") == at
    assert await store.upkeep.forgotten_at("http", "author-7") is None
    assert await store.upkeep.forgotten_at("discord", "author-8") is None
    assert b"author-7" not in on_disk(store)


async def test_forgetting_nobody_in_particular_is_refused(store: Store) -> None:
    with pytest.raises(UserError, match="whom"):
        await store.upkeep.forget("discord", "", told, NOON)


async def test_expiry_spares_what_still_waits(store: Store) -> None:
    await decided(store, comment(1, SECRET))
    of = comment(2, "waits")
    waiting = await store.cases.save(of, verdict(of), told, opens=True)
    done = await store.upkeep.expire("discord", NOON + timedelta(days=1), told, NOON)
    assert (done.comments, done.cases) == (1, 1)
    assert SECRET.encode() not in on_disk(store)
    assert waiting is not None
    assert await store.cases.case(waiting.number) == waiting
    again = await store.upkeep.expire("discord", NOON + timedelta(days=1), told, NOON)
    assert (again.comments, again.cases) == (0, 0)


async def test_shown_cards_of_expired_texts_are_redrawn_one_after_another(store: Store) -> None:
    cases = [await decided(store, comment(number)) for number in range(1, 5)]
    for case in cases[1:]:
        await store.places.placed("card", case.number, Placement("9", case.revision))
    await store.deliveries.claim("card", NOON + timedelta(days=9), 99)
    now = NOON + timedelta(days=10)
    await store.upkeep.expire("discord", NOON + timedelta(days=1), told, now)
    due = [await store.deliveries.claim("card", now + timedelta(seconds=s), 9) for s in (0, 2, 4)]
    assert [[each.payload for each in turn] for turn in due] == [
        [{"case": case.number}] for case in cases[1:]
    ]


async def test_decided_cases_come_in_order_however_many(store: Store) -> None:
    for number in range(1, 1_203):
        await decided(store, comment(number, f"text {number}"), list(Decision)[number % 3])
    of = comment(2_000)
    await store.cases.save(of, verdict(of), told, opens=True)
    found = [case async for case in store.upkeep.decided()]
    assert [case.comment.text for case in found] == [f"text {n}" for n in range(1, 1_203)]


async def test_what_would_be_forgotten_is_told_before(store: Store) -> None:
    await decided(store, comment(1, author="7"))
    store.history.record(comment(2, author="7"), ())
    plain = comment(3, author="7")
    await store.cases.save(plain, verdict(plain), told, opens=False)
    await store.arrivals.take([comment(4, SECRET, author="7"), comment(5, author="8")])
    assert await store.upkeep.held("discord", "7") == Forgotten(comments=3, cases=1)
    assert await store.upkeep.held("http", "7") == Forgotten(0, 0)
    assert await store.upkeep.forget("discord", "7", told, NOON) == Forgotten(3, 1)
    assert await store.upkeep.held("discord", "7") == Forgotten(0, 0)
    assert SECRET.encode() not in on_disk(store)
    assert [each.author.id for _, each in await store.arrivals.waiting()] == ["8"]
