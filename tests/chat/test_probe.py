"""Looking at Discord without serving: the same sight as the running bot's, or a sentence."""

import socket
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from bot.chat.checks import all_problems
from bot.chat.probe import identify, look, reach
from bot.errors import UserError
from tests.chat.house import House, house
from tests.fakes.discord import Fault


@pytest.fixture
async def gavel(tmp_path: Path) -> AsyncIterator[House]:
    async with house(tmp_path) as made:
        yield made


async def test_a_token_tells_the_application_and_its_servers(gavel: House) -> None:
    world = gavel.discord.world
    account = await identify(gavel.discord.token, gavel.discord.api_base)
    assert (account.application, account.name) == (int(world.app.id), "gavel")
    assert account.servers == {int(world.guild_id): "The Guild"}
    world.joined = False
    assert not (await identify(gavel.discord.token, gavel.discord.api_base)).servers


async def test_a_server_that_is_as_it_should_be(gavel: House) -> None:
    sight = await look(gavel.settings)
    assert all_problems(sight, gavel.settings) == []
    assert sight.server is not None
    assert {place.name: place.public for place in sight.server.places} == {
        "general": True,
        "review": False,
    }
    assert sight.server.roles[gavel.mods] == "Moderator"
    review = sight.server.place(int(gavel.review))
    assert review is not None
    assert review.readers == {gavel.mods}


async def test_a_server_that_the_bot_is_not_on(gavel: House) -> None:
    gavel.discord.world.joined = False
    assert (await look(gavel.settings)).server is None


async def test_a_refused_token(gavel: House) -> None:
    refused = (
        "error: Discord refuses the token\n"
        "  hint: reset it (discord.com/developers/applications, your application, Bot) and set it"
        " in the environment"
    )
    with pytest.raises(UserError) as of_another:
        await identify("another-token", gavel.discord.api_base)
    assert of_another.value.render() == refused
    assert len(gavel.discord.rest.asked) == 1
    gavel.discord.faults.token_revoked = True
    with pytest.raises(UserError) as of_revoked:
        await look(gavel.settings)
    assert of_revoked.value.render() == refused


async def test_the_gateway_greets_and_tells_the_time(gavel: House) -> None:
    reached = await reach(gavel.settings)
    assert reached.gateway == gavel.discord.gateway.address
    assert abs(reached.ahead) < timedelta(minutes=1)
    assert gavel.discord.rest.asked == [("GET", "/gateway")]
    await reach(replace(gavel.settings, gateway_url=""))


async def test_a_gateway_that_is_shut(gavel: House) -> None:
    gavel.discord.faults.refuse_gateway = True
    with pytest.raises(UserError, match=r"Discord does not answer at http://127\.0\.0\.1:.*503"):
        await reach(gavel.settings)


async def test_an_answer_that_is_none(gavel: House) -> None:
    gavel.discord.faults.requests.append(Fault("no answer", "GET", "/gateway", times=9))
    with pytest.raises(UserError, match=r"Discord does not answer at http://127\.0\.0\.1:"):
        await reach(gavel.settings)


async def test_nothing_listens_there() -> None:
    with socket.socket() as bound:
        # A port that nobody else can take meanwhile, and at which nobody listens.
        bound.bind(("127.0.0.1", 0))
        base = f"http://127.0.0.1:{bound.getsockname()[1]}/api/v10"
        with pytest.raises(UserError) as refused:
            await identify("a-token", base)
    assert refused.value.render().startswith(f"error: Discord does not answer at {base}: ")
    assert refused.value.render().endswith(
        "\n  hint: check the network, a proxy, discord.api_base and discord.gateway_url"
    )
