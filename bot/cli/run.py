"""`gavel run`: screen live, until it is stopped.

Lives here: options, signals, and what the operator sees. Not here: the parts (`bot.app.live`).
"""

from __future__ import annotations

import argparse
import asyncio
import os
import signal
import sys
import threading
from dataclasses import replace

from bot.app import logs
from bot.app.tokens import secrets_in, with_secrets
from bot.cli import DONE, FOUND_PROBLEMS, options
from bot.config import LogFormat, Settings
from bot.errors import UserError

LONGEST_STOP = 9.0
"""Seconds; then the process ends whatever still works, for all that counts is stored."""


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Register the command."""
    parser = commands.add_parser(
        "run",
        help="screen a Discord server live, and serve its moderators",
        description="Screen a Discord server live, and comments over HTTP, as config.yaml says."
        " Discord's token comes from the environment: GAVEL_DISCORD_TOKEN.",
    )
    options.add_settings(parser)
    parser.add_argument(
        "--log-format", choices=[str(each) for each in LogFormat], help="default: text"
    )
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Serve until Ctrl-C or SIGTERM."""
    settings = options.settings(args)
    if args.log_format:
        settings = replace(settings, logs=replace(settings.logs, format=LogFormat(args.log_format)))
    if settings.discord is None and settings.http is None:
        raise UserError(
            "there is nothing to run: the configuration has neither discord nor http",
            hint="gavel init asks what is needed; config.example.yaml shows every key",
        )
    return start(settings)


def start(settings: Settings) -> int:
    """Serve what the settings name until Ctrl-C or SIGTERM, with secrets of the environment."""
    settings = with_secrets(settings)
    logs.set_up(settings.logs, secrets_in(settings))
    asyncio.run(_serve(settings))
    return DONE


async def _serve(settings: Settings) -> None:
    from bot.app.live import run as serve  # noqa: PLC0415 - wrong settings need no libraries

    await serve(settings, _stop_at_signals(), _say)


def _stop_at_signals() -> asyncio.Event:
    """Return what SIGTERM and Ctrl-C set; a second one, or too long a wait, ends the process."""
    stop, loop = asyncio.Event(), asyncio.get_running_loop()

    def ask() -> None:
        if stop.is_set():
            _end()
        stop.set()
        last_resort = threading.Timer(LONGEST_STOP, _end)
        last_resort.daemon = True
        last_resort.start()

    for each in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(each, ask)
    return stop


def _end() -> None:
    sys.stderr.write("A part did not stop in time and was ended; what was taken in is stored.\n")
    sys.stderr.flush()
    os._exit(FOUND_PROBLEMS)


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()
