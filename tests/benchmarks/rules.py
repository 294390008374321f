"""Speed of rules: `python -m tests.benchmarks.rules [--comments N] [--rules PATH]`.

Prints, in processor time of one core and in one run: comments a second of `evaluate_many` with the
starter rules and known scores (texts folded beforehand), of folding and evaluating together, of `evaluate` one by one, and the ratio to a loop over Python's `re` with the same
entries; what hostile comments of 4,000 characters cost; then how long loading 1,000 rules takes,
and a thousand examples.

Comments are made here unless `GAVEL_DATA` (default ../shared/data) has natural ones.
"""

from __future__ import annotations

import argparse
import gc
import gzip
import json
import os
import random
import re
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from itertools import cycle, islice
from pathlib import Path
from time import process_time

from bot.model import Author, Comment, Facts, HistoryKind, Scores
from bot.replay import few_collections
from bot.rules import RuleSet, load_rules, run_examples
from bot.rules.fuzz import obfuscations
from bot.text import fold, fold_many
from tests.benchmarks import matching

ROOT = Path(__file__).parent.parent.parent
LABELS = ("toxicity", "severe_toxicity", "obscene", "threat", "insult", "identity_attack")
NOON = datetime(2024, 5, 1, 12, tzinfo=UTC)
CHAT_LENGTH = 81


def natural_texts(count: int) -> list[str]:
    """Return chat-length pieces of natural comments, or made ones where there is no data."""
    folder = Path(os.environ.get("GAVEL_DATA", ROOT.parent / "shared" / "data"))
    found = sorted(folder.glob("train/wikipedia_talk_natural*"))
    if not found:
        words = [
            "the",
            "a",
            "we",
            "they",
            "go",
            "see",
            "think",
            "talk",
            "page",
            "house",
            "river",
            "about",
            "with",
            "under",
        ]
        rng = random.Random(1)
        return [" ".join(rng.choices(words, k=15)) for _ in range(count)]
    with gzip.open(found[0], "rt", encoding="utf-8") as lines:
        texts = [json.loads(line)["text"] for line in lines]
    # Cut between words: nobody writes half a word.
    chat = re.compile(rf"\S.{{0,{CHAT_LENGTH - 1}}}(?!\S)", re.DOTALL)
    pieces = [piece for text in texts for piece in chat.findall(text[:1000])]
    return list(islice(cycle(pieces), count))


def facts_of(texts: Sequence[str], ruleset: RuleSet) -> list[Facts]:
    """Return facts with scores as a model gives them to ordinary comments."""
    rng = random.Random(2)
    history = {
        query: 0 if query.kind is not HistoryKind.EVER else 5 for query in ruleset.history_queries
    }
    author = Author("a", "Ann", is_bot=False, roles=(), account_created_at=NOON, joined_at=NOON)
    return [
        Facts(
            Comment(
                str(number),
                text,
                "discord",
                "general",
                author,
                NOON,
                parent_id="0",
                attributes={"attachments": (), "mentions": ()},
            ),
            folded,
            Scores("made", "1", {label: rng.betavariate(0.3, 6) for label in LABELS}),
            history,
        )
        for number, (text, folded) in enumerate(zip(texts, fold_many(texts), strict=True))
    ]


def rate(name: str, count: int, work: Callable[[], object]) -> float:
    """Print and return how many comments a second `work` does; the better of two runs."""
    best = float("inf")
    for _ in range(2):
        begun = process_time()
        work()
        best = min(best, process_time() - begun)
    print(f"{name:<44}{count / best:12,.0f} comments a second")
    return count / best


def loop_over_re(ruleset: RuleSet) -> Callable[[Sequence[str]], None]:
    """Return the naive way: one regular expression an entry, one after the other."""
    entries = sorted({term.text.strip("*") for term in ruleset.terms})[:1000]
    patterns = [re.compile(rf"\b{re.escape(entry)}\b", re.IGNORECASE) for entry in entries]

    def search(texts: Sequence[str]) -> None:
        for text in texts:
            for pattern in patterns:
                pattern.search(text)

    return search


def thousand_rules() -> str:
    """Return a file of a thousand rules with two examples each."""
    rule = (
        "- id: r.n{0}\n  title: Rule {0}\n  status: live\n  level: high\n  when:\n    all:\n"
        "    - any:\n      - score: {{insult: '>= 0.85'}}\n"
        "      - words: {{entries: [word{0}, 'other {0}'], evasion: strong}}\n"
        "    - reply: {{is_reply: true}}\n    - not: {{quoted: true}}\n"
        "  then: {{action: flag, labels: [harassment]}}\n"
        "  reason: 'insult {{score.insult:.2f}}, matched {{match}}'\n"
        "  known_problems: Friends.\n  examples:\n"
        "    match: [{{text: a word{0}, scores: {{insult: 0.9}}, reply: true}}]\n"
        "    no_match: [{{text: nothing, scores: {{insult: 0.9}}}}]\n"
    )
    return "rules:\n" + "".join(rule.format(number) for number in range(1000))


def evaluation(ruleset: RuleSet, count: int) -> dict[str, float]:
    """Print and return comments a second of each way to evaluate, by name."""
    texts = natural_texts(count)
    facts = facts_of(texts, ruleset)
    # Comments held here would cost each collection of garbage; in a replay, none are held.
    gc.collect()
    gc.freeze()
    found = ruleset.evaluate_many(facts)
    mean = sum(map(len, texts)) / len(texts)
    busy = sum(bool(each.matches) for each in found)
    print(
        f"{count:,} comments of {mean:.0f} characters, {busy / count:.1%} with a match; "
        f"{len(ruleset.rules)} rules, {len(ruleset.terms):,} terms"
    )
    folded = [each.text for each in facts]
    few = facts[: max(1, count // 20)]
    naive = loop_over_re(ruleset)
    sample = texts[: max(1, count // 500)]
    speeds = {
        MANY: rate(MANY, count, lambda: ruleset.evaluate_many(facts)),
        "  of which matching": rate(
            "  of which matching", count, lambda: ruleset.matcher.find_many(folded)
        ),
        BOTH: rate(BOTH, count, lambda: fold_and_evaluate(texts, facts, ruleset)),
        "evaluate, one by one": rate(
            "evaluate, one by one", len(few), lambda: [ruleset.evaluate(each) for each in few]
        ),
        NAIVE: rate(NAIVE, len(sample), lambda: naive(sample)),
    }
    print(f"evaluate_many is {speeds[MANY] / speeds[NAIVE]:,.0f} times as fast as the loop")
    return speeds


MANY = "evaluate_many, scores known, texts folded"
BOTH = "fold and evaluate_many"
NAIVE = "a loop over re with 1,000 of the entries"
_CHUNK = 4_096


def fold_and_evaluate(texts: Sequence[str], facts: Sequence[Facts], ruleset: RuleSet) -> None:
    """Fold and evaluate as a replay does, so many at a time, with nothing kept."""
    for start in range(0, len(texts), _CHUNK):
        folded = fold_many(texts[start : start + _CHUNK])
        ruleset.evaluate_many(
            [
                Facts(each.comment, text, each.scores, each.history)
                for each, text in zip(facts[start : start + _CHUNK], folded, strict=True)
            ]
        )


_HOSTILE_LENGTH = 4_000


def repeated(piece: str) -> str:
    """Return a hostile comment of nothing but `piece`."""
    return f"{piece} " * (_HOSTILE_LENGTH // (len(piece) + 1))


def hostile_seconds(ruleset: RuleSet) -> dict[str, float]:
    """Return what folding and evaluating each sort of hostile comment takes, the slowest of each.

    Besides those of the matcher, there are entries of the rules again and again, plain and in
    every disguise: no other texts have as many hits.
    """
    rng = random.Random(1)
    entries = sorted({term.core for term in ruleset.terms})
    plain = rng.sample(entries, min(len(entries), 150))
    disguised = [made for entry in plain[:15] for _, made in obfuscations(entry, rng)]
    sorts = {name: [text] for name, text in matching.hostile()}
    sorts["one entry, again and again"] = list(map(repeated, plain))
    sorts["one disguised entry, again and again"] = list(map(repeated, disguised))
    with few_collections():
        return {
            name: max(_hostile_second(ruleset, text) for text in texts)
            for name, texts in sorts.items()
        }


def _hostile_second(ruleset: RuleSet, text: str) -> float:
    (facts,) = facts_of([text], ruleset)

    def fold_and_evaluate() -> None:
        ruleset.evaluate(replace(facts, text=fold(text)))

    return min(matching.seconds(fold_and_evaluate) for _ in range(3))


def loading() -> float:
    """Print how long it takes to load rules, which is returned, and to run their examples."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "rules.yaml"
        path.write_text(thousand_rules(), encoding="utf-8")
        begun = process_time()
        ruleset = load_rules(path, labels=LABELS)
        loaded = process_time() - begun
        print(f"loading 1,000 rules ({path.stat().st_size:,} bytes): {loaded:.2f} s")
        begun = process_time()
        results = run_examples(ruleset)
        assert all(result.passed for result in results)
        print(f"running their {len(results):,} examples: {process_time() - begun:.2f} s")
    return loaded


def main() -> None:
    """Run all of it."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0] if __doc__ else "")
    parser.add_argument("--comments", type=int, default=50_000)
    parser.add_argument("--rules", type=Path, default=ROOT / "rules")
    args = parser.parse_args()
    ruleset = load_rules(args.rules)
    evaluation(ruleset, args.comments)
    for name, took in hostile_seconds(ruleset).items():
        print(f"hostile, {name}: {took * 1000:.1f} ms")
    loading()


if __name__ == "__main__":
    main()
