"""Figures of the embedded model: `python -m tests.benchmarks.compact [--model DIR] [--json FILE]`.

Scores every set of `dev` under `GAVEL_DATA` with the real `Detoxify.predict` on the shipped file,
and prints the tables of the model card in Markdown, then the bars with what was reached. Long
texts are cut as Detoxify cuts them; `gavel` scores them in windows. Texts of natural prevalence
are those that training held out. Nothing here tunes anything.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import math
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from detoxify import Detoxify

from bot.scoring.tokens import as_read
from bot.training.augment import LOOKALIKES
from bot.training.data import held_out, read
from bot.training.evaluation import LabelQuality, ScoreTexts, SetQuality, evaluate
from tests.benchmarks.bars import Bar

DATA = Path(os.environ.get("GAVEL_DATA", "../shared/data"))
SHIPPED = Path("bot/scoring/compact")
HELD = (
    "jigsaw_slice",
    "jigsaw_six_labels",
    "wikipedia_talk_with_parent",
    "identity_swap_pairs",
)
"""The sets that bars speak of."""

LABELLED = (*HELD, "identity_madlibs", "hatemoji_validation")
FUNCTIONAL = Path(__file__).with_name("functional.jsonl")
"""Cases written for this project by a hand that saw neither training texts nor other test sets."""

FLAGGED = ("obfuscated_profanity", "innocent_words")
HELD_OUT_SHARE = 0.06
THRESHOLDS = (0.5, 0.8)
ROWS = 32
FORM = "{:.3f}"

Row = Mapping[str, Any]


class Scorer:
    """The real `predict` over lists sorted by length, in single precision."""

    def __init__(self, folder: Path) -> None:
        checkpoint = next(folder.glob("*.ckpt"))
        self._detoxify = Detoxify(checkpoint=str(checkpoint), huggingface_config_path=str(folder))

    def __call__(self, texts: Sequence[str]) -> list[dict[str, float]]:
        order = sorted(range(len(texts)), key=lambda place: len(texts[place]))
        result: list[dict[str, float]] = [{}] * len(texts)
        for start in range(0, len(order), ROWS):
            places = order[start : start + ROWS]
            found = self._detoxify.predict([texts[place] for place in places])
            for row, place in enumerate(places):
                result[place] = {
                    label: values[row] if len(places) > 1 else values
                    for label, values in found.items()
                }
        return result


def labelled(score: ScoreTexts, names: Sequence[str], data: Path = DATA) -> Iterator[SetQuality]:
    """Measure sets that carry labels."""
    for name in names:
        yield evaluate(name, read(data / "dev" / f"{name}.jsonl.gz"), score)


def above(score: Scorer, texts: Sequence[str]) -> list[float]:
    """Return the share of texts whose toxicity reaches each threshold."""
    toxicity = np.array([row["toxicity"] for row in score(texts)])
    return [float((toxicity >= threshold).mean()) for threshold in THRESHOLDS]


def shares(score: Scorer) -> Iterator[tuple[str, int, list[float]]]:
    """Measure how much of what should, or should not, be found reaches the thresholds."""
    for name in FLAGGED:
        texts = [str(row["text"]) for row in read(DATA / "dev" / f"{name}.jsonl.gz")]
        yield name, len(texts), above(score, texts)
    rows: list[Row] = list(read(DATA / "train" / "wikipedia_talk_natural.jsonl.gz"))
    natural = [
        str(row["text"])
        for row in rows
        if held_out(str(row["text"]), HELD_OUT_SHARE) and row["labels"]["toxicity"] < THRESHOLDS[0]
    ]
    yield "wikipedia_talk_natural, held out, not toxic", len(natural), above(score, natural)
    yield from _in_lookalikes(score)


def _in_lookalikes(score: Scorer) -> Iterator[tuple[str, int, list[float]]]:
    """Measure toxic comments whose letters were exchanged, and what Gavel makes of them first."""
    rows: list[Row] = list(read(DATA / "dev" / f"{LABELLED[0]}.jsonl.gz"))
    toxic = [str(row["text"]) for row in rows if row["labels"]["toxicity"] >= THRESHOLDS[0]][:400]
    disguised = [text.translate(LOOKALIKES) for text in toxic]
    for name, texts in (
        ("as they are", toxic),
        ("in Cyrillic look-alikes", disguised),
        ("in look-alikes, as read", [as_read(text) for text in disguised]),
    ):
        yield f"jigsaw_slice, toxic, {name}", len(texts), above(score, texts)


def bars(sets: Mapping[str, SetQuality]) -> list[Bar]:
    """Hold the figures against what is promised."""
    slice_, talk = (_toxicity(sets[name]) for name in (LABELLED[0], LABELLED[2]))
    areas = [q.auc for q in sets["jigsaw_six_labels"].labels if not math.isnan(q.auc)]
    movement = sets["identity_swap_pairs"].movement or math.nan
    return [
        Bar("toxicity AUC, jigsaw_slice", slice_.auc, 0.975, FORM),
        Bar("toxicity AUC, wikipedia_talk_with_parent", talk.auc, 0.91, FORM),
        Bar("mean AUC of the labels, jigsaw_six_labels", sum(areas) / len(areas), 0.95, FORM),
        Bar("movement of identity-swapped pairs", movement, 0.02, FORM, at_most=True),
        Bar("calibration error, jigsaw_slice", slice_.calibration_error, 0.05, FORM, at_most=True),
    ]


def _toxicity(quality: SetQuality) -> LabelQuality:
    return next(each for each in quality.labels if each.label == "toxicity")


def _figure(value: float) -> str:
    return "–" if math.isnan(value) else f"{value:.3f}"


def label_table(sets: Sequence[SetQuality]) -> Iterator[str]:
    """Yield one line a set and label."""
    yield "| set | label | rows | positive | AUC (95 %) | AP | TPR at 1 % FPR | ECE |"
    yield "|---|---|--:|--:|---|--:|--:|--:|"
    for quality in sets:
        for each in quality.labels:
            area = f"{_figure(each.auc)} ({_figure(each.auc_low)} to {_figure(each.auc_high)})"
            yield (
                f"| {quality.name} | {each.label} | {each.rows} | {each.positives} |"
                f" {'–' if math.isnan(each.auc) else area} | {_figure(each.average_precision)} |"
                f" {_figure(each.recall_at_1_percent_false)} |"
                f" {_figure(each.calibration_error)} |"
            )


def share_table(found: Sequence[tuple[str, int, list[float]]]) -> Iterator[str]:
    """Yield one line a set without labels."""
    yield "| texts | rows | toxicity ≥ 0.5 | ≥ 0.8 |"
    yield "|---|--:|--:|--:|"
    for name, rows, (half, high) in found:
        yield f"| {name} | {rows} | {half:.1%} | {high:.1%} |"


def functional_table(quality: SetQuality) -> Iterator[str]:
    """Yield one line a functional test."""
    yield "| functional test | cases | right at 0.5 |"
    yield "|---|--:|--:|"
    for each in quality.functionalities:
        yield f"| {each.name} | {each.cases} | {each.right / each.cases:.0%} |"


def bar_table(found: Sequence[Bar]) -> Iterator[str]:
    """Yield one line a bar."""
    yield "| bar | promised | reached | |"
    yield "|---|---|--:|---|"
    for bar in found:
        verdict = "holds" if bar.met else "missed"
        sign = "≤" if bar.at_most else "≥"
        yield f"| {bar.name} | {sign} {bar.bound} | {bar.value:.3f} | {verdict} |"


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", type=Path, default=SHIPPED)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--threads", type=int, default=torch.get_num_threads())
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    score = Scorer(args.model)
    sets = {quality.name: quality for quality in labelled(score, LABELLED)}
    functional = sets["functional"] = evaluate("functional", read(FUNCTIONAL), score)
    without_labels, reached = list(shares(score)), bars(sets)
    for table in (
        label_table([*sets.values()]),
        functional_table(functional),
        share_table(without_labels),
        bar_table(reached),
    ):
        sys.stdout.write("\n".join(table) + "\n\n")
    if args.json:
        content = {
            "sets": [dataclasses.asdict(quality) for quality in sets.values()],
            "shares": without_labels,
            "bars": [dataclasses.asdict(bar) for bar in reached],
        }
        args.json.write_text(json.dumps(content, indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()
