"""What holds for the whole house: lint, types, the README's commands, and what ships."""

import re
import shlex
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from bot.cli import main

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def run(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", *words], cwd=ROOT, capture_output=True, text=True, check=False
    )


def commands(text: str) -> list[str]:
    blocks = re.findall(r"```sh\n(.*?)```", text, flags=re.DOTALL)
    return [line for block in blocks for line in block.splitlines() if line.strip()]


def test_lint_is_clean() -> None:
    done = run("ruff", "check", ".")
    assert done.returncode == 0, done.stdout


def test_format_is_clean() -> None:
    done = run("ruff", "format", "--check", ".")
    assert done.returncode == 0, done.stdout


@pytest.mark.timeout(1_800)
def test_types_are_clean() -> None:
    done = run("mypy")
    assert done.returncode == 0, done.stdout


def test_ci_runs_exactly_the_readme_test_command() -> None:
    (command,) = [line for line in commands(README) if line.endswith("/pytest")]
    assert command in (ROOT / ".ci/run").read_text(encoding="utf-8").splitlines()


@pytest.mark.timeout(1_800)
def test_every_command_of_the_readme_works(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "bot").mkdir()
    (tmp_path / "bot/samples").symlink_to(ROOT / "bot/samples")
    (tmp_path / "rules").symlink_to(ROOT / "rules")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GAVEL_HOME", str(tmp_path / "home"))
    shown = [line for line in commands(README) if line.startswith("gavel ")]
    assert len(shown) > 10
    for line in shown:
        assert main(shlex.split(line)[1:]) == 0, f"{line}\n{capsys.readouterr().err}"


def test_what_the_readme_writes_is_not_offered_to_git() -> None:
    ignored = (ROOT / ".gitignore").read_text(encoding="utf-8").splitlines()
    option = r"--(?:report|out|csv|markdown) (\S+)"
    written = [name for line in commands(README) for name in re.findall(option, line)]
    assert len(written) > 4
    assert {f"/{name}" for name in written} <= set(ignored)


def test_every_lint_exception_has_its_reason() -> None:
    pyproject = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    ignored = pyproject.split("ignore = [", 1)[1].split("]", 1)[0].strip().splitlines()
    assert ignored[0].strip().startswith("#")
    for line in (ROOT / "bot").rglob("*.py"):
        for number, text in enumerate(line.read_text(encoding="utf-8").splitlines(), 1):
            if "# noqa" in text:
                assert re.search(r"# noqa: [A-Z0-9, ]+ - \S+", text), f"{line}:{number}"


def test_given_dependencies_are_declared() -> None:
    declared = " ".join(PROJECT["project"]["dependencies"])
    for name in ("detoxify", "discord.py", "pyyaml", "aiohttp", "tokenizers"):
        assert name in declared
    assert "pytest-asyncio" in " ".join(PROJECT["project"]["optional-dependencies"]["test"])
