"""Bars of the starter rules: `python -m tests.benchmarks.starter_rules [DATA]`.

Prints, words only (a model that is silent): how much disguised profanity is found, how many
innocent words are hit, each rule's hits among natural comments and in a training slice, and how
many of them people call toxic. `--model NAME` asks a model as well, `--archive FILE` screens an
archive without labels, `--show N` also prints N hits of each rule that makes cards, to be read.
"""

from __future__ import annotations

import argparse
import asyncio
import gzip
import json
import os
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

from bot.archive import open_archive
from bot.model import Action, Comment, Evaluation, Facts, HistoryKind, RuleStatus, Scores
from bot.rules import RuleSet, load_rules
from bot.scoring import open_scorer
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


Score = Callable[[Sequence[str]], Sequence[Scores]]


def silent(texts: Sequence[str]) -> Sequence[Scores]:
    """Score as a model that finds nothing: what is found then is found by words alone."""
    return [SILENT] * len(texts)


def model(name: str) -> Score:
    """Return the scores of a model."""

    async def score(texts: Sequence[str]) -> Sequence[Scores]:
        scorer = open_scorer(name)
        try:
            return await scorer.score(texts)
        finally:
            await scorer.close()

    return lambda texts: asyncio.run(score(texts))


def screened(rules: RuleSet, texts: Sequence[str], score: Score = silent) -> list[Evaluation]:
    """Evaluate texts that have no history."""
    history = {q: 1 if q.kind is HistoryKind.EVER else 0 for q in rules.history_queries}
    facts = [
        Facts(Comment(str(number), text), folded, scores, history)
        for number, (text, folded, scores) in enumerate(
            zip(texts, fold_many(texts), score(texts), strict=True)
        )
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


def alarms(rules: RuleSet, name: str, read: Sequence[Row], score: Score, show: int) -> None:
    """Print each rule's hits, how many of them people call toxic, and the share of cards."""
    texts = [text for text, _ in read]
    found = screened(rules, texts, score)
    hits: Counter[str] = Counter()
    toxic: Counter[str] = Counter()
    for (_, label), evaluation in zip(read, found, strict=True):
        for match in evaluation.matches:
            hits[match.rule] += 1
            toxic[match.rule] += (label or 0) >= 0.5
    labelled = any(label is not None for _, label in read)
    print(f"\n{name}, {len(read):,} comments{': hits a rule, of them toxic' * labelled}")
    for rule in rules.rules:
        if hits[rule.id]:
            kind = f"{rule.action}{'' if rule.status is RuleStatus.LIVE else f' ({rule.status})'}"
            right = f"{toxic[rule.id] / hits[rule.id]:8.1%}" if labelled else ""
            print(f"  {rule.id:<28} {kind:<14} {hits[rule.id]:6,}{right}")
    print(f"  flag or more, of all: {share(found, Action.FLAG):.2%}")
    if labelled:
        pairs = zip(read, found, strict=True)
        fine = [evaluation for (_, label), evaluation in pairs if (label or 0) < 0.5]
        print(f"  flag or more, of those not called toxic: {share(fine, Action.FLAG):.2%}")
    for line in samples(rules, texts, found, show):
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
    parser.add_argument("--model", metavar="NAME", help="ask a model as well")
    parser.add_argument("--archive", type=Path, metavar="FILE", help="screen an archive as well")
    parser.add_argument("--show", type=int, default=0, metavar="N", help="print hits to read")
    options = parser.parse_args()
    rules = load_rules(ROOT / "rules", labels=LABELS)
    score = model(options.model) if options.model else silent
    disguises(rules, options.data)
    for name in ("wikipedia_talk_natural", "jigsaw_slice"):
        read = rows(options.data / f"train/{name}.jsonl.gz")
        alarms(rules, name, read, score, options.show)
    print("\nbar: words alone, flag or more on wikipedia_talk_natural, under 1 %")
    if options.archive:
        comments = [each for each in open_archive(options.archive) if isinstance(each, Comment)]
        texts = [(each.text, None) for each in comments]
        alarms(rules, options.archive.name, texts, score, options.show)


if __name__ == "__main__":
    main()
