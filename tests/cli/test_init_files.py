"""What `gavel init` writes, and what it leaves alone."""

from __future__ import annotations

import contextlib
import os
import pty
import stat
import sys
from pathlib import Path

from bot.config import load_settings, starter_rules
from bot.rules import load_rules
from tests.cli.conftest import Run
from tests.cli.discord import Guild, given

ROOT = Path(__file__).parent.parent.parent


def test_a_file_that_exists_is_left_alone(init: Run, guild: Guild, folder: Path) -> None:
    (folder / "config.yaml").write_text("model: {name: compact}\n")
    done = init(*given(guild))
    assert done.code == 2
    assert done.err == (
        "error: config.yaml exists already\n"
        "  hint: give --force to write over it, or another place with --out\n"
    )
    assert guild.discord.rest.asked == []
    assert (folder / "config.yaml").read_text() == "model: {name: compact}\n"
    assert init(*given(guild), "--force").code == 0
    assert "discord:" in (folder / "config.yaml").read_text()


def test_the_token_stands_in_no_file_but_its_own(init: Run, guild: Guild, folder: Path) -> None:
    (folder / "there").mkdir()
    words = [word for word in given(guild) if word != "--no-save-token"]
    done = init(*words, "--save-token", "--out", "there/config.yaml")
    assert done.code == 0, done.err
    kept = folder / "there" / "discord-token"
    assert kept.read_text() == guild.discord.token + "\n"
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert guild.discord.token not in (folder / "there/config.yaml").read_text()
    assert guild.discord.token not in done.out + done.err
    assert f"export GAVEL_DISCORD_TOKEN_FILE={kept}" in done.out
    assert "gavel run --config there/config.yaml" in done.out


def test_the_token_s_file_is_not_lost(init: Run, guild: Guild, folder: Path) -> None:
    (folder / "discord-token").write_text("another")
    words = [word for word in given(guild) if word != "--no-save-token"]
    done = init(*words, "--save-token")
    assert done.code == 2
    assert done.err == (
        "error: discord-token exists already\n"
        "  hint: give --force to write over it, or another place with --out\n"
    )
    assert (folder / "discord-token").read_text() == "another"


def test_the_starter_rules_are_copied_whole(init: Run, guild: Guild, folder: Path) -> None:
    (folder / "there").mkdir()
    words = [word for word in given(guild) if word != "--no-copy-rules"]
    assert init(*words, "--copy-rules", "--out", "there/config.yaml").code == 0
    assert load_rules(folder / "there/rules").id == load_rules(starter_rules()).id
    assert f"rules: {folder}/there/rules\n" in (folder / "there/config.yaml").read_text()


def test_rules_that_exist_are_left_alone(init: Run, guild: Guild, folder: Path) -> None:
    words = [word for word in given(guild) if word != "--no-copy-rules"]
    done = init(*words, "--copy-rules", "--force")
    assert done.code == 2
    assert done.err == "error: rules exists already\n  hint: move it away\n"
    assert [path.name for path in (folder / "rules").iterdir()] == ["own.yaml"]
    assert not (folder / "config.yaml").exists()


def test_a_folder_that_is_not_there(init: Run, guild: Guild, folder: Path) -> None:
    done = init(*given(guild)[:-2], "--copy-rules", "--out", "nowhere/config.yaml")
    assert done.code == 2
    assert done.err == "error: there is no folder nowhere\n  hint: make it, or mend --out\n"
    assert not (folder / "nowhere").exists()


def test_a_gateway_that_does_not_answer(init: Run, guild: Guild, folder: Path) -> None:
    guild.discord.faults.refuse_gateway = True
    done = init(*given(guild))
    assert done.code == 2
    assert done.err.startswith(f"error: Discord does not answer at {guild.discord.api_base}: 503")
    assert not (folder / "config.yaml").exists()


def test_without_checks_nothing_is_asked_of_discord(init: Run, guild: Guild) -> None:
    done = init("--skip-checks", answers=f"{guild.id}\n{guild.review}\n{guild.mods}\n")
    assert done.code == 0, done.err
    assert guild.discord.rest.asked == []
    chat = load_settings(None).discord
    assert chat is not None
    assert chat.moderator_roles == {guild.mods}


def test_a_token_typed_at_a_terminal_is_not_shown(tmp_path: Path, guild: Guild) -> None:
    """A real terminal: the token is typed, nothing of it is echoed, and it is kept if wished."""
    words = ["init", "--api-base", guild.discord.api_base, *given(guild)[:-1]]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    del environment["GAVEL_DISCORD_TOKEN"]
    child, terminal = pty.fork()
    if child == 0:
        os.chdir(tmp_path)
        program = [sys.executable, "-m", "bot", *words]
        os.execve(sys.executable, program, environment)  # noqa: S606 - our own program
    shown = b""
    for prompt, answer in (b"not shown): ", guild.discord.token), (b"[no]: ", "yes"):
        while prompt not in shown:
            shown += os.read(terminal, 1024)
        os.write(terminal, answer.encode() + b"\n")
    with contextlib.suppress(OSError):  # What Linux says when the other side has gone.
        while more := os.read(terminal, 1024):
            shown += more
    os.close(terminal)
    _, status = os.waitpid(child, 0)
    assert os.waitstatus_to_exitcode(status) == 0, shown
    assert (tmp_path / "discord-token").read_text() == guild.discord.token + "\n"
    assert guild.discord.token.encode() not in shown
    assert b"PyNaCl" not in shown
