"""Health, metrics and the page."""

import asyncio
import json
import re
from pathlib import Path

import aiohttp
import pytest

from bot.model import Action
from bot.web import page
from bot.web.metrics import Exposition, Metrics
from bot.web.page import HEADERS
from bot.web.settings import WebSettings
from tests.report.test_browser import browser
from tests.web.house import http_house, visiting
from tests.web.test_comments import post

PAGE = Path(page.__file__).parent
BREAK = "ALTER TABLE filed RENAME TO gone"

SAMPLE = re.compile(
    r'[a-z_]+(\{[a-z]+="(\\.|[^"\\\n])*"(,[a-z]+="(\\.|[^"\\\n])*")*\})? -?[0-9.e+-]+'
)


async def get(session: aiohttp.ClientSession, path: str) -> tuple[int, str]:
    async with session.get(path) as answer:
        return answer.status, await answer.text()


async def test_readiness_follows_the_store(tmp_path: Path) -> None:
    async with http_house(tmp_path) as house, aiohttp.ClientSession(house.address) as session:
        good = '{"ready": true, "checks": {"store": true}}'
        assert await get(session, "/readyz") == (200, good)
        await house.store.database.write(lambda connection: connection.execute(BREAK))
        bad = '{"ready": false, "checks": {"store": false}}'
        assert await get(session, "/readyz") == (503, bad)
        assert (await get(session, "/healthz"))[0] == 200


async def test_metrics_are_in_prometheus_form_and_count(tmp_path: Path) -> None:
    async with http_house(tmp_path) as house, visiting(house) as session:
        await post(session, {"text": "you muppet"})
        await post(session, {})
        status, text = await get(session, "/metrics")
        assert status == 200
    lines = text.splitlines()
    for line in lines:
        assert line.startswith(("# HELP ", "# TYPE ")) or SAMPLE.fullmatch(line), line
    assert 'gavel_comments_total{source="http",action="flag"} 1' in lines
    wanted = 'gavel_http_requests_total{route="/v1/comments",method="POST",status="422"} 1'
    assert wanted in lines
    names = [line.split()[2] for line in lines if line.startswith("# TYPE")]
    assert len(names) == len(set(names))
    assert 'gavel_screening_seconds_bucket{le="+Inf"} 1' in lines


async def test_metrics_want_a_key_unless_they_are_open(tmp_path: Path) -> None:
    async with http_house(tmp_path) as house:
        async with aiohttp.ClientSession(house.address) as session:
            assert (await get(session, "/metrics"))[0] == 401
        async with visiting(house, "read") as session:
            assert (await get(session, "/metrics"))[0] == 403
    folder = tmp_path / "open"
    folder.mkdir()
    settings = WebSettings(port=0, open_metrics=True)
    async with (
        http_house(folder, settings=settings) as house,
        aiohttp.ClientSession(house.address) as session,
    ):
        assert (await get(session, "/metrics"))[0] == 200


def test_made_up_methods_take_no_memory() -> None:
    metrics = Metrics()
    for number in range(1_000):
        metrics.answered("/", f"X{number}", 405, 0.1)
    assert metrics.requests == {("/", "other", 405): 1_000}


def test_labels_cannot_break_out() -> None:
    told = Exposition()
    told.value("a", 1.5, b='"}\n\\')
    assert str(told) == 'a{b="\\"}\\n\\\\"} 1.5\n'


async def test_the_status_tells_how_it_does(tmp_path: Path) -> None:
    async with http_house(tmp_path) as house, visiting(house, "read", "submit") as session:
        await post(session, {"text": "you muppet"})
        async with session.get("/v1/status") as answer:
            told = await answer.json()
        assert told["ready"]
        assert told["model"]["id"] == "fixed"
        assert told["screened"] == {"flag": 1}
        assert told["cases_waiting"] == 1


async def test_a_preview_keeps_nothing(tmp_path: Path) -> None:
    async with http_house(tmp_path) as house, visiting(house) as session:
        status, verdict = await post(session, {"text": "you muppet"}, "/v1/preview")
        assert (status, verdict["action"]) == (200, "flag")
        async with session.get("/v1/verdicts") as answer:
            assert (await answer.json())["verdicts"] == []
        assert await house.store.cases.case(1) is None


@pytest.mark.parametrize("path", ["/", "/page.css", "/page.js"])
async def test_the_page_comes_with_a_strict_policy(tmp_path: Path, path: str) -> None:
    async with (
        http_house(tmp_path) as house,
        aiohttp.ClientSession(house.address) as session,
        session.get(path) as answer,
    ):
        text = await answer.text()
        assert answer.headers["Content-Security-Policy"] == HEADERS["Content-Security-Policy"]
        assert "unsafe" not in answer.headers["Content-Security-Policy"]
        assert "http://" not in text
        assert "https://" not in text
        assert "innerHTML" not in text
        assert not re.search(r"<script>| style=| on[a-z]+=", text)


async def test_the_page_says_actions_in_the_words_of_cards_and_reports(tmp_path: Path) -> None:
    async with http_house(tmp_path) as house, aiohttp.ClientSession(house.address) as session:
        _, script = await get(session, "/page.js")
    for action in Action:
        assert f'  {action}: "{action.said}",' in script


async def seen(folder: Path, address: str) -> str:
    """Return the document as it stands in a browser once its scripts have run."""
    process = await asyncio.create_subprocess_exec(
        browser(),
        *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
        *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
        *(f"--user-data-dir={folder / 'profile'}", "--virtual-time-budget=2000"),
        *("--dump-dom", address),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )
    output, _ = await process.communicate()
    return output.decode("utf-8")


async def test_the_page_works_in_a_browser(tmp_path: Path) -> None:
    async with http_house(tmp_path) as house:
        assert 'class="state good"' in await seen(tmp_path, house.address)


@pytest.mark.parametrize(
    ("missing", "shown"),
    [
        ([], []),
        (["history"], [("hint", "Rules about rates and earlier comments were not asked")]),
        (["scores"], [("wrong", "Missing: scores<")]),
        (["scores", "history"], [("wrong", "Missing: scores<"), ("hint", "Rules about rates")]),
    ],
)
async def test_that_nothing_is_kept_is_no_fault_of_a_text_that_is_tried(
    tmp_path: Path, missing: list[str], shown: list[tuple[str, str]]
) -> None:
    verdict = {"action": "allow", "text": "hello", "matches": [], "missing": missing}
    script = (PAGE / "page.js").read_text(encoding="utf-8")
    document = (PAGE / "index.html").read_text(encoding="utf-8")
    document = document.replace(
        "</body>", f"<script>{script}\nshowVerdict({json.dumps(verdict)});</script></body>"
    )
    (tmp_path / "page.html").write_text(document, encoding="utf-8")
    told = await seen(tmp_path, (tmp_path / "page.html").as_uri())
    (answer,) = re.findall(r'<div id="answer".*?</div></div>', told)
    lacks = re.findall(r'<p class="(?:hint|wrong)">.*?</p>', answer)
    assert len(lacks) == len(shown)
    for lack, (style, beginning) in zip(lacks, shown, strict=True):
        assert lack.startswith(f'<p class="{style}">{beginning}')
