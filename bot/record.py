"""The machine interface: verdicts and decisions as JSON objects, the same from every edge.

Lives here: the documented, stable shape of one line of `gavel dryrun --out`, and of what
`gavel export` says of a decision. Not here: writing files (`bot.report`, `bot.cli`) or answering
requests (`bot.web`).
"""

from __future__ import annotations

from bot.cases import Case, Decision
from bot.model import Comment, Match, Scores, Verdict


def verdict_record(comment: Comment, verdict: Verdict) -> dict[str, object]:
    """Return the JSON-ready record of one screened comment; keys never change their meaning.

    `reply_to` names the author answered, where an archive tells only that; `missing` says what a
    degraded verdict lacked.
    """
    created = comment.created_at
    return {
        "comment_id": comment.id,
        "thread_id": comment.thread_id,
        "parent_id": comment.parent_id,
        "reply_to": comment.attributes.get("reply_to"),
        "author": comment.author.name or comment.author.id,
        "created_at": created.isoformat() if created else None,
        "text": comment.text,
        "action": str(verdict.action),
        "matches": [match_record(match) for match in verdict.matches],
        "scores": score_record(verdict.scores),
        "degraded": verdict.degraded,
        "missing": [item.what for item in verdict.missing],
        "ruleset": verdict.ruleset,
        "model": verdict.model,
    }


def decision_record(case: Case) -> dict[str, object]:
    """Return the JSON-ready record of a decided case, without its comment.

    `label` says whether the comment is abusive, as archives have it. It is left out where the
    moderator was unsure, and where the comment was edited after the decision: what was decided was
    another text.
    """
    review = case.review
    if review is None:
        raise ValueError(f"case {case.number} is not decided")
    edited = review.verdict_id != case.verdict.id
    record: dict[str, object] = {
        "case": case.number,
        "source": case.comment.source,
        "decision": review.decision.value,
        "edited_since": edited,
        "moderator": review.moderator,
        "opened_at": case.opened_at.isoformat(),
        "decided_at": review.at.isoformat(),
        "note": review.note,
        "notes": [note.text for note in case.notes],
        "action": str(case.verdict.action),
        "rules": [match.rule for match in case.verdict.acting],
        "scores": score_record(case.verdict.scores),
        "ruleset": case.verdict.ruleset,
        "model": case.verdict.model,
    }
    if review.decision is not Decision.UNSURE and not edited:
        record["label"] = review.decision is Decision.UPHOLD
    return record


def match_record(match: Match) -> dict[str, object]:
    """Return the JSON-ready record of one match."""
    return {
        "rule": match.rule,
        "status": str(match.status),
        "action": str(match.action),
        "level": str(match.level),
        "reason": match.reason,
        "spans": [[span.start, span.end] for span in match.spans],
        "text": match.text,
        "evasion": str(match.evasion),
        "folding": list(match.folding),
    }


def score_record(scores: Scores | None) -> dict[str, float] | None:
    """Return label → score rounded to six digits: more would be noise of the processor."""
    if scores is None:
        return None
    return {label: round(value, 6) for label, value in scores.values.items()}
