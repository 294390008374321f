"""What was edited between two rule sets, in words."""

from __future__ import annotations

import pytest

from bot.rules import edits_between
from bot.rules.conditions import CONDITIONS
from bot.rules.edits import CONDITION_WORDS
from tests.rules.making import ruleset

OLD = """
    rules:
      - id: insult
        title: Insults
        status: shadow
        when:
          all:
            - any:
                - score: {insult: ">= 0.85"}
                - words: {entries: [muppet, pillock], evasion: light}
            - not: {quoted: true}
        then: {action: flag}
        reason: said {match}
      - id: steady
        when: {words: [cat]}
        then: {action: flag}
    exceptions:
      - {id: show, for: [insult], words: [muppet show], reason: a show}
    """


def told(new: str) -> list[str]:
    return [
        f"{edit.kind} {edit.rule}: "
        + "; ".join(
            f"{said} ({', '.join(entries)})" if entries else said for said, entries in edit.details
        )
        for edit in edits_between(ruleset(OLD), ruleset(new))
    ]


@pytest.mark.parametrize(
    ("replace", "by", "said"),
    [
        ("status: shadow", "status: live", "changed insult: status shadow → live"),
        ('">= 0.85"', '">= 0.7"', "changed insult: score insult ≥ 0.85 → ≥ 0.7"),
        ("pillock]", "prat]", "changed insult: 1 entry added (prat); 1 entry removed (pillock)"),
        ("evasion: light", "evasion: strong", "changed insult: words evasion light → strong"),
        (
            "- not: {quoted: true}",
            "- reply: {is_reply: true}",
            (
                "changed insult: condition removed: something that must not hold (not); "
                "condition added: being a reply (reply)"
            ),
        ),
        ("{action: flag}\n        reason", "{action: hold}\n        reason", "changed insult: action To review (flag) → To hold for review (hold)"),
        ("said {match}", "rude", "changed insult: other reason"),
        ("words: [cat]", 'regex: "c.t"', "changed steady: condition removed: words; condition added: pattern (regex)"),
        (
            "words: [muppet show]",
            "words: [muppet show, muppet fan]",
            "changed exception show: 1 entry added (muppet fan)",
        ),
        ("for: [insult]", "for: [steady]", "changed exception show: 1 rule it is for added (steady); 1 rule it is for removed (insult)"),
    ],
)  # fmt: skip
def test_each_edit_is_told_in_words(replace: str, by: str, said: str) -> None:
    assert replace in OLD
    (line,) = told(OLD.replace(replace, by))
    assert line.startswith(said)


def test_keys_of_the_language_are_told_in_words() -> None:
    """Trap: "1 not_channel added: x" and "condition regex removed" are keys, not words."""
    assert set(CONDITION_WORDS) == {each.name for each in CONDITIONS}
    scoped = OLD.replace("- id: steady", "- id: steady\n        scope: {SCOPE}")
    for key, said in (
        ("not_channels: [x]", "1 excluded channel added (x)"),
        ("channels: [x, z]", "2 channels added (x, z)"),
        ("exempt_roles: [x]", "1 exempt role added (x)"),
    ):
        assert told(scoped.replace("SCOPE", key)) == [f"changed steady: {said}"]


def test_rules_that_come_and_go() -> None:
    assert told(OLD.replace("id: steady", "id: new")) == [
        "added new: live, To review (flag)",
        "removed steady: was live, To review (flag)",
    ]
    assert told(OLD.split("exceptions:", maxsplit=1)[0]) == [
        "removed exception show: for insult: 1 innocent entry"
    ]


def test_a_rule_that_is_retired_is_removed_and_known() -> None:
    assert told(OLD.replace("status: shadow", "status: retired")) == [
        "removed insult: was shadow, To review (flag); retired on the other side"
    ]


def test_what_means_the_same_was_not_edited() -> None:
    assert told(OLD.replace("[muppet, pillock]", "[pillock, muppet]") + "\n# a remark\n") == []
