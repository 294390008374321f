"""`gavel export`: decisions out, and in again as labels."""

from __future__ import annotations

import json
import sqlite3
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.cli.conftest import Run
from tests.cli.stored import fill, in_store
from tests.store.examples import told


@pytest.fixture
def store(folder: Path) -> Path:
    in_store(folder, fill)
    return folder / "home" / "gavel.sqlite"


def records(text: str) -> list[dict[str, object]]:
    return [json.loads(line) for line in text.splitlines()]


def test_a_line_tells_comment_verdict_and_decision(gavel: Run, store: Path) -> None:
    assert store.exists()
    done = gavel("export")
    assert done.code == 0
    assert done.err == "4 decisions written\n"
    first = records(done.out)[0]
    assert str(first.pop("opened_at")).endswith("+00:00")
    assert first == {
        "text": "you muppet <@99>",
        "id": "1",
        "parent_id": "9",
        "channel": "10",
        "author": {"id": "77", "name": "ann", "is_bot": False, "roles": ["Member"]},
        "created_at": "2024-05-01T12:00:01+00:00",
        "attributes": {"mentions": ["1", "2"], "webhook": False, "link": "https://x.example/1"},
        "case": 1,
        "source": "discord",
        "decision": "uphold",
        "edited_since": False,
        "moderator": "42",
        "decided_at": "2024-05-01T13:00:00+00:00",
        "note": "seen by bea",
        "notes": ["ask cleo"],
        "action": "flag",
        "rules": ["abuse.directed"],
        "scores": {"insult": 0.93, "toxicity": 0.88},
        "ruleset": "rules-1",
        "model": "fixed",
        "label": True,
    }


def test_only_what_was_decided_of_this_very_text_is_a_label(gavel: Run, store: Path) -> None:
    assert store.exists()
    labels = [(each["text"], each.get("label")) for each in records(gavel("export").out)]
    assert labels == [
        ("you muppet <@99>", True),
        ("muppet news", False),
        ("muppets?", None),
        ("sorry for what I said", None),
    ]


def test_an_export_is_an_archive_with_labels(gavel: Run, folder: Path, store: Path) -> None:
    assert store.exists()
    assert gavel("export", "decisions.jsonl").out == ""
    assert "1 abusive, 1 fine" in gavel("archive", "check", "decisions.jsonl").out
    told_by_labels = gavel("dryrun", "decisions.jsonl").out
    assert "Precision 50 %" in told_by_labels
    assert (folder / "decisions.jsonl").stat().st_size
    assert gavel("compare", "rules", "rules", "decisions.jsonl").code == 0


def test_a_forgotten_author_stays_a_decision_without_text(
    gavel: Run, folder: Path, store: Path
) -> None:
    assert store.exists()
    now = datetime.now(UTC)
    in_store(folder, lambda each: each.upkeep.forget("discord", "77", told, now))
    done = gavel("export", "decisions.jsonl")
    assert done.err == (
        "4 decisions written to decisions.jsonl; 4 without their text, which was forgotten\n"
    )
    text = (folder / "decisions.jsonl").read_text()
    assert '"ann"' not in text
    assert [each["text"] for each in records(text)] == [""] * 4
    assert "4 empty" in gavel("archive", "check", "decisions.jsonl").out


def test_a_redacted_export_names_nobody(
    gavel: Run, store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert store.exists()
    monkeypatch.setenv("GAVEL_REDACT_KEY", "a key of tests")
    out = gavel("export", "--redact").out
    for name in ('"ann"', '"77"', "<@99>", '"42"', "bea", "cleo", "x.example"):
        assert name not in out
    first, second, *_ = records(out)
    assert first["author"] == second["author"]
    assert str(first["moderator"]).startswith("user-")
    assert out == gavel("export", "--redact").out


def test_without_a_key_a_new_one_is_told(gavel: Run, store: Path) -> None:
    assert store.exists()
    assert "set GAVEL_REDACT_KEY=" in gavel("export", "--redact").err


def test_no_store_is_said_with_the_way_out(gavel: Run, folder: Path) -> None:
    done = gavel("export")
    assert (done.code, done.out) == (2, "")
    assert done.err == (
        f"error: there is no store at {folder}/home/gavel.sqlite\n"
        "  hint: gavel run makes it; --config names the settings that it runs with\n"
    )
    assert not (folder / "home").exists()


def test_the_store_is_never_written_over(gavel: Run, store: Path) -> None:
    done = gavel("export", store)
    assert done.code == 2
    assert done.err == f"error: {store} is itself read\n  hint: name another file to write to\n"


def test_a_file_is_replaced_whole_or_not_at_all(gavel: Run, folder: Path, store: Path) -> None:
    (folder / "decisions.jsonl").write_text("of yesterday")
    with sqlite3.connect(store) as connection:
        connection.execute("UPDATE filed SET body = '{' WHERE number = 2")
    connection.close()
    assert gavel("export", "decisions.jsonl").code == 3
    assert (folder / "decisions.jsonl").read_text() == "of yesterday"
    assert [path.name for path in folder.glob(".*")] == []


def test_a_folder_that_is_not_there(gavel: Run, store: Path) -> None:
    assert store.exists()
    done = gavel("export", "nowhere/decisions.jsonl")
    assert done.code == 2
    assert done.err == (
        "error: cannot write nowhere/decisions.jsonl: No such file or directory\n"
        "  hint: name a file in a folder that you own\n"
    )
