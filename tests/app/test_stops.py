"""How `gavel run` ends: asked to, or because of what only the operator can mend."""

from __future__ import annotations

import asyncio
import json
import re
from pathlib import Path

import pytest

from bot.errors import UserError
from tests.app.running import Town, town
from tests.fakes.discord import Fault
from tests.fakes.discord.world import VIEW_CHANNEL


async def test_it_stops_under_load_and_nothing_is_lost(tmp_path: Path) -> None:
    async with town(tmp_path) as here:
        first = await here.start()
        await first.says("Connected")
        await here.discord.say(here.ann, here.general, "muppet 0")
        await here.until_cards(1)
        for number in range(1, 30):
            await here.discord.say(here.ann, here.general, f"muppet {number}")
        await first.stop()
        assert first.out[-1] == "Stopping."
        await here.discord.say(here.ann, here.general, "muppet 30")
        async with here.serving():
            await here.discord.until(lambda: len(numbers(here)) >= 31)
        assert numbers(here) == list(range(31))


def numbers(here: Town) -> list[int]:
    texts = [each["embeds"][0]["description"] for each in here.cards]
    return sorted(int(re.findall(r"(\d+)\|\|$", text)[0]) for text in texts)


async def refused(here: Town, *more: str, **environment: str) -> str:
    """Start the command, which must refuse; return what it says."""
    process = await here.start(*more, **environment)
    assert await process.ended() == 2
    return "\n".join(process.err)


async def failed(here: Town, token: str = "") -> str:
    """Start the same parts within the test, which is quicker; return what the operator must mend."""
    with pytest.raises(UserError) as caught:
        await here.serving(token).__aenter__()
    return caught.value.render()


async def test_a_bad_configuration_is_told_whole(tmp_path: Path) -> None:
    async with town(tmp_path, config="  screen_bots: sometimes\nlosg: {format: json}\n") as here:
        path = here.config_file
        assert await refused(here) == (
            f'{path}:13:16: error: "screen_bots" must be true or false, not the text "sometimes"\n'
            " 13 |   screen_bots: sometimes\n"
            "    |                ^^^^^^^^^\n"
            "\n"
            f'{path}:14:1: error: the configuration has no key "losg"\n'
            " 14 | losg: {format: json}\n"
            "    | ^^^^\n"
            '    = hint: did you mean "logs"?'
        )


async def test_a_missing_token_is_told_with_where_it_stands(tmp_path: Path) -> None:
    async with town(tmp_path) as here:
        said = await refused(here, GAVEL_DISCORD_TOKEN="")
        assert said.startswith("error: Discord's token is missing\n  hint: set GAVEL_DISCORD_TOKEN")


async def test_without_anything_to_serve_it_says_so(tmp_path: Path) -> None:
    async with town(tmp_path) as here:
        here.config_file.write_text("model: {name: compact}\n", encoding="utf-8")
        assert "there is nothing to run" in await refused(here)


@pytest.mark.parametrize(("option", "name"), [("--rules", "nowhere"), ("--model", "nothing")])
async def test_what_is_not_there_is_named(tmp_path: Path, option: str, name: str) -> None:
    async with town(tmp_path) as here:
        assert name in await refused(here, option, name)


async def test_a_second_bot_on_the_same_store_is_refused(tmp_path: Path) -> None:
    async with town(tmp_path) as here, here.serving():
        said = await refused(here)
        assert f"another Gavel already runs on the store {tmp_path / 'gavel.sqlite'}" in said


async def test_what_is_wrong_at_discord_is_told_before_anything_is_read(tmp_path: Path) -> None:
    async with town(tmp_path) as here:
        world = here.discord.world
        world.flags = 0
        for overwrite in world.channels[here.review]["permission_overwrites"]:
            overwrite.update(allow=str(VIEW_CHANNEL), deny="0")
        said = await failed(here)
        assert "the bot may not read what messages say" in said
        assert "everybody can read the review channel #review" in said


async def test_a_wrong_token_is_refused_and_never_shown(tmp_path: Path) -> None:
    async with town(tmp_path) as here:
        said = await failed(here, "not-the-token")
        assert "Discord refuses the token" in said
        assert "not-the-token" not in said
        assert here.discord.rest.asked == [("GET", "/gateway"), ("GET", "/users/@me")]


async def test_a_token_revoked_while_it_runs_ends_it_with_a_reason(tmp_path: Path) -> None:
    async with town(tmp_path) as here:

        async def revoke() -> None:
            async with here.serving() as bot:
                here.discord.faults.token_revoked = True
                await here.discord.gateway.drop()
                await bot.ended()

        with pytest.raises(UserError, match="Discord refuses the token"):
            await revoke()


async def test_a_taken_port_is_refused(tmp_path: Path) -> None:
    taken = await asyncio.start_server(lambda *_: None, "127.0.0.1", 0)
    port = taken.sockets[0].getsockname()[1]
    async with taken, town(tmp_path, config=f"http: {{port: {port}}}\n") as here:
        assert f"cannot listen at 127.0.0.1 port {port}" in await failed(here)


async def test_a_start_before_the_network_waits_for_it(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with town(tmp_path) as here:
        faults = here.discord.faults.requests
        # What was dropped is asked once more by the library itself.
        faults += [Fault("no answer", "GET", "/gateway$", 2), Fault("5xx", "GET", "/gateway$")]
        async with here.serving():
            tried = [each for each in caplog.messages if "Discord cannot be reached" in each]
            assert len(tried) == 2


async def test_logs_as_json_hold_neither_texts_nor_secrets(tmp_path: Path) -> None:
    async with town(tmp_path) as here, here.running("--log-format", "json") as gavel:
        await here.discord.say(here.ann, here.general, "you muppet")
        await here.until_cards(1)
        await gavel.stop()
        lines = [json.loads(line) for line in gavel.err]
        assert lines
        assert all({"at", "level", "part", "message"} <= line.keys() for line in lines)
        whole = "\n".join([*gavel.out, *gavel.err])
        assert "muppet" not in whole
        assert here.discord.token not in whole
