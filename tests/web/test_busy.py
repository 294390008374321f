"""More than can be screened: told to come back, and served again once there is room."""

import asyncio
from dataclasses import replace
from pathlib import Path

import aiohttp
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import BusyError, ScoringError
from bot.model import Comment
from bot.web.limits import Admission, Rates
from bot.web.settings import Limits, WebSettings
from tests.fakes.scorer import FixedScorer
from tests.web.house import House, http_house, until, visiting
from tests.web.test_comments import Gate, eventually, listed, post


def begun(house: House) -> list[Comment]:
    """Return the list to which a house will add each comment that it begins to screen."""
    comments: list[Comment] = []
    house.before_submit = comments.append
    return comments


async def test_a_full_house_says_come_back_and_recovers(tmp_path: Path) -> None:
    settings = WebSettings(port=0, limits=replace(Limits(), comments_under_way=4))
    gate = Gate()
    async with (
        http_house(tmp_path, settings=settings, scorer=gate) as house,
        visiting(house) as session,
    ):
        under_way = begun(house)
        waiting = [asyncio.create_task(post(session, {"text": f"hi {n}"})) for n in range(4)]
        await until(lambda: len(under_way) == 4)
        async with session.post("/v1/comments", json={"text": "hi"}) as answer:
            assert answer.status == 429
            assert answer.headers["Retry-After"] == "1"
            assert (await answer.json())["error"]["code"] == "busy"
        # Many at once: there is room for all, or none is begun.
        assert (await post(session, {"comments": [{"text": "a"}] * 5}))[0] == 429
        gate.opened.set()
        assert {status for status, _ in await asyncio.gather(*waiting)} == {200}
        assert (await post(session, {"text": "hi"}))[0] == 200
        assert len(await listed(session)) == 5


async def test_what_is_only_taken_is_bounded_too(tmp_path: Path) -> None:
    settings = WebSettings(port=0, limits=replace(Limits(), wait_queue=2))
    gate = Gate()
    async with (
        http_house(tmp_path, settings=settings, scorer=gate) as house,
        visiting(house) as session,
    ):
        path = "/v1/comments?wait=0"
        assert (await post(session, {"text": "a"}, path))[0] == 202
        assert (await post(session, {"comments": [{"text": "a"}, {"text": "b"}]}, path))[0] == 429
        assert (await post(session, {"text": "b"}, path))[0] == 202
        gate.opened.set()


async def test_a_model_that_fails_is_no_busy_house(tmp_path: Path) -> None:
    def fail(_: str) -> dict[str, float]:
        raise ScoringError("out of order")

    async with http_house(tmp_path, scorer=FixedScorer(fail)) as house:
        async with visiting(house) as session:
            status, verdict = await post(session, {"text": "hi"})
        # The comment is not lost: it goes to review, and says why.
        assert (status, verdict["action"], verdict["degraded"]) == (200, "flag", True)
        assert verdict["missing"] == ["scores"]


def test_what_alone_is_too_much_is_let_in_when_nothing_else_is_there() -> None:
    admission = Admission(replace(Limits(), characters_under_way=10))
    with admission.room(["a" * 100]), pytest.raises(BusyError), admission.room(["a"]):
        pass
    with admission.room(["a"] * 5):
        assert admission.comments == 5
    assert (admission.comments, admission.characters, admission.refused) == (0, 0, 1)


@given(st.lists(st.tuples(st.floats(0, 10), st.integers(1, 5)), max_size=60))
def test_no_caller_gets_more_than_a_bucket_and_its_refill(
    asked: list[tuple[float, int]],
) -> None:
    now = 0.0
    rates = Rates(replace(Limits(), per_minute=60, burst=5), lambda: now)
    got = 0
    for pause, count in asked:
        now += pause
        if not rates.take("a", count):
            got += count
    assert got <= 5 + now


async def test_callers_that_hang_up_leave_no_room_taken(tmp_path: Path) -> None:
    gate = Gate()
    async with http_house(tmp_path, scorer=gate) as house:
        headers, under_way = await house.key("submit"), begun(house)
        async with aiohttp.ClientSession(house.address, headers=headers) as session:
            hanging = asyncio.create_task(post(session, {"text": "hi"}))
            await until(lambda: len(under_way) == 1)
            hanging.cancel()
            await asyncio.wait([hanging])
        gate.opened.set()
        async with visiting(house, "read") as session:
            # What was begun is finished: the comment is stored.
            assert len(await eventually(lambda: listed(session))) == 1


async def test_what_is_under_way_when_it_stops_is_still_answered(tmp_path: Path) -> None:
    gate = Gate()
    async with http_house(tmp_path, scorer=gate) as house:
        session = aiohttp.ClientSession(house.address, headers=await house.key("submit"))
        under_way = begun(house)
        waiting = asyncio.create_task(post(session, {"text": "you muppet"}))
        await until(lambda: len(under_way) == 1)
        asyncio.get_running_loop().call_later(0.2, gate.opened.set)
    status, verdict = await waiting
    await session.close()
    assert (status, verdict["action"]) == (200, "flag")
