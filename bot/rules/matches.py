"""What a match says: where it stands, how grave it is, and its reason.

Lives here: from the answer of a rule's condition to a `Match`. Not here: whether a rule matches
(`bot.rules.ruleset`).
"""

from __future__ import annotations

from itertools import chain, islice
from operator import attrgetter

from bot.model import Action, Evasion, Facts, Match, Rule
from bot.rules.look import Answer
from bot.rules.reason import Reason

_MOST_TOLD = 5
_LONGEST_TOLD = 80


def match_of(rule: Rule, reason: Reason | None, answer: Answer, facts: Facts) -> Match:
    """Return the match of a rule whose condition answered so; it says `reason` of itself."""
    spans = tuple(dict.fromkeys(map(attrgetter("span"), answer.hits)))
    texts = [facts.text.original[span.start : span.end] for span in spans]
    # A disguise that only the strongest folding undoes may be no disguise at all.
    capped = answer.evasion is Evasion.STRONG and rule.action > Action.FLAG
    return Match(
        rule=rule.id,
        status=rule.status,
        action=Action.FLAG if capped else rule.action,
        level=rule.level,
        reason=_told_by(rule, reason, texts, facts),
        spans=spans,
        text=" … ".join(texts),
        evasion=answer.evasion,
        folding=tuple(dict.fromkeys(chain.from_iterable(map(attrgetter("steps"), answer.hits)))),
        labels=rule.labels,
        effects=() if answer.evasion is Evasion.STRONG else rule.effects,
    )


def _told_by(rule: Rule, reason: Reason | None, texts: list[str], facts: Facts) -> str:
    if reason is None:
        # A rule without a title has its id for one, and the id stands beside every reason.
        return "" if rule.title == rule.id else rule.title
    values = {
        "match": _told(texts),
        "count": str(len(texts)),
        "rule": rule.id,
        "title": rule.title,
        "level": str(rule.level),
        "channel": facts.comment.channel,
    }
    return reason.fill(values, facts.scores.values if facts.scores else {})


def _told(texts: list[str]) -> str:
    """Return the first few places found, each wording once, on one line."""
    told: dict[str, str] = {}
    for text in dict.fromkeys(texts):
        told.setdefault(text.casefold(), " ".join(text.split()))
    shown = [_shortened(text, _LONGEST_TOLD) for text in islice(told.values(), _MOST_TOLD)]
    return ", ".join([*shown, "…"] if len(told) > _MOST_TOLD else shown)


def _shortened(text: str, longest: int) -> str:
    return text if len(text) <= longest else text[: longest - 1] + "…"
