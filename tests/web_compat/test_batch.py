"""Many requests in one, as Google's client sends them."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.web.perspective.batch import split
from bot.web.perspective.errors import PerspectiveError
from bot.web.settings import Limits, WebSettings
from tests.fakes.scorer import FixedScorer
from tests.web_compat.house import Site, scores, site
from tests.web_compat.test_clients import google

KIND = 'multipart/mixed; boundary="b1"'


def many(house: Site, texts: list[str], key: str = "") -> dict[str, Any]:
    """Ask for many comments in one batch; return what each callback got."""
    found: dict[str, Any] = {}

    def got(name: str, answer: Any, error: Any) -> None:
        found[name] = error or answer["attributeScores"]["TOXICITY"]["summaryScore"]["value"]

    with google(house, key) as client:
        batch = client.new_batch_http_request(callback=got)
        for i, text in enumerate(texts):
            body = {"comment": {"text": text}, "requestedAttributes": {"TOXICITY": {}}}
            batch.add(client.comments().analyze(body=body), request_id=f"n{i}")
        batch.execute()
    return found


async def test_googles_client_sends_batches(tmp_path: Path) -> None:
    texts = ["you muppet", "", "héllo 😀 there", "a\r\n--b\r\n\r\nc"]
    async with site(tmp_path) as house:
        found = await asyncio.to_thread(many, house, texts)
    assert (found["n0"], found["n2"], found["n3"]) == (0.95, 0.02, 0.02)
    assert (found["n1"].resp.status, found["n1"].reason) == (400, "Comment must be non-empty.")


async def test_each_part_brings_its_key_and_counts(tmp_path: Path) -> None:
    few = WebSettings(port=0, limits=Limits(per_minute=1, burst=2))
    async with site(tmp_path, settings=few) as house:
        wrong = await asyncio.to_thread(many, house, ["hi"], "nobody")
        found = await asyncio.to_thread(many, house, ["hi"] * 3)
    assert wrong["n0"].resp.status == 400
    told = [getattr(each, "status_code", each) for each in found.values()]
    assert sorted(told) == [0.02, 0.02, 429]


def part(line: str, *headers: str, body: str = "{}") -> str:
    inner = "\r\n".join([line, *headers, "", body])
    return f"--b1\r\nContent-Type: application/http\r\nContent-ID: <a + 1>\r\n\r\n{inner}\r\n"


ANALYZE = "POST /v1alpha1/comments:analyze{} HTTP/1.1"
ASKED = '{"comment": {"text": "hi"}, "requestedAttributes": {"TOXICITY": {}}}'


async def send(house: Site, body: str, kind: str = KIND) -> tuple[int, str]:
    async with (
        aiohttp.ClientSession(house.address) as session,
        session.post("/batch", data=body.encode(), headers={"Content-Type": kind}) as answer,
    ):
        return answer.status, await answer.text()


@pytest.mark.parametrize("place", ["query", "google's header", "bearer"])
async def test_a_part_may_bring_its_key_in_three_places(tmp_path: Path, place: str) -> None:
    async with site(tmp_path) as house:
        query = f"?key={house.token}&alt=json" if place == "query" else ""
        header = {
            "query": "Accept: */*",
            "google's header": f"x-goog-api-key: {house.token}",
            "bearer": f"Authorization: Bearer {house.token}",
        }[place]
        sent = part(ANALYZE.format(query), header, body=ASKED) + "--b1--"
        status, text = await send(house, sent)
    assert status == 200
    assert "Content-ID: <response-a + 1>" in text
    assert "HTTP/1.1 200 OK" in text


async def test_a_part_that_names_no_method_is_told_so(tmp_path: Path) -> None:
    async with site(tmp_path) as house:
        _, text = await send(house, part("POST /v1/comments HTTP/1.1") + "--b1--\r\n")
    assert "HTTP/1.1 404 Not Found" in text
    assert '"NOT_FOUND"' in text


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        ("", KIND),
        ("--b1--", KIND),
        (part("GET / HTTP/1.1") + "--b1--", KIND),
        (part("POST http://[ HTTP/1.1") + "--b1--", KIND),
        (part("") + "--b1--", KIND),
        ("--b1\r\n\r\n--b1--", KIND),
        (part(ANALYZE.format("")) * 101 + "--b1--", KIND),
        (part(ANALYZE.format("?" + "a=1&" * 50)) + "--b1--", KIND),
        (part(ANALYZE.format("")) + "--b1--", "application/json"),
        (part(ANALYZE.format("")) + "--b1--", "multipart/mixed"),
    ],
    ids=["empty", "none", "get", "address", "no line", "nothing", "many", "query", "json", "mark"],
)
async def test_what_is_no_batch_gets_the_envelope(tmp_path: Path, body: str, kind: str) -> None:
    async with site(tmp_path) as house:
        status, text = await send(house, body, kind)
    assert status == 400
    assert '"INVALID_ARGUMENT"' in text


async def test_the_parts_of_a_batch_go_to_the_model_side_by_side(tmp_path: Path) -> None:
    waiting, all_there = 0, asyncio.Event()

    class Patient(FixedScorer):
        async def score(self, *args: Any) -> Any:
            nonlocal waiting
            waiting += 1
            if waiting == 8:
                all_there.set()
            await asyncio.wait_for(all_there.wait(), 60)
            return await super().score(*args)

    async with site(tmp_path, scorer=Patient(scores)) as house:
        found = await asyncio.to_thread(many, house, ["hi there"] * 8)
    assert list(found.values()) == [0.02] * 8


@given(st.binary(max_size=300) | st.text(alphabet="-b1\r\n :POST/").map(str.encode))
def test_any_body_is_split_or_refused(body: bytes) -> None:
    try:
        parts = split(body, KIND, 100)
    except PerspectiveError:
        parts = []
    assert len(parts) <= 100
