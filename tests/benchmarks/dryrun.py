"""Bars of the dry run, each as a whole process: `python -m tests.benchmarks.dryrun ARCHIVE`.

Prints wall seconds and peak memory of a first run, of a second run with changed rules and every
score cached, and of `gavel --help`, with the bar beside each.
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
DATA = Path(os.environ.get("GAVEL_DATA", "../shared/data"))


def measured(home: Path, *words: str) -> tuple[float, float]:
    """Run `gavel` and return its wall seconds and peak memory in MiB."""
    start = time.perf_counter()
    pid = os.posix_spawn(
        sys.executable,
        [sys.executable, "-m", "bot", *words],
        {**os.environ, "GAVEL_HOME": str(home)},
        file_actions=[(os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0)],
    )
    _, status, usage = os.wait4(pid, 0)
    if os.waitstatus_to_exitcode(status) != 0:
        raise SystemExit(f"gavel {' '.join(words)} failed")
    return time.perf_counter() - start, usage.ru_maxrss / 1024


def row(name: str, seconds: float, memory: float, bar: str) -> None:
    print(f"{name:<44}{seconds:8.2f} s{memory:9.0f} MiB   bar: {bar}")


def main() -> None:
    archive = sys.argv[1] if len(sys.argv) > 1 else str(DATA.parent / "threads/wikiconv.json.gz")
    with tempfile.TemporaryDirectory() as scratch:
        home, rules = Path(scratch, "home"), Path(scratch, "rules")
        report = ("--report", str(Path(scratch, "report.html")))
        row(
            "first run, report included",
            *measured(home, "dryrun", archive, *report),
            "60 s, 1536 MiB",
        )
        shutil.copytree(ROOT / "rules", rules)
        for file in rules.rglob("*.yaml"):
            file.write_text(
                file.read_text(encoding="utf-8").replace("0.9", "0.8"), encoding="utf-8"
            )
        again = measured(home, "dryrun", archive, *report, "--rules", str(rules))
        row("changed rules, scores cached", *again, "5 s")
        helps = sorted(measured(home, "--help") for _ in range(5))
        row("gavel --help, median of five", *helps[2], "0.3 s")


if __name__ == "__main__":
    main()
