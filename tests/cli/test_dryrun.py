"""`gavel dryrun`, as a moderator meets it: the whole way, and everything that can go wrong."""

from __future__ import annotations

import fcntl
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Run

ROOT = Path(__file__).parent.parent.parent

THREAD = [
    {"id": "1", "author": "ann", "text": "you muppet", "created_at": "2024-05-01T12:00:00Z"},
    {
        "id": "2",
        "author": "bob",
        "text": "be kind",
        "created_at": "2024-05-01T12:01:00Z",
        "parent_id": "1",
    },
]

KEYS = {
    "comment_id", "thread_id", "parent_id", "reply_to", "author", "created_at", "text", "action",
    "matches", "scores", "degraded", "missing", "ruleset", "model",
}  # fmt: skip

MATCH_KEYS = {
    "rule", "status", "action", "level", "reason", "spans", "text", "evasion", "folding",
}  # fmt: skip


@pytest.fixture
def thread(folder: Path) -> Path:
    path = folder / "thread.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in THREAD), encoding="utf-8")
    return path


def rows(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def test_the_whole_way(gavel: Run, folder: Path, thread: Path) -> None:
    done = gavel("dryrun", thread, "--out", "v.jsonl", "--report", "r.html", "--csv", "v.csv")
    assert done.code == 0
    assert "Of 2 comments, 1 would go to review." in done.out
    assert (folder / "r.html").resolve().as_uri() in done.out
    first, second = rows(folder / "v.jsonl")
    assert set(first) == KEYS
    (match,) = first["matches"]
    assert set(match) == MATCH_KEYS
    assert match["spans"] == [[4, 10]]
    assert match["text"] == "muppet"
    assert match["reason"] == "said muppet"
    assert (first["action"], second["action"]) == ("flag", "allow")
    assert second["parent_id"] == "1"
    assert all(0 <= value <= 1 for value in first["scores"].values())
    page = (folder / "r.html").read_text(encoding="utf-8")
    assert "word.muppet" in page
    assert len((folder / "v.csv").read_text(encoding="utf-8").splitlines()) == 3


def test_twice_is_the_same_to_the_byte(gavel: Run, folder: Path, thread: Path) -> None:
    for name in ("one", "two"):
        gavel("dryrun", thread, "--out", "v.jsonl", "--report", f"{name}.html")
        (folder / "v.jsonl").rename(folder / f"{name}.jsonl")
    for suffix in ("html", "jsonl"):
        one, two = ((folder / f"{name}.{suffix}").read_bytes() for name in ("one", "two"))
        assert one == two


def test_limit(gavel: Run, folder: Path, thread: Path) -> None:
    gavel("dryrun", thread, "--out", "v.jsonl", "--limit", "1")
    assert [row["comment_id"] for row in rows(folder / "v.jsonl")] == ["1"]


def test_several_archives_and_a_map(gavel: Run, folder: Path, thread: Path) -> None:
    (folder / "other.csv").write_text("body,user\nyou muppet,cat\n", encoding="utf-8")
    done = gavel("dryrun", "other.csv", "--map", "text=body,author=user", "--out", "v.jsonl")
    assert done.code == 0
    assert [row["author"] for row in rows(folder / "v.jsonl")] == ["cat"]
    (folder / "more.txt").write_text("you muppet\n", encoding="utf-8")
    assert "Of 3 comments" in gavel("dryrun", thread, "more.txt").out


def test_a_broken_row_is_told_and_the_rest_is_read(gavel: Run, folder: Path, thread: Path) -> None:
    thread.write_text(thread.read_text() + "{broken\n" + json.dumps(THREAD[0]) + "\n")
    done = gavel("dryrun", thread, "--out", "v.jsonl")
    assert done.code == 0
    assert f"{thread}:3" in done.out.replace("\n", "")
    assert len(rows(folder / "v.jsonl")) == 3


def test_an_archive_that_is_not_there(gavel: Run) -> None:
    done = gavel("dryrun", "nowhere.jsonl")
    assert done.code == 2
    assert "nowhere.jsonl" in done.err
    assert "Traceback" not in done.err


@pytest.mark.parametrize(
    ("content", "word"),
    [(b"", "empty"), (bytes(range(256)) * 8, "not text"), (b"\x89PNG\r\n\x1a\n\0\0", "picture")],
)
def test_archives_that_are_none(gavel: Run, folder: Path, content: bytes, word: str) -> None:
    (folder / "odd").write_bytes(content)
    done = gavel("dryrun", "odd")
    assert done.code == 2
    assert word in done.err
    assert "Traceback" not in done.err


def test_mistakes_in_rules_come_all_at_once(gavel: Run, folder: Path, thread: Path) -> None:
    (folder / "rules/own.yaml").write_text(
        "rules:\n"
        "  - id: a\n    when: {wrods: [x]}\n    then: {action: flag}\n"
        "  - id: a\n    when: {score: {sexual_explicit: '>= 0.5'}}\n    then: {action: flga}\n",
        encoding="utf-8",
    )
    done = gavel("dryrun", thread)
    assert done.code == 2
    assert 'did you mean "words"?' in done.err
    assert 'did you mean "flag"?' in done.err
    assert "own.yaml:3:" in done.err
    assert "^" in done.err


def test_a_label_that_the_model_lacks(gavel: Run, folder: Path, thread: Path) -> None:
    (folder / "rules/own.yaml").write_text(
        "rules:\n  - id: a\n    when: {score: {sexual_explicit: '>= 0.5'}}\n"
        "    then: {action: flag}\n",
        encoding="utf-8",
    )
    done = gavel("dryrun", thread)
    assert done.code == 2
    assert "sexual_explicit" in done.err


@pytest.mark.parametrize("option", ["--report", "--out", "--csv"])
def test_a_result_that_cannot_be_written_stops_before_the_work(
    gavel: Run, thread: Path, option: str
) -> None:
    done = gavel("dryrun", thread, option, "no/such/folder/x")
    assert done.code == 2
    assert "cannot write no/such/folder/x" in done.err


def test_an_older_result_stays_when_a_later_one_cannot_be_written(
    gavel: Run, folder: Path, thread: Path
) -> None:
    for name in ("r.html", "v.jsonl"):
        (folder / name).write_text("older", encoding="utf-8")
    words = ("dryrun", thread, "--report", "r.html", "--out", "v.jsonl")
    assert gavel(*words, "--csv", "no/such/folder/x").code == 2
    assert gavel(*words, "--rules", "nowhere").code == 2
    assert {(folder / name).read_text() for name in ("r.html", "v.jsonl")} == {"older"}
    assert not list(folder.glob("*.part"))
    assert gavel(*words).code == 0
    assert "older" not in (folder / "v.jsonl").read_text()


@pytest.mark.parametrize("option", ["--report", "--out", "--csv"])
def test_an_archive_is_never_written_over(gavel: Run, thread: Path, option: str) -> None:
    before = thread.read_bytes()
    done = gavel("dryrun", thread, option, Path("..") / thread.parent.name / thread.name)
    assert done.code == 2
    assert "is itself read" in done.err
    assert thread.read_bytes() == before


def test_two_results_need_two_files(gavel: Run, thread: Path) -> None:
    done = gavel("dryrun", thread, "--out", "x", "--csv", "x")
    assert done.code == 2
    assert "x is itself written already" in done.err
    assert gavel("dryrun", thread, "--out", "/dev/null", "--csv", "/dev/null").code == 0


def test_models_that_are_none(gavel: Run, folder: Path, thread: Path) -> None:
    (folder / "model").mkdir()
    (folder / "model/x.ckpt").write_bytes(b"not a checkpoint")
    for name in ("unknown-model", "model"):
        done = gavel("dryrun", thread, "--model", name)
        assert done.code == 2
        assert "hint:" in done.err
        assert "Traceback" not in done.err


def until_something_is_written(folder: Path) -> None:
    deadline = time.monotonic() + 200
    while not any(part.stat().st_size for part in folder.glob(".v.jsonl.*.part")):
        assert time.monotonic() < deadline
        time.sleep(0.05)


def interrupted(folder: Path, *words: str) -> subprocess.Popen[str]:
    """Start a command on a long archive, and press Ctrl-C once it has written something."""
    lines = (json.dumps({"id": str(n), "text": f"you muppet number {n}"}) for n in range(60_000))
    (folder / "long.jsonl").write_text("\n".join(lines), encoding="utf-8")
    process = subprocess.Popen(
        [sys.executable, "-m", "bot", *words, "long.jsonl", "--out", "v.jsonl"],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    until_something_is_written(folder)
    process.send_signal(signal.SIGINT)
    return process


@pytest.fixture
def full_pipe(folder: Path) -> Iterator[Callable[[], None]]:
    """Make `pipe`, in which a command that writes is held until this empties it."""
    os.mkfifo(folder / "pipe")
    reading = os.open(folder / "pipe", os.O_RDONLY | os.O_NONBLOCK)
    fcntl.fcntl(reading, fcntl.F_SETPIPE_SZ, 4096)

    def empty() -> None:
        os.set_blocking(reading, True)
        while os.read(reading, 1 << 16):
            pass

    yield empty
    os.close(reading)


def test_ctrl_c_keeps_what_was_done(folder: Path, full_pipe: Callable[[], None]) -> None:
    process = interrupted(folder, "dryrun", "--csv", "pipe")
    full_pipe()
    said, _ = process.communicate(timeout=200)
    assert process.returncode == 130
    assert "Report:" in said
    kept = rows(folder / "v.jsonl")
    assert 0 < len(kept) < 60_000
    assert [row["comment_id"] for row in kept] == [str(n) for n in range(len(kept))]


def test_ctrl_c_while_comparing_tells_what_was_done(folder: Path) -> None:
    (folder / "none.yaml").write_text(
        (folder / "rules/own.yaml").read_text().replace("[muppet]", "[tulip]")
    )
    process = interrupted(folder, "compare", "rules", "none.yaml")
    said, _ = process.communicate(timeout=200)
    kept = rows(folder / "v.jsonl")
    assert process.returncode in {0, 130}
    assert f"{len(kept):,} are no longer flagged" in said
    assert [row["comment_id"] for row in kept] == [str(n) for n in range(len(kept))]


def test_a_second_ctrl_c_gives_up(folder: Path, full_pipe: Callable[[], None]) -> None:
    process = interrupted(folder, "dryrun", "--report", "pipe")
    assert process.stderr is not None
    # On a slow machine, lines on how far it is come before.
    assert any(line.startswith("Stopping") for line in process.stderr)
    process.send_signal(signal.SIGINT)
    full_pipe()
    said, _ = process.communicate(timeout=200)
    assert process.returncode == 130
    assert "Report:" not in said
    assert not [*folder.glob("*v.jsonl*"), *folder.glob("*gavel-report*")]
