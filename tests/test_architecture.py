"""Holds the import table of the design: who may import whom, and which library lives where."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
BOT = ROOT / "bot"

EVERYTHING = {"*"}

MAY_IMPORT: dict[str, set[str]] = {
    "model": set(),
    "cases": {"model"},
    "ports": {"model", "cases"},
    "errors": {"model"},
    "record": {"model", "cases"},
    "proportion": set(),
    "frozen": set(),
    "packing": {"model", "frozen"},
    "spool": set(),
    "yamlfile": {"model", "errors"},
    "text": {"model"},
    "rules": {"model", "errors", "yamlfile", "text"},
    "verdict": {"model", "frozen"},
    "pipeline": {"model", "errors", "text", "rules", "verdict", "ports", "frozen"},
    "judges": {"model", "packing", "pipeline", "rules"},
    "replay": {"model", "pipeline", "judges", "packing", "spool"},
    "review": {"model", "cases", "errors", "ports"},
    "outbox": {"model", "errors", "ports"},
    "scoring": {"model", "errors", "text", "ports"},
    "store": {"model", "cases", "errors", "ports", "frozen"},
    "archive": {"model", "errors", "frozen"},
    "chat": {"model", "cases", "errors", "review", "ports", "record", "proportion"},
    "web": {"model", "cases", "errors", "review", "ports", "record", "proportion"},
    "report": {"model", "errors", "verdict", "record", "spool", "proportion"},
    "training": {"scoring", "model", "text", "errors", "yamlfile"},
    "cli": EVERYTHING,
    "config": EVERYTHING,
    "app": EVERYTHING,
    "__init__": set(),
    "__main__": {"cli"},
}

AT_HOME: dict[str, set[str]] = {
    "yaml": {"yamlfile"},
    "re2": {"rules"},
    "ahocorasick_rs": {"rules"},
    "torch": {"scoring", "training"},
    "detoxify": {"scoring", "training"},
    "transformers": {"scoring", "training"},
    "sklearn": {"training"},
    "openvino": {"scoring"},
    "sqlite3": {"store"},
    "discord": {"chat"},
    "aiohttp": {"web", "chat"},  # discord.py lets the errors of aiohttp through
    "PIL": {"chat"},
    "rich": {"report", "cli"},
    "jinja2": {"report"},
    "argparse": {"cli", "training"},
    "bs4": {"archive"},
    "defusedxml": {"archive"},
    "zstandard": {"archive"},
}


def room_of(path: Path) -> str:
    relative = path.relative_to(BOT)
    return relative.parts[0] if len(relative.parts) > 1 else relative.stem


def imports(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative imports hide the room"
            assert node.module is not None
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


MODULES = sorted(BOT.rglob("*.py"))


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(ROOT)))
def test_module_keeps_to_the_import_table(path: Path) -> None:
    room = room_of(path)
    allowed = MAY_IMPORT[room]
    for name in imports(path):
        parts = name.split(".")
        if parts[0] == "bot":
            target = parts[1] if len(parts) > 1 else "__version__"
            if target in {"__version__", room} or allowed is EVERYTHING:
                continue
            assert target in allowed, f"{room} must not import {name}"
        elif parts[0] in AT_HOME:
            assert room in AT_HOME[parts[0]], f"{parts[0]} is not at home in {room}"


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(ROOT)))
def test_module_says_what_lives_there(path: Path) -> None:
    assert ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))


def test_command_line_starts_without_the_heavy_libraries() -> None:
    code = (
        "import sys, bot.cli; heavy = {'torch', 'discord', 'transformers', 'detoxify', 'openvino',"
        " 'aiohttp', 'PIL'} & set(sys.modules); sys.exit(str(heavy) if heavy else 0)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


def test_no_file_shadows_a_library() -> None:
    top = {path.stem for path in BOT.iterdir()} - {"__init__", "__main__"}
    assert not top & set(AT_HOME)
