"""`gavel compare`: rule sets, git revisions, models, limits."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from tests.cli.conftest import RULES, Run
from tests.scoring.tiny import make


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


def test_two_models(gavel: Run, folder: Path, thread: Path) -> None:
    other = make(folder / "other")
    done = gavel("compare", "--model", "compact", "--model", other, thread)
    assert done.code == 0
    assert f"compact → {other.stem}" in done.out
    assert "Mean shift" in done.out


TOO_FEW = """\
error: two rule sets and an archive are needed, or --model twice and an archive
  hint: for example: gavel compare HEAD:rules rules thread.jsonl, or gavel compare --model compact\
 --model original thread.jsonl
"""


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ([], TOO_FEW),
        (["rules", "new"], TOO_FEW),
        (["--model", "compact", "thread.jsonl"], TOO_FEW),
        (
            ["--model", "compact", "--model", "original"],
            (
                "error: an archive is needed, on which to compare the models\n  hint: for example:"
                " gavel compare --model compact --model original thread.jsonl\n"
            ),
        ),
        (
            ["--model", "compact", "--model", "compact", "thread.jsonl"],
            "error: both models are compact\n  hint: name another one: gavel model list\n",
        ),
        (
            [*("--model", "compact") * 3, "thread.jsonl"],
            "error: --model was given 3 times\n  hint: two models are compared at a time\n",
        ),
    ],
)
def test_what_is_missing_is_told(gavel: Run, words: list[str], said: str) -> None:
    done = gavel("compare", *words)
    assert (done.code, done.err) == (2, said)
