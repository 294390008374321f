"""`gavel dryrun`: what would these rules have done to this archive, and why.

Lives here: the options, the progress bar, and which report goes where. Not here: reading
(`bot.archive`), screening (`bot.replay`) and the reports themselves (`bot.report`).
"""

from __future__ import annotations

import argparse
import asyncio
import sys
from contextlib import ExitStack
from pathlib import Path

from rich.console import Console

from bot import report
from bot.app import offline_pipeline
from bot.app.crew import Crew, Task, useful
from bot.cli import DONE, INTERRUPTED, options
from bot.cli.reading import (
    Reading,
    add_archives,
    add_labels,
    open_reading,
    progress_of,
    stop_at_ctrl_c,
)
from bot.cli.writing import keep_apart, replacing
from bot.pipeline import Pipeline
from bot.replay import few_collections, replay

DEFAULT_REPORT = Path("gavel-report.html")


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Register the command."""
    parser = commands.add_parser(
        "dryrun",
        help="screen archived threads and write a report",
        description="Screen archived threads with your rules. Nothing is posted, nobody is told.",
    )
    parser.add_argument("files", nargs="+", type=Path, metavar="FILE", help="archives to read")
    options.add_settings(parser)
    add_archives(parser)
    add_labels(parser)
    parser.add_argument("--out", type=Path, metavar="FILE", help="verdicts as JSON lines")
    parser.add_argument(
        "--report", type=Path, default=DEFAULT_REPORT, metavar="FILE", help="the HTML report"
    )
    parser.add_argument("--csv", type=Path, metavar="FILE", help="verdicts as a table")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Screen the archives; a broken row is reported and does not change the exit code."""
    keep_apart((*args.files, args.labels), (args.report, args.out, args.csv))
    return asyncio.run(_run(args, open_reading(args)))


async def _run(args: argparse.Namespace, reading: Reading) -> int:
    settings = options.settings(args)
    with ExitStack() as files:
        # Opened before the work: nobody should wait for a result that cannot be written.
        page = files.enter_context(replacing(args.report))
        tally = report.Tally()
        sinks = [tally, *_writers(args, files)]
        async with offline_pipeline(settings) as pipeline:
            with Crew(Task(settings), size=useful(settings)) as crew:
                stopped = await _screen(reading, pipeline, sinks, crew)
            about = reading.about(pipeline, interrupted=stopped, verdicts=str(args.out or ""))
        summary = tally.summary()
        page.write(report.html(summary, about))
    report.print_summary(summary, about, Console())
    sys.stdout.write(f"\nReport: {args.report.resolve().as_uri()}\n")
    return INTERRUPTED if stopped else DONE


async def _screen(
    reading: Reading, pipeline: Pipeline, sinks: list[report.Writer], crew: Crew
) -> bool:
    """Screen until the end or Ctrl-C; return whether it was interrupted."""
    stop = stop_at_ctrl_c()
    async with progress_of(reading, stop.is_set) as advance:
        with few_collections():
            async for comment, verdict in replay(
                reading.comments(), pipeline, progress=advance, stopped=stop.is_set, crew=crew
            ):
                screened = report.Screened(comment, verdict)
                for sink in sinks:
                    sink.add(screened)
    return stop.is_set()


def _writers(args: argparse.Namespace, files: ExitStack) -> list[report.Writer]:
    writers: list[report.Writer] = []
    if args.out is not None:
        writers.append(report.JsonLines(files.enter_context(replacing(args.out))))
    if args.csv is not None:
        writers.append(report.Table(files.enter_context(replacing(args.csv))))
    return writers
