"""Nothing phones home: a dry run, from the first import to the last line, opens no connection."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent

WATCHED = """
import sys

seen = []


def watch(event, arguments):
    if event in ("socket.connect", "socket.getaddrinfo", "socket.sendto", "urllib.Request"):
        seen.append((event, arguments))


sys.addaudithook(watch)
from bot.cli import main

code = main(sys.argv[1:])
import threading

# Telemetry likes to go out from a thread of its own.
for thread in threading.enumerate():
    if thread is not threading.current_thread() and not thread.daemon:
        thread.join(5)
sys.exit(f"connections: {seen}" if seen else code)
"""


def watched(folder: Path, *words: str, code: str = WATCHED) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", code, *words],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT), "GAVEL_HOME": str(folder / "home")},
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_dry_run_opens_no_connection(tmp_path: Path) -> None:
    sample = str(ROOT / "bot/samples/thread.jsonl")
    first = watched(tmp_path, "dryrun", sample, "--no-cache", "--report", "r.html")
    assert first.returncode == 0, first.stderr


def test_the_watch_sees_connections(tmp_path: Path) -> None:
    opens = WATCHED.replace(
        "code = main(sys.argv[1:])",
        "import socket\nwith socket.socket() as s: s.connect_ex(('127.0.0.1', 9))\ncode = 0",
    )
    done = watched(tmp_path, "dryrun", code=opens)
    assert done.returncode == 1
    assert "socket.connect" in done.stderr


def test_a_cached_dry_run_loads_no_engine(tmp_path: Path) -> None:
    sample = str(ROOT / "bot/samples/thread.jsonl")
    watched(tmp_path, "dryrun", sample)
    lists = WATCHED.replace(
        "sys.exit(f",
        "heavy = {'torch', 'openvino', 'transformers'} & set(sys.modules)\n"
        "assert not heavy, heavy\nsys.exit(f",
    )
    again = watched(tmp_path, "dryrun", sample, code=lists)
    assert again.returncode == 0, again.stderr
