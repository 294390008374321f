"""Reading screened comments back by their time."""

from datetime import timedelta

from bot.model import Action
from bot.store.comments import SqliteComments
from bot.store.sqlite import Store
from tests.store.examples import NOON, comment, told, verdict


async def test_the_newest_since_a_time_come_oldest_first(store: Store) -> None:
    every = [comment(number, f"text {number}") for number in (3, 1, 5, 2, 4)]
    for each in every:
        await store.cases.save(each, verdict(each, Action.ALLOW, ()), told, opens=False)
    comments = SqliteComments(store.database)
    found = await comments.since(NOON + timedelta(seconds=2), 3)
    assert [each.id for each in found] == ["3", "4", "5"]
    assert found[0] == comment(3, "text 3")
    assert await comments.since(NOON + timedelta(days=1), 3) == []
