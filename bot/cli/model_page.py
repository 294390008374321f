"""The page of `gavel model eval --html`: figures and curves in one file, without scripts.

Lives here: HTML and SVG. Not here: reading data or measuring.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from html import escape

import numpy as np
from numpy.typing import NDArray

from bot.model import ModelInfo
from bot.training.evaluation import LabelQuality, SetQuality

Array = NDArray[np.float64]
Set = tuple[Sequence[Mapping[str, object]], Sequence[Mapping[str, float]], SetQuality]

_SIZE, _MARGIN = 180, 40
_BINS = 10
_MOST_POINTS = 200

_TOLD = {
    "AUC": "how often a comment with the label scores higher than one without; 0.5 is chance",
    "95 %": "where the AUC lies in 95 of 100 draws of such rows",
    "AP": "average precision: the area under the curve of precision by recall",
    "TPR at 1 % FPR": "share of the labelled that is found when 1 in 100 of the others is flagged",
    "ECE": "expected calibration error: how far scores lie from the share that has the label",
}
"""What the columns mean."""

_STYLE = """
:root { color-scheme: light dark; --ink: #1d2733; --paper: #fff; --line: #9aa7b4; --accent: #2463ad; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e4e9ee; --paper: #12171d; --line: #56636f; --accent: #7db2f0; }
}
body { font: 16px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--paper);
  max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
.scroll { overflow-x: auto; }
section { margin-bottom: 3rem; } .scroll, .curves, p { margin: 1rem 0; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
th, td { padding: .2rem .8rem .2rem 0; text-align: right; white-space: nowrap; }
th:first-child, td:first-child { text-align: left; }
tr + tr td { border-top: 1px solid color-mix(in srgb, var(--line) 40%, transparent); }
.curves { display: flex; flex-wrap: wrap; gap: 1.5rem; }
figure { margin: 0; } figcaption { font-size: .85rem; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .2rem 1rem; font-size: .9rem; }
dt { font-weight: 600; } dd { margin: 0; }
svg text { font-size: 11px; fill: var(--ink); text-anchor: middle; }
.frame { fill: none; stroke: var(--line); }
.ideal { stroke: var(--line); stroke-dasharray: 3 4; }
.curve { fill: none; stroke: var(--accent); stroke-width: 2; }
.dot { fill: var(--accent); }
"""


def page(model: ModelInfo, sets: Sequence[Set]) -> str:
    """Return the page as HTML."""
    title = f"{escape(model.id)} {escape(model.revision)}"
    body = "".join(_section(*each) for each in sets)
    return (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{title}</title>'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<style>{_STYLE}</style><h1>{title}</h1>{body}{_glossary()}</html>\n"
    )


def _glossary() -> str:
    terms = "".join(f"<dt>{name}</dt><dd>{escape(told)}</dd>" for name, told in _TOLD.items())
    return f"<dl>{terms}</dl>"


def _section(
    rows: Sequence[Mapping[str, object]],
    scores: Sequence[Mapping[str, float]],
    quality: SetQuality,
) -> str:
    parts = [f"<h2>{escape(quality.name)}</h2><p>{quality.rows:,} rows</p>", _table(quality)]
    if quality.movement is not None:
        parts.append(
            f"<p>Movement between identity-swapped pairs: <b>{quality.movement:.4f}</b></p>"
        )
    parts.append('<div class="curves">')
    for label in quality.labels:
        truth, score = _columns(rows, scores, label.label)
        parts.append(_figure(label.label, "recall", "precision", _recall_curve(truth, score)))
        parts.append(_figure(label.label, "score", "share with label", _reliability(truth, score)))
    parts.append("</div>")
    if quality.functionalities:
        parts.append(_functionalities(quality))
    return f"<section>{''.join(parts)}</section>"


def _table(quality: SetQuality) -> str:
    heads = ("label", "rows", "positive", *_TOLD)
    head = "".join(f"<th>{each}</th>" for each in heads)
    body = "".join(f"<tr>{_row(label)}</tr>" for label in quality.labels)
    return f'<div class="scroll"><table><tr>{head}</tr>{body}</table></div>'


def _row(label: LabelQuality) -> str:
    cells = (
        escape(label.label),
        f"{label.rows:,}",
        f"{label.positives:,}",
        _number(label.auc),
        f"{_number(label.auc_low)} to {_number(label.auc_high)}",
        _number(label.average_precision),
        _number(label.recall_at_1_percent_false),
        _number(label.calibration_error),
    )
    return "".join(f"<td>{cell}</td>" for cell in cells)


def _number(value: float) -> str:
    return "undefined" if math.isnan(value) else f"{value:.4f}"


def _functionalities(quality: SetQuality) -> str:
    rows = "".join(
        f"<tr><td>{escape(each.name)}</td><td>{each.right} of {each.cases}</td>"
        f"<td>{each.right / each.cases:.1%}</td></tr>"
        for each in quality.functionalities
    )
    head = "<tr><th>functionality</th><th>right at toxicity 0.5</th><th></th></tr>"
    return f'<div class="scroll"><table>{head}{rows}</table></div>'


def _columns(
    rows: Sequence[Mapping[str, object]], scores: Sequence[Mapping[str, float]], label: str
) -> tuple[Array, Array]:
    """Return truth and score of the rows where the label was annotated."""
    pairs = [
        (labels[label], score[label])
        for row, score in zip(rows, scores, strict=True)
        if isinstance(labels := row.get("labels"), Mapping) and label in labels and label in score
    ]
    truth, score = np.array(pairs, dtype=np.float64).reshape(-1, 2).T
    return truth, score


def _recall_curve(truth: Array, score: Array) -> str:
    hits = truth[np.argsort(-score, kind="stable")] >= 0.5  # noqa: PLR2004 - the evaluation's own border
    if not hits.any():
        return ""
    found = np.cumsum(hits)
    recall, precision = found / found[-1], found / np.arange(1, len(hits) + 1)
    kept = np.unique(np.linspace(0, len(hits) - 1, _MOST_POINTS).astype(int))
    points = " ".join(_at(x, y) for x, y in zip(recall[kept], precision[kept], strict=True))
    return f'<polyline class="curve" points="{points}"/>'


def _reliability(truth: Array, score: Array) -> str:
    bins = np.minimum((score * _BINS).astype(int), _BINS - 1)
    dots = []
    for index in np.unique(bins):
        inside = bins == index
        x, y = _at(score[inside].mean(), truth[inside].mean()).split(",")
        radius = 2 + 6 * math.sqrt(inside.mean())
        dots.append(f'<circle class="dot" cx="{x}" cy="{y}" r="{radius:.1f}"/>')
    return f'<line class="ideal" x1="0" y1="{_SIZE}" x2="{_SIZE}" y2="0"/>{"".join(dots)}'


def _at(x: float, y: float) -> str:
    return f"{x * _SIZE:.1f},{(1 - y) * _SIZE:.1f}"


def _figure(label: str, across: str, up: str, drawing: str) -> str:
    whole, caption = _SIZE + 2 * _MARGIN, escape(f"{label}: {up} by {across}")
    return (
        f'<figure><svg width="{whole}" height="{whole}" role="img" aria-label="{caption}"'
        f' viewBox="{-_MARGIN} {-_MARGIN} {whole} {whole}">'
        f'<rect class="frame" width="{_SIZE}" height="{_SIZE}"/>{_axes(across, up)}{drawing}</svg>'
        f"<figcaption>{caption}</figcaption></figure>"
    )


def _axes(across: str, up: str) -> str:
    ticks = "".join(
        f'<text x="{at * _SIZE}" y="{_SIZE + 14}">{at:g}</text>'
        f'<text x="-14" y="{(1 - at) * _SIZE + 4}">{at:g}</text>'
        for at in (0.0, 0.5, 1.0)
    )
    middle = _SIZE // 2
    return (
        f'{ticks}<text x="{middle}" y="{_SIZE + 30}">{across}</text>'
        f'<text transform="translate(-28 {middle}) rotate(-90)">{up}</text>'
    )
