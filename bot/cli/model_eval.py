"""`gavel model eval`: how good a model is on labelled comments.

Lives here: reading the rows, and the table and the JSON. Not here: what is measured
(`bot.training.evaluation`), or the page with the curves (`bot.cli.model_page`).
"""

from __future__ import annotations

import argparse
import asyncio
import csv
import gzip
import json
import math
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TextIO, cast

import numpy as np
from rich.console import Console
from rich.table import Table

from bot.app import offline_scorer
from bot.cli import options
from bot.cli.model_page import page
from bot.errors import Location, Problem, UserError, did_you_mean
from bot.model import LABELS, ModelInfo
from bot.training.evaluation import LabelQuality, SetQuality, evaluate

Row = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Measured:
    """One file: its rows, each row's scores, and what they are worth."""

    rows: Sequence[Row]
    scores: Sequence[Mapping[str, float]]
    quality: SetQuality


def add_parser(actions: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Register the action."""
    parser = actions.add_parser("eval", help="measure a model on labelled comments")
    parser.add_argument("model", metavar="NAME", help="as for --model")
    parser.add_argument(
        "data",
        nargs="+",
        type=Path,
        metavar="DATA",
        help='JSON lines {"text", "labels": {label: value}} or CSV with a column for each label;'
        " .gz as well; a column `functionality` gives a table of its own",
    )
    parser.add_argument("--limit", type=options.positive, help="rows of each file")
    options.add_settings(parser, rules=False, model=False)
    parser.add_argument("--json", action="store_true", help="print figures as JSON")
    parser.add_argument("--html", type=Path, metavar="FILE", help="write a page with the curves")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Measure each file; print a table or JSON, and write a page when asked to."""
    model, measured = asyncio.run(_measure(args))
    if args.json:
        figures = {"model": asdict(model), "sets": [asdict(each.quality) for each in measured]}
        sys.stdout.write(json.dumps(_plain(figures), indent=2) + "\n")
    else:
        console = Console()
        for each in measured:
            _print(console, each.quality)
    # Last, so that no figure is lost where the page cannot be written.
    if args.html:
        _write(args.html, page(model, [(m.rows, m.scores, m.quality) for m in measured]))
    return 0


async def _measure(args: argparse.Namespace) -> tuple[ModelInfo, list[Measured]]:
    measured = []
    async with offline_scorer(options.settings(args)) as scorer:
        for path in args.data:
            rows = read_rows(path, args.limit)
            scored = await scorer.score([str(row["text"]) for row in rows])
            scores = [each.values for each in scored]
            _check_known(path, rows, scorer.model)
            quality = evaluate(path.name, rows, lambda _, known=scores: known)  # type: ignore[misc]
            measured.append(Measured(rows, scores, quality))
    return scorer.model, measured


def _check_known(path: Path, rows: Sequence[Row], model: ModelInfo) -> None:
    """Refuse a file that holds no label of the model: its table would be empty."""
    if not any(label in model.labels for row in rows for label in cast("Row", row["labels"])):
        raise UserError(
            f"{path} labels no row with anything that {model.id} scores",
            hint=f"{model.id} scores {', '.join(model.labels)}",
        )


def read_rows(path: Path, limit: int | None = None) -> list[Row]:
    """Read labelled comments; raise `UserError` that names the first row that is none."""
    try:
        with _open(path) as file:
            name = path.name.removesuffix(".gz")
            rows = _csv_rows(file, path) if name.endswith(".csv") else _json_rows(file, path)
            found = [row for _, row in zip(range(limit or sys.maxsize), rows, strict=False)]
    except (OSError, EOFError) as error:
        raise UserError(f"cannot read {path}: {getattr(error, 'strerror', '') or error}") from None
    except UnicodeDecodeError as error:
        raise UserError(f"{path} is not UTF-8 text ({error.reason})") from None
    if not found:
        raise UserError(f"{path} holds no rows")
    return found


def _open(path: Path) -> TextIO:
    if path.suffix == ".gz":
        return gzip.open(path, "rt", encoding="utf-8", newline="")
    return path.open(encoding="utf-8", newline="")


def _json_rows(file: TextIO, path: Path) -> Iterator[Row]:
    for number, line in enumerate(file, 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except json.JSONDecodeError as error:
            raise _bad_row(path, number, error.msg, line, error.colno) from None
        if not isinstance(row, dict) or not isinstance(row.get("text"), str):
            raise _bad_row(path, number, 'expected an object with a "text"', line)
        labels = row.get("labels")
        if not isinstance(labels, dict) or not all(_is_share(value) for value in labels.values()):
            raise _bad_row(path, number, '"labels" must map labels to values from 0 to 1', line)
        for label in labels:
            if label not in LABELS:
                raise _bad_row(path, number, _unknown(label), line)
        yield row


def _csv_rows(file: TextIO, path: Path) -> Iterator[Row]:
    reader = csv.DictReader(file)
    if "text" not in (reader.fieldnames or ()):
        raise _bad_row(path, 1, 'there is no column "text"')
    if not set(LABELS) & set(reader.fieldnames or ()):
        raise _bad_row(path, 1, f"there is no column of a label ({', '.join(LABELS)})")
    for row in reader:
        try:
            labels = {label: float(row[label]) for label in LABELS if row.get(label)}
        except ValueError as error:
            raise _bad_row(path, reader.line_num, str(error)) from None
        if not all(_is_share(value) for value in labels.values()):
            raise _bad_row(path, reader.line_num, "a label's value must lie from 0 to 1")
        rest = {name: value for name, value in row.items() if name not in LABELS and value}
        yield {**rest, "text": row["text"] or "", "labels": labels}


def _unknown(label: str) -> str:
    return f'there is no label "{label}"; {did_you_mean(label, LABELS)}'


def _is_share(value: object) -> bool:
    return isinstance(value, int | float) and 0 <= value <= 1


def _bad_row(path: Path, line: int, message: str, source: str = "", column: int = 1) -> UserError:
    location = Location(str(path), line, column, source.rstrip("\n")) if source else None
    hint = 'each line is an object such as {"text": "hello", "labels": {"toxicity": 0}}'
    location = location or Location(str(path), line)
    return UserError(Problem("eval.row", message, location, hint if source else ""))


def _print(console: Console, quality: SetQuality) -> None:
    table = Table(title=f"{quality.name}: {quality.rows:,} rows", title_justify="left", box=None)
    for column in ("label", "rows", "positive", "AUC", "95 %", "AP", "TPR@1%FPR", "ECE"):
        table.add_column(column, justify="left" if column == "label" else "right", no_wrap=True)
    for label in quality.labels:
        table.add_row(*_cells(label))
    console.print(table)
    if quality.movement is not None:
        console.print(f"movement between identity-swapped pairs: {quality.movement:.4f}")
    if quality.functionalities:
        console.print("functionality: right answers where toxicity is cut at 0.5")
    for each in quality.functionalities:
        console.print(f"  {each.right / each.cases:6.1%}  {each.right}/{each.cases}  {each.name}")
    console.print()


def _cells(label: LabelQuality) -> list[str]:
    return [
        label.label,
        f"{label.rows:,}",
        f"{label.positives:,}",
        _number(label.auc),
        f"{_number(label.auc_low)} to {_number(label.auc_high)}",
        _number(label.average_precision),
        _number(label.recall_at_1_percent_false),
        _number(label.calibration_error),
    ]


def _number(value: float) -> str:
    return "?" if math.isnan(value) else f"{value:.3f}"


def _plain(value: object) -> object:
    """Return what JSON can hold: it knows no NaN, which becomes null, and no numpy numbers."""
    if isinstance(value, Mapping):
        return {name: _plain(each) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    if isinstance(value, np.generic):
        value = value.item()
    return None if isinstance(value, float) and math.isnan(value) else value


def _write(path: Path, text: str) -> None:
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise UserError(f"cannot write {path}: {error.strerror}") from None
