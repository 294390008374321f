"""`gavel export`: what moderators decided, as JSON lines that every archive command reads back.

Lives here: joining a comment's record with its decision's, and where the lines go. Not here: the
records (`bot.archive.convert`, `bot.record`).
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from bot.archive.convert import Redactor, comment_record
from bot.cases import Case
from bot.cli import DONE, options
from bot.cli.redacting import add_redact, redactor
from bot.cli.writing import keep_apart, replacing
from bot.record import decision_record
from bot.report.words import plural
from bot.store.sqlite import open_store


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Register the command."""
    parser = commands.add_parser(
        "export",
        help="write what moderators decided as JSON lines, to tune rules with",
        description="Write every decided case as one line of an archive: gavel dryrun and gavel"
        " compare read it back, with the decisions as labels.",
    )
    parser.add_argument(
        "file", nargs="?", type=Path, default=Path("-"), metavar="FILE", help="default: stdout"
    )
    options.add_config(parser)
    add_redact(parser)
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Write the cases; a file is replaced only once all of it is written."""
    path = options.existing_store(args.config)
    keep_apart((path,), (args.file,))
    redact = redactor() if args.redact else None
    with _output(args.file) as out:
        written, forgotten = asyncio.run(_export(path, out, redact))
    left_out = f"; {forgotten:,} without their text, which was forgotten" if forgotten else ""
    where = "" if str(args.file) == "-" else f" to {args.file}"
    sys.stderr.write(f"{plural(written, 'decision')} written{where}{left_out}\n")
    return DONE


@contextmanager
def _output(path: Path) -> Iterator[TextIO]:
    if str(path) == "-":
        yield sys.stdout
        return
    with replacing(path) as file:
        yield file


async def _export(path: Path, out: TextIO, redact: Redactor | None) -> tuple[int, int]:
    """Write all decided cases; return how many, and how many of them have no text left."""
    store = open_store(path)
    written = forgotten = 0
    try:
        async for case in store.upkeep.decided():
            record = _record(case) if redact is None else _redacted(case, redact)
            out.write(json.dumps(record, ensure_ascii=False) + "\n")
            written += 1
            forgotten += not case.comment.text
    finally:
        await store.close()
    return written, forgotten


def _record(case: Case) -> dict[str, object]:
    # A reader of archives wants a text in every line, be it empty.
    return {"text": "", **comment_record(case.comment), **decision_record(case)}


def _redacted(case: Case, redact: Redactor) -> dict[str, object]:
    """Name nobody: neither author nor moderator, and nothing that moderators wrote freely."""
    record = {
        "text": "",
        **comment_record(redact.redact(case.comment)),
        **decision_record(case),
        "moderator": redact.name(case.review.moderator if case.review else ""),
    }
    return {name: value for name, value in record.items() if name not in {"note", "notes"}}
