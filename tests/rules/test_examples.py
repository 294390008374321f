"""Examples in rules: how they are made into comments, and when they pass."""

from collections.abc import Sequence

from bot.model import Missing, Outcome, Scores
from bot.rules import run_examples
from tests.rules.making import rule, ruleset

RULES = """
    rules:
    - id: a
      scope: {sources: [discord], channels: ["help-*"]}
      when: {all: [{words: [cat]}, {any: [{score: {insult: ">= 0.5"}}, {reply: true}]}]}
      then: {action: flag}
      examples:
        match:
        - {text: cat, scores: {insult: 0.6}}
        - {text: cat, scores: {threat: 0.6}, reply: true}
        - {text: dog, scores: {insult: 0.6}}
        no_match:
        - {text: cat, scores: {threat: 0.9}}
        - dog
        - cat
        - {text: cat, reply: true, channel: other}
        todo_match: [kitten, {text: cat, reply: true}]
        todo_no_match: [dog]
"""


def test_examples_pass_fail_and_wait() -> None:
    results = run_examples(ruleset(RULES))
    assert [(r.text, r.expected.value, r.actual.value, r.todo, r.failed) for r in results] == [
        ("cat", "match", "match", False, False),
        ("cat", "match", "match", False, False),
        ("dog", "match", "no match", False, True),
        ("cat", "no match", "no match", False, False),
        ("dog", "no match", "no match", False, False),
        ("cat", "no match", "unknown", False, True),
        ("cat", "no match", "no match", False, False),
        ("kitten", "match", "no match", True, False),
        ("cat", "match", "match", True, False),
        ("dog", "no match", "no match", True, False),
    ]
    unknown = results[5]
    assert unknown.missing == (Missing("scores"),)
    assert str(unknown.location) == "rules.yaml:14:7"
    assert results[6].scope == "channel other is not in help-*"


def test_a_scorer_is_asked_once_for_examples_that_give_no_scores() -> None:
    asked: list[Sequence[str]] = []

    def scorer(texts: Sequence[str]) -> list[Scores]:
        asked.append(texts)
        return [Scores("fake", "1", {"insult": 0.1}) for _ in texts]

    results = run_examples(ruleset(RULES), scorer)
    assert asked == [["dog", "cat", "kitten"]]
    assert results[5].actual is Outcome.NO_MATCH


def test_examples_of_every_kind_of_input() -> None:
    rules = ruleset("""
        rules:
        - id: rate
          when: {rate: {comments: ">= 3", matches: {rule: other, count: ">= 1"}, within: 1m}}
          then: {action: flag}
          examples:
            match: [{text: x, history: {comments: 2, matches: {other: 1}}}]
            no_match: [x, {text: x, history: {comments: 9}}]
        - id: author
          when: {author: {roles: [new], account_age: "< 7d", joined: "< 1h", first_comment: true}}
          then: {action: flag}
          examples:
            match: [{text: x, author: {roles: [new], account_age: 6d, joined: 59m}}]
            no_match:
            - {text: x, author: {roles: [new], account_age: 6d, joined: 59m}, history: {ever: 1}}
            - x
        - id: other
          status: draft
          when:
            any:
            - attachments: {names: ["*.exe"]}
            - mentions: {count: ">= 2"}
            - all: [{quoted: true}, {words: [cat]}]
            - time: {between: "22:00-06:00"}
          then: {action: flag}
          examples:
            match:
            - {text: x, attachments: [a.exe]}
            - {text: x, mentions: ["1", "2"]}
            - {text: cat, quoted: true}
            - {text: x, at: 2024-05-01T23:00:00Z}
            no_match: [x, cat]
        - id: upheld
          when: {author: {upheld: {count: ">= 2", within: 30d}}}
          then: {action: flag}
          examples: {match: [{text: x, history: {upheld: 2}}], no_match: [x]}
        - id: retired
          status: retired
          when: {reply: true}
          then: {action: flag}
          examples: {match: [not run]}
    """)
    results = run_examples(rules)
    assert {result.rule for result in results} == {"rate", "author", "other", "upheld"}
    assert [result for result in results if not result.passed] == []


def test_an_exception_counts_in_examples() -> None:
    rules = ruleset("""
        rules:
        - {id: a, when: {words: ["*ass*"]}, then: {action: flag}, examples: {no_match: [class]}}
        exceptions:
        - {id: e, for: [a], words: [class], reason: r, expires: 2024-01-01}
    """)
    assert [result.passed for result in run_examples(rules)] == [True]


def test_an_example_without_mentions_counts_the_names_in_its_text() -> None:
    made = rule(
        "{mentions: {count: '>= 2'}}",
        more="examples: {match: ['@ann @bob hi'], no_match: [{text: '@ann @bob hi', mentions: []}]}",
    )
    assert [each.passed for each in run_examples(made)] == [True, True]
