"""Verdicts looked up, paged through and decided."""

from pathlib import Path
from typing import Any

import aiohttp
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.web.verdicts import cursor, position
from tests.web.house import http_house, visiting
from tests.web.test_comments import listed, post


async def get(session: aiohttp.ClientSession, path: str) -> tuple[int, dict[str, Any]]:
    async with session.get(path) as answer:
        return answer.status, await answer.json()


async def test_a_verdict_is_found_by_its_id(tmp_path: Path) -> None:
    async with http_house(tmp_path) as house, visiting(house) as session:
        _, verdict = await post(session, {"text": "you muppet"})
        status, found = await get(session, f"/v1/verdicts/{verdict['id']}")
        assert status == 200
        assert found.items() >= verdict.items()
        assert found["case"] == {
            "number": 1,
            "waiting": True,
            "decision": None,
            "moderator": None,
            "decided_at": None,
        }
        assert (await get(session, "/v1/verdicts/none"))[0] == 404


async def test_pages_hold_each_verdict_once_while_others_come(tmp_path: Path) -> None:
    async with http_house(tmp_path) as house, visiting(house) as session:
        for number in range(7):
            await post(session, {"id": str(number), "text": "hello"})
        seen, path = [], "/v1/verdicts?limit=3"
        for page in range(3):
            _, answer = await get(session, path)
            seen += [each["comment_id"] for each in answer["verdicts"]]
            await post(session, {"id": f"later-{page}", "text": "hello"})
            path = f"/v1/verdicts?limit=3&cursor={answer['next']}"
        assert seen == ["6", "5", "4", "3", "2", "1", "0"]
        assert answer["next"] is None


async def test_verdicts_are_chosen_by_what_they_say(tmp_path: Path) -> None:
    comments = [
        {"id": "a", "text": "hello", "channel": "x", "created_at": "2026-05-01T12:00:00Z"},
        {"id": "b", "text": "you muppet", "channel": "x", "created_at": "2026-05-02T12:00:00Z"},
        {"id": "c", "text": "buy now", "channel": "y", "created_at": "2026-05-03T12:00:00Z"},
    ]
    async with http_house(tmp_path) as house, visiting(house) as session:
        await post(session, {"comments": comments})

        async def ids(**query: str) -> set[str]:
            return {each["comment_id"] for each in await listed(session, **query)}

        assert await ids() == {"a", "b", "c"}
        assert await ids(action="flag") == {"b"}
        assert await ids(channel="x") == {"a", "b"}
        assert await ids(since="2026-05-02T12:00:00Z") == {"b", "c"}
        assert await ids(undecided="true") == {"b", "c"}
        assert await ids(source="discord") == set()
        assert await ids(comment="c", action="remove") == {"c"}
        _, both = await get(session, "/v1/verdicts?action=flag&action=remove")
        assert len(both["verdicts"]) == 2


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("limit=0", "limit"),
        ("limit=x", "limit"),
        ("limit=1&limit=2", "limit"),
        ("action=ban", "action[0]"),
        ("since=now", "since"),
        ("cursor=abc", "cursor"),
        ("cursor=ffffffffffffffff", "cursor"),
        ("chanel=x", "chanel"),
    ],
)
async def test_a_wrong_question_is_named(tmp_path: Path, query: str, field: str) -> None:
    async with http_house(tmp_path) as house, visiting(house) as session:
        status, answer = await get(session, f"/v1/verdicts?{query}")
        assert (status, answer["error"]["field"]) == (422, field)


@given(st.integers(0, 2**63 - 1))
def test_a_cursor_comes_back_as_the_place_it_was_made_of(place: int) -> None:
    assert position(cursor(place)) == place


async def test_a_decision_stands_and_is_told(tmp_path: Path) -> None:
    async with http_house(tmp_path) as house, visiting(house) as session:
        _, verdict = await post(session, {"text": "you muppet"})
        path = f"/v1/verdicts/{verdict['id']}/decision"
        status, decided = await post(session, {"decision": "dismiss", "note": "a joke"}, path)
        assert status == 200
        assert decided["case"]["decision"] == "dismiss"
        assert decided["case"]["moderator"] == "key:submit-read-decide-score-metrics"
        assert not decided["case"]["waiting"]
        assert await listed(session, undecided="true") == []
        # The same again is no news.
        assert (await post(session, {"decision": "dismiss"}, path))[0] == 200
        case = await house.store.cases.case(1)
        assert case is not None
        assert [note.text for note in case.notes] == ["a joke"]


async def test_a_second_moderator_is_told_who_was_first(tmp_path: Path) -> None:
    async with http_house(tmp_path) as house, visiting(house) as session:
        _, verdict = await post(session, {"text": "you muppet"})
        path = f"/v1/verdicts/{verdict['id']}/decision"
        await post(session, {"decision": "uphold"}, path)
        async with visiting(house, "decide") as other:
            status, error = await post(other, {"decision": "dismiss"}, path)
        assert (status, error["error"]["code"]) == (409, "refused")
        assert "already upheld" in error["error"]["message"]


async def test_what_cannot_be_decided_is_refused(tmp_path: Path) -> None:
    async with http_house(tmp_path) as house, visiting(house) as session:
        _, clean = await post(session, {"text": "hello"})
        status, error = await post(
            session, {"decision": "uphold"}, f"/v1/verdicts/{clean['id']}/decision"
        )
        assert (status, error["error"]["code"]) == (409, "no_case")
        _, old = await post(session, {"id": "a", "text": "you muppet"})
        await post(session, {"id": "a", "text": "you muppet!"})
        status, error = await post(
            session, {"decision": "uphold"}, f"/v1/verdicts/{old['id']}/decision"
        )
        assert (status, error["error"]["code"]) == (409, "superseded")
        status, _ = await post(session, {"decision": "uphold"}, "/v1/verdicts/none/decision")
        assert status == 404
        status, error = await post(
            session, {"decision": "ban"}, f"/v1/verdicts/{old['id']}/decision"
        )
        assert (status, error["error"]["field"]) == (422, "decision")
