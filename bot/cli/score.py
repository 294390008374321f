"""`gavel score`: JSON lines `{id?, text}` in, `{id, scores, windows}` out, in order.

Lives here: reading and writing the lines. Not here: the scoring (`bot.scoring`).
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import TextIO

from bot.app import offline_scorer
from bot.cli import options
from bot.cli.writing import keep_apart
from bot.errors import Location, Problem, UserError
from bot.ports import Scorer
from bot.record import score_record

CHUNK = 512

Row = tuple[object, str]


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Register the command."""
    parser = commands.add_parser("score", help="score texts with a model, JSON lines in and out")
    options.add_settings(parser, rules=False)
    parser.add_argument("--in", dest="source", type=Path, metavar="FILE", help="default: stdin")
    parser.add_argument("--out", type=Path, metavar="FILE", help="default: stdout")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Score every line; a line that is not of the form stops the run and is named."""
    keep_apart((args.source,), (args.out,))
    with ExitStack() as stack:
        source = _open(stack, args.source, "r") if args.source else sys.stdin
        out = _open(stack, args.out, "w") if args.out else sys.stdout
        asyncio.run(_score(args, source, out))
    return 0


def _open(stack: ExitStack, path: Path, mode: str) -> TextIO:
    try:
        file: TextIO = stack.enter_context(path.open(mode, encoding="utf-8", newline="\n"))  # type: ignore[assignment]
    except OSError as error:
        verb = "read" if mode == "r" else "write"
        raise UserError(f"cannot {verb} {path}: {error.strerror}") from None
    return file


async def _score(args: argparse.Namespace, source: TextIO, out: TextIO) -> None:
    async with offline_scorer(options.settings(args)) as scorer:
        for chunk in _chunks(source, str(args.source or "<stdin>")):
            await _write(scorer, chunk, out)


async def _write(scorer: Scorer, chunk: list[Row], out: TextIO) -> None:
    scored = await scorer.score([text for _, text in chunk])
    for (name, _), scores in zip(chunk, scored, strict=True):
        line = {"id": name, "scores": score_record(scores), "windows": scores.windows}
        out.write(json.dumps(line) + "\n")
    out.flush()


def _chunks(source: TextIO, path: str) -> Iterator[list[Row]]:
    """Yield rows in chunks; a bad row is raised only after the rows before it were yielded."""
    chunk: list[Row] = []
    try:
        for number, line in enumerate(source, 1):
            if line.strip():
                chunk.append(_row(line, number, path))
            if len(chunk) == CHUNK:
                yield chunk
                chunk = []
    except (UserError, UnicodeDecodeError) as error:
        yield chunk
        if isinstance(error, UserError):
            raise
        raise UserError(
            f"{path} is not UTF-8 text ({error.reason})", hint="save it as UTF-8"
        ) from None
    yield chunk


def _row(line: str, number: int, path: str) -> Row:
    try:
        row = json.loads(line)
    except json.JSONDecodeError as error:
        raise UserError(_problem(path, number, line, error.colno, error.msg)) from None
    if not isinstance(row, dict) or not isinstance(row.get("text"), str):
        raise UserError(_problem(path, number, line, 1, 'expected an object with a "text"'))
    return row.get("id", number), row["text"]


def _problem(path: str, number: int, line: str, column: int, message: str) -> Problem:
    return Problem(
        "score.row",
        message,
        Location(path, number, column, line.rstrip("\n")),
        hint='each line is a JSON object such as {"id": "7", "text": "hello"}',
    )
