"""`gavel archive`, as users meet it."""

import json
from pathlib import Path

import pytest

from bot.cli import BAD_USAGE, DONE, FOUND_PROBLEMS, main
from tests.archive.samples import contents, fixture, written


def test_check_counts_and_shows_the_first_comments(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["archive", "check", str(fixture("disqus", "good"))]) == DONE
    shown = capsys.readouterr().out
    assert "format    disqus" in shown
    assert "comments  3, 1 of them replies" in shown
    assert "labels    2 abusive, 1 fine" in shown
    assert "skipped   1 deleted" in shown
    assert "problems  0 errors, 0 warnings" in shown
    assert "Bruno, 2020-01-02 03:05: You are a turnip" in shown


def test_check_finds_problems_and_goes_on_to_the_next_file(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    files = [tmp_path / "nowhere", fixture("jsonl", "broken"), fixture("txt", "good")]
    assert main(["archive", "check", *map(str, files)]) == FOUND_PROBLEMS
    shown = capsys.readouterr().out
    assert "there is no such file" in shown
    assert ".jsonl:2:19: error: broken JSON" in shown
    assert "format    txt" in shown


def test_check_takes_other_names(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = written(tmp_path, '{"body": "Good morning"}\n')
    assert main(["archive", "check", "--map", "text=body", str(path)]) == DONE
    assert "Good morning" in capsys.readouterr().out


def test_check_shows_nothing_that_commands_a_terminal(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    row = {"text": "\x1b[2Jred\u202e", "author": "\x1b]0;x\x07", "parent_id": "\x1b[2J"}
    assert main(["archive", "check", str(written(tmp_path, json.dumps(row)))]) == DONE
    assert "\x1b" not in capsys.readouterr().out


def test_convert_writes_what_reads_back(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source, out = fixture("isso", "good"), tmp_path / "out.jsonl"
    assert main(["archive", "convert", str(source), "--out", str(out)]) == DONE
    assert "3 comments written" in capsys.readouterr().err
    archive, comments, problems = contents(out)
    assert (comments, problems) == (contents(source)[1], [])
    assert [thread.title for thread in archive.threads.values()] == ["The market", "The fair"]


def test_convert_redacts_with_a_new_key_and_tells_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("GAVEL_REDACT_KEY", raising=False)
    first, second = tmp_path / "first.jsonl", tmp_path / "second.jsonl"
    command = ["archive", "convert", str(fixture("isso", "good")), "--redact", "--out"]
    assert main([*command, str(first)]) == DONE
    told = capsys.readouterr().err
    assert "GAVEL_REDACT_KEY=" in told
    assert "stay in the texts: look before sharing" in told
    assert "Ilse" not in first.read_text()
    monkeypatch.setenv("GAVEL_REDACT_KEY", told.partition("GAVEL_REDACT_KEY=")[2].split(";")[0])
    assert main([*command, str(second)]) == DONE
    assert "GAVEL_REDACT_KEY" not in capsys.readouterr().err
    assert second.read_text() == first.read_text()


def test_convert_redacts_titles_and_opening_texts(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    row = '{"text": "Good", "thread_title": "For @ilse", "thread_context": "@ilse said"}\n'
    command = ["archive", "convert", str(written(tmp_path, row)), "--redact", "--out", "-"]
    assert main(command) == DONE
    record = json.loads(capsys.readouterr().out)
    assert record["thread_title"].startswith("For @user-")
    assert "ilse" not in str(record)


def test_convert_never_writes_over_what_it_reads(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = written(tmp_path, '{"text": "Good"}\n')
    assert main(["archive", "convert", str(path), "--out", str(path)]) == BAD_USAGE
    assert "is itself read" in capsys.readouterr().err
    assert path.read_text() == '{"text": "Good"}\n'
    assert main(["archive", "convert", str(path), "--out", str(tmp_path)]) == BAD_USAGE
    assert "cannot write" in capsys.readouterr().err
