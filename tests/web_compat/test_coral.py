"""Coral's moderation phase: its signature, what it asks, what it is answered."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from bot.cases import Decision
from bot.errors import ScoringError
from bot.model import Mode
from bot.review import Moderator
from bot.web.coral import sign
from bot.web.settings import MODERATOR_ROLE, WebSettings
from tests.web_compat.house import SECRET, Site, site
from tests.web_compat.test_perspective_http import Broken

PATH = "/coral/moderation"
STORY = "https://news.example/2026/bridge"
REQUEST: dict[str, Any] = {
    "action": "NEW",
    "comment": {"body": "hello", "parentID": None},
    "author": {"id": "user-1", "role": "COMMENTER"},
    "story": {"id": "story-1", "url": STORY},
    "site": {"id": "site-1"},
    "tenantID": "tenant-1",
    "tenantDomain": "news.example",
}


def asking(text: str, **more: object) -> dict[str, Any]:
    request = copy.deepcopy(REQUEST) | more
    request["comment"]["body"] = text
    return request


async def ask(house: Site, request: object, signature: str | None = None) -> tuple[int, Any]:
    """Send a request as Coral does; return the status and the answer."""
    body = request if isinstance(request, bytes) else json.dumps(request, indent=2).encode()
    signed = sign(SECRET, body) if signature is None else signature
    headers = {"Content-Type": "application/json", "X-Coral-Signature": signed}
    async with (
        aiohttp.ClientSession(house.address) as session,
        session.post(PATH, data=body, headers=headers) as answer,
    ):
        text = await answer.text()
        return answer.status, json.loads(text) if text else None


def flag(reason: str) -> list[dict[str, str]]:
    return [{"actionType": "FLAG", "reason": reason}]


TOXIC, SPAM = flag("COMMENT_DETECTED_TOXIC"), flag("COMMENT_DETECTED_SPAM")


@pytest.mark.parametrize(
    ("text", "enforced", "in_review"),
    [
        ("hello", None, None),
        ("", None, None),
        ("you muppet", {"actions": TOXIC}, {"actions": TOXIC}),
        ("buy now", {"actions": SPAM}, {"actions": SPAM}),
        ("buy now, muppet", {"actions": TOXIC}, {"actions": TOXIC}),
        ("doxx", {"actions": TOXIC, "status": "SYSTEM_WITHHELD"}, {"actions": TOXIC}),
        ("kaboom", {"actions": TOXIC, "status": "REJECTED"}, {"actions": TOXIC}),
    ],
)
async def test_each_action_has_its_answer(
    tmp_path: Path, text: str, enforced: object, in_review: object
) -> None:
    for mode, expected in ((Mode.ENFORCE, enforced), (Mode.REVIEW, in_review)):
        folder = tmp_path / mode
        folder.mkdir()
        async with site(folder, mode=mode) as house:
            assert await ask(house, asking(text)) == (200 if expected else 204, expected)


async def test_a_comment_is_stored_with_what_coral_tells(tmp_path: Path) -> None:
    async with site(tmp_path) as house:
        reply = asking("you muppet", action="EDIT")
        reply["comment"]["parentID"] = "comment-1"
        await ask(house, reply)
        (stored,) = await house.stored()
    comment = stored.comment
    assert (comment.source, comment.channel, comment.thread_id) == ("http", STORY, "story-1")
    assert (comment.author.id, comment.author.roles) == ("user-1", ("COMMENTER",))
    assert comment.parent_id == "comment-1"
    assert comment.edited_at == comment.created_at is not None
    assert stored.case is not None


async def test_the_same_comment_is_one_case_and_another_author_another(tmp_path: Path) -> None:
    async with site(tmp_path) as house:
        for author in ("user-1", "user-1", "user-2"):
            await ask(house, asking("you muppet", author={"id": author, "role": "COMMENTER"}))
        assert len(await house.services().desk.queue(10)) == 2


async def test_an_edit_stays_the_case_of_its_comment(tmp_path: Path) -> None:
    async with site(tmp_path) as house:
        await ask(house, asking("you muppet"))
        await ask(house, asking("you silly muppet", action="EDIT"))
        await ask(house, asking("kaboom", action="EDIT"))
        (case,) = await house.services().desk.queue(10)
        old, *_, new = await house.stored()
    assert case.comment.text == "kaboom"
    assert (old.comment.id, old.current, new.current) == (new.comment.id, False, True)
    assert case.comment.created_at == old.comment.created_at != case.comment.edited_at


async def test_an_edit_is_of_a_comment_of_the_same_author_in_the_same_place(
    tmp_path: Path,
) -> None:
    elsewhere = asking("kaboom", action="EDIT")
    elsewhere["comment"]["parentID"] = "comment-1"
    edits = [
        asking("kaboom", action="EDIT", author={"id": "user-2", "role": "COMMENTER"}),
        asking("kaboom", action="EDIT", author={"id": None}),
        asking("kaboom", action="EDIT", story={"id": "story-2", "url": f"{STORY}/2"}),
        elsewhere,
    ]
    async with site(tmp_path) as house:
        await ask(house, asking("you muppet"))
        for edit in edits:
            await ask(house, edit)
        assert len(await house.services().desk.queue(10)) == 1 + len(edits)


async def test_an_edit_hides_no_comment_behind_another(tmp_path: Path) -> None:
    async with site(tmp_path) as house:
        await ask(house, asking("you muppet"))
        await ask(house, asking("hello"))
        await ask(house, asking("you are", action="EDIT"))
        (case,) = await house.services().desk.queue(10)
    assert case.comment.text == "you muppet"


async def test_what_was_edited_since_is_not_what_a_moderator_decided(tmp_path: Path) -> None:
    moderator = Moderator("key:ann", frozenset({MODERATOR_ROLE}))
    async with site(tmp_path) as house:
        await ask(house, asking("you muppet"))
        await house.services().desk.decide(1, moderator, Decision.DISMISS, ())
        assert (await ask(house, asking("kaboom", action="EDIT")))[1] is not None
        (case,) = await house.services().desk.queue(10)
    assert (case.number, case.comment.text) == (1, "kaboom")


@pytest.mark.parametrize(
    ("text", "decision", "answer"),
    [
        ("kaboom", Decision.DISMISS, None),
        ("kaboom", Decision.UPHOLD, {"actions": TOXIC, "status": "REJECTED"}),
        ("kaboom", Decision.UNSURE, {"actions": TOXIC, "status": "REJECTED"}),
    ],
)
async def test_a_moderators_decision_goes_before_the_rules(
    tmp_path: Path, text: str, decision: Decision, answer: object
) -> None:
    moderator = Moderator("key:ann", frozenset({MODERATOR_ROLE}))
    async with site(tmp_path) as house:
        await ask(house, asking(text))
        await house.services().desk.decide(1, moderator, decision, ())
        assert (await ask(house, asking(text)))[1] == answer


@pytest.mark.parametrize(
    ("make", "status"),
    [
        (lambda body: sign(SECRET, body), 204),
        (lambda body: f"{sign('stale', body)},{sign(SECRET, body)}", 204),
        (lambda body: sign("old", body), 204),
        (lambda body: f" {sign(SECRET, body)} ", 204),
        (lambda body: sign("wrong", body), 401),
        (lambda body: sign(SECRET, body + b" "), 401),
        (lambda body: sign(SECRET, body).removeprefix("sha256="), 401),
        (lambda body: sign(SECRET, body).replace("sha256", "sha1"), 401),
        (lambda _: "", 401),
        (lambda _: "sha256=", 401),
        (lambda _: "," * 1_000, 401),
        (lambda _: "sha256=é", 401),
    ],
    ids=[
        *("right", "rotating", "old secret", "spaces", "other secret", "other body"),
        *("bare", "other hash", "empty", "no digest", "commas", "not ascii"),
    ],
)
async def test_signatures(tmp_path: Path, make: Any, status: int) -> None:
    body = json.dumps(REQUEST).encode()
    async with site(tmp_path) as house:
        found, _ = await ask(house, body, make(body))
        assert found == status
        assert len(await house.stored()) == (status == 204)


async def test_without_a_secret_of_ours_nobody_is_coral(tmp_path: Path) -> None:
    async with site(tmp_path, settings=WebSettings(port=0)) as house:
        assert (await ask(house, REQUEST, sign("", json.dumps(REQUEST).encode())))[0] == 401
        async with (
            aiohttp.ClientSession(house.address) as session,
            session.post(PATH, json=REQUEST) as answer,
        ):
            assert answer.status == 401


@pytest.mark.parametrize(
    ("request_", "field"),
    [
        ({}, "action"),
        ([], "action"),
        ({**REQUEST, "action": "DELETE"}, "action"),
        ({**REQUEST, "comment": None}, "comment.body"),
        ({**REQUEST, "comment": {"body": 7}}, "comment.body"),
        ({**REQUEST, "comment": {"body": "a", "parentID": []}}, "comment.parentID"),
        ({**REQUEST, "author": "ann"}, "author.id"),
        ({**REQUEST, "story": {"url": {}}}, "story.url"),
        (b"{", None),
        (b'{"action": "NEW", "x": NaN}', None),
    ],
)
async def test_what_coral_does_not_send_is_refused_with_its_place(
    tmp_path: Path, request_: object, field: str | None
) -> None:
    async with site(tmp_path) as house:
        status, answer = await ask(house, request_)
    assert status == 400
    assert answer["error"].get("field") == field


async def test_what_coral_may_add_one_day_is_let_be(tmp_path: Path) -> None:
    async with site(tmp_path) as house:
        assert (await ask(house, asking("hello", revision={"id": "r-1"})))[0] == 204


async def test_a_model_that_fails_is_never_clean(tmp_path: Path) -> None:
    # Rules that ask for no score still judge; one that did would send the comment to review.
    async with site(tmp_path, scorer=Broken(ScoringError("broken"))) as house:
        assert (await ask(house, asking("you muppet")))[1] == {"actions": TOXIC}
