"""Lists inside regular expressions: `{name}` stands for any entry of a list."""

from __future__ import annotations

import pytest

from tests.rules.making import facts, problems, ruleset

RULES = r"""
lists:
  address: [you are, "you're"]
  filler: [such a, a, total]
  nouns: [muppet, "plon*", "c++ fan"]
rules:
  - id: a.b
    when: {regex: {pattern: '\b{address}(?: {filler}){0,3} {nouns}', evasion: light}}
    then: {action: flag}
"""


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("You are such a total plonker!", "You are such a total plonker"),
        ("well, you're a c++ fan", "you're a c++ fan"),
        ("you  are a muppet", "you  are a muppet"),
        ("you are not a muppet", None),
        ("your muppet", None),
    ],
)
def test_any_entry_of_the_list_fits(text: str, found: str | None) -> None:
    matches = ruleset(RULES).evaluate(facts(text)).matches
    assert [match.text for match in matches] == ([] if found is None else [found])


def test_the_meaning_changes_with_the_list() -> None:
    assert ruleset(RULES).id != ruleset(RULES.replace("muppet", "pillock")).id


def test_a_list_that_is_not_there() -> None:
    assert (
        problems(RULES.replace("{nouns}", "{noun}"))
        .splitlines()[0]
        .endswith('error: this file has no list "noun"')
    )


def test_braces_of_regular_expressions_stay_their_own() -> None:
    rules = ruleset(
        r"""
        rules:
          - id: a.b
            when: {regex: '\p{Greek}{2,3}\x{21}'}
            then: {action: flag}
        """
    )
    assert [match.text for match in rules.evaluate(facts("say αβγ!")).matches] == ["αβγ!"]


SHARED = r"""
lists:
  address: [you are, "you're"]
patterns:
  named: '\b{address} an? \w+'
rules:
  - {id: a.b, when: {regex: '{named}\?'}, then: {action: flag}}
  - {id: a.c, when: {regex: ['{named}!', 'ok']}, then: {action: flag}}
"""


def test_rules_share_a_named_pattern() -> None:
    rules = ruleset(SHARED)
    assert [match.rule for match in rules.evaluate(facts("you are a muppet?")).matches] == ["a.b"]
    assert [match.rule for match in rules.evaluate(facts("you're a muppet!")).matches] == ["a.c"]
    assert rules.id != ruleset(SHARED.replace("an?", "the")).id


def test_a_pattern_has_a_name_of_its_own() -> None:
    shown = problems(SHARED.replace("  named: '", "  address: x\n  named: '"))
    assert 'a list and a pattern are both called "address"' in shown


def test_a_pattern_that_nothing_uses_is_told() -> None:
    unused = [each for each in ruleset(SHARED.replace("{named}", "x")).lists if not each.used]
    assert [(each.noun, each.name) for each in unused] == [
        ("list", "address"),
        ("pattern", "named"),
    ]
