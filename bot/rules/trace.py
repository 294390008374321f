"""Why a rule matches, or does not: every condition with its answer and what it looked at.

Lives here: traces for `gavel explain` and the review card's question. They come from the same
conditions and the same look as evaluation, so that they cannot tell another story.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bot.model import Outcome, Rule, Span
from bot.rules.conditions import Condition
from bot.rules.look import Look


@dataclass(frozen=True, slots=True)
class Step:
    """One condition: what it asks, its answer, what it saw, and the conditions inside it."""

    description: str
    outcome: Outcome
    detail: str = ""
    spans: tuple[Span, ...] = ()
    steps: tuple[Step, ...] = ()


@dataclass(frozen=True, slots=True)
class RuleTrace:
    """One rule on one comment; `outcome` is `None` out of scope, and `scope` says why."""

    rule: Rule
    outcome: Outcome | None
    scope: str = ""
    steps: tuple[Step, ...] = ()
    spans: tuple[Span, ...] = ()
    excepted: tuple[str, ...] = ()


def trace_condition(condition: Condition, look: Look) -> Step:
    """Return the trace of a condition and of all inside it."""
    answer = condition.test(look)
    return Step(
        condition.describe(),
        answer.outcome,
        _detail(condition, look, [item.what for item in answer.missing]),
        tuple(dict.fromkeys(hit.span for hit in answer.hits)),
        tuple(trace_condition(child, look) for child in condition.children()),
    )


def _detail(condition: Condition, look: Look, missing: Sequence[str]) -> str:
    if condition.children():
        return ""
    lacks = f"not known: {', '.join(missing)}" if missing else ""
    return "; ".join(filter(None, (condition.detail(look), lacks)))


def trace_rule(
    rule: Rule, condition: Condition, look: Look, scope: str, excepted: tuple[str, ...]
) -> RuleTrace:
    """Return the trace of a rule on the facts of `look`."""
    if scope:
        return RuleTrace(rule, None, scope, excepted=excepted)
    step = trace_condition(condition, look)
    return RuleTrace(rule, step.outcome, "", (step,), step.spans, excepted)
