"""`gavel archive`: look at an archive before trusting it, and turn it into Gavel's own lines.

Lives here: what `check` prints and where `convert` writes. Not here: reading (`bot.archive`) and
the shape of the lines (`bot.archive.convert`).
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TextIO

from bot.archive import Archive, formats, open_archive
from bot.archive.convert import Redactor, comment_record
from bot.cli import DONE, FOUND_PROBLEMS, options
from bot.cli.redacting import add_redact, redactor
from bot.cli.writing import keep_apart, replacing
from bot.errors import Problem, Severity, UserError
from bot.model import Comment
from bot.report import words
from bot.report.visible import one_line

_SHOWN_COMMENTS = 3
_SHOWN_PROBLEMS = 20
_SHOWN_LETTERS = 100


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Register the command and its two verbs."""
    parser = subparsers.add_parser("archive", help="check and convert archives")
    verbs = parser.add_subparsers(dest="verb", metavar="VERB", required=True)
    check = verbs.add_parser(
        "check",
        help="count what is in archives, with all problems by line",
        description="Read archives and tell what is in them; exit code 1 where one has errors.",
    )
    _add_reading(check)
    check.set_defaults(run=run_check)
    convert = verbs.add_parser(
        "convert",
        help="write archives as JSON lines that Gavel reads back without loss",
        description="Read archives of any format and write them as one file of JSON lines.",
    )
    _add_reading(convert)
    convert.add_argument("--out", type=Path, required=True, metavar="FILE", help="- for stdout")
    add_redact(convert)
    convert.set_defaults(run=run_convert)


def _add_reading(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("files", nargs="+", type=Path, metavar="FILE", help="archives to read")
    parser.add_argument(
        "--format", choices=formats(), metavar="NAME", help=f"one of {', '.join(formats())}"
    )
    parser.add_argument(
        "--map",
        default={},
        type=options.mapping,
        metavar="text=body,author=user",
        help="which columns or members hold what",
    )


# --- check -----------------------------------------------------------------------------------


@dataclass(slots=True)
class _Findings:
    """What one archive holds."""

    comments: int = 0
    replies: int = 0
    labels: Counter[bool] = field(default_factory=Counter)
    first: datetime | None = None
    last: datetime | None = None
    shown: list[Comment] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)

    def add(self, item: Comment | Problem) -> None:
        """Count a comment, keep a problem."""
        if isinstance(item, Problem):
            self.problems.append(item)
            return
        self.comments += 1
        self.replies += item.parent_id is not None or "reply_to" in item.attributes
        if item.label is not None:
            self.labels[item.label] += 1
        if item.created_at is not None:
            self.first = min(self.first or item.created_at, item.created_at)
            self.last = max(self.last or item.created_at, item.created_at)
        if len(self.shown) < _SHOWN_COMMENTS:
            self.shown.append(item)

    @property
    def errors(self) -> int:
        """How many problems cost something."""
        return sum(problem.severity is Severity.ERROR for problem in self.problems)


def run_check(args: argparse.Namespace) -> int:
    """Print what is in each archive; one that cannot be read does not hide the others."""
    sound = True
    for path in args.files:
        try:
            archive = open_archive(path, format=args.format, mapping=args.map)
            findings = _Findings()
            for item in archive:
                findings.add(item)
        except UserError as error:
            sys.stdout.write(f"{path}\n{_indented(error.render())}\n\n")
            sound = False
        else:
            sys.stdout.write("\n".join(_lines(archive, findings)) + "\n\n")
            sound = sound and not findings.errors
    return DONE if sound else FOUND_PROBLEMS


def _lines(archive: Archive, findings: _Findings) -> Iterator[str]:
    yield str(archive.path)
    yield f"  format    {archive.format}"
    yield f"  comments  {findings.comments:,}, {findings.replies:,} of them replies"
    if archive.threads:
        yield f"  threads   {len(archive.threads):,} with a title"
    if findings.first and findings.last:
        yield f"  times     {findings.first:%Y-%m-%d %H:%M} to {findings.last:%Y-%m-%d %H:%M} UTC"
    if findings.labels:
        abusive, fine = findings.labels[True], findings.labels[False]
        yield f"  labels    {abusive:,} abusive, {fine:,} fine"
    if archive.skipped:
        counts = (f"{count:,} {reason}" for reason, count in archive.skipped.most_common())
        yield f"  skipped   {', '.join(counts)}"
    warnings = len(findings.problems) - findings.errors
    errors = words.plural(findings.errors, "error")
    yield f"  problems  {errors}, {words.plural(warnings, 'warning')}"
    yield from (_indented(each.render()) for each in findings.problems[:_SHOWN_PROBLEMS])
    if (more := len(findings.problems) - _SHOWN_PROBLEMS) > 0:
        yield f"    and {words.plural(more, 'more problem')}"
    if findings.shown:
        yield "  the first comments"
        yield from (f"    {_summary(comment)}" for comment in findings.shown)


def _summary(comment: Comment) -> str:
    author = one_line(comment.author.name or comment.author.id or "unknown", _SHOWN_LETTERS)
    time = f"{comment.created_at:%Y-%m-%d %H:%M}" if comment.created_at else "no time"
    return f"{author}, {time}: {one_line(comment.text, _SHOWN_LETTERS)}"


def _indented(text: str) -> str:
    return "\n".join(f"    {line}" for line in text.split("\n"))


# --- convert ---------------------------------------------------------------------------------


def run_convert(args: argparse.Namespace) -> int:
    """Write all archives to one file; problems go to standard error and cost only their rows."""
    archives = [open_archive(path, format=args.format, mapping=args.map) for path in args.files]
    redact = redactor() if args.redact else None
    written = problems = 0
    with _output(args.out, args.files) as out:
        for archive in archives:
            for item in _records(archive, redact):
                if isinstance(item, Problem):
                    problems += 1
                    sys.stderr.write(item.render() + "\n")
                else:
                    written += 1
                    out.write(json.dumps(item, ensure_ascii=False) + "\n")
    skipped = sum(sum(archive.skipped.values()) for archive in archives)
    where = "" if str(args.out) == "-" else f" to {args.out}"
    sys.stderr.write(
        f"{words.plural(written, 'comment')} written{where}; {skipped:,} skipped,"
        f" {words.plural(problems, 'problem')}\n"
    )
    return DONE


def _records(archive: Archive, redact: Redactor | None) -> Iterator[dict[str, object] | Problem]:
    """Yield records; the first of each thread tells its title and opening text."""
    told: set[str] = set()
    for item in archive:
        if isinstance(item, Problem):
            yield item
            continue
        name = item.thread_id or ""
        thread = archive.threads.get(name) if name not in told else None
        if thread is not None:
            told.add(name)
        if redact is None:
            yield comment_record(item, thread)
        else:
            hidden = redact.redact_thread(thread) if thread else None
            yield comment_record(redact.redact(item), hidden)


@contextmanager
def _output(path: Path, sources: Iterable[Path]) -> Iterator[TextIO]:
    """Open `path` for writing; never a file that is being read."""
    if str(path) == "-":
        yield sys.stdout
        return
    keep_apart(sources, (path,))
    with replacing(path) as file:
        yield file
