"""The configuration: its example, its defaults, its mistakes, and what wins over what."""

from __future__ import annotations

import argparse
import re
from collections.abc import Iterator
from dataclasses import fields, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.chat.settings import ChatSettings
from bot.cli import options
from bot.config import CONFIG, CacheSettings, Settings, StoreSettings, load_settings
from bot.errors import UserError
from bot.model import Action
from bot.scoring.catalogue import models_folder
from bot.web.settings import Limits, WebSettings
from bot.yamlfile import Schema

ROOT = Path(__file__).parent.parent


ID = "an id of 15 to 20 digits in quotes (Discord: right click, Copy ID)"


def write(folder: Path, text: str) -> Path:
    path = folder / "config.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def test_the_example_says_the_defaults() -> None:
    said = load_settings(ROOT / "config.example.yaml")
    roles = frozenset({"100000000000000003"})
    defaults = Settings(
        rules="rules",
        cache=CacheSettings(folder="~/.cache/gavel"),
        discord=ChatSettings("", 10**17 + 1, 10**17 + 2, roles),
        http=WebSettings(),
        store=StoreSettings(folder="~/.local/share/gavel"),
        retention={"discord": timedelta(days=90), "http": timedelta(days=90)},
    )
    assert said == defaults


def test_the_example_shows_every_key() -> None:
    shown = (ROOT / "config.example.yaml").read_text(encoding="utf-8")
    for name in keys(CONFIG.schema()):
        assert re.search(rf"^[# ]*{name}:", shown, re.MULTILINE), name


@pytest.mark.parametrize(
    ("place", "settings", "secrets"),
    [
        (("discord",), ChatSettings, {"token"}),
        (("http",), WebSettings, {"coral_secrets"}),
        (("http", "limits"), Limits, set()),
    ],
)
def test_every_setting_of_an_edge_has_its_key(
    place: tuple[str, ...], settings: Any, secrets: set[str]
) -> None:
    schema = CONFIG.schema()
    for name in place:
        schema = schema["properties"][name]
    assert set(schema["properties"]) == {each.name for each in fields(settings)} - secrets


def keys(schema: Schema) -> Iterator[str]:
    for name, inner in schema.get("properties", {}).items():
        yield name
        yield from keys(inner)


def test_ids_are_quoted_for_no_reader_of_yaml_may_round_them(tmp_path: Path) -> None:
    ids = "guild: '112233445566778899', review_channel: '112233445566778890'"
    roles = "moderator_roles: ['112233445566778891']"
    found = load_settings(write(tmp_path, f"discord: {{{ids}, {roles}}}\n")).discord
    assert found is not None
    assert (found.guild, found.review_channel) == (112233445566778899, 112233445566778890)
    assert found.moderator_roles == {"112233445566778891"}
    bare = write(tmp_path, f"discord: {{{ids}, {roles}}}\n".replace("'", ""))
    with pytest.raises(UserError, match='write "112233445566778899" in quotes'):
        load_settings(bare)


def test_a_token_has_no_place_in_the_file(tmp_path: Path) -> None:
    path = write(tmp_path, "discord: {guild: 42, token: abc}\n")
    with pytest.raises(UserError) as caught:
        load_settings(path)
    said = [each.message for each in caught.value.problems]
    assert said == [
        '"discord" lacks the key "review_channel"',
        '"discord" lacks the key "moderator_roles"',
        f'"guild" must be {ID}, not the number 42',
        '"discord" has no key "token"',
    ]
    assert "GAVEL_DISCORD_TOKEN" in caught.value.problems[-1].hint


@pytest.mark.parametrize(
    "text",
    [
        "discord: {guild: 42, token: s3cr3t}\n",
        "discord:\n  guild: 42\n  token: s3cr3t\n",
        "http: {webhooks: [{name: a, url: https://a.example, secret: whsec_s3cr3t}]}\n",
        "http: {signers: [{name: a, 'Secret' : s3cr3t}]}\n",
        "discord_token: s3cr3t\n",
        "token: 's3cr3t\n",
    ],
)
def test_a_secret_in_the_file_is_not_repeated(tmp_path: Path, text: str) -> None:
    with pytest.raises(UserError) as caught:
        load_settings(write(tmp_path, text))
    assert "s3cr3t" not in caught.value.render()


def test_a_scope_that_no_endpoint_asks_for_is_named(tmp_path: Path) -> None:
    text = "http: {signers: [{name: blog, scopes: [submitt]}]}\n"
    with pytest.raises(UserError, match=r'did you mean "submit"\?'):
        load_settings(write(tmp_path, text))
    told = load_settings(write(tmp_path, text.replace("submitt", "submit")))
    assert told.http is not None
    assert told.http.signers[0].scopes == {"submit"}


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


def test_a_model_runs_on_a_known_device(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="must be cpu or cuda"):
        load_settings(write(tmp_path, "model: {device: tpu}\n"))
    assert load_settings(write(tmp_path, "model: {device: cuda}\n")).model.device == "cuda"


def test_scores_and_models_are_kept_in_one_place(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GAVEL_HOME", "~/somewhere")
    there = Path.home() / "somewhere"
    assert (CacheSettings().path, models_folder()) == (there, there / "models")
    assert CacheSettings(folder="~/else").path == Path.home() / "else"
    monkeypatch.delenv("GAVEL_HOME")
    monkeypatch.setenv("XDG_CACHE_HOME", "/caches")
    assert (CacheSettings().path, models_folder()) == (
        Path("/caches/gavel"),
        Path("/caches/gavel/models"),
    )
