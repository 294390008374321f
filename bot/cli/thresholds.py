"""`gavel thresholds`: at which scores a model flags as much of an archive as you are used to.

Lives here: from a share of comments to the score above which they lie, for each label. Not here:
which share is right; that is what moderators can read in a day.
"""

from __future__ import annotations

import argparse
import asyncio
import math
import sys
from array import array
from collections.abc import Mapping, Sequence
from itertools import islice
from pathlib import Path

from rich.console import Console
from rich.table import Table

from bot.app import offline_scorer
from bot.cli import DONE, options
from bot.cli.reading import Reading, add_archives, open_reading, progress_bar
from bot.errors import UserError
from bot.ports import Scorer
from bot.web.perspective.attributes import LABEL_OF

SHARES = (0.1, 0.5, 1.0, 2.0, 5.0, 10.0)
CHUNK = 512

Columns = Mapping[str, "array[float]"]


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Register the command."""
    parser = commands.add_parser(
        "thresholds",
        help="tell at which scores a model flags a given share of an archive",
        description="Tell, for each label, the score that a given share of the comments reaches."
        " Choose the share that you flagged with another model, such as Perspective's: scores of"
        " two models differ, and so do thresholds.",
    )
    parser.add_argument("files", nargs="+", type=Path, metavar="FILE", help="archives to read")
    parser.add_argument(
        "--share",
        dest="shares",
        type=_percent,
        action="append",
        metavar="PERCENT",
        help="may be repeated (default: 0.1, 0.5, 1, 2, 5, 10)",
    )
    options.add_settings(parser, rules=False)
    add_archives(parser)
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Score the archives and print the table."""
    reading = open_reading(args)
    model, columns = asyncio.run(_score(args, reading))
    count = len(next(iter(columns.values())))
    if not count:
        raise UserError(reading.problems or "there is no comment in these files")
    console = Console(highlight=False)
    console.print(f"{count:,} comments, scored by {model}. A score of at least … is reached by")
    console.print(_table(columns, sorted(args.shares or SHARES)))
    for problem in reading.problems:
        sys.stderr.write(problem.render() + "\n")
    return DONE


def score_reached_by(scores: Sequence[float], percent: float) -> float | None:
    """Return the score that `percent` of the comments reach; `None` when that is no comment.

    `scores` stand highest first. The result is rounded down to three digits, so that all of them
    still reach it; equal scores may let more comments through.
    """
    wanted = round(len(scores) * percent / 100)
    return math.floor(scores[wanted - 1] * 1000) / 1000 if wanted else None


def _table(columns: Columns, shares: Sequence[float]) -> Table:
    table = Table(box=None, pad_edge=False)
    table.add_column("")
    for share in shares:
        table.add_column(f"{share:g} %", justify="right")
    names = {label: name for name, label in reversed(list(LABEL_OF.items())) if "_EXP" not in name}
    for label, scores in columns.items():
        ranked = sorted(scores, reverse=True)
        cells = (score_reached_by(ranked, share) for share in shares)
        told = ("–" if cell is None else f"{cell:.3f}" for cell in cells)
        table.add_row(f"{label} ({names[label]})", *told)
    return table


async def _score(args: argparse.Namespace, reading: Reading) -> tuple[str, Columns]:
    async with offline_scorer(options.settings(args)) as scorer:
        columns = {label: array("d") for label in scorer.model.labels}
        await _fill(columns, scorer, reading)
        return scorer.model.id, columns


async def _fill(columns: Columns, scorer: Scorer, reading: Reading) -> None:
    comments = reading.comments()
    with progress_bar(None) as advance:
        while texts := [comment.text for comment in islice(comments, CHUNK)]:
            for row in await scorer.score(texts):
                for label, column in columns.items():
                    column.append(row.values[label])
            advance(len(texts))


def _percent(word: str) -> float:
    number = float(word.removesuffix("%"))
    if not 0 < number <= 100:  # noqa: PLR2004 - a percentage
        raise argparse.ArgumentTypeError("must be more than 0 and at most 100")
    return number
