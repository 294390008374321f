"""A site's comments beside Discord: cards in the review channel, decisions on either side."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import aiohttp

from bot.store.sqlite import open_store
from bot.web.keys import mint
from tests.app.running import Town, town
from tests.web.house import ALL_SCOPES
from tests.web.test_comments import post


@asynccontextmanager
async def site(folder: Path) -> AsyncIterator[tuple[Town, aiohttp.ClientSession]]:
    """Run Discord and HTTP together; yield the town and a client with a key."""
    token, key = mint("blog", ALL_SCOPES, datetime.now(UTC))
    store = open_store(folder / "gavel.sqlite")
    await store.keys.add(key)
    await store.close()
    async with town(folder, config="http: {port: 0}\n") as here, here.serving() as bot:
        (listening,) = [line for line in bot.out if line.startswith("Listening at ")]
        headers = {"Authorization": f"Bearer {token}"}
        address = listening.removeprefix("Listening at ")
        async with aiohttp.ClientSession(address, headers=headers) as session:
            yield here, session


async def case_of(session: aiohttp.ClientSession, verdict: dict[str, Any]) -> dict[str, Any]:
    async with session.get(f"/v1/verdicts/{verdict['id']}") as answer:
        return dict((await answer.json())["case"])


async def test_a_sites_comment_is_decided_on_its_card(tmp_path: Path) -> None:
    comment = {"text": "you muppet", "author": "ann", "channel": "blog"}
    async with site(tmp_path) as (here, session):
        _, verdict = await post(session, comment)
        await here.until_cards(1)
        (card,) = here.cards
        fields = {each["name"]: each["value"] for each in card["embeds"][0]["fields"]}
        assert fields["Where"] == "http blog"
        press = await here.discord.press(here.mod, here.review, card["id"], "False alarm")
        await press.answered()
        # An answer in time may come before what it answers is stored.
        await here.discord.until(lambda: "False alarm" in here.cards[0]["embeds"][0]["title"])
        case = await case_of(session, verdict)
        assert (case["decision"], case["moderator"]) == ("dismiss", here.mod)
        # Nobody is timed out on Discord for what a site's author wrote.
        assert here.discord.world.audit == []


async def test_a_decision_over_http_is_shown_on_the_card(tmp_path: Path) -> None:
    async with site(tmp_path) as (here, session):
        _, verdict = await post(session, {"text": "you muppet"})
        await here.until_cards(1)
        path = f"/v1/verdicts/{verdict['id']}/decision"
        assert (await post(session, {"decision": "uphold"}, path))[0] == 200
        await here.discord.until(lambda: "Upheld" in here.cards[0]["embeds"][0]["title"])
        assert here.discord.world.audit == []
