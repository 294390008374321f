"""Every bar of the rule language in one run: `python -m tests.benchmarks.bars [DATA]`.

Prints one line a bar: what was measured, the bar, and whether it is met. Speeds are processor time
of one core on comments made here, ratios come from the same run; recall and false alarms come from
the labelled texts in `DATA` (or `GAVEL_DATA`, or ../shared/data). Exit status 1 if any is missed.
"""

from __future__ import annotations

import argparse
import os
import random
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import NoReturn

from bot.model import Action, Evasion
from bot.rules import RuleSet, load_rules
from bot.rules.matcher import Matcher
from bot.rules.survival import survival
from tests.benchmarks import matching, rules, starter_rules


@dataclass(frozen=True)
class Bar:
    """A figure and the bound that it has to keep, in the unit that `form` shows."""

    name: str
    value: float
    bound: float
    form: str = "{:,.0f}"
    at_most: bool = False

    @property
    def met(self) -> bool:
        """Whether the bound is kept."""
        return self.value <= self.bound if self.at_most else self.value >= self.bound

    def line(self) -> str:
        """Return the bar as it is printed."""
        value, bound = self.form.format(self.value), self.form.format(self.bound)
        sign = "≤" if self.at_most else "≥"
        return f"{'met ' if self.met else 'MISS'}  {self.name:<66}{value:>12}   {sign} {bound}"


# --- speed -----------------------------------------------------------------------------------

# Comments a second of the fastest usual ways, measured together with the bar of 200,000.
_RE_LOOP, _BETTER_PROFANITY = 4_500, 86
_SPEED = 200_000


def matching_bars(count: int) -> Iterator[Bar]:
    """Yield the bars of folding and matching."""
    made = matching.Setting(count)
    few = matching.speed(Matcher(made.terms, made.patterns), made.comments)
    lots = matching.speed(Matcher(made.many, made.patterns), made.comments)
    yield Bar("fold at strong, match 1,000 terms and 50 patterns, comments/s", few, _SPEED)
    yield Bar("10,000 terms cost, times 1,000", few / lots, 1.5, "{:.2f}", at_most=True)
    bounds = {"a loop over re": _RE_LOOP, "better_profanity": _BETTER_PROFANITY}
    for name, theirs in matching.rivals(made.comments, made.terms, made.patterns).items():
        yield Bar(f"times as fast as {name}", few / theirs, _SPEED / bounds[name])
    for name, took in matching.hostile_seconds(made.hostile).items():
        yield Bar(f"hostile, 4,000 characters, {name}, ms", took * 1e3, 20, "{:.1f}", at_most=True)


def evaluation_bars(ruleset: RuleSet, count: int) -> Iterator[Bar]:
    """Yield the bars of evaluating the starter rules, and of loading many."""
    speeds = rules.evaluation(ruleset, count)
    yield Bar("starter rules with known scores, comments/s", speeds[rules.MANY], 100_000)
    yield Bar("fold and starter rules with known scores, comments/s", speeds[rules.BOTH], 60_000)
    for name, took in rules.hostile_seconds(ruleset).items():
        yield Bar(f"starter rules, hostile, {name}, ms", took * 1e3, 20, "{:.1f}", at_most=True)
    yield Bar("load 1,000 rules, s", rules.loading(), 1, "{:.2f}", at_most=True)


# --- what is found ---------------------------------------------------------------------------

_SURVIVAL = {
    "zero-width": 0.99,
    "bidi": 0.99,
    "confusables": 0.95,
    "leet": 0.90,
    "spacing": 0.90,
    "separators": 0.90,
    "repeats": 0.95,
    "self-censoring": 0.80,
}


def fuzz_bars(ruleset: RuleSet) -> Iterator[Bar]:
    """Yield the share of disguised entries that are found, technique by technique."""
    for each in survival(ruleset, random.Random(1), evasion=Evasion.STRONG):
        if each.technique in _SURVIVAL:
            bound = _SURVIVAL[each.technique]
            yield Bar(f"fuzz, {each.technique}", each.caught, bound, "{:.1%}")


def recall_bars(ruleset: RuleSet, data: Path) -> Iterator[Bar]:
    """Yield what is flagged of disguised profanity, of innocent words and of natural talk.

    Each is told twice: by words alone, and by all rules with the scores of `compact`.
    """
    sets = {
        "obfuscated_profanity": ("dev", 0.85, False),
        "innocent_words": ("dev", 0.005, True),
        "wikipedia_talk_natural": ("train", 0.01, True),
    }
    judges = {"words alone": starter_rules.silent, "all rules": starter_rules.model("compact")}
    for name, (folder, bound, at_most) in sets.items():
        texts = [text for text, _ in starter_rules.rows(data / f"{folder}/{name}.jsonl.gz")]
        for judge, score in judges.items():
            found = starter_rules.screened(ruleset, texts, score)
            flagged = starter_rules.share(found, Action.FLAG)
            yield Bar(f"{name}, flagged by {judge}", flagged, bound, "{:.2%}", at_most=at_most)
            noted = starter_rules.share(found, Action.NOTE)
            print(f"      noted or more by {judge:<40}{noted:8.2%}")
    hits = Counter(match.rule for each in found for match in each.matches)
    for rule, number in hits.most_common():
        print(f"      {rule:<40}{number / len(texts):8.2%} of natural talk")


def tell(bars: Iterable[Bar]) -> NoReturn:
    """Print each bar as soon as it is known, and end the process: with 1 if any is missed."""
    missed = 0
    for bar in bars:
        print(bar.line(), flush=True)
        missed += not bar.met
    print(f"{missed} missed" if missed else "all met")
    sys.exit(1 if missed else 0)


def main() -> None:
    """Print all bars."""
    parser = argparse.ArgumentParser(description=__doc__)
    default = os.environ.get("GAVEL_DATA", "../shared/data")
    parser.add_argument("data", nargs="?", type=Path, default=Path(default))
    parser.add_argument("--comments", type=int, default=100_000)
    parser.add_argument("--rules-only", action="store_true", help="what is found, and no speeds")
    options = parser.parse_args()
    ruleset = load_rules(rules.ROOT / "rules", labels=rules.LABELS)
    speeds = (
        matching_bars(options.comments),
        evaluation_bars(ruleset, options.comments),
    )
    found = fuzz_bars(ruleset), recall_bars(ruleset, options.data)
    tell(chain.from_iterable(found if options.rules_only else (*speeds, *found)))


if __name__ == "__main__":
    main()
