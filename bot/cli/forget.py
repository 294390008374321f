"""`gavel forget`: an author's texts, names and history leave the store, for good.

Lives here: telling what goes, and asking before it does. Not here: the removal
(`bot.store.upkeep`). Decisions stay as labels of nobody; shown cards are redrawn, those of the
author empty, and those that quoted the author without.
"""

from __future__ import annotations

import argparse
import asyncio
import re
import sys
from datetime import UTC, datetime
from pathlib import Path

from bot.chat.settings import CARDS, SOURCE
from bot.cli import DONE, options
from bot.cli.asking import yes
from bot.report.words import plural
from bot.review import DeskSettings, ReviewDesk
from bot.store.sqlite import Store, open_store
from bot.store.upkeep import Forgotten

_MENTION = re.compile(r"<@!?(\d+)>")
_UNKNOWN = (
    "An author is found by the id, not by the name: on Discord, right click, Copy User ID; for"
    " comments over HTTP, the author's id with --source http.\n"
)


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Register the command."""
    parser = commands.add_parser(
        "forget",
        help="remove an author's texts, names and history from the store",
        description="Remove all that is stored of an author. What was decided of which rule stays,"
        " without text and name. It may be given while the bot runs.",
    )
    parser.add_argument("author", metavar="AUTHOR", help="the author's id, as the source knows it")
    parser.add_argument("--source", default=SOURCE, help=f"discord or http (default: {SOURCE})")
    parser.add_argument("--yes", action="store_true", help="do not ask")
    options.add_config(parser)
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Tell what is stored, ask, and remove it."""
    path = options.existing_store(args.config)
    mention = _MENTION.fullmatch(args.author)
    author = mention[1] if mention else args.author
    return asyncio.run(_forget(path, args.source, author, sure=args.yes))


async def _forget(path: Path, source: str, author: str, *, sure: bool) -> int:
    store = open_store(path)
    try:
        held = await store.upkeep.held(source, author)
        sys.stdout.write(f"Stored of {author} from {source}: {_counts(held)}.\n")
        if author and not (held.comments or held.cases):
            sys.stdout.write(_UNKNOWN)
        if not (sure or yes("Remove them and the history for good?", flag="--yes")):
            sys.stdout.write("Nothing was removed.\n")
            return DONE
        done = await _remove(store, source, author)
        sys.stdout.write(f"Removed: {_counts(done)}, and the history.\n")
    finally:
        await store.close()
    return DONE


async def _remove(store: Store, source: str, author: str) -> Forgotten:
    now = datetime.now(UTC)
    # The running bot finds the redrawn cards in its outbox.
    desk = ReviewDesk(store.cases, DeskSettings(frozenset(), cards=(CARDS,)), lambda: now)
    return await store.upkeep.forget(source, author, desk.cards, now, desk.cards_anew)


def _counts(what: Forgotten) -> str:
    return f"{plural(what.comments, 'comment')} and {plural(what.cases, 'case')}"
