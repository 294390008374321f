"""Runs commands in this process, in an empty folder, with an empty home."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from bot.cli import main
from tests.cli.discord import Guild, guild_in_a_thread

RULES = """
rules:
  - id: word.muppet
    title: Calls somebody a muppet
    when: {words: [muppet]}
    then: {action: flag}
    reason: "said {match}"
    examples:
      match: [{text: you muppet}]
      no_match: [{text: the puppet show}]
"""


@dataclass(frozen=True)
class Done:
    code: int
    out: str
    err: str


Run = Callable[..., Done]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Stand in an empty folder that holds one rule file, `rules/own.yaml`."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GAVEL_HOME", str(tmp_path / "home"))
    (tmp_path / "rules").mkdir()
    (tmp_path / "rules/own.yaml").write_text(RULES, encoding="utf-8")
    yield tmp_path
    assert os.environ["GAVEL_HOME"] == str(tmp_path / "home")


@pytest.fixture
def gavel(folder: Path, capsys: pytest.CaptureFixture[str]) -> Run:
    def run(*words: str | Path) -> Done:
        capsys.readouterr()
        try:
            code = main([str(word) for word in words])
        except SystemExit as leaving:
            code = int(leaving.code or 0)
        captured = capsys.readouterr()
        return Done(code, captured.out, captured.err)

    assert folder.is_dir()
    return run


@pytest.fixture
def guild(monkeypatch: pytest.MonkeyPatch) -> Iterator[Guild]:
    with guild_in_a_thread() as made:
        monkeypatch.setenv("GAVEL_DISCORD_TOKEN", made.discord.token)
        yield made


@pytest.fixture
def init(gavel: Run, folder: Path, guild: Guild, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run `gavel init` against the fake server; `answers` are typed, a line each."""
    assert folder.is_dir()

    def run(*words: str | Path, answers: str = "") -> Done:
        monkeypatch.setattr(sys, "stdin", io.StringIO(answers))
        return gavel("init", "--api-base", guild.discord.api_base, *words)

    return run
