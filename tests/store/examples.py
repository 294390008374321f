"""Comments and verdicts for tests of the store, the queue and the chat."""

from datetime import UTC, datetime, timedelta
from hashlib import sha256

from bot.cases import Case
from bot.model import (
    Action,
    Author,
    Comment,
    Delivery,
    Effect,
    Evasion,
    Level,
    Match,
    Missing,
    Mode,
    RuleStatus,
    Scores,
    Span,
    Verdict,
)

NOON = datetime(2024, 5, 1, 12, tzinfo=UTC)

MATCH = Match(
    rule="abuse.directed",
    status=RuleStatus.LIVE,
    action=Action.FLAG,
    level=Level.HIGH,
    reason="insult 0.93, matched muppet",
    spans=(Span(4, 10),),
    text="muppet",
    evasion=Evasion.LIGHT,
    folding=("case",),
    labels=("harassment",),
    effects=(Effect("timeout", timedelta(minutes=10)), Effect("warn")),
)


def comment(number: int = 1, text: str = "you muppet", author: str = "77") -> Comment:
    return Comment(
        id=str(number),
        text=text,
        source="discord",
        channel="10",
        author=Author(author, "ann", is_bot=False, roles=("Member",), joined_at=NOON),
        created_at=NOON + timedelta(seconds=number),
        parent_id="9",
        attributes={"mentions": ("1", "2"), "webhook": False, "link": "https://x.example/1"},
    )


def verdict(
    of: Comment,
    action: Action = Action.FLAG,
    matches: tuple[Match, ...] = (MATCH,),
    mode: Mode = Mode.REVIEW,
) -> Verdict:
    return Verdict(
        id=sha256(f"{of.id} {of.text}".encode("utf-8", "surrogatepass")).hexdigest()[:20],
        comment_id=of.id,
        action=action,
        matches=matches if action > Action.ALLOW else (),
        scores=Scores("fixed", "1", {"insult": 0.93, "toxicity": 0.88}),
        ruleset="rules-1",
        model="fixed",
        mode=mode,
        degraded=True,
        missing=(Missing("history"),),
        decided_at=of.created_at,
    )


def told(case: Case) -> tuple[Delivery, ...]:
    return (Delivery(f"card:{case.number}:{case.revision}", "card", {"case": case.number}),)
