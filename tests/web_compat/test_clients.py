"""Published clients, unchanged but for their address, over real sockets."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any
from urllib.error import HTTPError

import akismet
import httpx
import pytest
from googleapiclient import discovery
from googleapiclient.errors import HttpError
from perspective import PerspectiveAPI

from bot.cases import Decision
from tests.web_compat.house import Site, site

TEXT = "What kind of muppet name is foo? Sorry, I like your name."


def google(house: Site, key: str = "") -> Any:
    """Build Google's client from the document that the house serves."""
    return discovery.build(
        "commentanalyzer",
        "v1alpha1",
        developerKey=key or house.token,
        discoveryServiceUrl=f"{house.address}/$discovery/rest?version=v1alpha1",
        static_discovery=False,
    )


def other(house: Site, key: str = "") -> Any:
    """Make the client of PyPI's `perspective`, told another address."""
    client = PerspectiveAPI(key or house.token)
    client.api_client.url = house.address + "/v1alpha1/{endpoint}"
    return client


async def test_googles_client_gets_scores(tmp_path: Path) -> None:
    body = {
        "comment": {"text": TEXT},
        "requestedAttributes": {"TOXICITY": {}, "PROFANITY": {"scoreThreshold": 0.99}},
        "spanAnnotations": True,
        "doNotStore": True,
        "clientToken": "t-1",
    }

    def ask(house: Site) -> Any:
        with google(house) as client:
            return client.comments().analyze(body=body).execute()

    async with site(tmp_path) as house:
        answer = await asyncio.to_thread(ask, house)
        assert await house.stored() == []
    found = answer["attributeScores"]["TOXICITY"]
    assert found["summaryScore"] == {"value": 0.95, "type": "PROBABILITY"}
    spans = [(each["begin"], each["end"], each["score"]["value"]) for each in found["spanScores"]]
    assert spans == [(0, 32, 0.95), (33, 57, 0.02)]
    assert list(answer["attributeScores"]) == ["TOXICITY"]
    assert answer["languages"] == ["en"]
    assert answer["clientToken"] == "t-1"


async def test_googles_client_understands_refusals(tmp_path: Path) -> None:
    def ask(house: Site, key: str, text: str, attribute: str) -> Any:
        body = {"comment": {"text": text}, "requestedAttributes": {attribute: {}}}
        with google(house, key) as client, pytest.raises(HttpError) as caught:
            client.comments().analyze(body=body).execute()
        return caught.value

    async with site(tmp_path) as house:
        wrong = await asyncio.to_thread(ask, house, "gavel_no", "hi", "TOXICITY")
        empty = await asyncio.to_thread(ask, house, "", "", "TOXICITY")
        unsupported = await asyncio.to_thread(ask, house, "", "hi you", "FLIRTATION")
    assert (wrong.resp.status, wrong.reason) == (
        400,
        "API key not valid. Please pass a valid API key.",
    )
    assert wrong.error_details[0]["reason"] == "API_KEY_INVALID"
    assert (empty.resp.status, empty.reason) == (400, "Comment must be non-empty.")
    assert empty.error_details[0]["errorType"] == "COMMENT_EMPTY"
    (detail,) = unsupported.error_details
    assert detail["languageNotSupportedByAttributeError"]["attribute"] == "FLIRTATION"


async def test_googles_client_suggests_scores(tmp_path: Path) -> None:
    body = {
        "comment": {"text": "you utter walnut"},
        "attributeScores": {"TOXICITY": {"summaryScore": {"value": 1}}},
        "communityId": "/forum",
        "clientToken": "c-2",
        "languages": ["en"],
    }

    def suggest(house: Site) -> Any:
        with google(house) as client:
            return client.comments().suggestscore(body=body).execute()

    async with site(tmp_path) as house:
        answer = await asyncio.to_thread(suggest, house)
        (stored,) = await house.stored()
    assert answer == {
        "clientToken": "c-2",
        "detectedLanguages": ["en"],
        "requestedLanguages": ["en"],
    }
    assert stored.comment.channel == "/forum"
    assert stored.case is not None
    assert stored.case.review is not None
    assert stored.case.review.decision is Decision.UPHOLD
    assert [note.text for note in stored.case.notes] == ["suggested score: TOXICITY 1.00"]


async def test_another_client_gets_scores(tmp_path: Path) -> None:
    def ask(house: Site) -> Any:
        client = other(house)
        return (
            client.score(TEXT, tests=["TOXICITY", "INSULT"]),
            client.analyze_comment(
                TEXT, requested_attributes={"TOXICITY": {"scoreThreshold": 0.5}}, languages=["en"]
            ),
            client.suggest_score(TEXT, {"TOXICITY": {"summaryScore": {"value": 0.0}}}),
        )

    async with site(tmp_path) as house:
        scores, whole, suggested = await asyncio.to_thread(ask, house)
        (stored,) = await house.stored()
    assert scores == {"TOXICITY": 0.95, "INSULT": 0.95}
    assert whole["attributeScores"]["TOXICITY"]["spanScores"][0]["end"] == 57
    assert suggested == {"detectedLanguages": ["en"]}
    assert stored.case is not None
    assert stored.case.review is not None
    assert stored.case.review.decision is Decision.DISMISS


async def test_another_client_understands_refusals(tmp_path: Path) -> None:
    def ask(house: Site) -> HTTPError:
        with pytest.raises(HTTPError) as caught:
            other(house, "nobody").score("hi")
        return caught.value

    async with site(tmp_path) as house:
        error = await asyncio.to_thread(ask, house)
    with error:
        assert error.code == 400
        assert json.loads(error.read())["error"]["status"] == "INVALID_ARGUMENT"


async def test_a_client_of_akismet_checks_and_reports(tmp_path: Path) -> None:
    async with site(tmp_path) as house:

        async def here(request: httpx.Request) -> None:
            address = httpx.URL(house.address)
            request.url = request.url.copy_with(scheme="http", host=address.host, port=address.port)

        async with httpx.AsyncClient(event_hooks={"request": [here]}, timeout=60) as http:
            config = akismet.Config(key=house.token, url="https://blog.example")
            client = await akismet.AsyncClient.validated_client(config=config, http_client=http)

            async def check(text: str) -> akismet.CheckResponse:
                return await client.comment_check(
                    user_ip="127.0.0.1",
                    comment_content=text,
                    comment_type="comment",
                    comment_author="ann",
                )

            assert await check("hello") is akismet.CheckResponse.HAM
            assert await check("you muppet") is akismet.CheckResponse.SPAM
            assert await check("kaboom") is akismet.CheckResponse.DISCARD
            assert await client.submit_ham(
                user_ip="127.0.0.1", comment_content="you muppet", comment_author="ann"
            )
            assert await check("you muppet") is akismet.CheckResponse.HAM

            wrong = akismet.Config(key="nobody", url="https://blog.example")
            with pytest.raises(akismet.APIKeyError):
                await akismet.AsyncClient.validated_client(config=wrong, http_client=http)
