"""What every starter rule owes to those who switch it on."""

import re

import pytest

from bot.model import Action, Level, RuleStatus
from bot.rules import LoadedRule
from tests.rules_starter.starter import LABELS, ruleset

RULES = ruleset().loaded


@pytest.mark.parametrize("loaded", RULES, ids=lambda loaded: loaded.rule.id)
def test_rule_explains_itself(loaded: LoadedRule) -> None:
    rule = loaded.rule
    assert rule.title != rule.id
    assert rule.reason
    assert rule.known_problems
    assert rule.labels
    assert re.fullmatch(r"[a-z-]+\.[a-z-]+", rule.id)


@pytest.mark.parametrize("loaded", RULES, ids=lambda loaded: loaded.rule.id)
def test_rule_has_examples_both_ways(loaded: LoadedRule) -> None:
    assert len(loaded.examples.match) >= 2
    assert len(loaded.examples.no_match) >= 2


@pytest.mark.parametrize("loaded", RULES, ids=lambda loaded: loaded.rule.id)
def test_rule_touches_no_author_and_removes_nothing(loaded: LoadedRule) -> None:
    assert loaded.rule.action < Action.REMOVE
    assert loaded.rule.effects == ()


@pytest.mark.parametrize("loaded", RULES, ids=lambda loaded: loaded.rule.id)
def test_level_and_action_agree(loaded: LoadedRule) -> None:
    rule = loaded.rule
    if rule.level is Level.LOW and rule.status is RuleStatus.LIVE:
        assert rule.action is Action.NOTE
    if rule.action is Action.HOLD:
        assert rule.level is Level.CRITICAL


def test_profanity_alone_never_does_more_than_flag() -> None:
    profanity = [each.rule for each in RULES if each.rule.id.startswith("profanity.")]
    assert len(profanity) >= 3
    assert max(rule.action for rule in profanity) is Action.FLAG


def test_rules_need_only_what_the_embedded_model_knows() -> None:
    assert ruleset().labels_used <= set(LABELS)


def test_every_exception_has_a_reason() -> None:
    assert ruleset().exceptions
    assert all(each.reason for each in ruleset().exceptions)


def test_the_packs_cover_what_communities_meet() -> None:
    packs = {each.rule.id.partition(".")[0] for each in RULES}
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
