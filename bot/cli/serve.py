"""`gavel serve`: take comments over HTTP alone, until it is stopped.

Lives here: options. Not here: starting and stopping (`bot.cli.run`), the parts (`bot.app.live`).
"""

from __future__ import annotations

import argparse
from dataclasses import replace

from bot.cli import options
from bot.cli.run import start
from bot.web.settings import WebSettings


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Register the command."""
    parser = commands.add_parser(
        "serve",
        help="take comments over HTTP, without Discord",
        description="Take comments over HTTP alone; `gavel run` serves Discord as well. Callers"
        " need a key: `gavel key create NAME`.",
    )
    options.add_settings(parser)
    parser.add_argument("--host", metavar="ADDRESS", help="where to listen (default: 127.0.0.1)")
    parser.add_argument("--port", type=int, metavar="N", help="default: 8448; 0 takes a free one")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Serve until Ctrl-C or SIGTERM."""
    settings = options.settings(args)
    http = settings.http or WebSettings()
    if args.host is not None:
        http = replace(http, host=args.host)
    if args.port is not None:
        http = replace(http, port=args.port)
    return start(replace(settings, discord=None, http=http))
