"""Answers: verdicts as JSON, and the schema that tells of them.

Lives here: what is added to the machine record for HTTP. Not here: the record itself (`bot.record`).
"""

from __future__ import annotations

from bot.cases import Case, Decision
from bot.model import Action, Comment, Evasion, Level, Mode, RuleStatus, Verdict
from bot.ports import StoredVerdict
from bot.record import verdict_record
from bot.web.schema import Schema


def answer_record(comment: Comment, verdict: Verdict) -> dict[str, object]:
    """Return a verdict as it is answered: the machine record, and what names it."""
    decided = verdict.decided_at
    return {
        "id": verdict.id,
        "source": comment.source,
        "channel": comment.channel,
        **verdict_record(comment, verdict),
        "mode": verdict.mode.value,
        "decided_at": decided.isoformat() if decided else None,
    }


def stored_record(stored: StoredVerdict) -> dict[str, object]:
    """Return a stored verdict as it was answered; of an older text only the verdict is known."""
    record = answer_record(stored.comment, stored.verdict)
    return record if stored.current else {**record, "text": None}


def reviewed_record(stored: StoredVerdict) -> dict[str, object]:
    """Return a stored verdict with what became of it."""
    return {
        **stored_record(stored),
        "current": stored.current,
        "case": case_record(stored.case) if stored.case else None,
    }


def case_record(case: Case) -> dict[str, object]:
    """Return what moderators did with a comment."""
    review = case.review
    return {
        "number": case.number,
        "waiting": case.waiting,
        "decision": review.decision.value if review else None,
        "moderator": review.moderator if review else None,
        "decided_at": review.at.isoformat() if review else None,
    }


def _or_null(kind: str, **more: object) -> Schema:
    return {"type": [kind, "null"], **more}


def _object(properties: Schema) -> Schema:
    return {"type": "object", "properties": properties, "required": list(properties)}


_STRING: Schema = {"type": "string"}
_STRINGS: Schema = {"type": "array", "items": _STRING}

_MATCH = _object(
    {
        "rule": _STRING,
        "status": {"enum": [each.value for each in RuleStatus]},
        "action": {"enum": list(Action.names())},
        "level": {"enum": list(Level.names())},
        "reason": _STRING,
        "spans": {
            "type": "array",
            "items": {"type": "array", "items": {"type": "integer"}, "minItems": 2, "maxItems": 2},
            "description": "[start, end] in code points of the text, end exclusive.",
        },
        "text": _STRING,
        "evasion": {"enum": list(Evasion.names())},
        "folding": _STRINGS,
    }
)

VERDICT = _object(
    {
        "id": _STRING,
        "source": _STRING,
        "channel": _STRING,
        "comment_id": _STRING,
        "thread_id": _or_null("string"),
        "parent_id": _or_null("string"),
        "reply_to": _or_null("string"),
        "author": _STRING,
        "created_at": _or_null("string", format="date-time"),
        "text": _or_null("string", description="Null when it was edited since."),
        "action": {"enum": list(Action.names())},
        "matches": {"type": "array", "items": _MATCH},
        "scores": _or_null("object", additionalProperties={"type": "number"}),
        "degraded": {"type": "boolean", "description": "Whether an input was missing."},
        "missing": _STRINGS,
        "ruleset": _STRING,
        "model": _STRING,
        "mode": {
            "enum": [each.value for each in Mode],
            "description": "With `review`, nothing is hidden before a moderator has looked.",
        },
        "decided_at": _or_null("string", format="date-time"),
    }
)

CASE = _object(
    {
        "number": {"type": "integer"},
        "waiting": {"type": "boolean"},
        "decision": {"enum": [*(each.value for each in Decision), None]},
        "moderator": _or_null("string"),
        "decided_at": _or_null("string", format="date-time"),
    }
)

REVIEWED: Schema = {
    "allOf": [
        {"$ref": "#/components/schemas/Verdict"},
        _object(
            {
                "current": {"type": "boolean", "description": "Whether it is the comment's last."},
                "case": {"anyOf": [{"$ref": "#/components/schemas/Case"}, {"type": "null"}]},
            }
        ),
    ]
}

ERROR = _object(
    {
        "error": {
            "type": "object",
            "properties": {
                "code": _STRING,
                "message": _STRING,
                "field": {**_STRING, "description": "Where the mistake is, if it has a place."},
            },
            "required": ["code", "message"],
        }
    }
)

COMPONENTS: dict[str, Schema] = {
    "Verdict": VERDICT,
    "Reviewed": REVIEWED,
    "Case": CASE,
    "Error": ERROR,
}


def ref(name: str) -> Schema:
    """Return a reference to one of the components."""
    return {"$ref": f"#/components/schemas/{name}"}
