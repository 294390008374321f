"""`gavel key` and `gavel serve`: keys shown once, and a server that takes them."""

import asyncio
import os
import re
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import pytest

from tests.app.running import FORCED
from tests.cli.conftest import Run


def test_a_key_is_shown_once(gavel: Run, folder: Path) -> None:
    made = gavel("key", "create", "shop", "--scope", "read")
    assert made.code == 0
    assert re.fullmatch(r"gavel_[0-9a-f]{12}_[\w-]{43}\n", made.out)
    secret = made.out.strip().split("_", 2)[2]
    listed = gavel("key", "list")
    assert "shop" in listed.out
    assert "read" in listed.out
    assert secret not in listed.out + made.err
    for file in (folder / "home").iterdir():
        assert secret.encode() not in file.read_bytes()


def test_a_revoked_key_frees_its_name(gavel: Run) -> None:
    assert gavel("key", "create", "shop").code == 0
    twice = gavel("key", "create", "shop")
    assert twice.code == 2
    assert "there is a key of the name shop" in twice.err
    assert gavel("key", "revoke", "shop").code == 0
    assert "revoked" in gavel("key", "list").out
    assert gavel("key", "create", "shop").code == 0


def test_mistakes_are_told_with_the_way_out(gavel: Run) -> None:
    assert gavel("key", "list").err == "There are no keys yet: gavel key create NAME\n"
    gavel("key", "create", "shop")
    assert 'did you mean "submit"?' in gavel("key", "create", "x", "--scope", "submitt").err
    assert 'did you mean "shop"?' in gavel("key", "revoke", "shup").err
    assert gavel("key", "create", "a b").code == 2


async def started(*options: str) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "bot", "serve", *options),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
    )


@asynccontextmanager
async def serving() -> AsyncIterator[tuple[str, asyncio.subprocess.Process]]:
    process = await started("--port", "0")
    assert process.stdout is not None
    assert process.stderr is not None
    async with asyncio.timeout(200):
        while b"Listening" not in (line := await process.stdout.readline()):
            assert line, (await process.stderr.read()).decode()
    try:
        yield line.decode().split()[-1], process
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()


async def test_serve_takes_comments_and_stops_when_asked(gavel: Run) -> None:
    made = await asyncio.to_thread(gavel, "key", "create", "shop")
    token = made.out.strip()
    async with serving() as (address, process):
        headers = {"Authorization": f"Bearer {token}"}
        async with aiohttp.ClientSession(address, headers=headers) as session:
            async with session.post("/v1/comments", json={"text": "you muppet"}) as answer:
                assert answer.status == 200
                assert (await answer.json())["model"] == "compact"
            async with session.get("/v1/verdicts") as answer:
                assert len((await answer.json())["verdicts"]) == 1
        process.send_signal(signal.SIGTERM)
        async with asyncio.timeout(60):
            _, said = await process.communicate()
        assert process.returncode == 0 or FORCED in said.decode()


async def test_a_kill_loses_nothing_that_was_taken(gavel: Run) -> None:
    made = await asyncio.to_thread(gavel, "key", "create", "shop")
    headers = {"Authorization": f"Bearer {made.out.strip()}"}
    many = {"comments": [{"id": str(number), "text": "you muppet"} for number in range(50)]}
    async with (
        serving() as (address, process),
        aiohttp.ClientSession(address, headers=headers) as session,
        session.post("/v1/comments?wait=0", json=many) as answer,
    ):
        assert answer.status == 202
        process.kill()
    async with (
        serving() as (address, _),
        aiohttp.ClientSession(address, headers=headers) as session,
    ):
        found: set[str] = set()
        async with asyncio.timeout(200):
            while len(found) < 50:
                await asyncio.sleep(0.05)
                async with session.get("/v1/verdicts?limit=200") as answer:
                    verdicts = (await answer.json())["verdicts"]
                found = {each["comment_id"] for each in verdicts}
        assert len(found) == len(verdicts) == 50


@pytest.mark.usefixtures("folder")
async def test_a_port_that_is_taken_is_told() -> None:
    taken = await asyncio.start_server(lambda *_: None, "127.0.0.1", 0)
    port = taken.sockets[0].getsockname()[1]
    process = await started("--port", str(port))
    _, told = await process.communicate()
    taken.close()
    assert process.returncode == 2
    assert f"cannot listen at 127.0.0.1 port {port}" in told.decode()
