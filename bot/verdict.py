"""From an evaluation to a verdict: pure, and the only place that decides.

Lives here: which action the matches add up to, what a failure turns into, and the verdict's
identity. Not here: finding matches (`bot.rules`) and doing anything about them (`bot.outbox`).
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from bot.frozen import maker
from bot.model import (
    Action,
    Comment,
    Evaluation,
    Match,
    Missing,
    Mode,
    ModelInfo,
    RuleStatus,
    Scores,
    Verdict,
)

_make_verdict = maker(Verdict)


@dataclass(frozen=True, slots=True)
class Policy:
    """What holds for all verdicts: may they act, and where does a failure go."""

    mode: Mode = Mode.REVIEW
    on_failure: Action = Action.FLAG


def decide(
    comment: Comment,
    evaluation: Evaluation,
    scores: Scores | None,
    *,
    ruleset: str,
    model: ModelInfo,
    policy: Policy,
    failures: tuple[Missing, ...] = (),
) -> Verdict:
    """Return the verdict on `comment`; the strongest action of a live rule wins.

    A missing input degrades the verdict only where a live rule wanted it. A failure of ours
    (model down, pattern over its budget) is at least `policy.on_failure`: it is never clean.
    `failures` are those that hold whatever the rules wanted, such as an oversize text.
    """
    action, missing = Action.ALLOW, failures
    # Most comments are clean: for them all the rest is already said.
    if evaluation.matches:
        action = _strongest(evaluation.matches)
    if evaluation.unknown:
        missing = _missing(evaluation, failures)
    if missing and any(item.failed for item in missing):
        action = max(action, policy.on_failure)
    return _make_verdict(
        id=_identity(comment, ruleset, model),
        comment_id=comment.id,
        action=action,
        matches=evaluation.matches,
        scores=scores,
        ruleset=ruleset,
        model=model.id,
        mode=policy.mode,
        degraded=bool(missing),
        missing=missing,
        decided_at=comment.edited_at or comment.created_at,
    )


def _strongest(matches: Sequence[Match]) -> Action:
    live = (match.action for match in matches if match.status is RuleStatus.LIVE)
    return max(live, default=Action.ALLOW)


def _missing(evaluation: Evaluation, failures: tuple[Missing, ...]) -> tuple[Missing, ...]:
    wanted = (
        item
        for unknown in evaluation.unknown
        if unknown.status is RuleStatus.LIVE
        for item in unknown.missing
    )
    return tuple(dict.fromkeys((*failures, *wanted)))


def _identity(comment: Comment, ruleset: str, model: ModelInfo) -> str:
    """Name a verdict by what it depends on, so that a replay names it alike."""
    parts = (comment.source, comment.channel, comment.id, comment.text, ruleset, model.revision)
    whole = "\0".join(parts).encode("utf-8", "surrogatepass")
    return hashlib.blake2b(whole, digest_size=10).hexdigest()
