"""What commands that screen archives share: options, reading, the progress bar.

Lives here: from `FILE…` to comments, with every problem kept. Not here: what a command makes of
them, and the files it writes (`bot.cli.writing`).
"""

from __future__ import annotations

import argparse
import asyncio
import signal
import sys
import threading
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import Path

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeRemainingColumn,
)

from bot import report
from bot.archive import Archive, formats, open_archive
from bot.archive.labels import MEANINGS, Labels, key, read_labels
from bot.archive.source import ARCHIVE
from bot.cli import options
from bot.errors import Problem, Severity
from bot.model import Comment, Thread
from bot.pipeline import Pipeline
from bot.report.words import plural
from bot.rules.ruleset import ACTIVE

_COUNTED_AT_ONCE = 10_000

_SIGN_OF_LIFE = 10.0
"""Seconds between two lines where nobody watches a bar."""


def add_archives(parser: argparse.ArgumentParser) -> None:
    """Add `--format`, `--map` and `--limit`: how archives are read."""
    names = ", ".join(formats())
    parser.add_argument("--format", choices=formats(), metavar="NAME", help=f"one of {names}")
    parser.add_argument(
        "--map",
        default={},
        type=options.mapping,
        metavar="text=body,author=user",
        help="which columns or members hold what",
    )
    parser.add_argument("--limit", type=options.positive, metavar="N", help="the first N comments")


def add_labels(parser: argparse.ArgumentParser) -> None:
    """Add `--labels`."""
    parser.add_argument(
        "--labels", type=Path, metavar="FILE", help="moderators' labels, as gavel label writes them"
    )


def open_reading(args: argparse.Namespace) -> Reading:
    """Open the archives that `args` names; raise `UserError` when one is none."""
    archives = [open_archive(path, format=args.format, mapping=args.map) for path in args.files]
    labels = read_labels(args.labels) if getattr(args, "labels", None) else {}
    return Reading(archives, args.limit, labels)


@dataclass(slots=True)
class Reading:
    """Comments of all archives in turn; problems and what was skipped are kept for the report."""

    archives: list[Archive]
    limit: int | None = None
    labels: Labels = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    labelled: int = 0

    def comments(self) -> Iterator[Comment]:
        """Yield comments in the order of the files, at most `limit`."""
        return islice(self._all(), self.limit)

    def _all(self) -> Iterator[Comment]:
        for archive in self.archives:
            for item in archive:
                if isinstance(item, Problem):
                    self.problems.append(item)
                else:
                    yield self._labelled(item)

    def _labelled(self, comment: Comment) -> Comment:
        """Prefer a label given beside the archive to the one within."""
        label = self.labels.get(key(comment)) if self.labels else None
        if label is None:
            return comment
        self.labelled += 1
        return replace(comment, label=MEANINGS[label])

    async def count(self, stopped: Callable[[], bool]) -> int | None:
        """Read all archives once, only to count; `None` when stopped meanwhile."""
        return await asyncio.to_thread(self._count, stopped)

    def _count(self, stopped: Callable[[], bool]) -> int | None:
        items = (item for archive in self.archives for item in archive)
        comments = islice((item for item in items if isinstance(item, Comment)), self.limit)
        count = 0
        while not stopped() and (part := sum(1 for _ in islice(comments, _COUNTED_AT_ONCE))):
            count += part
        return None if stopped() else count

    def threads(self) -> dict[str, Thread]:
        """Return the threads seen so far, by id."""
        return {name: thread for each in self.archives for name, thread in each.threads.items()}

    def _idle_labels(self) -> Iterator[Problem]:
        """Yield a warning where labels were given and none of them is about what was read."""
        if self.labels and not self.labelled:
            yield Problem(
                "labels.idle",
                f"none of {plural(len(self.labels), 'label')} is about a comment that was read",
                hint="labels go by comment_id and thread_id: were they made from another archive?",
                severity=Severity.WARNING,
            )

    def skipped(self) -> Counter[str]:
        """Return what was left out, counted by reason."""
        return sum((archive.skipped for archive in self.archives), Counter())

    def about(self, pipeline: Pipeline, **more: object) -> report.About:
        """Return what a report tells beside its counts."""
        rules = pipeline.rules()
        about = report.About(
            files=tuple(str(archive.path) for archive in self.archives),
            rules=rules.rules,
            ruleset=rules.id,
            model=pipeline.scorer.model,
            problems=(*self.problems, *self._idle_labels()),
            skipped=self.skipped(),
            threads=self.threads(),
            not_asked=tuple(
                each.rule.id
                for each in rules.loaded
                if each.rule.status in ACTIVE and not each.scope.takes(ARCHIVE)
            ),
        )
        return replace(about, **more)  # type: ignore[arg-type]


def stop_at_ctrl_c() -> asyncio.Event:
    """Return what Ctrl-C sets: what is being judged is finished; a second one stops at once."""
    stop, loop = asyncio.Event(), asyncio.get_running_loop()

    def ask() -> None:
        stop.set()
        loop.remove_signal_handler(signal.SIGINT)
        sys.stderr.write("Stopping; what was screened will be written. Ctrl-C again to give up.\n")

    loop.add_signal_handler(signal.SIGINT, ask)
    return stop


@asynccontextmanager
async def progress_of(
    reading: Reading, stopped: Callable[[], bool]
) -> AsyncIterator[Callable[[int], None]]:
    """Yield what moves a bar; only one that somebody watches is worth reading the archives twice."""
    total = await reading.count(stopped) if sys.stderr.isatty() else None
    with progress_bar(total) as advance:
        yield advance


@contextmanager
def progress_bar(total: int | None) -> Iterator[Callable[[int], None]]:
    """Yield a function that moves a bar with rate and time left; elsewhere, see `plain_progress`."""
    console = Console(stderr=True)
    if not console.is_terminal:
        with plain_progress() as advance:
            yield advance
        return
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[rate]}/s"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console) as progress:
        task = progress.add_task("Screening", total=total, rate="?")

        def advance(count: int) -> None:
            progress.update(task, advance=count)
            speed = progress.tasks[task].speed
            progress.update(task, rate=f"{speed:,.0f}" if speed else "?")

        yield advance


@contextmanager
def plain_progress(every: float = _SIGN_OF_LIFE) -> Iterator[Callable[[int], None]]:
    """Yield a function that counts; every so many seconds a line on stderr tells how far it is."""
    begun, count, over = time.monotonic(), 0, threading.Event()

    def advance(more: int) -> None:
        nonlocal count
        count += more

    def tell() -> None:
        while not over.wait(every):
            seconds = time.monotonic() - begun
            sys.stderr.write(f"Screening for {seconds:,.0f} s; done so far: {count:,}\n")
            sys.stderr.flush()

    # A thread of its own, since the first batch may keep all else waiting.
    teller = threading.Thread(target=tell, name="progress", daemon=True)
    teller.start()
    try:
        yield advance
    finally:
        over.set()
        teller.join()
