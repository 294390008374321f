"""`gavel compare`: what changes on an archive under other rules, or under another model.

Lives here: naming the two sides, running both over the same comments, and the exit code. Not
here: counting and telling the difference (`bot.report`).
"""

from __future__ import annotations

import argparse
import asyncio
import subprocess
import sys
import tarfile
import tempfile
from contextlib import ExitStack
from dataclasses import dataclass, replace
from io import BytesIO
from pathlib import Path
from typing import TextIO

from rich.console import Console

from bot import report
from bot.app import offline_pipeline
from bot.app.crew import Crew, Task, useful
from bot.cli import DONE, FOUND_PROBLEMS, INTERRUPTED, options
from bot.cli.reading import (
    Reading,
    add_archives,
    add_labels,
    open_reading,
    progress_of,
    stop_at_ctrl_c,
)
from bot.cli.writing import keep_apart, replacing
from bot.config import Settings
from bot.errors import UserError
from bot.model import Action
from bot.pipeline import Pipeline
from bot.replay import few_collections, replay_pairs
from bot.rules import edits_between

BOTH = 2


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Register the command."""
    parser = commands.add_parser(
        "compare",
        help="tell what changes on an archive under other rules or another model",
        description="Tell what changes on archives under other rules, or under another model.",
        usage="gavel compare [options] OLD NEW ARCHIVE…\n"
        "       gavel compare [options] --model OLD --model NEW ARCHIVE…",
    )
    parser.add_argument(
        "words",
        nargs="*",
        metavar="OLD NEW ARCHIVE",
        help="rules as a folder, a file or REVISION:FOLDER of git; then archives",
    )
    options.add_settings(parser, model=False)
    parser.add_argument(
        "--model",
        dest="models",
        default=[],
        action="append",
        metavar="NAME",
        help="compact, an installed model, or the path of a checkpoint; given twice, the two are"
        " compared",
    )
    add_archives(parser)
    add_labels(parser)
    _add_outputs(parser)
    parser.set_defaults(run=run)


def _add_outputs(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--report", type=Path, metavar="FILE", help="the difference as HTML")
    parser.add_argument("--out", type=Path, metavar="FILE", help="changed comments as JSON lines")
    parser.add_argument(
        "--markdown", type=Path, metavar="FILE", help="the difference for a pull request"
    )
    parser.add_argument(
        "--max-new", type=int, metavar="N", help="exit code 1 when more are newly flagged"
    )
    parser.add_argument(
        "--fail-on",
        choices=Action.names()[1:],
        metavar="ACTION",
        help="exit code 1 when a comment is newly treated with this or more",
    )


@dataclass(frozen=True, slots=True)
class Side:
    """One side of the comparison: its settings, and what its rules are called."""

    settings: Settings
    name: str


def run(args: argparse.Namespace) -> int:
    """Compare; exit code 1 when a stated limit is passed."""
    with ExitStack() as stack:
        old, new = _sides(args, stack)
        keep_apart((*args.files, args.labels), (args.report, args.out, args.markdown))
        return asyncio.run(_run(args, old, new, open_reading(args)))


def _sides(args: argparse.Namespace, stack: ExitStack) -> tuple[Side, Side]:
    """Name both sides; what is left of the words are the archives."""
    settings = options.settings(args)
    _need(args)
    models = [options.with_model(settings, name) for name in args.models] or [settings]
    if len(models) == BOTH:
        args.files = [Path(word) for word in args.words]
        before, after = (Side(each, str(each.rules_path)) for each in models)
        return before, after
    args.files = [Path(word) for word in args.words[BOTH:]]
    before, after = (
        Side(replace(models[0], rules=str(_rules(word, stack))), word) for word in args.words[:BOTH]
    )
    return before, after


def _need(args: argparse.Namespace) -> None:
    """Raise `UserError` where something to compare is missing, or too much is there."""
    models, words = args.models, args.words
    if len(models) > BOTH:
        raise UserError(
            f"--model was given {len(models)} times", hint="two models are compared at a time"
        )
    if len(models) == BOTH and models[0] == models[1]:
        raise UserError(f"both models are {models[0]}", hint="name another one: gavel model list")
    if len(models) == BOTH and not words:
        raise UserError(
            "an archive is needed, on which to compare the models",
            hint=f"for example: gavel compare --model {' --model '.join(models)} thread.jsonl",
        )
    if len(models) < BOTH and len(words) <= BOTH:
        raise UserError(
            "two rule sets and an archive are needed, or --model twice and an archive",
            hint="for example: gavel compare HEAD:rules rules thread.jsonl, or gavel compare --model"
            " compact --model original thread.jsonl",
        )


def _rules(word: str, stack: ExitStack) -> Path:
    """Return the folder that `word` names: a path, or a folder of a git revision laid out anew."""
    if Path(word).exists() or ":" not in word:
        return options.rules_folder(Path(word))
    revision, _, folder = word.partition(":")
    made = subprocess.run(  # noqa: S603 - git gets the words as they are, no shell reads them
        ["git", "archive", "--format=tar", revision, "--", folder],  # noqa: S607 - the user's git
        capture_output=True,
        check=False,
    )
    if made.returncode:
        raise UserError(
            f"git knows no {word}: {made.stderr.decode(errors='replace').strip()}",
            hint="name a revision and a folder of it, such as HEAD~1:rules",
        )
    laid_out = Path(stack.enter_context(tempfile.TemporaryDirectory()))
    with tarfile.open(fileobj=BytesIO(made.stdout)) as tar:
        # Python before 3.11.4 knows no filters; git itself writes no path that leads elsewhere.
        tar.extraction_filter = getattr(tarfile, "data_filter", None)
        tar.extractall(laid_out, [each for each in tar if each.isfile() or each.isdir()])  # noqa: S202 - see above
    return laid_out / folder


async def _run(args: argparse.Namespace, old: Side, new: Side, reading: Reading) -> int:
    # Scores themselves are compared only between models; else a rule's need decides.
    scored = old.settings.model != new.settings.model
    with ExitStack() as files:
        # Opened before the work: nobody should wait for a result that cannot be written.
        page = files.enter_context(replacing(args.report)) if args.report else None
        markdown = files.enter_context(replacing(args.markdown)) if args.markdown else None
        out = files.enter_context(replacing(args.out)) if args.out else None
        async with (
            offline_pipeline(old.settings, score_all=scored) as before,
            offline_pipeline(new.settings, score_all=scored) as after,
        ):
            task = Task(old.settings, new.settings, score_all=scored)
            with Crew(task, size=useful(new.settings)) as crew:
                found, stopped = await _compare(reading, (before, after), crew, out)
            sides = (
                reading.about(before, name=old.name, interrupted=stopped),
                reading.about(
                    after,
                    name=new.name,
                    interrupted=stopped,
                    edits=edits_between(before.rules(), after.rules()),
                ),
            )
        broken = report.limits_passed(found, max_new=args.max_new, fail_on=_action(args.fail_on))
        if page:
            page.write(report.compare_html(found, *sides, broken))
        if markdown:
            markdown.write(report.comparison_markdown(found, *sides, broken))
    report.print_comparison(found, *sides, Console(), broken)
    if args.report:
        sys.stdout.write(f"\nReport: {args.report.resolve().as_uri()}\n")
    if stopped:
        return INTERRUPTED
    return FOUND_PROBLEMS if broken else DONE


async def _compare(
    reading: Reading, sides: tuple[Pipeline, Pipeline], crew: Crew, out: TextIO | None
) -> tuple[report.Difference, bool]:
    """Judge by both sides until the end or Ctrl-C; return also whether it was interrupted."""
    comparison, stop = report.Comparison(), stop_at_ctrl_c()
    lines = report.ChangeLines(out) if out else None
    async with progress_of(reading, stop.is_set) as advance:
        with few_collections():
            async for comment, pair in replay_pairs(
                reading.comments(), *sides, progress=advance, stopped=stop.is_set, crew=crew
            ):
                if pair is None:
                    comparison.add_clean(comment)
                    continue
                comparison.add(comment, *pair)
                if lines is not None:
                    lines.add(report.Change(comment, *pair))
    return comparison.difference(), stop.is_set()


def _action(name: str | None) -> Action | None:
    return Action[name.upper()] if name else None
