"""`gavel compare`: rule sets, git revisions, models, limits."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from tests.cli.conftest import RULES, Run


@pytest.fixture
def thread(folder: Path) -> Path:
    path = folder / "thread.txt"
    path.write_text("you muppet\nbe kind\nyou pillock\n", encoding="utf-8")
    (folder / "new").mkdir()
    (folder / "new/own.yaml").write_text(
        RULES.replace("[muppet]", "[pillock]").split("    examples")[0]
    )
    return path


def test_what_changes_is_told_everywhere(gavel: Run, folder: Path, thread: Path) -> None:
    done = gavel(
        "compare", "rules", "new", thread,
        "--report", "c.html", "--markdown", "c.md", "--out", "c.jsonl",
    )  # fmt: skip
    assert done.code == 0
    assert "1 is newly flagged" in done.out
    changes = [json.loads(line)["change"] for line in (folder / "c.jsonl").read_text().splitlines()]
    assert len(changes) == 2
    assert "word.muppet" in (folder / "c.md").read_text(encoding="utf-8")
    assert "word.muppet" in (folder / "c.html").read_text(encoding="utf-8")


def test_limits_make_the_exit_code(gavel: Run, thread: Path) -> None:
    assert gavel("compare", "rules", "new", thread, "--max-new", "1").code == 0
    assert gavel("compare", "rules", "new", thread, "--max-new", "0").code == 1
    assert gavel("compare", "rules", "new", thread, "--fail-on", "hold").code == 0
    assert gavel("compare", "rules", "new", thread, "--fail-on", "flag").code == 1


def test_the_same_rules_change_nothing(gavel: Run, thread: Path) -> None:
    done = gavel("compare", "rules", "rules", thread, "--max-new", "0", "--fail-on", "note")
    assert done.code == 0


def test_a_git_revision_of_the_rules(gavel: Run, folder: Path, thread: Path) -> None:
    git = ("git", "-c", "user.name=a", "-c", "user.email=a@example.org")
    subprocess.run([*git, "init", "-q"], cwd=folder, check=True)
    subprocess.run([*git, "add", "rules"], cwd=folder, check=True)
    subprocess.run([*git, "commit", "-qm", "rules"], cwd=folder, check=True)
    (folder / "rules/own.yaml").write_text((folder / "new/own.yaml").read_text())
    done = gavel("compare", "HEAD:rules", "rules", thread, "--max-new", "0")
    assert done.code == 1
    missing = gavel("compare", "HEAD:nowhere", "rules", thread)
    assert missing.code == 2
    assert "HEAD:nowhere" in missing.err


def test_two_models(gavel: Run, thread: Path) -> None:
    done = gavel("compare", "--model", "compact", "--model", "compact", thread)
    assert done.code == 0


def test_too_few_words(gavel: Run) -> None:
    done = gavel("compare", "rules", "new")
    assert done.code == 2
    assert "gavel compare HEAD:rules rules thread.jsonl" in done.err
