"""The command line: one file per command, one line per command in the table below.

Lives here: finding the command, and turning errors into sentences and exit codes. Not here: any
command's work. Only the chosen command's file is imported, so that `gavel --help` stays quick.
"""

from __future__ import annotations

import argparse
import importlib
import io
import os
import sys
import traceback
from collections.abc import Sequence

from bot import __version__
from bot.errors import ScoringError, UserError, did_you_mean

COMMANDS: dict[str, str] = {
    "init": "write config.yaml by asking a few questions, and check that the bot will work",
    "doctor": "check this machine, the settings, the store and Discord, and tell what to mend",
    "run": "screen a Discord server live, and serve its moderators",
    "serve": "take comments over HTTP, without Discord",
    "key": "make, list and revoke keys for HTTP",
    "dryrun": "screen archived threads and write a report",
    "compare": "tell what changes on an archive under other rules or another model",
    "label": "label comments one by one, so that reports can tell how often rules are right",
    "explain": "tell in full why a text matches, or does not",
    "score": "score texts with a model, JSON lines in and out",
    "thresholds": "tell at which scores a model flags a given share of an archive",
    "rules": "check, test, list, document, import and export rules",
    "model": "list, install, verify, remove and evaluate models",
    "archive": "check and convert archives",
    "cache": "show or clear the score cache",
    "export": "write what moderators decided as JSON lines, to tune rules with",
    "forget": "remove an author's texts, names and history from the store",
}

DONE, FOUND_PROBLEMS, BAD_USAGE, BUG, INTERRUPTED = 0, 1, 2, 3, 130


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code (0 done, 1 found problems, 2 bad usage, 3 bug)."""
    _settle_streams()
    words = sys.argv[1:] if argv is None else list(argv)
    try:
        code = _run(words)
        sys.stdout.flush()
    except (UserError, ScoringError) as error:
        sys.stderr.write(_rendered(error) + "\n")
        return BAD_USAGE
    except KeyboardInterrupt:
        sys.stderr.write("Interrupted.\n")
        return INTERRUPTED
    except BrokenPipeError:
        # The reader of our output has gone (as with `| head`): nothing is left to say.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return DONE
    except Exception as error:  # noqa: BLE001 - the last line of defence: a bug gets its own exit code
        sys.stderr.write("".join(traceback.format_exception(error)))
        sys.stderr.write(
            "This is a bug in Gavel, not your mistake. Please report the lines above.\n"
        )
        return BUG
    return code


def _run(words: Sequence[str]) -> int:
    parser = _parser(words)
    if not words:
        parser.print_help(sys.stderr)
        return BAD_USAGE
    args = parser.parse_args(words)
    return int(args.run(args))


def _rendered(error: UserError | ScoringError) -> str:
    if isinstance(error, ScoringError):
        hint = "gavel model verify NAME tells whether the model is whole"
        return UserError(str(error), hint).render()
    return error.render()


def _parser(words: Sequence[str]) -> argparse.ArgumentParser:
    parser = _Parser(
        prog="gavel", description="Screen comments for toxicity and abuse on your own machine."
    )
    parser.add_argument("--version", action="version", version=f"gavel {__version__}")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    chosen = next((word for word in words if not word.startswith("-")), None)
    for name, summary in COMMANDS.items():
        if name == chosen:
            importlib.import_module(f"bot.cli.{name}").add_parser(commands)
        else:
            commands.add_parser(name, help=summary)
    return parser


class _Parser(argparse.ArgumentParser):
    """Says what was meant, rather than all that could have been; commands' parsers are such too."""

    def _check_value(self, action: argparse.Action, value: object) -> None:
        # The one place that sees every choice, be it a command or what an option takes.
        if action.choices is not None and value not in action.choices:
            hint = did_you_mean(str(value), map(str, action.choices))
            raise argparse.ArgumentError(action, f'there is no "{value}"; {hint}')


def _settle_streams() -> None:
    """Read UTF-8 whatever the terminal's language; show letters that it lacks as escapes."""
    if isinstance(sys.stdin, io.TextIOWrapper):
        sys.stdin.reconfigure(encoding="utf-8", errors="strict")
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
