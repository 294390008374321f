"""Perspective's requests over HTTP: keys, limits, refusals, and that nothing is kept."""

from __future__ import annotations

import asyncio
import io
import json
import sqlite3
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.cases import Decision
from bot.errors import BusyError, ScoringError
from bot.model import Priority
from bot.web.settings import Limits, WebSettings
from tests.fakes.scorer import FixedScorer
from tests.web_compat.house import Site, scores, site

ANALYZE, SUGGEST = "/v1alpha1/comments:analyze", "/v1alpha1/comments:suggestscore"
ASKED = {"comment": {"text": "you muppet"}, "requestedAttributes": {"TOXICITY": {}}}


async def post(
    house: Site,
    body: object,
    path: str = ANALYZE,
    *,
    headers: Mapping[str, str] | None = None,
    key: str | None = None,
) -> tuple[int, Any]:
    """Send a body, JSON unless it is bytes; return status and parsed answer."""
    query = f"?key={house.token if key is None else key}" if key != "" else ""
    data = io.BytesIO(body if isinstance(body, bytes) else json.dumps(body).encode())
    async with (
        aiohttp.ClientSession(house.address) as session,
        session.post(path + query, data=data, headers=headers) as answer,
    ):
        assert answer.content_type == "application/json"
        return answer.status, await answer.json()


def error_of(answer: Any) -> tuple[str, str]:
    """Return the type and the message of an error, after a look at its envelope."""
    error = answer["error"]
    assert set(error) <= {"code", "message", "status", "details"}
    detail = (error.get("details") or [{}])[0]
    return detail.get("errorType") or detail.get("reason") or error["status"], error["message"]


@pytest.mark.parametrize(
    "send",
    [
        {"key": None},
        {"key": "", "headers": {"Authorization": "Bearer {}"}},
        {"key": "", "headers": {"X-Goog-Api-Key": "{}"}},
        {"headers": {"Content-Type": "text/plain"}},
        {"headers": {"Content-Type": "application/x-www-form-urlencoded"}},
    ],
    ids=["query", "bearer", "google's header", "text", "form"],
)
async def test_a_key_comes_as_clients_send_it(tmp_path: Path, send: dict[str, Any]) -> None:
    async with site(tmp_path) as house:
        headers = {k: v.format(house.token) for k, v in send.get("headers", {}).items()}
        status, answer = await post(house, ASKED, headers=headers, key=send.get("key"))
    assert status == 200
    assert answer["attributeScores"]["TOXICITY"]["summaryScore"]["value"] == 0.95


async def test_keys_are_refused_as_google_does(tmp_path: Path) -> None:
    async with site(tmp_path) as house:
        read_only = await house.new_key("read")
        score_only = await house.new_key("score")
        nobody = await post(house, ASKED, key="")
        wrong = await post(house, ASKED, key="gavel_000000000000_" + "x" * 43)
        reader = await post(house, ASKED, key=read_only)
        scorer = await post(house, {"comment": {"text": "a"}}, SUGGEST, key=score_only)
    assert (nobody[0], error_of(nobody[1])[0]) == (400, "API_KEY_INVALID")
    assert (wrong[0], error_of(wrong[1])[0]) == (400, "API_KEY_INVALID")
    assert (reader[0], error_of(reader[1])[0]) == (403, "PERMISSION_DENIED")
    assert (scorer[0], error_of(scorer[1])[0]) == (403, "PERMISSION_DENIED")


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"", "INVALID_ARGUMENT"),
        (b"{", "INVALID_ARGUMENT"),
        (b"\xff\xfe", "INVALID_ARGUMENT"),
        (b'{"comment": NaN}', "INVALID_ARGUMENT"),
        (b"[" * 100_000, "INVALID_ARGUMENT"),
        (b'{"comment":' * 500 + b"1" + b"}" * 500, "INVALID_ARGUMENT"),
        (b'{"comment": {"text": "\\ud800"}}', "INVALID_ARGUMENT"),
        (b"9" * 10_000, "INVALID_ARGUMENT"),
        (b'{"a": 1, "a": 2}', "INVALID_ARGUMENT"),
        (b" " * 2_000_000, "INVALID_ARGUMENT"),
        ([], "INVALID_ARGUMENT"),
        ({}, "COMMENT_EMPTY"),
        ({"comment": {"text": "x" * 20_481}}, "COMMENT_TOO_LONG"),
        ({"comment": {"text": "x"}}, "NO_REQUESTED_ATTRIBUTES"),
        (ASKED | {"languages": ["xx"]}, "LANGUAGE_NOT_SUPPORTED_BY_ATTRIBUTE"),
        (ASKED | {"comment": {"text": "123"}}, "LANGUAGE_DETECTION_FAILED"),
        (ASKED | {"requestedAttributes": {"X": {}}}, "INVALID_REQUEST"),
    ],
    ids=lambda value: value if isinstance(value, str) else str(value)[:20],
)
async def test_a_hostile_body_gets_the_envelope(tmp_path: Path, body: object, kind: str) -> None:
    async with site(tmp_path) as house:
        status, answer = await post(house, body)
    assert status in {400, 413}
    found, message = error_of(answer)
    assert found == kind
    assert answer["error"]["code"] == status
    assert message
    assert "muppet" not in json.dumps(answer)


async def test_analyze_keeps_nothing(tmp_path: Path) -> None:
    async with site(tmp_path) as house:
        for more in ({}, {"doNotStore": True}, {"doNotStore": False}):
            status, _ = await post(house, ASKED | more)
            assert status == 200
        assert await house.stored() == []
    whole = sqlite3.connect(tmp_path / "store.sqlite")
    try:
        assert not any("muppet" in line for line in whole.iterdump())
    finally:
        whole.close()


@pytest.mark.parametrize(
    ("text", "value", "decision"),
    [
        ("you walnut", 1, Decision.UPHOLD),
        ("you muppet", 0, Decision.DISMISS),
        ("a kind word", 0, None),
        ("you muppet", 0.9, Decision.UPHOLD),
    ],
    ids=["miss", "false alarm", "agreed fine", "agreed abusive"],
)
async def test_a_suggestion_becomes_a_decided_case(
    tmp_path: Path, text: str, value: float, decision: Decision | None
) -> None:
    body = {
        "comment": {"text": text},
        "attributeScores": {"TOXICITY": {"summaryScore": {"value": value}}},
    }
    async with site(tmp_path) as house:
        for _ in range(2):
            assert (await post(house, body, SUGGEST)) == (200, {"detectedLanguages": ["en"]})
        decided = [
            each.case.review.decision
            for each in await house.stored()
            if each.case and each.case.review
        ]
        assert await house.services().desk.queue(10) == []
    assert decided == ([decision] if decision else [])


async def test_a_suggestion_for_what_is_not_scored_is_taken_and_not_kept(tmp_path: Path) -> None:
    scored = {"FLIRTATION": {"summaryScore": {"value": 1}}, "APPROVED": {"summaryScore": {}}}
    spans = {"TOXICITY": {"spanScores": [{"begin": 0, "end": 3, "score": {"value": 1}}]}}
    async with site(tmp_path) as house:
        for suggested in (scored, spans):
            body = {"comment": {"text": "you"}, "attributeScores": suggested, "clientToken": "c"}
            status, answer = await post(house, body, SUGGEST)
            assert (status, answer["clientToken"]) == (200, "c")
        assert await house.stored() == []


class Broken(FixedScorer):
    """A scorer that always fails in one way."""

    def __init__(self, error: Exception) -> None:
        super().__init__(scores)
        self.error = error

    async def score(self, texts: Any, priority: Priority = Priority.BULK) -> Any:
        del texts, priority
        raise self.error


async def test_what_fails_here_is_never_answered_with_scores(tmp_path: Path) -> None:
    async with site(tmp_path, scorer=Broken(ScoringError("broken"))) as house:
        status, answer = await post(house, ASKED)
    assert (status, error_of(answer)[0]) == (503, "UNAVAILABLE")


async def test_too_much_at_once_is_told_to_come_back(tmp_path: Path) -> None:
    async with site(tmp_path, scorer=Broken(BusyError("full"))) as house:
        status, answer = await post(house, ASKED)
    assert (status, error_of(answer)[0]) == (429, "RESOURCE_EXHAUSTED")


async def test_a_key_over_its_limit_is_told_to_come_back(tmp_path: Path) -> None:
    limits = Limits(per_minute=1, burst=2)
    async with site(tmp_path, settings=WebSettings(port=0, limits=limits)) as house:
        answers = [await post(house, ASKED) for _ in range(3)]
    assert [status for status, _ in answers] == [200, 200, 429]
    assert error_of(answers[2][1])[0] == "RESOURCE_EXHAUSTED"


async def test_the_document_names_the_address_by_which_it_was_asked(tmp_path: Path) -> None:
    path = "/$discovery/rest?version=v1alpha1"
    async with site(tmp_path) as house, aiohttp.ClientSession(house.address) as session:
        async with session.get(path) as answer:
            plain = await answer.json()
        proxied = {"Host": "gavel.example", "X-Forwarded-Proto": "https"}
        async with session.get(path, headers=proxied) as answer:
            behind = await answer.json()
        async with session.get("/$discovery/rest?version=v2") as answer:
            assert answer.status == 404
            assert error_of(await answer.json())[0] == "NOT_FOUND"
    assert plain["rootUrl"] == house.address + "/"
    assert behind["rootUrl"] == "https://gavel.example/"
    references = {
        line.split('"')[3] for line in json.dumps(plain, indent=1).splitlines() if '"$ref"' in line
    }
    assert references == set(plain["schemas"])


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
bodies = st.one_of(
    st.binary(max_size=200),
    json_values.map(lambda value: json.dumps(value).encode()),
    st.fixed_dictionaries(
        {
            "comment": st.fixed_dictionaries({"text": st.text(max_size=80) | json_values}),
            "requestedAttributes": st.dictionaries(
                st.sampled_from(["TOXICITY", "INSULT@2", "FLIRTATION", "NOPE"]),
                st.fixed_dictionaries({}, optional={"scoreThreshold": json_values}),
                max_size=3,
            ),
        },
        optional={
            "languages": json_values,
            "spanAnnotations": st.booleans(),
            "clientToken": st.text(),
            "attributeScores": json_values,
        },
    ).map(lambda value: json.dumps(value).encode()),
)


def test_any_body_gets_an_answer_or_the_envelope(tmp_path: Path) -> None:
    @settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
    @given(body=bodies, path=st.sampled_from([ANALYZE, SUGGEST]))
    def holds(body: bytes, path: str) -> None:
        status, answer = loop.run_until_complete(post(house, body, path))
        assert 200 <= status < 300 or 400 <= status < 500
        if status != 200:
            assert answer["error"]["code"] == status
            assert error_of(answer)[1]

    loop = asyncio.new_event_loop()
    generous = WebSettings(port=0, limits=Limits(burst=10**6))
    entered = site(tmp_path, settings=generous)
    house = loop.run_until_complete(entered.__aenter__())
    try:
        holds()
    finally:
        loop.run_until_complete(entered.__aexit__(None, None, None))
        loop.close()
