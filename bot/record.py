"""The machine interface: a verdict as a JSON object, the same from every edge.

Lives here: the documented, stable shape of one line of `gavel dryrun --out`. Not here: writing
files (`bot.report`) or answering requests (`bot.web`).
"""

from __future__ import annotations

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
