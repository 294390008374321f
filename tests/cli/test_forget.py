"""`gavel forget`: it says what goes, asks, and then it is gone."""

from __future__ import annotations

import io
import json
import sys
from pathlib import Path

import pytest

from bot.chat.settings import CARDS
from bot.model import Delivery, HistoryKind, HistoryQuery
from bot.store.sqlite import Store
from bot.store.upkeep import Forgotten
from tests.cli.conftest import Run
from tests.cli.stored import fill, in_store
from tests.store.examples import NOON, comment


@pytest.fixture
def store(folder: Path) -> Path:
    in_store(folder, fill)
    return folder / "home" / "gavel.sqlite"


def answer(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO(text))


def test_it_removes_what_it_said(gavel: Run, folder: Path, store: Path) -> None:
    done = gavel("forget", "77", "--yes")
    assert done.code == 0
    assert done.out == (
        "Stored of 77 from discord: 4 comments and 4 cases.\n"
        "Removed: 4 comments and 4 cases, and the history.\n"
    )
    assert b"you muppet" not in store.read_bytes()
    assert b"undecided" in store.read_bytes()

    async def look(opened: Store) -> None:
        asked = HistoryQuery(HistoryKind.EVER)
        assert opened.history.answer(comment(1_000_000), [asked]) == {asked: 0}

    in_store(folder, look)


def test_it_asks_first(gavel: Run, store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    answer(monkeypatch, "perhaps\nno\n")
    done = gavel("forget", "<@77>")
    assert done.code == 0
    assert done.out == (
        "Stored of 77 from discord: 4 comments and 4 cases.\n"
        "Remove them and the history for good? (yes or no) [no]: Please answer yes or no.\n"
        "Remove them and the history for good? (yes or no) [no]: Nothing was removed.\n"
    )
    assert b"you muppet" in store.read_bytes()
    answer(monkeypatch, "yes\n")
    assert "Removed: 4 comments" in gavel("forget", "<@77>").out


def test_a_script_is_told_how_to_answer(
    gavel: Run, store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer(monkeypatch, "")
    done = gavel("forget", "77")
    assert done.code == 2
    assert done.err == (
        "error: nobody answered: Remove them and the history for good? (yes or no)\n"
        "  hint: answer with --yes\n"
    )
    assert b"you muppet" in store.read_bytes()


def test_the_running_bot_is_told_to_redraw_the_cards(gavel: Run, folder: Path, store: Path) -> None:
    assert store.exists()
    gavel("forget", "78", "--yes")

    async def due(opened: Store) -> list[Delivery]:
        return list(await opened.deliveries.claim(CARDS, NOON.replace(year=9000), 9))

    (delivery,) = in_store(folder, due)
    assert json.dumps(dict(delivery.payload)) == '{"case": 5}'


def test_somebody_unknown_is_nobody_to_remove(gavel: Run, folder: Path, store: Path) -> None:
    assert store.exists()
    done = gavel("forget", "77", "--source", "http", "--yes")
    assert done.code == 0
    assert (
        "Stored of 77 from http: 0 comments and 0 cases.\nAn author is found by the id" in done.out
    )

    async def held(opened: Store) -> Forgotten:
        return await opened.upkeep.held("discord", "77")

    assert in_store(folder, held) == Forgotten(4, 4)
    assert "by the id" not in gavel("forget", "77", "--yes").out


def test_nobody_in_particular_is_refused(gavel: Run, store: Path) -> None:
    assert store.exists()
    done = gavel("forget", "", "--yes")
    assert done.code == 2
    assert done.err == (
        "error: whom to forget?\n  hint: give the author's id as the source knows it\n"
    )


def test_no_store_is_said_with_the_way_out(gavel: Run, folder: Path) -> None:
    assert gavel("forget", "77").err == (
        f"error: there is no store at {folder}/home/gavel.sqlite\n"
        "  hint: gavel run makes it; --config names the settings that it runs with\n"
    )
