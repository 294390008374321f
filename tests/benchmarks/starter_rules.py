"""Bars of the starter rules: `python -m tests.benchmarks.starter_rules [DATA]`.

Prints, words only (a model that is silent): how much disguised profanity is found, how many
innocent words are hit, each rule's false alarms among natural comments, what the labels of a
training slice say of each rule, and what survives disguises, technique by technique. `--show N`
also prints N hits of each rule that makes cards, to be read.
"""

from __future__ import annotations

import argparse
import gzip
import json
import os
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from bot.model import Action, Comment, Evaluation, Facts, HistoryKind, RuleStatus, Scores
from bot.rules import RuleSet, load_rules
from bot.text import fold_many

ROOT = Path(__file__).parent.parent.parent
LABELS = ("toxicity", "severe_toxicity", "obscene", "threat", "insult", "identity_attack")
SILENT = Scores("silent", "", dict.fromkeys(LABELS, 0.0))

Row = tuple[str, float | None]
"""A text, and the share of people who found it toxic where that is known."""


def rows(path: Path) -> list[Row]:
    """Return the texts of a data file with their label."""
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        read = [json.loads(line) for line in lines]
    return [(each["text"], each.get("labels", {}).get("toxicity")) for each in read]


def screened(rules: RuleSet, texts: Sequence[str]) -> list[Evaluation]:
    """Evaluate texts that have no history and that the model is silent about."""
    history = {q: 1 if q.kind is HistoryKind.EVER else 0 for q in rules.history_queries}
    facts = [
        Facts(Comment(str(number), text), folded, SILENT, history)
        for number, (text, folded) in enumerate(zip(texts, fold_many(texts), strict=True))
    ]
    return rules.evaluate_many(facts)


def action(evaluation: Evaluation) -> Action:
    """Return what the live rules make of a comment."""
    live = (m.action for m in evaluation.matches if m.status is RuleStatus.LIVE)
    return max(live, default=Action.ALLOW)


def share(evaluations: Iterable[Evaluation], least: Action) -> float:
    """Return the share of comments with at least this action."""
    found = [action(each) >= least for each in evaluations]
    return sum(found) / len(found)


def disguises(rules: RuleSet, data: Path) -> None:
    """Print the share of disguised profanity found, and of innocent words hit."""
    for name, bar in (("obfuscated_profanity", "≥ 85 %"), ("innocent_words", "≤ 0.5 %")):
        found = screened(rules, [text for text, _ in rows(data / f"dev/{name}.jsonl.gz")])
        noted, flagged = share(found, Action.NOTE), share(found, Action.FLAG)
        shadow = sum(bool(each.matches) for each in found) / len(found)
        print(
            f"{name:<22} flag or more {flagged:7.2%}   note or more {noted:7.2%}"
            f"   shadow rules too {shadow:7.2%}   bar {bar}"
        )


def alarms(rules: RuleSet, name: str, data: Path, show: int, bar: str = "") -> None:
    """Print each rule's hits among labelled comments, and how many of them people call toxic."""
    read = rows(data / f"{name}.jsonl.gz")
    found = screened(rules, [text for text, _ in read])
    hits: Counter[str] = Counter()
    toxic: Counter[str] = Counter()
    for (_, label), evaluation in zip(read, found, strict=True):
        for match in evaluation.matches:
            hits[match.rule] += 1
            toxic[match.rule] += (label or 0) >= 0.5
    print(f"\n{name}, {len(read):,} comments: hits a rule, and the share that people call toxic")
    for rule in rules.rules:
        if hits[rule.id]:
            kind = f"{rule.action}{'' if rule.status is RuleStatus.LIVE else f' ({rule.status})'}"
            right = toxic[rule.id] / hits[rule.id]
            print(f"  {rule.id:<28} {kind:<14} {hits[rule.id]:6,}   {right:6.1%}")
    clean = [
        evaluation for (_, label), evaluation in zip(read, found, strict=True) if (label or 0) < 0.5
    ]
    print(f"  flag or more, of all: {share(found, Action.FLAG):.2%}{bar}")
    print(
        f"  flag or more, of those that people do not call toxic: {share(clean, Action.FLAG):.2%}"
    )
    for line in samples(rules, [text for text, _ in read], found, show):
        print(line)


def samples(
    rules: RuleSet, texts: Sequence[str], found: Sequence[Evaluation], most: int
) -> Iterator[str]:
    """Yield a few hits of each rule that makes cards, around the place found."""
    for rule in rules.rules:
        if rule.action < Action.FLAG:
            continue
        pairs = zip(texts, found, strict=True)
        hits = [(text, m) for text, e in pairs for m in e.matches if m.rule == rule.id]
        for text, match in hits[:: max(1, len(hits) // max(1, most))][:most]:
            start, end = match.spans[0] if match.spans else (0, 0)
            around = " ".join(text[max(0, start - 60) : end + 60].split())
            yield f"    {rule.id} [{match.text}] … {around} …"


def main() -> None:
    parser = argparse.ArgumentParser(description="Bars of the starter rules")
    default = os.environ.get("GAVEL_DATA", "../shared/data")
    parser.add_argument("data", nargs="?", type=Path, default=Path(default))
    parser.add_argument("--show", type=int, default=0, metavar="N")
    options = parser.parse_args()
    rules = load_rules(ROOT / "rules", labels=LABELS)
    disguises(rules, options.data)
    natural = "train/wikipedia_talk_natural"
    alarms(rules, natural, options.data, options.show, "   bar < 1 %")
    alarms(rules, "train/jigsaw_slice", options.data, options.show)


if __name__ == "__main__":
    main()
