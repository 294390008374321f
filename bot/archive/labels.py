"""Moderators' labels in a file of their own: read beside an archive, written one at a time.

Lives here: the CSV file `comment_id,thread_id,label`. Not here: asking for labels
(`bot.cli.label`) and what reports make of them.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from pathlib import Path

from bot.errors import Location, Problem, UserError, did_you_mean
from bot.model import Comment

COLUMNS = ("comment_id", "thread_id", "label")
MEANINGS: Mapping[str, bool | None] = {"abusive": True, "fine": False, "unsure": None}

Labels = dict[tuple[str, str], str]


def key(comment: Comment) -> tuple[str, str]:
    """Return what a comment is known by in a file of labels."""
    return comment.id, comment.thread_id or ""


def read_labels(path: Path) -> Labels:
    """Read a file of labels, the last line about a comment winning; all mistakes come at once."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = list(csv.DictReader(file))
    except FileNotFoundError:
        raise UserError(
            f"there is no file of labels {path}", hint="gavel label ARCHIVE makes one"
        ) from None
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise UserError(f"cannot read labels from {path}: {error}") from None
    problems = []
    labels: Labels = {}
    for line, row in enumerate(rows, 2):
        label = (row.get("label") or "").strip()
        if label not in MEANINGS or not row.get("comment_id"):
            problems.append(_problem(path, line, label, row))
            continue
        labels[row["comment_id"], row.get("thread_id") or ""] = label
    if problems:
        raise UserError(problems)
    return labels


def _problem(path: Path, line: int, label: str, row: Mapping[str, str]) -> Problem:
    place = Location(str(path), line)
    if not row.get("comment_id"):
        return Problem("labels.id", "a label without comment_id", place, hint=",".join(COLUMNS))
    return Problem(
        "labels.label", f'"{label}" is no label', place, hint=did_you_mean(label, MEANINGS)
    )


def append_label(path: Path, comment: Comment, label: str) -> None:
    """Write one label at the end of the file, at once: nothing is lost when the power goes."""
    new = not path.exists() or path.stat().st_size == 0
    with path.open("a", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        if new:
            writer.writerow(COLUMNS)
        writer.writerow((*key(comment), label))
