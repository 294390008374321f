"""What a stranger is told who got an address, a method, a header or a key wrong: the way out."""

from pathlib import Path
from typing import Any

import aiohttp
import pytest

from bot.cases import Decision
from tests.web.house import http_house, visiting
from tests.web.test_comments import post


async def told(session: aiohttp.ClientSession, method: str, path: str, **more: Any) -> str:
    async with session.request(method, path, **more) as answer:
        assert 400 <= answer.status < 500
        return str((await answer.json())["error"]["message"])


@pytest.mark.parametrize(
    ("method", "path", "more", "way_out"),
    [
        ("GET", "/v1/comment", {}, "/openapi.json"),
        ("GET", "/v1/comments", {}, "this address answers POST"),
        ("DELETE", "/v1/verdicts", {}, "this address answers GET, HEAD"),
        ("POST", "/v1/comments", {"data": "{}"}, "Content-Type: application/json"),
        ("POST", "/v1/comments?wait=no", {"json": {"text": "a"}}, "wait must be 1 or 0"),
        ("GET", "/metrics", {}, "gavel key create NAME --scope metrics"),
    ],
)
async def test_the_message_tells_the_way_out(
    tmp_path: Path, method: str, path: str, more: dict[str, Any], way_out: str
) -> None:
    async with http_house(tmp_path) as house, visiting(house, "submit", "read") as session:
        assert way_out in await told(session, method, path, **more)


async def test_who_came_first_is_named_as_it_is(tmp_path: Path) -> None:
    async with http_house(tmp_path) as house, visiting(house) as session:
        _, verdict = await post(session, {"text": "you muppet"})
        decision = f"/v1/verdicts/{verdict['id']}/decision"
        await post(session, {"decision": Decision.UPHOLD.value}, decision)
        headers = await house.key("decide", name="second")
        message = await told(
            session, "POST", decision, json={"decision": "dismiss"}, headers=headers
        )
    assert "already upheld by key:" in message
    assert "<@" not in message
