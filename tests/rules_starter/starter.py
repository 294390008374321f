"""The starter rules, loaded once for all tests of this folder, and a verdict on a text."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from bot.model import Comment, Evaluation, Facts, HistoryKind, ModelInfo, Scores, Verdict
from bot.rules import RuleSet, load_rules
from bot.text import fold
from bot.verdict import Policy, decide

RULES = Path(__file__).parent.parent.parent / "rules"
FIXTURES = Path(__file__).parent / "fixtures"

LABELS = ("toxicity", "severe_toxicity", "obscene", "threat", "insult", "identity_attack")
"""What the embedded model knows; the starter rules must need no more."""

MODEL = ModelInfo("fixed", "1", LABELS)
SILENT = Scores("fixed", "1", dict.fromkeys(LABELS, 0.0))


@cache
def ruleset() -> RuleSet:
    return load_rules(RULES, labels=LABELS)


def evaluate(comment: Comment, scores: Scores = SILENT) -> Evaluation:
    """Evaluate a comment that has no history."""
    rules = ruleset()
    history = {query: 1 if query.kind is HistoryKind.EVER else 0 for query in rules.history_queries}
    return rules.evaluate(Facts(comment, fold(comment.text), scores, history))


def screen(text: str, scores: Scores = SILENT, *, reply: bool = False) -> Verdict:
    """Return the verdict on a text of no author in particular."""
    comment = Comment("1", text, parent_id="0" if reply else None)
    evaluation = evaluate(comment, scores)
    return decide(comment, evaluation, scores, ruleset=ruleset().id, model=MODEL, policy=Policy())


def fixture_lines(name: str) -> list[str]:
    """Return the lines of a fixture, less comments."""
    lines = (FIXTURES / name).read_text(encoding="utf-8").splitlines()
    return [line for line in lines if line and not line.startswith("#")]
