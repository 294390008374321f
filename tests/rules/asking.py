"""How a rule of one condition answers."""

from bot.model import Facts, Missing, Outcome
from tests.rules.making import matched, rule


def outcome(when: str, given: Facts) -> tuple[Outcome, tuple[Missing, ...]]:
    rules = rule(when)
    matched(rules, given)
    answer = rules.answer(rules.loaded[0], given)
    return answer.outcome, answer.missing


def holds(when: str, given: Facts) -> bool:
    answer, missing = outcome(when, given)
    assert answer is not Outcome.UNKNOWN, missing
    return answer is Outcome.MATCH


def missing(when: str, given: Facts) -> list[str]:
    answer, lacks = outcome(when, given)
    assert answer is Outcome.UNKNOWN
    return [item.what for item in lacks]
