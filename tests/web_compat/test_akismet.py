"""Akismet's calls: forms, plain answers, headers, and what a report becomes."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlencode

import aiohttp
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.cases import Decision
from bot.model import Mode
from bot.web.settings import Limits, WebSettings
from tests.web_compat.house import RULES, Site, site

BLOG = "https://blog.example"
THANKS = "Thanks for making the web a better place."


async def call(house: Site, name: str, **fields: str) -> tuple[int, str, dict[str, str]]:
    """Make a call as blogs do; return status, text, and the headers of Akismet and of ours."""
    form = {"api_key": house.token, "blog": BLOG, "user_ip": "192.0.2.7"} | fields
    return await send(house, name, urlencode(form).encode())


async def send(house: Site, name: str, body: bytes) -> tuple[int, str, dict[str, str]]:
    """Send a form as it stands."""
    kind = {"Content-Type": "application/x-www-form-urlencoded; charset=UTF-8"}
    async with (
        aiohttp.ClientSession(house.address) as session,
        session.post(f"/1.1/{name}", data=body, headers=kind) as answer,
    ):
        headers = {key.lower(): value for key, value in answer.headers.items()}
        told = {key: headers[key] for key in headers if "akismet" in key or "gavel" in key}
        return answer.status, await answer.text(), told


@pytest.mark.parametrize("field", ["api_key", "key"])
async def test_a_key_is_verified(tmp_path: Path, field: str) -> None:
    async with site(tmp_path) as house:
        form = urlencode({field: house.token, "blog": BLOG}).encode()
        assert await send(house, "verify-key", form) == (200, "valid", {})


@pytest.mark.parametrize("name", ["verify-key", "comment-check", "submit-spam", "submit-ham"])
@pytest.mark.parametrize(
    ("form", "help_"),
    [
        ({"api_key": "nobody", "blog": BLOG}, "the key is not known, or it was revoked"),
        ({"blog": BLOG}, "the key is not known, or it was revoked"),
        ({}, "the key is not known, or it was revoked"),
        ({"api_key": "READ", "blog": BLOG}, 'this key does not have the scope "'),
        ({"api_key": "ALL"}, 'Empty "blog" value'),
    ],
    ids=["wrong", "none", "empty", "scope", "blog"],
)
async def test_a_bad_call_is_invalid_with_the_reason_beside_it(
    tmp_path: Path, name: str, form: dict[str, str], help_: str
) -> None:
    async with site(tmp_path) as house:
        keys = {"READ": await house.new_key("read"), "ALL": house.token}
        sent = form | ({"api_key": keys.get(form["api_key"], "x")} if "api_key" in form else {})
        status, text, told = await send(house, name, urlencode(sent).encode())
    assert (status, text) == (200, "invalid")
    assert told["x-akismet-debug-help"].startswith(help_)


@pytest.mark.parametrize(
    ("text", "enforced", "in_review"),
    [
        ("hello", ("false", None), ("false", None)),
        ("", ("false", None), ("false", None)),
        ("you muppet", ("true", None), ("true", None)),
        ("doxx", ("true", None), ("true", None)),
        ("kaboom", ("true", "discard"), ("true", None)),
    ],
)
async def test_each_action_has_its_answer(
    tmp_path: Path, text: str, enforced: tuple[str, str], in_review: tuple[str, str]
) -> None:
    for mode, expected in ((Mode.ENFORCE, enforced), (Mode.REVIEW, in_review)):
        folder = tmp_path / mode
        folder.mkdir()
        async with site(folder, mode=mode) as house:
            status, answer, told = await call(house, "comment-check", comment_content=text)
            assert status == 200
            assert (answer, told.get("x-akismet-pro-tip")) == expected
            assert "x-akismet-debug-help" not in told
            (stored,) = await house.stored()
            assert told["x-akismet-guid"] == stored.comment.id


async def test_a_comment_is_stored_without_the_addresses_of_its_author(tmp_path: Path) -> None:
    fields = {
        "comment_content": "you muppet",
        "comment_author": "Ann",
        "comment_author_email": "ann@mail.example",
        "permalink": BLOG + "/bridge",
        "user_role": "subscriber",
        "comment_date_gmt": "2026-03-01 12:30:00",
    }
    async with site(tmp_path) as house:
        await call(house, "comment-check", **fields)
        (stored,) = await house.stored()
        dump = "\n".join(await asyncio.to_thread(_dump, tmp_path))
    comment = stored.comment
    assert (comment.source, comment.channel, comment.author.name) == (
        "http",
        BLOG + "/bridge",
        "Ann",
    )
    assert comment.author.roles == ("subscriber",)
    assert comment.created_at == datetime(2026, 3, 1, 12, 30, tzinfo=UTC)
    assert "mail.example" not in dump
    assert "192.0.2.7" not in dump


def _dump(folder: Path) -> list[str]:
    return [path.read_bytes().decode("utf-8", "replace") for path in folder.glob("store.sqlite*")]


@pytest.mark.parametrize(
    "given", ["2999-01-01T00:00:00Z", "0001-01-01T00:00:00+23:59", "yesterday", "", "9999"]
)
async def test_a_time_that_cannot_be_is_ours(tmp_path: Path, given: str) -> None:
    async with site(tmp_path) as house:
        await call(house, "comment-check", comment_content="muppet", comment_date_gmt=given)
        (stored,) = await house.stored()
    assert stored.comment.created_at is not None
    assert abs(datetime.now(UTC) - stored.comment.created_at) < timedelta(minutes=1)


@pytest.mark.parametrize(
    ("fields", "answer"),
    [
        ({"user_role": "administrator"}, "false"),
        ({"comment_author": "akismet-guaranteed-spam"}, "true"),
        ({"comment_author_email": "akismet-guaranteed-spam@example.com"}, "true"),
        ({"is_test": "1"}, "true"),
        ({"is_test": "true"}, "true"),
    ],
)
async def test_a_trial_keeps_nothing(tmp_path: Path, fields: dict[str, str], answer: str) -> None:
    async with site(tmp_path) as house:
        told = await call(house, "comment-check", comment_content="you muppet", **fields)
        assert told[1] == answer
        assert await house.stored() == []


async def test_spam_that_no_rule_saw_becomes_a_decided_case(tmp_path: Path) -> None:
    async with site(tmp_path) as house:
        comment = {"comment_content": "cheap watches", "comment_author": "bob"}
        assert (await call(house, "comment-check", **comment))[1] == "false"
        for _ in range(2):
            assert (await call(house, "submit-spam", **comment)) == (200, THANKS, {})
        (case,) = [each.case for each in await house.stored() if each.case]
        assert case.review is not None
        assert case.review.decision is Decision.UPHOLD
        assert [note.text for note in case.notes] == ["marked as spam on the site"]
        assert (await call(house, "comment-check", **comment))[1] == "true"


async def test_a_false_alarm_is_dismissed_and_stays_so(tmp_path: Path) -> None:
    async with site(tmp_path) as house:
        comment = {"comment_content": "the muppet show", "comment_author": "bob"}
        assert (await call(house, "comment-check", **comment))[1] == "true"
        assert (await call(house, "submit-ham", **comment)) == (200, THANKS, {})
        assert (await call(house, "comment-check", **comment))[1] == "false"
        assert await house.services().desk.queue(10) == []


async def test_a_dismissed_comment_stays_dismissed_under_later_rules(tmp_path: Path) -> None:
    comment = {"comment_content": "the muppet show", "comment_author": "bob"}
    async with site(tmp_path) as house:
        await call(house, "comment-check", **comment)
        await call(house, "submit-ham", **comment)
    later = RULES.replace("title: Names", "title: Names and shows")
    assert later != RULES
    async with site(tmp_path, rules=later.replace("[muppet]", "[muppet, show]")) as house:
        assert (await call(house, "comment-check", **comment))[1] == "false"
        other = comment | {"comment_author": "eve"}
        assert (await call(house, "comment-check", **other))[1] == "true"


async def test_ham_that_no_rule_flags_is_told_to_be_no_news(tmp_path: Path) -> None:
    async with site(tmp_path) as house:
        status, text, told = await call(house, "submit-ham", comment_content="hello")
        assert (status, text) == (200, THANKS)
        assert told["x-gavel-note"].startswith("no rule flags this comment")
        assert await house.stored() == []


async def test_a_key_that_submits_may_not_decide(tmp_path: Path) -> None:
    async with site(tmp_path) as house:
        key = await house.new_key("submit")
        assert (await call(house, "comment-check", api_key=key))[1] == "false"
        assert (await call(house, "submit-spam", api_key=key))[1] == "invalid"


async def test_a_key_over_its_limit_is_told_to_come_back(tmp_path: Path) -> None:
    few = WebSettings(port=0, limits=Limits(per_minute=1, burst=1))
    async with site(tmp_path, settings=few) as house:
        assert (await call(house, "comment-check"))[0] == 200
        status, text, _ = await call(house, "comment-check")
        assert status == 429
        assert text not in {"true", "false"}


async def test_old_encodings_do_not_keep_a_comment_from_being_seen(tmp_path: Path) -> None:
    async with site(tmp_path) as house:
        form = urlencode({"api_key": house.token, "blog": BLOG}).encode()
        body = form + b"&comment_content=you+muppet+caf\xe9+%E9"
        assert (await send(house, "comment-check", body))[1] == "true"


async def test_too_many_fields_are_refused(tmp_path: Path) -> None:
    async with site(tmp_path) as house:
        body = b"&".join(b"a=b" for _ in range(1_001))
        status, text, told = await send(house, "comment-check", body)
    assert (status, text, told["x-akismet-debug-help"]) == (200, "invalid", "too many fields")


def test_any_body_is_answered_in_words_that_blogs_know(tmp_path: Path) -> None:
    names = st.sampled_from(["verify-key", "comment-check", "submit-spam", "submit-ham"])
    fields = st.dictionaries(
        st.sampled_from(
            ["comment_content", "comment_author", "permalink", "comment_date_gmt", "user_role"]
        ),
        st.text(max_size=40),
    )

    @settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
    @given(name=names, body=st.none() | st.binary(max_size=200), fields=fields)
    def holds(name: str, body: bytes | None, fields: dict[str, str]) -> None:
        asking = call(house, name, **fields) if body is None else send(house, name, body)
        status, text, _ = loop.run_until_complete(asking)
        assert (status, text) in {
            (200, answer) for answer in ("true", "false", "valid", "invalid", THANKS)
        }

    loop = asyncio.new_event_loop()
    entered = site(tmp_path, settings=WebSettings(port=0, limits=Limits(burst=10**6)))
    house = loop.run_until_complete(entered.__aenter__())
    try:
        holds()
    finally:
        loop.run_until_complete(entered.__aexit__(None, None, None))
        loop.close()
