"""`gavel score`: JSON lines `{id?, text}` in, `{id, scores, windows}` out, in order.

Lives here: reading and writing the lines. Not here: the scoring (`bot.scoring`).
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import TextIO

from bot.app import offline_scorer
from bot.cli import options
from bot.cli.writing import keep_apart
from bot.errors import Location, Problem, ScoringError, UserError
from bot.model import Scores
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
    """Score every line; a line that is not of the form stops the run and is named.

    A text on which the model fails has `null` for scores, and the exit code is then 1.
    """
    keep_apart((args.source,), (args.out,))
    with ExitStack() as stack:
        source = _open(stack, args.source, "r") if args.source else sys.stdin
        out = _open(stack, args.out, "w") if args.out else sys.stdout
        failed = asyncio.run(_score(args, source, out))
    if failed:
        sys.stderr.write(f"{len(failed):,} of the texts have no scores: {failed[0]}\n")
    return 1 if failed else 0


def _open(stack: ExitStack, path: Path, mode: str) -> TextIO:
    try:
        file: TextIO = stack.enter_context(path.open(mode, encoding="utf-8", newline="\n"))  # type: ignore[assignment]
    except OSError as error:
        verb = "read" if mode == "r" else "write"
        raise UserError(f"cannot {verb} {path}: {error.strerror}") from None
    return file


async def _score(args: argparse.Namespace, source: TextIO, out: TextIO) -> list[ScoringError]:
    """Write a line for each line; return why some of them have no scores."""
    failed: list[ScoringError] = []
    async with offline_scorer(options.settings(args)) as scorer:
        for chunk in _chunks(source, str(args.source or "<stdin>")):
            answers = await _answers(scorer, [text for _, text in chunk])
            named = zip((name for name, _ in chunk), answers, strict=True)
            out.writelines(_line(name, answer) for name, answer in named)
            out.flush()
            failed += [answer for answer in answers if isinstance(answer, ScoringError)]
    return failed


async def _answers(scorer: Scorer, texts: Sequence[str]) -> Sequence[Scores | ScoringError]:
    """Return a text's scores, or why it has none; no text spoils its neighbours."""
    try:
        return await scorer.score(texts)
    except ScoringError as error:
        if len(texts) == 1:
            return [error]
    return [answer for text in texts for answer in await _answers(scorer, [text])]


def _line(name: object, answer: Scores | ScoringError) -> str:
    if isinstance(answer, ScoringError):
        record = {"id": name, "scores": None, "windows": 0}
    else:
        record = {"id": name, "scores": score_record(answer), "windows": answer.windows}
    return json.dumps(record) + "\n"


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
