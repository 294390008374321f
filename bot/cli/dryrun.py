"""`gavel dryrun`: what would these rules have done to this archive, and why.

Lives here: the options, the progress bar, and which report goes where. Not here: reading
(`bot.archive`), screening (`bot.replay`) and the reports themselves (`bot.report`).
"""

from __future__ import annotations

import argparse
import asyncio
import signal
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import TextIO

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeRemainingColumn,
)

from bot import report
from bot.app import offline_pipeline
from bot.archive import Archive, formats, open_archive
from bot.cli import INTERRUPTED, options
from bot.errors import Problem, UserError
from bot.model import Comment, Thread
from bot.pipeline import Pipeline
from bot.replay import replay

DEFAULT_REPORT = Path("gavel-report.html")


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Register the command."""
    parser = commands.add_parser(
        "dryrun",
        help="screen archived threads and write a report",
        description="Screen archived threads with your rules. Nothing is posted, nobody is told.",
    )
    parser.add_argument("files", nargs="+", type=Path, metavar="FILE", help="archives to read")
    options.add_rules(parser)
    options.add_model(parser)
    parser.add_argument(
        "--format", choices=formats(), metavar="NAME", help=f"one of {', '.join(formats())}"
    )
    parser.add_argument("--map", default={}, type=options.mapping, metavar="text=body,author=user")
    parser.add_argument("--out", type=Path, metavar="FILE", help="verdicts as JSON lines")
    parser.add_argument(
        "--report", type=Path, default=DEFAULT_REPORT, metavar="FILE", help="the HTML report"
    )
    parser.add_argument("--csv", type=Path, metavar="FILE", help="verdicts as a table")
    parser.add_argument("--limit", type=options.positive, metavar="N", help="the first N comments")
    parser.set_defaults(run=run)


@dataclass(slots=True)
class Reading:
    """Comments of all archives in turn; problems and what was skipped are kept for the report."""

    archives: list[Archive]
    problems: list[Problem] = field(default_factory=list)

    def comments(self) -> Iterator[Comment]:
        """Yield comments in the order of the files."""
        for archive in self.archives:
            for item in archive:
                if isinstance(item, Problem):
                    self.problems.append(item)
                else:
                    yield item

    def count(self) -> int:
        """Read all archives once, only to count."""
        return sum(isinstance(item, Comment) for archive in self.archives for item in archive)

    def threads(self) -> dict[str, Thread]:
        """Return the threads seen so far, by id."""
        return {name: thread for each in self.archives for name, thread in each.threads.items()}

    def skipped(self) -> Counter[str]:
        """Return what was left out, counted by reason."""
        return sum((archive.skipped for archive in self.archives), Counter())


def run(args: argparse.Namespace) -> int:
    """Screen the archives; a broken row is reported and does not change the exit code."""
    archives = [open_archive(path, format=args.format, mapping=args.map) for path in args.files]
    return asyncio.run(_run(args, Reading(archives)))


async def _run(args: argparse.Namespace, reading: Reading) -> int:
    cache = None if args.no_cache else options.home()
    rules = options.rules_folder(args.rules)
    with ExitStack() as files:
        async with offline_pipeline(rules, args.model, cache=cache) as pipeline:
            # Opened before the work: nobody should wait for a result that cannot be written.
            page = files.enter_context(writable(args.report))
            tally = report.Tally()
            sinks = [tally, *_writers(args, files)]
            stopped = await _screen(reading, pipeline, sinks, args.limit)
            about = _about(args, reading, pipeline, interrupted=stopped)
        summary = tally.summary()
        page.write(report.html(summary, about))
    report.print_summary(summary, about, Console())
    sys.stdout.write(f"\nReport: {args.report.resolve().as_uri()}\n")
    return INTERRUPTED if stopped else 0


async def _screen(
    reading: Reading, pipeline: Pipeline, sinks: list[report.Writer], limit: int | None
) -> bool:
    """Screen until the end or Ctrl-C; return whether it was interrupted."""
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGINT, stop.set)
    # Only a bar that somebody watches is worth reading the archives twice.
    total = min(reading.count(), limit or sys.maxsize) if sys.stderr.isatty() else None
    with progress_bar(total) as advance:
        comments = islice(reading.comments(), limit)
        async for comment, verdict in replay(
            comments, pipeline, progress=advance, stopped=stop.is_set
        ):
            screened = report.Screened(comment, verdict)
            for sink in sinks:
                sink.add(screened)
    return stop.is_set()


def _writers(args: argparse.Namespace, files: ExitStack) -> list[report.Writer]:
    writers: list[report.Writer] = []
    if args.out is not None:
        writers.append(report.JsonLines(files.enter_context(writable(args.out))))
    if args.csv is not None:
        writers.append(report.Table(files.enter_context(writable(args.csv))))
    return writers


def _about(
    args: argparse.Namespace, reading: Reading, pipeline: Pipeline, *, interrupted: bool
) -> report.About:
    rules = pipeline.rules()
    return report.About(
        files=tuple(str(path) for path in args.files),
        rules=rules.rules,
        ruleset=rules.id,
        model=pipeline.scorer.model,
        problems=tuple(reading.problems),
        skipped=reading.skipped(),
        threads=reading.threads(),
        interrupted=interrupted,
        verdicts=str(args.out) if args.out else "",
    )


@contextmanager
def writable(path: Path) -> Iterator[TextIO]:
    """Open `path` for writing; say what to do when that is not possible."""
    try:
        # Line ends are the writers' own business; a lone surrogate must not stop a report.
        file = path.open("w", encoding="utf-8", newline="", errors="backslashreplace")
    except OSError as error:
        raise UserError(
            f"cannot write {path}: {error.strerror}",
            hint="choose another place with --report, --out or --csv",
        ) from None
    with file:
        yield file


@contextmanager
def progress_bar(total: int | None) -> Iterator[Callable[[int], None]]:
    """Yield a function that moves a bar with rate and time left; silent when not at a terminal."""
    console = Console(stderr=True)
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[rate]}/s"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console, disable=not console.is_terminal) as progress:
        task = progress.add_task("Screening", total=total, rate="?")

        def advance(count: int) -> None:
            progress.update(task, advance=count)
            speed = progress.tasks[task].speed
            progress.update(task, rate=f"{speed:,.0f}" if speed else "?")

        yield advance
