"""A small hand-made community, screened by hand: what the report tests look at."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from bot.model import (
    Action,
    Author,
    Comment,
    Evasion,
    Level,
    Match,
    Missing,
    ModelInfo,
    Outcome,
    Rule,
    RuleStatus,
    Scores,
    Span,
    Thread,
    Threshold,
    Verdict,
)
from bot.report import About, Screened

START = datetime(2024, 3, 1, 9, 0, tzinfo=UTC)
MODEL = ModelInfo("compact", "4f2a9c", ("toxicity", "insult", "threat"))


def comment(number: int, text: str, author: str = "ada", **more: Any) -> Comment:
    values: dict[str, Any] = {
        "id": f"c{number}",
        "author": Author(id=author, name=author.title()),
        "created_at": START + timedelta(hours=5 * number),
        "thread_id": "garden",
    }
    return Comment(text=text, **(values | more))


def match(of: str, word: str = "", rule: str = "abuse.insult", **more: Any) -> Match:
    values: dict[str, Any] = {
        "status": RuleStatus.LIVE,
        "action": Action.FLAG,
        "level": Level.HIGH,
        "reason": f"insult 0.93, matched {word}" if word else "insult 0.93",
        "spans": (Span(of.index(word), of.index(word) + len(word)),) if word else (),
        "text": word,
    }
    return Match(rule=rule, **(values | more))


def verdict(of: Comment, *matches: Match, score: float = 0.1, **more: Any) -> Verdict:
    acting = [each.action for each in matches if each.status is RuleStatus.LIVE]
    values: dict[str, Any] = {
        "action": max(acting, default=Action.ALLOW),
        "scores": Scores(
            "compact", "4f2a9c", {"toxicity": score, "insult": score / 2, "threat": score / 4}
        ),
    }
    return Verdict(
        id=f"v-{of.id}",
        comment_id=of.id,
        matches=matches,
        ruleset="rules-7d1e",
        model="compact",
        **(values | more),
    )


def screened(of: Comment, *matches: Match, **more: Any) -> Screened:
    return Screened(of, verdict(of, *matches, **more))


class _Never:
    def test(self, facts: object) -> Outcome:
        del facts
        return Outcome.NO_MATCH


def rule(name: str, title: str, **more: Any) -> Rule:
    values: dict[str, Any] = {
        "status": RuleStatus.LIVE,
        "level": Level.HIGH,
        "action": Action.FLAG,
        "when": _Never(),
    }
    return Rule(id=name, title=title, **(values | more))


RULES = (
    rule(
        "abuse.insult",
        "Insult aimed at another member",
        thresholds=(Threshold("toxicity", ">=", 0.85),),
        known_problems="Friends teasing each other score high.",
    ),
    rule("abuse.threat", "Threat of violence", action=Action.HOLD, level=Level.CRITICAL),
    rule("shape.shouting", "Shouting", action=Action.NOTE, level=Level.LOW),
    rule("abuse.snide", "Snide remarks", status=RuleStatus.SHADOW),
    rule("spam.links", "Many links at once"),
)


def community() -> list[Screened]:
    """Return ten comments of one thread and what the rules said of them."""
    insult = "Only a muppet would prune roses in June, \U0001f339 you absolute m.u.p.p.e.t"
    threat = "Touch my tomatoes again and I will water your keyboard"
    shouting = "WHY DOES NOBODY EVER READ THE PINNED POST"
    snide = "Sure, because that worked so well last year"
    plain = [
        comment(0, "Is June too late to prune roses?", "bea"),
        comment(1, "A little late, but a light trim does no harm.", "carl", parent_id="c0"),
        comment(4, "Please stay friendly, both of you.", "bea", parent_id="c2", label=False),
        comment(7, "Thanks, the pinned post answered it.", "dora", label=False),
        comment(8, "My grandmother pruned in June every year.", "carl"),
    ]
    second = insult.index("m.u.p.p.e.t")
    first = insult.index("muppet")
    insulted = comment(2, insult, "ada", parent_id="c1", label=True)
    threatened = comment(3, threat, "carl", parent_id="c2", label=True)
    loud = comment(5, shouting, "emil", label=False)
    quiet = comment(6, snide, "emil", parent_id="gone", label=True)
    broken = comment(9, "A text that the model could not answer", "fay")
    return [
        *(screened(each, score=0.02 + int(each.id[1:]) / 50) for each in plain),
        screened(
            insulted,
            match(
                insult,
                "muppet",
                spans=(Span(first, first + 6), Span(second, second + 11)),
                text="muppet … m.u.p.p.e.t",
                reason="insult 0.93, matched muppet … m.u.p.p.e.t",
                evasion=Evasion.STRONG,
                folding=("separators",),
            ),
            score=0.93,
        ),
        screened(
            threatened,
            match(threat, rule="abuse.threat", action=Action.HOLD, reason="threat 0.88"),
            match(threat, "water your keyboard"),
            score=0.88,
        ),
        screened(
            loud,
            match(
                shouting,
                shouting,
                rule="shape.shouting",
                action=Action.NOTE,
                level=Level.LOW,
                reason="34 of 34 letters are capitals",
            ),
        ),
        screened(
            quiet,
            match(snide, "Sure", rule="abuse.snide", status=RuleStatus.SHADOW, reason="snide"),
            score=0.4,
        ),
        screened(
            broken,
            action=Action.FLAG,
            scores=None,
            degraded=True,
            missing=(Missing("scores", failed=True),),
        ),
    ]


def about(**more: Any) -> About:
    values: dict[str, Any] = {
        "files": ("garden.jsonl",),
        "rules": RULES,
        "ruleset": "rules-7d1e",
        "model": MODEL,
        "threads": {"garden": Thread("garden", "Roses in June")},
    }
    return About(**(values | more))
