"""`gavel label` and what its labels are good for."""

from __future__ import annotations

import io
import json
import os
import sys
import tty
from pathlib import Path

import pytest

from tests.cli.conftest import Run


@pytest.fixture
def thread(folder: Path) -> Path:
    texts = ["you muppet", "be kind", "the puppet show", "muppet news"]
    rows = [{"id": str(n), "text": text, "thread_id": "t"} for n, text in enumerate(texts)]
    path = folder / "thread.jsonl"
    path.write_text("\n".join(json.dumps(row) for row in rows), encoding="utf-8")
    return path


def answer(monkeypatch: pytest.MonkeyPatch, keys: str) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO("".join(f"{key}\n" for key in keys)))


def test_labels_are_kept_and_the_next_run_goes_on(
    gavel: Run, folder: Path, thread: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer(monkeypatch, "aq")
    assert "1 labelled now, 1 in all" in gavel("label", thread).out
    answer(monkeypatch, "fbuf")
    done = gavel("label", thread)
    assert "1 of 3" in done.out
    assert "2 labelled now, 3 in all" in done.out
    assert (folder / "labels.csv").read_text().splitlines() == [
        "comment_id,thread_id,label", "0,t,abusive", "1,t,fine", "1,t,unsure", "2,t,fine",
    ]  # fmt: skip


def test_an_answer_that_was_changed_counts_once_and_is_shown(
    gavel: Run, thread: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer(monkeypatch, "abfq")
    done = gavel("label", thread)
    assert "1 of 4, so far abusive ──" in done.out
    assert "1 labelled now, 1 in all" in done.out
    assert f"gavel dryrun {thread} --labels labels.csv" in done.out


def test_a_key_without_a_meaning_is_told_the_keys(
    gavel: Run, folder: Path, thread: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer(monkeypatch, "xq")
    done = gavel("label", thread)
    assert done.out.count("[a]busive  [f]ine  [u]nsure  [b]ack  [q]uit") == 2
    assert done.out.count("1 of 4") == 1
    assert done.out.endswith("0 labelled now, 0 in all, in labels.csv\n")
    assert not (folder / "labels.csv").exists()


ARROWS = b"\x1b[A\x1b[B\x1bOA\x1b[3~\x1b[1;5A\x1b[a"


def test_an_arrow_is_no_answer(
    gavel: Run, folder: Path, thread: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ours, theirs = os.openpty()
    # Keys typed ahead must not wait for the end of a line.
    tty.setcbreak(theirs)
    os.write(ours, ARROWS + b"fFq")
    with os.fdopen(theirs) as terminal:
        monkeypatch.setattr(sys, "stdin", terminal)
        done = gavel("label", thread)
    os.close(ours)
    assert "2 labelled now, 2 in all" in done.out
    assert (folder / "labels.csv").read_text().splitlines()[1:] == ["0,t,fine", "1,t,fine"]


def test_it_is_blind_unless_asked(
    gavel: Run, thread: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer(monkeypatch, "q")
    assert "word.muppet" not in gavel("label", thread).out
    answer(monkeypatch, "q")
    assert "word.muppet" in gavel("label", thread, "--show-verdict").out


def test_reports_tell_precision_by_these_labels(gavel: Run, folder: Path, thread: Path) -> None:
    (folder / "labels.csv").write_text(
        "comment_id,thread_id,label\n0,t,abusive\n1,t,fine\n2,t,fine\n3,t,fine\n"
    )
    assert "Precision" not in gavel("dryrun", thread).out
    assert "Precision 50 %" in gavel("dryrun", thread, "--labels", "labels.csv").out


@pytest.mark.parametrize("command", [["dryrun"], ["compare", "rules", "rules"]])
def test_labels_of_another_archive_are_told_of(
    gavel: Run, folder: Path, thread: Path, command: list[str]
) -> None:
    told = "none of 1 label is about a comment that was read"
    for row, is_told in (("0,other,abusive", True), ("0,t,abusive", False)):
        (folder / "labels.csv").write_text(f"comment_id,thread_id,label\n{row}\n")
        done = gavel(*command, thread, "--labels", "labels.csv")
        assert done.code == 0
        assert (told in " ".join((done.out + done.err).split())) is is_told


def test_a_sample_is_the_same_every_time(
    gavel: Run, thread: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown = []
    for _ in range(2):
        answer(monkeypatch, "q")
        shown.append(gavel("label", thread, "--sample", "2").out)
    assert shown[0] == shown[1]
    assert "1 of 2" in shown[0]


def test_mistakes_in_labels_come_all_at_once(gavel: Run, folder: Path, thread: Path) -> None:
    (folder / "bad.csv").write_text("comment_id,thread_id,label\n0,t,abusiv\n,t,fine\n")
    done = gavel("dryrun", thread, "--labels", "bad.csv")
    assert done.code == 2
    assert "bad.csv:2" in done.err
    assert 'did you mean "abusive"?' in done.err
    assert "bad.csv:3" in done.err


def test_what_came_before_stands_apart_from_the_comment_that_is_asked_about(
    gavel: Run, thread: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = [
        {"id": "a", "text": "one\ntwo", "thread_id": "t", "author": "ann"},
        {"id": "b", "text": "three\nfour", "thread_id": "t", "author": "bob"},
    ]
    thread.write_text("\n".join(json.dumps(row) for row in rows), encoding="utf-8")
    answer(monkeypatch, "fq")
    shown = gavel("label", thread).out.split("2 of 2 ──\n")[1].splitlines()
    before = ["    ann", "    one", "    two", ""]
    assert [line.rstrip() for line in shown[:7]] == [*before, "bob", "three", "four"]


def test_labels_that_are_not_there_are_an_error_with_the_way_out(gavel: Run, thread: Path) -> None:
    done = gavel("dryrun", thread, "--labels", "none.csv")
    assert done.code == 2
    assert done.err == (
        "error: there is no file of labels none.csv\n  hint: gavel label ARCHIVE makes one\n"
    )
