"""The systemd unit: sane keys, this installation's program, and what systemd itself says."""

from __future__ import annotations

import configparser
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from bot.app.tokens import DISCORD_TOKEN
from bot.cli.run import LONGEST_STOP
from bot.cli.unit import unit
from tests.cli.conftest import Run

ROOT = Path(__file__).parent.parent.parent
PACKAGED = ROOT / "bot/samples/gavel.service"

KNOWN = {
    "Unit": {"Description", "Wants", "After", "StartLimitIntervalSec", "StartLimitBurst"},
    "Install": {"WantedBy"},
}


def parsed(text: str) -> configparser.ConfigParser:
    parser = configparser.ConfigParser(interpolation=None, strict=True)
    parser.optionxform = str  # type: ignore[assignment,method-assign]  # systemd minds the case
    parser.read_string(text)
    return parser


def test_it_is_printed_and_nothing_is_asked(gavel: Run, folder: Path) -> None:
    done = gavel("init", "--systemd")
    assert done.code == 0
    assert "/bin/gavel" in parsed(done.out)["Service"]["ExecStart"]
    assert not (folder / "config.yaml").exists()


def test_it_starts_the_gavel_that_is_called(capsys: pytest.CaptureFixture[str]) -> None:
    service = parsed(unit("/opt/100 %/bin/gavel"))["Service"]
    assert service["ExecStart"] == ('"/opt/100 %%/bin/gavel" run --config /etc/gavel/config.yaml')
    assert capsys.readouterr().err == ""


def test_a_home_is_no_place_for_a_service(capsys: pytest.CaptureFixture[str]) -> None:
    unit("/home/ann/gavel/.venv/bin/gavel")
    assert capsys.readouterr().err == (
        "/home/ann/gavel/.venv/bin/gavel lies in a home folder, where a service cannot read it;"
        " install Gavel elsewhere, such as under /opt.\n"
    )


def test_the_packaged_unit_hands_over_the_token_and_locks_the_rest() -> None:
    whole = parsed(PACKAGED.read_text(encoding="utf-8"))
    assert whole.sections() == ["Unit", "Service", "Install"]
    for section, keys in KNOWN.items():
        assert set(whole[section]) == keys
    service = whole["Service"]
    assert service["LoadCredential"] == f"{DISCORD_TOKEN}:/etc/gavel/discord-token"
    assert service["Environment"] == f"GAVEL_HOME=/var/lib/{service['StateDirectory']}"
    assert service["DynamicUser"] == service["NoNewPrivileges"] == service["PrivateTmp"] == "yes"
    assert (service["ProtectSystem"], service["ProtectHome"]) == ("strict", "yes")
    assert service["Restart"] == "on-failure"
    # Exit code 2 is for what only an operator can mend.
    assert service["RestartPreventExitStatus"] == "2"
    assert float(service["TimeoutStopSec"]) > LONGEST_STOP


def test_systemd_finds_nothing_wrong(tmp_path: Path) -> None:
    """Where systemd is at hand, it judges; elsewhere the parser above has."""
    verifier = shutil.which("systemd-analyze")
    text = PACKAGED.read_text(encoding="utf-8").replace("/usr/local/bin/gavel", sys.executable)
    path = tmp_path / "gavel.service"
    path.write_text(text, encoding="utf-8")
    command = [verifier, "verify", "--man=no", str(path)] if verifier else [sys.executable, "-V"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "Unknown" not in done.stderr
