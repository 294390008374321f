"""Writes screened comments as they come: JSON lines for machines, a table for spreadsheets.

Lives here: both writers. Not here: the record's keys (`bot.record`) and opening files
(`bot.cli`). Each comment is written as one whole line, so that an interrupted run leaves no half.
"""

from __future__ import annotations

import csv
import json
from dataclasses import dataclass, field
from typing import TextIO

from bot.model import LABELS, Action, Verdict
from bot.record import verdict_record
from bot.report.changes import Change, Kind
from bot.report.values import Screened
from bot.report.visible import cell, without_surrogates

COLUMNS = (
    "comment_id",
    "thread_id",
    "parent_id",
    "author",
    "created_at",
    "text",
    "action",
    "rules",
    "reasons",
    "matched",
    "shadow_rules",
    *(f"score_{label}" for label in LABELS),
    "degraded",
    "missing",
    "ruleset",
    "model",
)

_JUDGED = ("action", "matches", "scores", "degraded", "missing", "ruleset", "model")


@dataclass(frozen=True, slots=True)
class JsonLines:
    """Writes the documented record of each comment as one line of JSON."""

    stream: TextIO

    def add(self, screened: Screened) -> None:
        """Write one line."""
        record = verdict_record(screened.comment, screened.verdict)
        write_line(self.stream, record)


@dataclass(frozen=True, slots=True)
class ChangeLines:
    """Writes each comment whose action or reasons changed as one line of JSON."""

    stream: TextIO

    def add(self, change: Change) -> None:
        """Write one line, unless nothing changed."""
        before, after = (_reasons(verdict) for verdict in (change.old, change.new))
        if change.kind is Kind.SAME and before == after:
            return
        old, new = (verdict_record(change.comment, v) for v in (change.old, change.new))
        record: dict[str, object] = {"change": str(change.kind)}
        record |= {key: value for key, value in new.items() if key not in _JUDGED}
        record["old"] = {key: old[key] for key in _JUDGED}
        record["new"] = {key: new[key] for key in _JUDGED}
        write_line(self.stream, record)


def _reasons(verdict: Verdict) -> set[tuple[str, Action]]:
    return {(match.rule, match.action) for match in verdict.acting}


def write_line(stream: TextIO, record: dict[str, object]) -> None:
    """Write `record` as one line of JSON and hand it to the system at once."""
    stream.write(f"{without_surrogates(json.dumps(record, ensure_ascii=False))}\n")
    stream.flush()


@dataclass(slots=True)
class Table:
    """Writes one row a comment as CSV, with a header; no cell can be a formula.

    The stream should have been opened with `newline=""`.
    """

    stream: TextIO
    _begun: bool = field(default=False)

    def add(self, screened: Screened) -> None:
        """Write one row, and the header before the first."""
        writer = csv.writer(self.stream, lineterminator="\r\n")
        if not self._begun:
            writer.writerow(COLUMNS)
            self._begun = True
        row = _row(screened)
        writer.writerow([row[column] for column in COLUMNS])
        self.stream.flush()


def _row(screened: Screened) -> dict[str, str]:
    """Return the record flattened; a comment's matches are joined by semicolons."""
    record = verdict_record(screened.comment, screened.verdict)
    verdict = screened.verdict
    row = {column: _plain(record.get(column)) for column in COLUMNS}
    row["rules"] = "; ".join(match.rule for match in verdict.acting)
    row["reasons"] = "; ".join(match.reason for match in verdict.acting if match.reason)
    row["matched"] = "; ".join(match.text for match in verdict.acting if match.text)
    row["shadow_rules"] = "; ".join(
        match.rule for match in verdict.matches if match not in verdict.acting
    )
    row["missing"] = "; ".join(item.what for item in verdict.missing)
    for label, score in (verdict.scores.values if verdict.scores else {}).items():
        if label in LABELS:
            row[f"score_{label}"] = f"{score:.6f}"
    return {column: cell(value) for column, value in row.items()}


def _plain(value: object) -> str:
    if value is None:
        return ""
    return str(value).lower() if isinstance(value, bool) else str(value)
