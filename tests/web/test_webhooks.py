"""Webhooks: what is sent, how it is signed, and what becomes of what is not taken."""

import asyncio
import base64
import hashlib
import hmac
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from bot.errors import UserError
from bot.web.settings import Webhook, WebSettings
from bot.web.webhooks import WebhookSink
from tests.web.house import House, http_house, until, visiting
from tests.web.test_comments import post

KEY = b"0123456789abcdef0123456789abcdef"
SECRET = "whsec_" + base64.b64encode(KEY).decode()


@dataclass
class Listener:
    """A site that is told; `answers` are its next statuses, else 204."""

    address: str = ""
    answers: list[web.Response] = field(default_factory=list)
    heard: list[tuple[dict[str, str], bytes]] = field(default_factory=list)

    async def hear(self, request: web.Request) -> web.Response:
        self.heard.append((dict(request.headers), await request.read()))
        return self.answers.pop(0) if self.answers else web.Response(status=204)

    @property
    def events(self) -> list[dict[str, Any]]:
        return [json.loads(body) for _, body in self.heard]

    async def until(self, count: int) -> None:
        await until(lambda: len(self.heard) >= count)


@asynccontextmanager
async def listening() -> AsyncIterator[Listener]:
    listener = Listener()
    app = web.Application()
    app.router.add_post("/hook", listener.hear)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    listener.address = f"http://127.0.0.1:{runner.addresses[0][1]}/hook"
    try:
        yield listener
    finally:
        await runner.cleanup()


@asynccontextmanager
async def told(folder: Path, listener: Listener, *, every: bool = False) -> AsyncIterator[House]:
    webhook = Webhook("site", listener.address, SECRET, every)
    settings = WebSettings(port=0, webhooks=(webhook,))
    async with http_house(folder, settings=settings) as house:
        delivering = asyncio.create_task(house.outbox(house.edge.sinks).run())
        try:
            yield house
        finally:
            delivering.cancel()
            await asyncio.wait([delivering])


async def test_a_verdict_and_its_decision_are_told(tmp_path: Path) -> None:
    async with listening() as site, told(tmp_path, site) as house, visiting(house) as session:
        await post(session, {"text": "hello"})
        _, verdict = await post(session, {"id": "a", "text": "you muppet"})
        await site.until(1)
        await post(session, {"decision": "uphold"}, f"/v1/verdicts/{verdict['id']}/decision")
        await site.until(2)
        flagged, decided = site.events
        assert flagged["type"] == "verdict.flagged"
        assert flagged["data"].items() >= verdict.items()
        assert flagged["data"]["case"]["decision"] is None
        assert decided["type"] == "verdict.decided"
        assert decided["data"]["case"]["decision"] == "uphold"


async def test_a_site_that_wants_to_hears_of_every_verdict_once(tmp_path: Path) -> None:
    async with (
        listening() as site,
        told(tmp_path, site, every=True) as house,
        visiting(house) as session,
    ):
        await post(session, {"id": "a", "text": "hello"}, "/v1/comments?wait=0")
        await site.until(1)
        await post(session, {"id": "a", "text": "hello"})
        await post(session, {"id": "b", "text": "you muppet"})
        await site.until(2)
        await asyncio.sleep(0.1)
        passed, flagged = site.events
        assert (passed["type"], passed["data"]["comment_id"]) == ("verdict.passed", "a")
        assert (passed["data"]["action"], passed["data"]["case"]) == ("allow", None)
        assert (flagged["type"], flagged["data"]["comment_id"]) == ("verdict.flagged", "b")


async def test_what_is_sent_is_signed_as_standard_webhooks_says(tmp_path: Path) -> None:
    async with listening() as site, told(tmp_path, site) as house, visiting(house) as session:
        await post(session, {"text": "you muppet"})
        await site.until(1)
        headers, body = site.heard[0]
        given = {name.lower(): value for name, value in headers.items()}
        signed = f"{given['webhook-id']}.{given['webhook-timestamp']}.".encode() + body
        wanted = base64.b64encode(hmac.new(KEY, signed, hashlib.sha256).digest()).decode()
        assert given["webhook-signature"] == f"v1,{wanted}"
        assert abs(int(given["webhook-timestamp"]) - house.clock.now().timestamp()) < 60


@pytest.mark.parametrize(
    "answer",
    [
        lambda: web.Response(status=500),
        lambda: web.Response(status=429, headers={"Retry-After": "0"}),
        lambda: web.Response(status=404),
    ],
    ids=["broken", "busy", "not there"],
)
async def test_what_was_not_taken_is_sent_again_with_the_same_id(
    tmp_path: Path, answer: Callable[[], web.Response]
) -> None:
    async with listening() as site, told(tmp_path, site) as house, visiting(house) as session:
        site.answers.append(answer())
        await post(session, {"text": "you muppet"})
        await site.until(2)
        first, second = (headers["webhook-id"] for headers, _ in site.heard)
        assert first == second


async def test_a_redirect_is_not_followed(tmp_path: Path) -> None:
    async with (
        listening() as elsewhere,
        listening() as site,
        told(tmp_path, site) as house,
        visiting(house) as session,
    ):
        site.answers.append(web.Response(status=307, headers={"Location": elsewhere.address}))
        await post(session, {"text": "you muppet"})
        await site.until(2)
        assert elsewhere.heard == []


async def test_an_address_that_is_gone_is_given_up_loudly(tmp_path: Path) -> None:
    async with listening() as site, told(tmp_path, site) as house, visiting(house) as session:
        site.answers.append(web.Response(status=410))
        await post(session, {"text": "you muppet"})
        await until(lambda: bool(house.alarms))
        assert "410" in house.alarms[0]
        assert len(site.heard) == 1


@pytest.mark.parametrize(
    ("url", "secret"),
    [
        ("http://example.org/hook", SECRET),
        ("ftp://localhost/hook", SECRET),
        ("https://example.org/hook", "whsec_short"),
        ("https://example.org/hook", base64.b64encode(KEY).decode()),
        ("https://example.org/hook", ""),
    ],
)
def test_an_address_or_secret_that_is_not_safe_is_refused(url: str, secret: str) -> None:
    with pytest.raises(UserError) as refused:
        WebhookSink(Webhook("site", url, secret), None)  # type: ignore[arg-type]
    assert not secret or secret not in str(refused.value)
