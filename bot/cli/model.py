"""`gavel model`: list, install, remove, verify and evaluate models.

Lives here: the arguments and what is printed. Not here: downloading and checking
(`bot.scoring.install`), or measuring quality (`bot.cli.model_eval`).
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TransferSpeedColumn

from bot.cli import model_eval
from bot.errors import UserError
from bot.scoring.agreement import Trial
from bot.scoring.catalogue import (
    COMPACT,
    PUBLISHED,
    ModelFiles,
    find,
    installed,
    measured,
    partials,
    size_of,
    unfinished,
)
from bot.scoring.install import install, remove, verify

_ABOUT_COMPACT = "BERT, English, six labels, part of Gavel"


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Register the command."""
    parser = commands.add_parser("model", help="list, install, verify, remove and evaluate models")
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
    _add(actions, "list", "show the models that are here, and those that can be had", _list)
    installing = _add(actions, "install", "download, check and compile a model", _install)
    installing.add_argument(
        "--from",
        dest="origin",
        metavar="WHERE",
        help="a folder or a checkpoint in it, or the address of either",
    )
    _add(actions, "remove", "delete an installed model", _remove)
    _add(actions, "verify", "hash, load and compare a model again", _verify)
    for action in ("install", "remove", "verify"):
        actions.choices[action].add_argument(
            "name", metavar="NAME", help="as gavel model list names it"
        )
    actions.choices["list"].add_argument("--json", action="store_true", help="for machines")
    model_eval.add_parser(actions)


def _add(
    actions: argparse._SubParsersAction[argparse.ArgumentParser],
    name: str,
    summary: str,
    run: Callable[[argparse.Namespace], int],
) -> argparse.ArgumentParser:
    parser = actions.add_parser(
        name, help=summary, description=f"{summary[0].upper()}{summary[1:]}."
    )
    parser.set_defaults(run=run)
    return parser


def _list(args: argparse.Namespace) -> int:
    here = installed()
    rows = [_described(name) for name in here]
    rows += [
        _absent(name) for name in dict.fromkeys((*PUBLISHED, *unfinished())) if name not in here
    ]
    if args.json:
        sys.stdout.write(json.dumps(rows, indent=2) + "\n")
    else:
        width = max(len(str(row["name"])) for row in rows)
        sys.stdout.write("\n".join(_paragraph(row, width) for row in rows) + "\n")
    return 0


def _absent(name: str) -> dict[str, object]:
    about = PUBLISHED[name].about if name in PUBLISHED else ""
    fetched = sum(map(size_of, partials(name)))
    return {"name": name, "about": about, "installed": False, "bytes_fetched": fetched}


def _described(name: str) -> dict[str, object]:
    row: dict[str, object] = {"name": name, "installed": True}
    try:
        files, speed = find(name), measured(name)
        row |= {
            "about": _about(files),
            "labels": list(files.labels()),
            "revision": files.revision(files.precision()),
            "bytes": size_of(files.folder),
            "tokens_per_second": speed.get("tokens_per_second"),
            "live_ms": speed.get("live_ms"),
            "layout": speed.get("layout"),
        }
    except UserError as error:
        row |= {"about": "", "problem": error.problems[0].message}
    return row


def _about(files: ModelFiles) -> str:
    if files.name == COMPACT:
        return _ABOUT_COMPACT
    if files.name in PUBLISHED:
        return PUBLISHED[files.name].about
    return f"{files.config().get('model_type')}, a checkpoint of your own"


def _paragraph(row: dict[str, object], width: int) -> str:
    """Return a model's name and what it is; below, what is known of a copy that is here."""
    lines = [str(row.get("problem") or row["about"])]
    if not row["installed"]:
        lines[0] = f"{lines[0]} ({_how_absent(row)})".lstrip()
    lines += _known(row)
    return f"{row['name']:<{width}}  " + f"\n{'':<{width}}  ".join(lines)


def _how_absent(row: dict[str, object]) -> str:
    fetched = row["bytes_fetched"]
    if not isinstance(fetched, int) or not fetched:
        return "not installed"
    return f"not installed; {_megabytes(fetched)} of it are here, install it again to continue"


def _known(row: dict[str, object]) -> list[str]:
    labels, size = row.get("labels"), row.get("bytes")
    if not isinstance(labels, list) or not isinstance(size, int):
        return []
    speed = _speed(row.get("tokens_per_second"), row.get("live_ms"))
    if not speed:
        speed = f"speed not measured yet (gavel model verify {row['name']})"
    return [f"{_megabytes(size)}, {row['revision']}; {speed}", ", ".join(labels)]


def _megabytes(size: int) -> str:
    return f"{size / 1e6:,.1f} MB"


def _speed(tokens_per_second: object, live_ms: object) -> str:
    if not isinstance(tokens_per_second, float) or not isinstance(live_ms, float):
        return ""
    return f"{tokens_per_second:,.0f} tokens/s, {live_ms:.1f} ms for one text"


def _install(args: argparse.Namespace) -> int:
    with _progress() as progress:
        trial = install(args.name, args.origin, progress)
    labels = len(find(args.name).labels())
    sys.stdout.write(f"Installed {args.name}: {labels} labels.\n{_measured(trial)}")
    return 0


@contextmanager
def _progress() -> Iterator[Callable[[str, int, int | None], None]]:
    """Yield what shows a bar for each file, on a terminal; elsewhere it shows nothing."""
    console = Console(stderr=True)
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        DownloadColumn(),
        TransferSpeedColumn(),
    )
    with Progress(*columns, console=console, disable=not console.is_terminal) as bars:
        tasks = {}

        def show(name: str, size: int, total: int | None) -> None:
            if name not in tasks:
                tasks[name] = bars.add_task(name, total=total)
            bars.update(tasks[name], completed=size, total=total)

        yield show


def _remove(args: argparse.Namespace) -> int:
    remove(args.name)
    sys.stdout.write(f"Removed {args.name}.\n")
    return 0


def _verify(args: argparse.Namespace) -> int:
    trial = verify(args.name)
    sys.stdout.write(f"{args.name} is as it should be.\n{_measured(trial)}")
    return 0


def _measured(trial: Trial) -> str:
    streams = "in one stream" if trial.layout.streams == 1 else f"in {trial.layout.streams} streams"
    return (
        f"  against Detoxify's own predict ({trial.precision}): {trial.agreement}\n"
        f"  speed here: {_speed(trial.tokens_per_second, trial.live_ms)}\n"
        f"  bulk work is done {streams}, {trial.layout.batch:,} tokens at a time\n"
    )
