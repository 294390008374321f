"""`gavel doctor` on this machine: settings, rules, model, store, disk, cache and port."""

from __future__ import annotations

import socket
import sqlite3
import threading
from dataclasses import replace
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from bot.chat.settings import ChatSettings
from bot.cli.checkup import HERE, Finding, State, findings, space
from bot.config import MIB, CacheSettings, ModelSettings, Settings
from bot.model import Delivery
from bot.store.sqlite import Store
from bot.web.settings import WebSettings
from tests.cli.stored import fill, in_store

OK, WARNING, PROBLEM = State


def here(check: str, settings: Settings | None = None) -> list[Finding]:
    return list(findings({check: HERE[check]}, settings or Settings()))


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
