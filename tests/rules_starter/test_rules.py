"""What every starter rule owes to those who switch it on."""

import re
from datetime import UTC, datetime

import pytest

from bot.model import Action, Level, RuleStatus
from bot.rules import LoadedRule, check_rules, run_examples
from bot.text import fold
from tests.rules_starter.starter import LABELS, RULES, ruleset

LOADED = ruleset().loaded


@pytest.mark.parametrize("loaded", LOADED, ids=lambda loaded: loaded.rule.id)
def test_rule_explains_itself(loaded: LoadedRule) -> None:
    rule = loaded.rule
    assert rule.title != rule.id
    # Beside a title, a reason says only what it adds.
    assert not rule.reason or re.match(r"\{title\}[:,]", rule.reason)
    assert rule.known_problems
    assert rule.labels
    assert re.fullmatch(r"[a-z-]+\.[a-z-]+", rule.id)


@pytest.mark.parametrize("loaded", LOADED, ids=lambda loaded: loaded.rule.id)
def test_rule_has_examples_both_ways(loaded: LoadedRule) -> None:
    assert len(loaded.examples.match) >= 2
    assert len(loaded.examples.no_match) >= 2


@pytest.mark.parametrize("loaded", LOADED, ids=lambda loaded: loaded.rule.id)
def test_rule_touches_no_author_and_removes_nothing(loaded: LoadedRule) -> None:
    assert loaded.rule.action < Action.REMOVE
    assert loaded.rule.effects == ()


@pytest.mark.parametrize("loaded", LOADED, ids=lambda loaded: loaded.rule.id)
def test_level_and_action_agree(loaded: LoadedRule) -> None:
    rule = loaded.rule
    if rule.level is Level.LOW and rule.status is RuleStatus.LIVE:
        assert rule.action is Action.NOTE
    if rule.action is Action.HOLD:
        assert rule.level is Level.CRITICAL


def test_profanity_alone_never_does_more_than_flag() -> None:
    profanity = [each.rule for each in LOADED if each.rule.id.startswith("profanity.")]
    assert len(profanity) >= 3
    assert max(rule.action for rule in profanity) is Action.FLAG


def test_rules_need_only_what_the_embedded_model_knows() -> None:
    assert ruleset().labels_used <= set(LABELS)


def test_every_exception_has_a_reason() -> None:
    assert ruleset().exceptions
    assert all(each.reason for each in ruleset().exceptions)


def test_the_packs_cover_what_communities_meet() -> None:
    packs = {each.rule.id.partition(".")[0] for each in LOADED}
    assert packs >= {
        "profanity",
        "abuse",
        "threat",
        "self-harm",
        "identity",
        "sexual",
        "shape",
        "spam",
        "flood",
        "raid",
        "doxxing",
    }


def test_examples_pass() -> None:
    results = run_examples(ruleset())
    assert len(results) > 200
    assert [(each.rule, each.text) for each in results if each.failed] == []


def test_known_gaps_are_still_gaps() -> None:
    closed = [each for each in run_examples(ruleset()) if each.todo and each.passed]
    assert [(each.rule, each.text) for each in closed] == []


def test_nothing_is_left_to_mend() -> None:
    problems = check_rules(RULES, labels=LABELS, today=datetime.now(UTC).date())
    assert [each.render() for each in problems] == []


def test_every_innocent_word_is_needed() -> None:
    """An exception that cancels nothing hides from readers which ones matter."""
    rules = ruleset()
    useless = [
        (exception.id.value, entry)
        for exception in rules.exceptions
        for entry in exception.entries
        if not _cancels(entry, [each for each in rules.loaded if exception.is_for(each.rule.id)])
    ]
    assert useless == []


def _cancels(entry: str, loaded: list[LoadedRule]) -> bool:
    hits = ruleset().matcher.find(fold(entry))
    return any(each.places(hits) for each in loaded)
