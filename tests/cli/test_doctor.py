"""`gavel doctor`: one line a check, and the way out where one fails."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from pathlib import Path

import pytest

from bot.chat.settings import ChatSettings
from bot.cli.checkup import Finding, State, findings, requirements, within
from bot.cli.outside import OUTSIDE, clock
from bot.config import Settings
from tests.cli.conftest import Run
from tests.cli.discord import Guild
from tests.cli.stored import fill, in_store
from tests.fakes.discord import Fault
from tests.fakes.discord.world import MANAGE_GUILD

OK, WARNING, PROBLEM = State


@pytest.fixture
def configured(gavel: Run, guild: Guild) -> Guild:
    words = ["--api-base", guild.discord.api_base, "--guild", guild.id, "--all-channels"]
    words += ["--review-channel", guild.review, "--moderator-role", guild.mods]
    assert gavel("init", *words, "--no-copy-rules", "--no-save-token").code == 0
    guild.discord.rest.asked.clear()
    return guild


def outside(check: str, guild: Guild) -> list[Finding]:
    chat = ChatSettings(
        "",
        int(guild.id),
        int(guild.review),
        frozenset({guild.mods}),
        guild.discord.api_base,
        guild.discord.gateway.address,
    )
    return list(findings({check: OUTSIDE[check]}, Settings(discord=chat)))


# --- the command ---------------------------------------------------------------------------------


def test_all_is_well(gavel: Run, folder: Path, configured: Guild) -> None:
    in_store(folder, fill)
    done = gavel("doctor")
    assert (done.code, done.err) == (0, "")
    assert {line.split()[0] for line in done.out.splitlines()} == {"ok"}
    checks = [line.split()[1] for line in done.out.splitlines()]
    assert checks == [
        *("python", "packages", "config", "secrets", "rules", "examples", "model"),
        *("store", "outbox", "disk", "cache", "discord", "gateway", "clock"),
    ]
    assert "on The Guild, all channels are screened, cards go to #review" in done.out
    assert f"{configured.discord.gateway.address} answers" in done.out
    assert configured.discord.token not in done.out


def test_offline_asks_discord_nothing(gavel: Run, folder: Path, configured: Guild) -> None:
    done = gavel("doctor", "--offline")
    assert done.code == 0
    assert "discord " not in done.out
    assert configured.discord.rest.asked == []
    assert [path.name for path in folder.glob("home/*.sqlite")] == []


def test_json_for_programs(gavel: Run, configured: Guild) -> None:
    configured.discord.world.channels[configured.review]["permission_overwrites"] = []
    done = gavel("doctor", "--json")
    assert done.code == 1
    told = json.loads(done.out)
    assert told["healthy"] is False
    assert told["checks"][-3] == {
        "check": "discord",
        "state": "ok",
        "text": "on The Guild, all channels are screened, cards go to #review",
        "hint": "",
    }
    assert told["checks"][-4] == {
        "check": "discord",
        "state": "problem",
        "text": "everybody can read the review channel #review",
        "hint": "take View Channels from @everyone there: cards repeat the abuse, and name rules",
    }


def test_a_configuration_that_cannot_be_read(gavel: Run, folder: Path) -> None:
    (folder / "config.yaml").write_text("modle: {name: compact}\n")
    done = gavel("doctor", "--offline")
    assert done.code == 1
    assert done.out.splitlines()[-3:] == [
        'problem  config    config.yaml:1:1: the configuration has no key "modle"',
        '                   did you mean "model"?',
        "warning  config    the rest was not checked: it depends on this",
    ]


def test_the_packages_are_those_of_the_project() -> None:
    known = requirements()
    assert {"detoxify", "discord.py", "pyyaml", "aiohttp", "torch"} <= known.keys()
    assert known["torch"].startswith(">=2.")


@pytest.mark.parametrize(
    ("found", "wanted", "answer"),
    [
        ("2.13.0+cpu", ">=2.13,<2.14", True),
        ("2.14", ">=2.13,<2.14", False),
        ("2.9", ">=2.13,<2.14", False),
        ("1.1.20251105", ">=1.1,<2", True),
        ("0.5.4", "<0.6,>=0.5.4", True),
        ("7", "", True),
    ],
)
def test_versions_within_their_range(found: str, wanted: str, answer: bool) -> None:
    assert within(found, wanted) is answer


# --- Discord ---------------------------------------------------------------------------------------


def test_a_token_that_was_reset(guild: Guild) -> None:
    guild.discord.faults.token_revoked = True
    assert outside("discord", guild) == [
        Finding(
            "discord",
            PROBLEM,
            "Discord refuses the token",
            "reset it (discord.com/developers/applications, your application, Bot) and set it in"
            " the environment",
        )
    ]


def test_that_automod_is_not_heard_is_told(guild: Guild) -> None:
    role = guild.discord.world.roles[guild.discord.world.app.roles[0]]
    role["permissions"] = str(int(role["permissions"]) & ~MANAGE_GUILD)
    (found,) = outside("discord", guild)
    assert found.state is OK
    assert found.text.endswith("; what AutoMod blocks is seen with Manage Server only")


def test_a_missing_token_is_told_once(guild: Guild, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("GAVEL_DISCORD_TOKEN")
    assert outside("discord", guild) == [
        Finding("discord", WARNING, "not asked: there is no token to ask with")
    ]


def test_warnings_do_not_make_it_unwell(guild: Guild) -> None:
    hidden = guild.discord.world.add_channel("hidden", private_to=())
    overwrites = guild.discord.world.channels[hidden]["permission_overwrites"]
    del overwrites[1:]
    assert outside("discord", guild) == [
        Finding(
            "discord",
            WARNING,
            "the bot cannot read, and so does not screen: #hidden",
            "give it View Channels and Read Message History there, or list them under"
            " discord.exempt_channels",
        ),
        Finding("discord", OK, "on The Guild, all channels are screened, cards go to #review"),
    ]


def test_a_gateway_that_does_not_answer(guild: Guild) -> None:
    guild.discord.faults.requests.append(Fault("5xx", "GET", "/gateway", times=9))
    (found,) = outside("gateway", guild)
    assert found.state is PROBLEM
    assert found.text.startswith(f"Discord does not answer at {guild.discord.api_base}: 503")
    assert found.hint == "check the network, a proxy, discord.api_base and discord.gateway_url"


def test_a_clock_that_is_slow(guild: Guild) -> None:
    guild.discord.faults.seconds_ahead = 300
    found = outside("gateway", guild)[1]
    assert (found.check, found.state) == ("clock", PROBLEM)
    assert re.fullmatch(
        r"this machine's clock is (2[5-9][0-9]|30[01]) s slow, by Discord's", found.text
    )
    assert found.hint == "switch on time synchronisation: timedatectl set-ntp true"
    assert clock(timedelta(seconds=-20)) == Finding(
        "clock",
        WARNING,
        "this machine's clock is 20 s fast, by Discord's",
        "switch on time synchronisation: timedatectl set-ntp true",
    )
