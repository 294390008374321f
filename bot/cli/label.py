"""`gavel label`: a quick reviewer for the terminal, one comment at a time in its context.

Lives here: showing, asking, and going on where one stopped. Not here: the file of labels
(`bot.archive.labels`) and what reports make of it (`gavel dryrun --labels`).
"""

from __future__ import annotations

import argparse
import asyncio
import hashlib
import os
import select
import shlex
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from bot.app import offline_pipeline
from bot.archive.labels import Labels, append_label, key, read_labels
from bot.cli import DONE, options
from bot.cli.reading import add_archives, open_reading
from bot.errors import UserError
from bot.model import Comment, Verdict
from bot.replay import replay
from bot.report.visible import visible

KEYS = {"a": "abusive", "f": "fine", "u": "unsure"}
_CHOICES = "[a]busive  [f]ine  [u]nsure  [b]ack  [q]uit"
_BEFORE = 2
_ESCAPE = b"\x1b"
_WITHIN = 0.05
"""Seconds within which a terminal sends what belongs to a key that begins with an escape."""


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Register the command."""
    parser = commands.add_parser(
        "label",
        help="label comments one by one, so that reports can tell how often rules are right",
        description="Keys: a abusive, f fine, u unsure, b back, q quit. Stop whenever you like:"
        " the next run goes on where you stopped.",
    )
    parser.add_argument("files", nargs="+", type=Path, metavar="FILE", help="archives to read")
    parser.add_argument(
        "--labels",
        dest="kept",
        type=Path,
        default=Path("labels.csv"),
        metavar="FILE",
        help="where labels go, and where those of earlier runs are (default: labels.csv)",
    )
    parser.add_argument("--sample", type=options.positive, metavar="N", help="N comments by chance")
    parser.add_argument(
        "--show-verdict", action="store_true", help="tell what the rules say (default: blind)"
    )
    add_archives(parser)
    options.add_settings(parser)
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Ask for every comment without a label; what was answered is kept at once."""
    labels = read_labels(args.kept) if args.kept.exists() else {}
    reading = open_reading(args)
    comments = list(reading.comments())
    for problem in reading.problems:
        sys.stderr.write(problem.render() + "\n")
    verdicts = asyncio.run(_verdicts(args, comments)) if args.show_verdict else {}
    wanted = [comment for comment in _sample(comments, args.sample) if key(comment) not in labels]
    answered = Reviewer(comments, verdicts, Console()).ask(wanted, args.kept, labels)
    sys.stdout.write(f"{answered} labelled now, {len(labels)} in all, in {args.kept}\n")
    if labels:
        files = shlex.join(map(str, args.files))
        sys.stdout.write(
            "How often the rules are right by them:"
            f" gavel dryrun {files} --labels {shlex.quote(str(args.kept))}\n"
        )
    return DONE


async def _verdicts(
    args: argparse.Namespace, comments: Sequence[Comment]
) -> dict[tuple[str, str], Verdict]:
    async with offline_pipeline(options.settings(args), score_all=False) as pipeline:
        return {key(comment): verdict async for comment, verdict in replay(comments, pipeline)}


def _sample(comments: Sequence[Comment], size: int | None) -> list[Comment]:
    """Choose by a hash of the comment: the same archive gives the same sample on every machine."""
    if size is None:
        return list(comments)
    drawn = sorted(
        comments,
        key=lambda c: hashlib.sha256("\0".join(key(c)).encode("utf-8", "surrogatepass")).digest(),
    )
    chosen = {key(comment) for comment in drawn[:size]}
    return [comment for comment in comments if key(comment) in chosen]


class Reviewer:
    """Shows comments and takes answers."""

    def __init__(
        self,
        comments: Sequence[Comment],
        verdicts: Mapping[tuple[str, str], Verdict],
        console: Console,
    ) -> None:
        self._places = {key(comment): place for place, comment in enumerate(comments)}
        self._comments = comments
        self._verdicts = verdicts
        self._console = console

    def ask(self, wanted: Sequence[Comment], path: Path, labels: Labels) -> int:
        """Ask about each of `wanted` until the end or until told to stop; return of how many."""
        place, answered = 0, set()
        while place < len(wanted):
            comment = wanted[place]
            self._show(comment, f"{place + 1} of {len(wanted)}", labels.get(key(comment), ""))
            answer = self._answer()
            if answer == "q":
                break
            if answer == "b":
                place = max(0, place - 1)
                continue
            _keep(path, comment, KEYS[answer])
            labels[key(comment)] = KEYS[answer]
            answered.add(key(comment))
            self._console.print(Text(KEYS[answer], style="bold"))
            place += 1
        return len(answered)

    def _answer(self) -> str:
        """Wait for a key that means something."""
        while (answer := _key()) not in {*KEYS, "b", "q"}:
            self._console.print(Text(_CHOICES, style="dim"))
        return answer

    def _show(self, comment: Comment, where: str, label: str) -> None:
        say = self._console.print
        so_far = f", so far {label}" if label else ""
        say(Text(f"\n── {where}{so_far} ──", style="dim"))
        for before in self._context(comment):
            told = Text(f"{visible(_head(before))}\n{visible(before.text)}\n", style="dim")
            say(Padding(told, (0, 0, 0, 4)))
        say(Text(visible(_head(comment)), style="bold"))
        say(Text(visible(comment.text)))
        verdict = self._verdicts.get(key(comment))
        if verdict is not None:
            reasons = "; ".join(
                f"{match.rule}: {match.reason}" if match.reason else match.rule
                for match in verdict.matches
            )
            say(Text(visible(f"Gavel: {verdict.action.said}. {reasons}"), style="italic"))
        say(Text(_CHOICES, style="dim"))

    def _context(self, comment: Comment) -> Iterator[Comment]:
        """Yield the comment answered, or else the two that stand before it in its thread."""
        thread = comment.thread_id or ""
        if comment.parent_id is not None and (comment.parent_id, thread) in self._places:
            yield self._comments[self._places[comment.parent_id, thread]]
            return
        here = self._places[key(comment)]
        earlier = self._comments[max(0, here - _BEFORE) : here]
        yield from (other for other in earlier if other.thread_id == comment.thread_id)


def _head(comment: Comment) -> str:
    time = f", {comment.created_at:%Y-%m-%d %H:%M}" if comment.created_at else ""
    return f"{comment.author.name or comment.author.id or 'unknown'}{time}"


def _keep(path: Path, comment: Comment, label: str) -> None:
    try:
        append_label(path, comment, label)
    except OSError as error:
        raise UserError(
            f"cannot write {path}: {error.strerror}", hint="choose another place with --labels"
        ) from None


def _key() -> str:
    """Read one key at a terminal, else one line; the end of input is a stop."""
    if not sys.stdin.isatty():
        line = sys.stdin.readline()
        return line.strip()[:1].lower() if line else "q"
    import termios  # noqa: PLC0415 - only where there is a terminal
    import tty  # noqa: PLC0415 - likewise

    before = termios.tcgetattr(sys.stdin)
    try:
        # At once: what was typed ahead is kept.
        tty.setcbreak(sys.stdin, termios.TCSANOW)
        return _pressed(sys.stdin.fileno())
    finally:
        termios.tcsetattr(sys.stdin, termios.TCSANOW, before)


def _pressed(terminal: int) -> str:
    """Return the letter of a key, nothing for an arrow or the like: those end in letters too."""
    byte = os.read(terminal, 1)
    if byte != _ESCAPE:
        return byte.decode(errors="replace").lower() or "q"
    if select.select([terminal], [], [], _WITHIN)[0] and os.read(terminal, 1) in {b"[", b"O"}:
        while (byte := os.read(terminal, 1)) and not b"@" <= byte <= b"~":
            pass
    return ""
