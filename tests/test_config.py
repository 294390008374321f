"""The configuration: its example, its defaults, its mistakes, and what wins over what."""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path

import pytest

from bot.cli import options
from bot.config import CacheSettings, Settings, load_settings
from bot.errors import UserError
from bot.model import Action

ROOT = Path(__file__).parent.parent


def write(folder: Path, text: str) -> Path:
    path = folder / "config.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def test_the_example_says_the_defaults() -> None:
    defaults = Settings(rules="rules", cache=CacheSettings(folder="~/.cache/gavel"))
    assert load_settings(ROOT / "config.example.yaml") == defaults


def test_without_a_file_all_is_default(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert load_settings(None) == Settings()
    write(tmp_path, "verdicts: {on_failure: hold}\n")
    assert load_settings(None).policy.on_failure is Action.HOLD


def test_mistakes_come_all_at_once(tmp_path: Path) -> None:
    path = write(tmp_path, "modle: {name: compact}\nverdicts: {on_failure: allow}\n")
    with pytest.raises(UserError) as caught:
        load_settings(path)
    assert caught.value.render() == (
        f'{path}:1:1: error: the configuration has no key "modle"\n'
        " 1 | modle: {name: compact}\n"
        "   | ^^^^^\n"
        '   = hint: did you mean "model"?\n'
        "\n"
        f'{path}:2:24: error: "on_failure" must be flag, hold or remove, not the text "allow"\n'
        " 2 | verdicts: {on_failure: allow}\n"
        "   |                        ^^^^^"
    )


def test_the_command_line_wins(tmp_path: Path) -> None:
    path = write(tmp_path, "rules: there\nmodel: {name: original}\n")
    args = argparse.Namespace(config=path, rules=None, model=None, no_cache=False)
    assert options.settings(args).model.name == "original"
    args = argparse.Namespace(config=path, rules=Path("here"), model="compact", no_cache=True)
    found = options.settings(args)
    assert (found.rules, found.model.name, found.cache) == ("here", "compact", None)


def test_rules_that_are_not_there() -> None:
    with pytest.raises(UserError, match="there are no rules at nowhere"):
        _ = replace(Settings(), rules="nowhere").rules_path


def test_the_starter_rules_are_found_from_anywhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert list(Settings().rules_path.rglob("*.yaml"))
