"""Makes rule sets and facts for tests, from text and from few words."""

from __future__ import annotations

import textwrap
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bot.errors import UserError
from bot.model import Author, Comment, Facts, Scores
from bot.rules import RuleSet
from bot.rules.language import RULE_FILE
from bot.rules.loader import _File, _join
from bot.text import fold
from bot.yamlfile import Report, parse_text, salvage

LABELS = ("toxicity", "insult", "threat")
NOON = datetime(2024, 5, 1, 12, tzinfo=UTC)


def read(text: str, report: Report, labels: tuple[str, ...] | None = None) -> RuleSet | None:
    node = parse_text(textwrap.dedent(text).lstrip("\n"), "rules.yaml", report)
    if node is None:
        return None
    content = salvage(node, RULE_FILE, report, "a rule file")
    return _join([_File(Path("rules.yaml"), content)], Path(), labels, report)


def ruleset(text: str, labels: tuple[str, ...] | None = None) -> RuleSet:
    report = Report()
    made = read(text, report, labels)
    if made is None:
        raise UserError(report.problems)
    return made


def problems(text: str, labels: tuple[str, ...] | None = None) -> str:
    report = Report()
    read(text, report, labels)
    return "\n\n".join(problem.render() for problem in report.problems)


def rule(
    when: str, *, name: str = "a.rule", then: str = "{action: flag}", more: str = ""
) -> RuleSet:
    """Return a set of one rule; `when` and `then` in YAML's flow form."""
    text = f"rules:\n- id: {name}\n  when: {when}\n  then: {then}\n"
    return ruleset(text + (f"  {more}\n" if more else ""))


def facts(
    text: str = "hello there", *, scores: dict[str, float] | None = None, **more: Any
) -> Facts:
    """Return facts; `history`, `missing` are Facts' own, all else is the comment's."""
    own = {key: more.pop(key) for key in ("history", "missing", "parent") if key in more}
    author = Author("ann", "Ann", is_bot=False, roles=(), account_created_at=NOON, joined_at=NOON)
    comment = Comment(id="1", text=text, author=author, created_at=NOON)
    return Facts(
        replace(comment, **more),
        fold(text),
        None if scores is None else Scores("fake", "1", scores),
        **own,
    )


def matched(rules: RuleSet, given: Facts) -> list[str]:
    """Return the ids of the rules that match, and hold both ways of evaluating alike."""
    evaluation = rules.evaluate(given)
    assert rules.evaluate_many([given]) == [evaluation]
    return [match.rule for match in evaluation.matches]
