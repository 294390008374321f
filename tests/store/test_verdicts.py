"""Verdicts looked up again, keys, kept answers, and comments that wait."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from bot.model import Action
from bot.ports import ApiKey, KeptAnswer, StoredVerdict, VerdictQuery
from bot.store.keys import KEPT_FOR
from bot.store.sqlite import Store
from tests.store.examples import NOON, comment, told, verdict
from tests.store.test_cases import filed, uphold


def ids(found: Sequence[StoredVerdict]) -> list[str]:
    return [each.comment.id for each in found]


async def test_a_verdict_comes_back_with_its_comment_and_its_case(store: Store) -> None:
    of = comment()
    case = await filed(store, of)
    found = await store.verdicts.verdict(verdict(of).id)
    assert found is not None
    assert (found.comment, found.verdict, found.case) == (of, verdict(of), case)
    assert found.current
    assert await store.verdicts.verdict("none") is None


async def test_an_edited_comment_has_one_current_verdict(store: Store) -> None:
    old, new = comment(), comment(text="you muppet!")
    for each in (old, new):
        await filed(store, each)
    found = await store.verdicts.verdicts(VerdictQuery(), 10)
    assert [(each.verdict.id, each.current) for each in found] == [
        (verdict(new).id, True),
        (verdict(old).id, False),
    ]
    # The same text as before makes its verdict the current one again.
    await filed(store, old)
    (first, _) = await store.verdicts.verdicts(VerdictQuery(), 10)
    assert (first.verdict.id, first.current) == (verdict(old).id, True)


async def test_verdicts_are_chosen_and_paged(store: Store) -> None:
    for number in range(1, 6):
        action = Action.FLAG if number % 2 else Action.ALLOW
        of = comment(number)
        await store.cases.save(of, verdict(of, action), told, opens=action >= Action.FLAG)

    async def chosen(limit: int = 10, **query: object) -> list[str]:
        return ids(await store.verdicts.verdicts(VerdictQuery(**query), limit))  # type: ignore[arg-type]

    assert await chosen() == ["5", "4", "3", "2", "1"]
    assert await chosen(actions=frozenset({Action.ALLOW})) == ["4", "2"]
    assert await chosen(since=NOON + timedelta(seconds=4)) == ["5", "4"]
    assert await chosen(source="http") == []
    assert await chosen(source="discord", channel="10", comment="3") == ["3"]
    assert await chosen(author=comment(3).author.id, comment="3") == ["3"]
    assert await chosen(author="nobody") == []
    await store.cases.change(1, uphold, told)
    assert await chosen(undecided=True) == ["5", "3"]
    page = await store.verdicts.verdicts(VerdictQuery(), 2)
    assert await chosen(before=page[-1].position) == ["3", "2", "1"]


def key(prefix: str, name: str = "shop") -> ApiKey:
    return ApiKey(prefix, name, "digest", frozenset({"read", "submit"}), NOON)


async def test_keys_are_kept_and_a_name_is_used_once(store: Store) -> None:
    assert await store.keys.add(key("a"))
    assert not await store.keys.add(key("b"))
    assert await store.keys.keys() == [key("a")]
    assert await store.keys.revoke("shop", NOON)
    assert not await store.keys.revoke("shop", NOON)
    assert await store.keys.add(key("b"))
    assert await store.keys.keys() == [replace(key("a"), revoked_at=NOON), key("b")]


async def test_answers_are_kept_for_a_day(store: Store) -> None:
    answer = KeptAnswer("print", ("v1", "v 2"), 200)
    await store.answers.remember("shop", "a", answer, NOON)
    assert await store.answers.recall("shop", "a") == answer
    assert await store.answers.recall("blog", "a") is None
    await store.answers.remember("shop", "b", answer, NOON + KEPT_FOR + timedelta(seconds=1))
    assert await store.answers.recall("shop", "a") is None
    assert await store.answers.recall("shop", "b") == answer


async def test_what_was_taken_waits_until_it_is_done(store: Store) -> None:
    one, two = comment(1), comment(2, author="78")
    numbers = await store.arrivals.take([one, two])
    assert await store.arrivals.waiting() == list(zip(numbers, [one, two], strict=True))
    await store.arrivals.done(numbers[0])
    assert await store.arrivals.waiting() == [(numbers[1], two)]
    await store.upkeep.forget("discord", "78", told, NOON)
    assert await store.arrivals.waiting() == []
