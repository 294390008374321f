"""`gavel doctor`: one line a check, and the way out where one fails."""

from __future__ import annotations

import json
import re
import socket
import sqlite3
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from bot.chat.settings import ChatSettings
from bot.cli.checkup import HERE, Finding, State, findings, requirements, space, within
from bot.cli.outside import OUTSIDE, clock
from bot.config import MIB, CacheSettings, ModelSettings, Settings
from bot.model import Delivery
from bot.store.sqlite import Store
from bot.web.settings import WebSettings
from tests.cli.conftest import Run
from tests.cli.discord import Guild, guild_in_a_thread
from tests.cli.stored import fill, in_store
from tests.fakes.discord import Fault
from tests.fakes.discord.world import MANAGE_GUILD

OK, WARNING, PROBLEM = State


@pytest.fixture
def guild(monkeypatch: pytest.MonkeyPatch) -> Iterator[Guild]:
    with guild_in_a_thread() as made:
        monkeypatch.setenv("GAVEL_DISCORD_TOKEN", made.discord.token)
        yield made


@pytest.fixture
def configured(gavel: Run, guild: Guild) -> Guild:
    words = ["--api-base", guild.discord.api_base, "--guild", guild.id, "--all-channels"]
    words += ["--review-channel", guild.review, "--moderator-role", guild.mods]
    assert gavel("init", *words, "--no-copy-rules", "--no-save-token").code == 0
    guild.discord.rest.asked.clear()
    return guild


def here(check: str, settings: Settings | None = None) -> list[Finding]:
    return list(findings({check: HERE[check]}, settings or Settings()))


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


# --- this machine ----------------------------------------------------------------------------------


def test_without_discord_there_is_nothing_to_run() -> None:
    assert here("secrets") == [
        Finding(
            "secrets",
            WARNING,
            "neither discord nor http is configured: gavel run has nothing to do",
            "gavel init asks what is needed",
        )
    ]


def test_a_missing_token(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("GAVEL_DISCORD_TOKEN", raising=False)
    settings = Settings(discord=ChatSettings("", 1, 2, frozenset({"3"})))
    assert here("secrets", settings) == [
        Finding(
            "secrets",
            PROBLEM,
            "Discord's token is missing",
            "set GAVEL_DISCORD_TOKEN in the environment, or GAVEL_DISCORD_TOKEN_FILE to a file that"
            " holds it; it is shown once at discord.com/developers/applications, your application,"
            " Bot, Reset Token",
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


def test_rules_that_cannot_be_loaded(folder: Path) -> None:
    (folder / "rules/own.yaml").write_text("rules:\n  - {id: a.b, tilte: x}\n")
    first, *_ = here("rules")
    assert first == Finding(
        "rules",
        PROBLEM,
        'rules/own.yaml:2:5: an entry of "rules" lacks the key "when"',
    )


def test_an_example_that_fails(folder: Path) -> None:
    path = folder / "rules/own.yaml"
    path.write_text(path.read_text().replace("the puppet show", "the muppet show"))
    text = path.read_text().splitlines()
    line = next(n for n, each in enumerate(text, 1) if "the muppet show" in each)
    assert [each for each in here("rules") if each.state is PROBLEM] == [
        Finding(
            "examples",
            PROBLEM,
            f"rules/own.yaml:{line}:18: word.muppet: expected no match, got match",
            "gavel rules test tells more",
        )
    ]


def test_rules_of_which_none_is_live(folder: Path) -> None:
    path = folder / "rules/own.yaml"
    path.write_text(path.read_text().replace("    when:", "    status: shadow\n    when:"))
    assert here("rules")[0] == Finding(
        "rules",
        WARNING,
        "rules: 1 rule, 0 live",
        "a rule that is not live is counted and opens no case",
    )


def test_a_model_that_is_not_there(folder: Path) -> None:
    assert folder.is_dir()
    (found,) = here("model", Settings(model=ModelSettings(name="grand")))
    assert found.state is PROBLEM
    assert "grand" in found.text
    assert found.hint


def test_a_store_that_is_yet_to_be_made(folder: Path) -> None:
    first, _ = here("store")
    path = folder / "home/gavel.sqlite"
    assert first == Finding("store", OK, f"{path} will be made when the bot starts")
    assert not path.parent.exists()


def test_a_store_that_is_damaged(folder: Path) -> None:
    in_store(folder, fill)
    path = folder / "home/gavel.sqlite"
    path.write_bytes(b"no database at all " * 500)
    assert here("store")[0] == Finding(
        "store",
        PROBLEM,
        f"the database {path} cannot be read: file is not a database",
        "stop the bot, move the file away, and put back a copy of it",
    )


def test_a_store_of_a_page_that_was_overwritten(folder: Path) -> None:
    in_store(folder, fill)
    path = folder / "home/gavel.sqlite"
    whole = bytearray(path.read_bytes())
    whole[3 * 4096 : 4 * 4096] = b"\xff" * 4096
    path.write_bytes(whole)
    first = here("store")[0]
    assert first.state is PROBLEM
    assert str(path) in first.text


def test_a_store_of_a_newer_version(folder: Path) -> None:
    in_store(folder, fill)
    path = folder / "home/gavel.sqlite"
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA user_version = 99")
    connection.close()
    assert here("store")[0] == Finding(
        "store",
        PROBLEM,
        f"{path} was written by a newer version of Gavel",
        "update Gavel, or name another folder",
    )


def test_deliveries_that_wait_and_that_were_given_up(folder: Path) -> None:
    async def leave(store: Store) -> None:
        await store.cases.tell([Delivery("a", "card"), Delivery("b", "card")])
        (first, *_) = await store.deliveries.claim("card", datetime.now(UTC), 1)
        await store.deliveries.give_up(first, "Missing Access")

    in_store(folder, leave)
    _, waiting, lost, _ = here("store")
    assert waiting == Finding("outbox", OK, "waiting: 1 delivery")
    assert lost == Finding(
        "outbox",
        WARNING,
        "given up: 1 delivery; the last one: Missing Access",
        "the cases stand in the queue all the same: /queue shows them",
    )
    with sqlite3.connect(folder / "home/gavel.sqlite") as connection:
        connection.execute("UPDATE delivery SET created_at = 0")
    connection.close()
    assert here("store")[1] == Finding(
        "outbox",
        WARNING,
        "waiting: 1 delivery, the first since 1970-01-01 00:00 UTC",
        "is the bot running, and may it post in the review channel? its log says why",
    )


def test_looking_changes_nothing(folder: Path) -> None:
    in_store(folder, fill)
    path = folder / "home/gavel.sqlite"
    before = path.read_bytes()
    assert here("store")[0].state is OK
    assert path.read_bytes() == before


@pytest.mark.parametrize(("free", "state"), [(50, PROBLEM), (500, WARNING), (5_000, OK)])
def test_room_on_the_disk(free: int, state: State) -> None:
    found = space(free * MIB)
    assert found.state is state
    assert found.hint == ("" if state is OK else "make room, or shorten retention")


def test_a_cache_that_cannot_be_used(folder: Path) -> None:
    path = folder / "home/scores.sqlite"
    path.parent.mkdir()
    path.write_bytes(b"no database at all " * 500)
    assert here("cache") == [
        Finding(
            "cache",
            WARNING,
            f"{path} cannot be used",
            "gavel cache clear removes it; until then every text is scored anew",
        )
    ]
    assert here("cache", replace(Settings(), cache=None)) == [
        Finding("cache", OK, "scores are not kept")
    ]
    other = Settings(cache=CacheSettings(folder=str(folder / "there")))
    assert here("cache", other)[0].text == f"nothing is kept yet at {folder}/there/scores.sqlite"


def test_a_port_that_is_taken() -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        other.close()
        assert here("http", Settings(http=WebSettings(port=port))) == [
            Finding("http", OK, f"127.0.0.1:{port} is free")
        ]
    with HTTPServer(("127.0.0.1", 0), Health) as server:
        port = server.server_address[1]
        threading.Thread(target=server.serve_forever, daemon=True).start()
        settings = Settings(http=WebSettings(port=port))
        Health.body = b'{"status": "ok"}'
        assert here("http", settings) == [
            Finding("http", OK, f"at 127.0.0.1:{port} a running Gavel answers")
        ]
        Health.body = b"<h1>It works!</h1>"
        assert here("http", settings) == [
            Finding(
                "http",
                PROBLEM,
                f"127.0.0.1:{port} cannot be listened on: Address already in use",
                "name another address in http",
            )
        ]
        server.shutdown()
    assert here("http") == []


class Health(BaseHTTPRequestHandler):
    """Answers every request with `body`."""

    body = b""

    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()
        self.wfile.write(self.body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


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
