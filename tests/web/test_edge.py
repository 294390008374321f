"""The server as a whole: it starts, answers, and stops."""

from pathlib import Path

import aiohttp

from tests.web.house import http_house


async def test_the_edge_serves_until_it_is_stopped(tmp_path: Path) -> None:
    async with http_house(tmp_path) as house, aiohttp.ClientSession(house.address) as session:
        async with session.get("/healthz") as answer:
            assert answer.status == 200
            assert await answer.json() == {"status": "ok"}
        async with session.get("/nothing") as answer:
            assert answer.status == 404
            assert (await answer.json())["error"]["code"] == "not_found"
