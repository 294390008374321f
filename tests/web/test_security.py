"""Who may call, and what is refused: keys, signatures, limits, and silence about what was sent."""

import asyncio
import gzip
import io
import json
import logging
import zlib
from contextlib import AsyncExitStack
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import aiohttp
import pytest

from bot.web.auth import SIGNATURE, SIGNER, TIMESTAMP, sign
from bot.web.keys import digest, mint, opens, prefix_of
from bot.web.settings import Limits, Signer, WebSettings
from tests.fakes.clock import ManualClock
from tests.web.house import House, http_house, visiting
from tests.web.raw import connect, connected, request, said, status
from tests.web.test_comments import post

SECRET = "a secret that two sites share"
QUICK = Limits(header_seconds=0.3, body_seconds=0.3)
MODERATE = Limits(header_seconds=2, body_seconds=2)


def limited(**limits: object) -> WebSettings:
    return WebSettings(port=0, limits=replace(Limits(), **limits))  # type: ignore[arg-type]


# --- keys ------------------------------------------------------------------------------------


def test_of_a_key_only_the_digest_is_kept() -> None:
    token, key = mint("shop", ["submit"], datetime.now(UTC))
    assert token.split("_", 2)[2] not in repr(key)
    assert key.digest == digest(token)
    assert prefix_of(token) == key.prefix
    assert opens(key, token)
    assert not opens(key, token[:-1] + ("a" if token[-1] != "a" else "b"))
    assert not opens(replace(key, revoked_at=key.created_at), token)


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer x", "Basic Zm9v", "Bearer gavel_00_x"])
async def test_without_a_right_key_nothing_is_done(tmp_path: Path, header: str) -> None:
    async with http_house(tmp_path) as house, aiohttp.ClientSession(house.address) as session:
        status_, answer = await post(session, {"text": "hi"}, Authorization=header)
        assert (status_, answer["error"]["code"]) == (401, "unauthorised")


@pytest.mark.parametrize(
    ("scope", "path"),
    [
        ("read", "/v1/comments"),
        ("submit", "/v1/verdicts/x/decision"),
        ("submit", "/v1/preview"),
    ],
)
async def test_a_key_does_only_what_its_scopes_say(tmp_path: Path, scope: str, path: str) -> None:
    async with http_house(tmp_path) as house, visiting(house, scope) as session:
        status_, answer = await post(session, {"text": "hi"}, path)
        assert (status_, answer["error"]["code"]) == (403, "forbidden")


async def test_a_revoked_key_works_no_longer_than_two_seconds(tmp_path: Path) -> None:
    clock = ManualClock()
    async with http_house(tmp_path, clock=clock) as house, visiting(house, "submit") as session:
        assert (await post(session, {"text": "hi"}))[0] == 200
        assert await house.store.keys.revoke("submit", clock.now())
        clock.advance(timedelta(seconds=2))
        assert (await post(session, {"text": "hi"}))[0] == 401


async def test_a_name_has_one_key_in_use(tmp_path: Path) -> None:
    async with http_house(tmp_path) as house:
        keys, now = house.store.keys, house.clock.now()
        assert await keys.add(mint("a", [], now)[1])
        assert not await keys.add(mint("a", [], now)[1])
        assert await keys.revoke("a", now)
        assert not await keys.revoke("a", now)
        assert await keys.add(mint("a", [], now)[1])
        assert len(await keys.keys()) == 2


# --- signatures ------------------------------------------------------------------------------


def signed(body: bytes, at: datetime, path: str = "/v1/comments") -> dict[str, str]:
    stamp = str(at.timestamp())
    return {
        "Content-Type": "application/json",
        SIGNER: "shop",
        TIMESTAMP: stamp,
        SIGNATURE: sign(SECRET, stamp, "POST", path, body),
    }


async def send(house: House, body: bytes, headers: dict[str, str]) -> int:
    async with (
        aiohttp.ClientSession(house.address) as session,
        session.post("/v1/comments", data=body, headers=headers) as answer,
    ):
        return answer.status


SIGNED = WebSettings(port=0, signers=(Signer("shop", SECRET, frozenset({"submit"})),))


async def test_a_signed_request_counts_once(tmp_path: Path) -> None:
    async with http_house(tmp_path, settings=SIGNED, clock=ManualClock()) as house:
        body = b'{"text": "hi"}'
        headers = signed(body, house.clock.now())
        assert await send(house, body, headers) == 200
        assert await send(house, body, headers) == 401


async def test_a_signature_holds_for_its_body_its_path_and_its_time(tmp_path: Path) -> None:
    clock = ManualClock()
    async with http_house(tmp_path, settings=SIGNED, clock=clock) as house:
        body = b'{"text": "hi"}'
        now = clock.now()
        assert await send(house, b'{"text": "ho"}', signed(body, now)) == 401
        assert await send(house, body, signed(body, now, "/v1/preview")) == 401
        assert await send(house, body, {**signed(body, now), SIGNER: "stranger"}) == 401
        assert await send(house, body, {**signed(body, now), TIMESTAMP: "now"}) == 401
        assert await send(house, body, signed(body, now + timedelta(minutes=6))) == 401
        # What was signed before the start may have been seen by the process before.
        assert await send(house, body, signed(body, now - timedelta(minutes=1))) == 401
        clock.advance(timedelta(minutes=6))
        assert await send(house, body, signed(body, now)) == 401
        assert await send(house, body, signed(body, clock.now())) == 200


# --- limits ----------------------------------------------------------------------------------


async def test_a_body_over_the_limit_is_refused(tmp_path: Path) -> None:
    settings = limited(body_bytes=2_000)
    async with http_house(tmp_path, settings=settings) as house, visiting(house) as session:
        assert (await post(session, {"text": "a" * 1_900}))[0] == 200
        assert (await post(session, {"text": "a" * 2_000}))[0] == 413

        async def chunks() -> object:
            for _ in range(100):
                yield b"a" * 1_000

        async with session.post("/v1/comments", data=chunks()) as answer:
            assert answer.status == 413


async def test_a_gzip_body_is_inflated_within_bounds(tmp_path: Path) -> None:
    async with http_house(tmp_path) as house, visiting(house) as session:

        async def zipped(body: bytes, encoding: str = "gzip") -> int:
            headers = {"Content-Type": "application/json", "Content-Encoding": encoding}
            async with session.post("/v1/comments", data=body, headers=headers) as answer:
                return answer.status

        good = gzip.compress(b'{"text": "hi"}')
        assert await zipped(good) == 200
        assert await zipped(gzip.compress(b" " * 50_000_000)) == 413
        assert await zipped(good[:-4]) == 400
        assert await zipped(good + good) == 400
        assert await zipped(b"not gzip") == 400
        assert await zipped(zlib.compress(b"{}"), "deflate") == 415
        assert await zipped(good, "br") == 415


async def test_a_key_that_asks_too_often_is_told_when_to_come_back(tmp_path: Path) -> None:
    settings = limited(per_minute=1, burst=3)
    async with http_house(tmp_path, settings=settings) as house, visiting(house) as session:
        many = {"comments": [{"text": "a"}, {"text": "b"}, {"text": "c"}]}
        assert (await post(session, many))[0] == 200
        async with session.post("/v1/comments", json={"text": "a"}) as answer:
            assert answer.status == 429
            assert 1 <= int(answer.headers["Retry-After"]) <= 60
        async with visiting(house, "submit") as other:
            assert (await post(other, {"text": "a"}))[0] == 200


async def test_half_open_connections_are_closed_while_others_are_served(tmp_path: Path) -> None:
    # Who is served meanwhile needs a moment as well.
    settings = WebSettings(port=0, limits=MODERATE)
    begun = request(b'{"text": "hi"}', "Authorization: Bearer x")
    async with (
        http_house(tmp_path, settings=settings) as house,
        visiting(house) as session,
        AsyncExitStack() as stack,
    ):
        key = f"Authorization: {session.headers['Authorization']}"
        no_body = request(b'{"text": "hi"}', key)[:-3]
        readers = []
        for sent in b"", b"POST /v1/com", begun[:60], no_body:
            reader, writer = await stack.enter_async_context(connected(house.address))
            writer.write(sent)
            readers.append(reader)
        assert (await post(session, {"text": "hi"}))[0] == 200
        async with asyncio.timeout(60):
            for reader in readers:
                await reader.read()


async def test_headers_that_drip_do_not_hold_a_connection(tmp_path: Path) -> None:
    settings = WebSettings(port=0, limits=QUICK)
    async with (
        http_house(tmp_path, settings=settings) as house,
        connected(house.address) as (reader, writer),
    ):

        async def drip() -> None:
            writer.write(b"GET / HTTP/1.1\r\n")
            while True:
                writer.write(b"X-A: b\r\n")
                await asyncio.sleep(0.05)

        dripping = asyncio.create_task(drip())
        async with asyncio.timeout(60):
            assert await reader.read() == b""
        dripping.cancel()
        await asyncio.wait([dripping])


# --- silence ---------------------------------------------------------------------------------

TEXT, TOKEN = "a text that nobody may see", "gavel_secret_token"


@pytest.mark.parametrize(
    "sent",
    [
        f"{TEXT} {TOKEN}\r\n\r\n".encode(),
        f"GET / HTTP/1.1\r\nAuthorization {TOKEN}\r\n\r\n".encode(),
        f"GET /{TOKEN}\x00 HTTP/1.1\r\nHost: a\r\n\r\n".encode(),
        request(b"", "Transfer-Encoding: chunked", f"Authorization: Bearer {TOKEN}"),
        request(f'{{"text": "{TEXT}'.encode(), f"Authorization: Bearer {TOKEN}"),
        b"GET / HTTP/1.1\r\nX: " + b"a" * 20_000 + b"\r\n\r\n",
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
    ],
    ids=["no http", "bad header", "bad path", "two lengths", "bad key", "long", "h2", "tls"],
)
async def test_what_was_sent_is_neither_repeated_nor_logged(
    tmp_path: Path, sent: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    settings = WebSettings(port=0, limits=QUICK)
    async with http_house(tmp_path, settings=settings) as house:
        answer = await said(house.address, sent)
    told = answer.decode() + caplog.text
    assert TEXT not in told
    assert TOKEN not in told
    assert "Traceback" not in told
    if answer:
        assert 400 <= status(answer) < 500
        assert json.loads(answer.split(b"\r\n\r\n", 1)[1])["error"]["code"]


async def test_a_bug_is_told_without_its_trace(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with http_house(tmp_path) as house, visiting(house) as session:

        def broken(_: object) -> None:
            raise RuntimeError(TEXT)

        house.before_submit = broken
        status_, answer = await post(session, {"text": TEXT})
        assert status_ == 500
        assert answer["error"] == {
            "code": "bug",
            "message": "this is a bug in Gavel, not your mistake",
        }
    assert "RuntimeError at" in caplog.text
    assert TEXT not in caplog.text
    assert "Traceback" not in caplog.text


async def test_other_sites_pages_may_ask_only_where_that_is_set(tmp_path: Path) -> None:
    site = {"Origin": "https://example.org", "Access-Control-Request-Method": "POST"}
    open_ = WebSettings(port=0, cors_origins=frozenset({"https://example.org"}))
    for number, settings in enumerate((WebSettings(port=0), open_)):
        folder = tmp_path / str(number)
        folder.mkdir()
        async with http_house(folder, settings=settings) as house, visiting(house) as session:
            async with session.options("/v1/comments", headers=site) as answer:
                assert answer.status == (204 if number else 405)
                allowed = answer.headers.get("Access-Control-Allow-Origin")
                assert allowed == ("https://example.org" if number else None)
            other = {**site, "Origin": "https://evil.example"}
            async with session.options("/v1/comments", headers=other) as answer:
                assert "Access-Control-Allow-Origin" not in answer.headers


HOSTILE_ROUNDS = 40


async def test_hostile_requests_get_4xx_only(tmp_path: Path) -> None:
    async with http_house(tmp_path, settings=SIGNED) as house, visiting(house) as session:
        key = f"Authorization: {session.headers['Authorization']}"
        hostile = [
            request(b'{"text": "hi"}', "Authorization: Bearer gavel_000000000000_x"),
            request(b'{"text": "hi"}', f"{SIGNER}: shop", f"{TIMESTAMP}: 1", f"{SIGNATURE}: v1=0"),
            request(b'{"text": NaN}', key),
            request(b"[" * 50_000, key),
            request(b'{"text": "\\ud800"}', key),
            request(b'{"text": "\xff\xfe"}', key),
            request(bomb(), key, "Content-Encoding: gzip"),
            request(b'{"text": "a"}', key, "Idempotency-Key: " + "a" * 300),
            request(b"{}", key, path="/v1/comments?wait=maybe"),
            b"POST /v1/comments HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999999\r\n"
            + key.encode()
            + b"\r\n\r\n",
        ]
        answers = await asyncio.gather(
            *(said(house.address, each) for each in hostile for _ in range(HOSTILE_ROUNDS))
        )
        assert {status(each) // 100 for each in answers} == {4}
        assert (await post(session, {"text": "hi"}))[0] == 200


def bomb() -> bytes:
    buffer = io.BytesIO()
    with gzip.GzipFile(fileobj=buffer, mode="wb", compresslevel=9) as file:
        file.write(b" " * 20_000_000)
    return buffer.getvalue()


async def test_stopping_ends_what_is_under_way_and_closes(tmp_path: Path) -> None:
    async with http_house(tmp_path) as house:
        address = house.address
        reader, writer = await connect(address)
    assert await reader.read() == b""
    writer.close()
    with pytest.raises(OSError, match="Connect"):
        await said(address, b"")
