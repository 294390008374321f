"""`gavel doctor`: whether all is well, and the way out where it is not.

Lives here: printing. Not here: the checks (`bot.cli.checkup`, `bot.cli.outside`).
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator
from dataclasses import asdict

from bot.cli import DONE, FOUND_PROBLEMS, options
from bot.cli.checkup import HERE, Finding, State, findings, machine, of_problem
from bot.config import HERE as CONFIG_FILE
from bot.config import load_settings
from bot.errors import UserError


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Register the command."""
    parser = commands.add_parser(
        "doctor",
        help="check this machine, the settings, the store and Discord, and tell what to mend",
        description="Check all that gavel run needs, one line a check. Nothing is changed; it may"
        " be given while the bot runs. Exit code 1 when there is a problem.",
    )
    options.add_config(parser)
    parser.add_argument("--offline", action="store_true", help="ask Discord nothing")
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Print what was found; exit code 1 when there is a problem."""
    found = _found(args)
    healthy = _as_json(found) if args.json else _as_lines(found)
    return DONE if healthy else FOUND_PROBLEMS


def _found(args: argparse.Namespace) -> Iterator[Finding]:
    yield from machine()
    try:
        settings = load_settings(args.config)
    except UserError as error:
        yield from (of_problem("config", problem) for problem in error.problems)
        yield Finding("config", State.WARNING, "the rest was not checked: it depends on this")
        return
    name = args.config or ("config.yaml" if CONFIG_FILE.exists() else "no config.yaml, defaults")
    yield Finding("config", State.OK, str(name))
    yield from findings(HERE, settings)
    if not args.offline:
        from bot.cli.outside import OUTSIDE  # noqa: PLC0415 - offline needs no Discord library

        yield from findings(OUTSIDE, settings)


def _as_lines(found: Iterator[Finding]) -> bool:
    """Print each finding as soon as it is there."""
    healthy = True
    for each in found:
        healthy = healthy and each.state is not State.PROBLEM
        sys.stdout.write(f"{each.state:<8} {each.check:<9} {each.text}\n")
        if each.hint:
            sys.stdout.write(f"{'':<18} {each.hint}\n")
        sys.stdout.flush()
    return healthy


def _as_json(found: Iterator[Finding]) -> bool:
    rows = [asdict(each) for each in found]
    healthy = all(row["state"] != State.PROBLEM for row in rows)
    sys.stdout.write(json.dumps({"healthy": healthy, "checks": rows}, indent=1) + "\n")
    return healthy
