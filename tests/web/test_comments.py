"""Comments in, verdicts out: one, many, taken and answered later, and sent twice."""

import asyncio
import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from bot.errors import StoreError
from bot.model import Comment, Priority, Scores
from bot.store.sqlite import open_store
from tests.fakes.scorer import FixedScorer
from tests.web.house import House, http_house, running, until, visiting

FULL = {
    "id": "c1",
    "text": "you muppet",
    "author": {"id": "7", "name": "ann", "roles": ["member"], "is_bot": False},
    "channel": "blog/1",
    "created_at": "2026-05-01T12:00:00Z",
    "parent_id": "c0",
    "url": "https://example.org/blog/1#c1",
    "attributes": {"attachments": ["a.png"], "mentions_everyone": True},
}


async def post(
    session: aiohttp.ClientSession, body: object, path: str = "/v1/comments", **headers: str
) -> tuple[int, dict[str, Any]]:
    async with session.post(path, json=body, headers=headers) as answer:
        return answer.status, await answer.json()


async def listed(session: aiohttp.ClientSession, **query: str) -> list[dict[str, Any]]:
    async with session.get("/v1/verdicts", params=query) as answer:
        assert answer.status == 200, await answer.text()
        return list((await answer.json())["verdicts"])


class Gate(FixedScorer):
    """A scorer that waits until it is opened; `waiting` are the texts that wait."""

    def __init__(self) -> None:
        super().__init__()
        self.opened = asyncio.Event()
        self.waiting = 0

    async def score(
        self, texts: Sequence[str], priority: Priority = Priority.BULK
    ) -> Sequence[Scores]:
        self.waiting += len(texts)
        await self.opened.wait()
        self.waiting -= len(texts)
        return await super().score(texts, priority)


async def eventually(found: Callable[[], Any]) -> Any:
    async with asyncio.timeout(60):
        while not (got := await found()):  # noqa: ASYNC110 - what it waits for has no event
            await asyncio.sleep(0.01)
        return got


async def test_a_comment_is_answered_by_its_verdict_and_filed(tmp_path: Path) -> None:
    async with http_house(tmp_path) as house, visiting(house) as session:
        status, verdict = await post(session, FULL)
        assert status == 200
        assert (verdict["comment_id"], verdict["source"], verdict["channel"]) == (
            "c1",
            "http",
            "blog/1",
        )
        assert verdict["action"] == "flag"
        assert verdict["matches"][0]["rule"] == "abuse.muppet"
        assert verdict["matches"][0]["spans"] == [[4, 10]]
        assert verdict["created_at"] == "2026-05-01T12:00:00+00:00"
        case = await house.store.cases.case_of("http", "blog/1", "c1")
        assert case is not None
        assert case.comment.author.roles == ("member",)
        assert case.comment.attributes == {
            "attachments": ("a.png",),
            "mentions_everyone": True,
            "link": "https://example.org/blog/1#c1",
        }


async def test_only_a_text_is_needed(tmp_path: Path) -> None:
    async with http_house(tmp_path) as house, visiting(house) as session:
        before = house.clock.now()
        status, verdict = await post(session, {"text": "hello"})
        assert (status, verdict["action"]) == (200, "allow")
        (stored,) = await listed(session)
        assert stored["comment_id"] == verdict["comment_id"]
        assert before.isoformat() <= stored["created_at"] <= house.clock.now().isoformat()


async def test_many_are_answered_in_their_order(tmp_path: Path) -> None:
    texts = ["good", "you muppet", "fine", "buy now"]
    times = ["04", "03", "02", "01"]
    body = {
        "comments": [
            {"id": str(i), "text": text, "created_at": f"2026-05-01T12:00:{times[i]}Z"}
            for i, text in enumerate(texts)
        ]
    }
    async with http_house(tmp_path) as house, visiting(house) as session:
        status, answer = await post(session, body)
        assert status == 200
        assert [each["comment_id"] for each in answer["verdicts"]] == ["0", "1", "2", "3"]
        actions = [each["action"] for each in answer["verdicts"]]
        assert actions == ["allow", "flag", "allow", "remove"]


async def test_the_same_id_again_is_an_edit_of_one_case(tmp_path: Path) -> None:
    async with http_house(tmp_path) as house, visiting(house) as session:
        _, first = await post(session, {"id": "a", "text": "you muppet"})
        _, second = await post(session, {"id": "a", "text": "you muppet, you"})
        assert first["id"] != second["id"]
        new, old = await listed(session, comment="a")
        assert new["current"]
        assert not old["current"]
        assert (new["text"], old["text"]) == ("you muppet, you", None)
        assert new["case"]["number"] == old["case"]["number"] == 1


async def test_comments_can_be_taken_and_screened_later(tmp_path: Path) -> None:
    async with http_house(tmp_path) as house, visiting(house) as session:
        status, answer = await post(session, {"text": "you muppet"}, "/v1/comments?wait=0")
        assert status == 202
        (taken,) = answer["accepted"]

        async def found() -> list[dict[str, Any]]:
            async with session.get(taken["verdicts"]) as look:
                return list((await look.json())["verdicts"])

        (verdict,) = await eventually(found)
        assert verdict["comment_id"] == taken["comment_id"]
        assert verdict["action"] == "flag"


async def test_what_was_taken_outlives_the_process(tmp_path: Path) -> None:
    store = open_store(tmp_path / "store.sqlite")
    house = House(store, tmp_path)

    def down(_: Comment) -> None:
        raise StoreError("the disk is full")

    house.before_submit = down
    async with running(house), visiting(house) as session:
        status, _ = await post(session, {"text": "you muppet"}, "/v1/comments?wait=0")
        assert status == 202
        assert await listed(session) == []
    house.before_submit = lambda _: None
    async with running(house), aiohttp.ClientSession(house.address) as session:
        session.headers.update(await house.key("read"))

        async def found() -> list[dict[str, Any]]:
            return await listed(session)

        (verdict,) = await eventually(found)
        assert verdict["action"] == "flag"

        async def gone() -> bool:
            return not await store.arrivals.waiting()

        assert await eventually(gone)
    await store.close()


async def test_a_named_request_sent_twice_is_one_comment_and_one_answer(tmp_path: Path) -> None:
    body = {"comments": [{"text": "you muppet"}, {"text": "hello"}]}
    async with http_house(tmp_path) as house, visiting(house) as session:
        first = await post(session, body, **{"Idempotency-Key": "a"})
        second = await post(session, body, **{"Idempotency-Key": "a"})
        assert first == second
        assert first[0] == 200
        assert len(await listed(session)) == 2
        status, error = await post(session, {"text": "other"}, **{"Idempotency-Key": "a"})
        assert (status, error["error"]["code"]) == (422, "name_taken")
        later = await post(session, body, "/v1/comments?wait=0", **{"Idempotency-Key": "b"})
        assert later == await post(session, body, "/v1/comments?wait=0", **{"Idempotency-Key": "b"})


async def test_names_of_one_key_are_not_those_of_another(tmp_path: Path) -> None:
    async with http_house(tmp_path) as house:
        answers = []
        for scopes in ("submit",), ("submit", "read"):
            async with visiting(house, *scopes) as session:
                answers.append(await post(session, {"text": "hi"}, **{"Idempotency-Key": "a"}))
        assert answers[0][1]["comment_id"] != answers[1][1]["comment_id"]


async def test_a_named_request_that_is_under_way_is_refused(tmp_path: Path) -> None:
    gate = Gate()
    async with (
        http_house(tmp_path, scorer=gate) as house,
        visiting(house) as session,
    ):
        body, headers = {"text": "hello"}, {"Idempotency-Key": "a"}
        first = asyncio.create_task(post(session, body, **headers))
        await until(lambda: gate.waiting == 1)
        others = await asyncio.gather(*(post(session, body, **headers) for _ in range(7)))
        assert {status for status, _ in others} == {409}
        gate.opened.set()
        assert (await first)[0] == 200
        assert len(await listed(session)) == 1


async def test_a_named_request_that_failed_can_come_again(tmp_path: Path) -> None:
    async with http_house(tmp_path) as house, visiting(house) as session:
        failures = [StoreError("the disk is full")]

        def fail_once(_: Comment) -> None:
            if failures:
                raise failures.pop()

        house.before_submit = fail_once
        headers = {"Idempotency-Key": "a"}
        status, error = await post(session, {"text": "hi"}, **headers)
        assert (status, error["error"]["code"]) == (503, "store_unavailable")
        assert (await post(session, {"text": "hi"}, **headers))[0] == 200


async def test_a_forgotten_answer_is_gone(tmp_path: Path) -> None:
    body = {"text": "you muppet", "author": "ann"}
    async with http_house(tmp_path) as house, visiting(house) as session:
        await post(session, body, **{"Idempotency-Key": "a"})
        await house.store.upkeep.forget("http", "ann", lambda _: (), house.clock.now())
        status, error = await post(session, body, **{"Idempotency-Key": "a"})
        assert (status, error["error"]["code"]) == (410, "forgotten")


WRONG: list[tuple[object, str]] = [
    ({}, "text"),
    ({"text": 7}, "text"),
    ({"text": ""}, "text"),
    ({"text": "a", "txet": "b"}, "txet"),
    ({"text": "a", "created_at": "yesterday"}, "created_at"),
    ({"text": "a", "created_at": "2026-02-30T00:00:00Z"}, "created_at"),
    ({"text": "a", "created_at": "2026-05-01T12:00:00"}, "created_at"),
    ({"text": "a", "author": {"name": "ann"}}, "author.id"),
    ({"text": "a", "author": {"id": "1", "roles": "mod"}}, "author.roles"),
    ({"text": "a", "author": {"id": "1", "roles": [1]}}, "author.roles[0]"),
    ({"text": "a", "attributes": {"attachment": []}}, "attributes.attachment"),
    ({"text": "a", "id": "a\nb"}, "id"),
    ({"comments": []}, "comments"),
    ({"comments": [{"text": "a"}, {"text": None}]}, "comments[1].text"),
    ({"comments": [{"text": "a", "id": "1"}, {"text": "b", "id": "1"}]}, "comments[1].id"),
    ({"comments": [{"text": "a"}] * 101}, "comments"),
]


@pytest.mark.parametrize(("body", "field"), WRONG, ids=[field for _, field in WRONG])
async def test_a_mistake_is_named_by_its_field(tmp_path: Path, body: object, field: str) -> None:
    async with http_house(tmp_path) as house, visiting(house) as session:
        status, answer = await post(session, body)
        assert status == 422
        assert answer["error"]["field"] == field
        assert field in answer["error"]["message"]
        assert await listed(session) == []


async def test_a_misspelt_key_gets_a_hint(tmp_path: Path) -> None:
    async with http_house(tmp_path) as house, visiting(house) as session:
        _, answer = await post(session, {"text": "a", "chanel": "b"})
        assert 'did you mean "channel"?' in answer["error"]["message"]


@pytest.mark.parametrize(
    "body",
    [
        b'{"text": NaN}',
        b'{"text": 1e999}',
        b'{"text": "\\ud800"}',
        b'{"\\udc00": "a"}',
        b'{"text": "\xff"}',
        b'{"text": "a", "text": "b"}',
        b'{"text": ',
        b"\xef\xbb\xbf{}",
        b"[" * 100_000,
        b'{"a":' * 50 + b"1" + b"}" * 50,
        b'{"text": ' + b"9" * 5_000 + b"}",
        b"",
    ],
    ids=lambda body: body[:16].decode("latin-1"),
)
async def test_json_that_is_none_is_refused(tmp_path: Path, body: bytes) -> None:
    async with http_house(tmp_path) as house, visiting(house) as session:
        headers = {"Content-Type": "application/json"}
        async with session.post("/v1/comments", data=body, headers=headers) as answer:
            assert answer.status == 400
            assert json.loads(await answer.text())["error"]["message"]
