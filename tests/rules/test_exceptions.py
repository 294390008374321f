"""Exceptions: which spans they cancel, for which rules, until when, and what they count."""

from datetime import UTC, datetime

import pytest

from bot.model import Action, ExceptionHit, Missing, ModelInfo, Outcome, Span
from bot.rules.hits import MOST_HITS
from bot.rules.look import REST
from bot.verdict import Policy, decide
from tests.rules.making import facts, matched, ruleset

RULES = """
    rules:
    - {id: profanity.ass, when: {words: {entries: ["*ass*"], evasion: strong}}, then: {action: flag}}
    - {id: insult.ass, when: {words: ["*ass*"]}, then: {action: note}}
    - id: profanity.scored
      when: {all: [{words: ["*ass*"]}, {score: {insult: ">= 0.9"}}]}
      then: {action: flag}
    exceptions:
    - {id: class, for: [profanity.*], words: [class, "first class"], reason: a room}
    - {id: old, for: ["*"], words: [bass], reason: a fish, expires: 2024-01-01}
    - {id: new, for: ["*"], words: [grass], reason: a plant, expires: 2030-01-01}
"""


def test_an_exception_cancels_for_the_rules_that_it_names() -> None:
    evaluation = ruleset(RULES).evaluate(facts("in class", scores={"insult": 1.0}))
    assert [match.rule for match in evaluation.matches] == ["insult.ass"]
    span = Span(4, 7) if evaluation.excepted[0].span == (4, 7) else evaluation.excepted[0].span
    assert evaluation.excepted == (
        ExceptionHit("class", "profanity.ass", span),
        ExceptionHit("class", "profanity.scored", span),
    )


def test_an_exception_counts_whether_or_not_the_rule_would_have_matched() -> None:
    rules = ruleset(RULES)
    given = facts("in class", scores={"insult": 0.1})
    evaluation = rules.evaluate(given)
    assert {hit.rule for hit in evaluation.excepted} == {"profanity.ass", "profanity.scored"}
    assert rules.evaluate_many([given]) == [evaluation]


def test_a_span_that_no_exception_covers_still_counts() -> None:
    (match, *_) = ruleset(RULES).evaluate(facts("class is for asses")).matches
    assert match.rule == "profanity.ass"
    assert all(span.start >= 13 for span in match.spans)


MANY = """
    rules:
    - {id: plain, when: {regex: 'c.t'}, then: {action: hold}}
    - {id: negated, when: {not: {regex: 'c.t'}}, then: {action: flag}}
    - {id: unquoted, when: {all: [{regex: 'b.g'}, {not: {quoted: true}}]}, then: {action: flag}}
    exceptions:
    - {id: pet, for: [plain, negated], words: [cat], reason: an animal}
"""


@pytest.mark.parametrize(
    ("text", "hits", "unsure"),
    [
        ("cat " * MOST_HITS, ["negated"], []),
        ("cat " * (MOST_HITS - 1) + "cut", ["plain"], []),
        ("cat " * MOST_HITS + "cut", ["plain"], []),
        ("cat " * (MOST_HITS + 1) + "cut", [], ["negated", "plain"]),
        ("> " + "bug " * MOST_HITS, ["negated"], []),
        ("> " + "bug " * MOST_HITS + "\n\nbug", ["negated", "unquoted"], []),
        ("> " + "bug " * (MOST_HITS + 1) + "\n\nbug", ["negated"], ["unquoted"]),
    ],
)
def test_nothing_hides_behind_more_excused_places_than_are_looked_at(
    text: str, hits: list[str], unsure: list[str]
) -> None:
    rules = ruleset(MANY)
    given = facts(text)
    evaluation = rules.evaluate(given)
    assert rules.evaluate_many([given]) == [evaluation]
    assert sorted(match.rule for match in evaluation.matches) == hits
    assert [each.rule for each in evaluation.unknown] == unsure
    assert {each.missing for each in evaluation.unknown} <= {(REST,)}
    verdict = decide(
        given.comment,
        evaluation,
        None,
        ruleset="r",
        model=ModelInfo("m", "1", ()),
        policy=Policy(),
    )
    assert verdict.degraded is bool(unsure)
    assert verdict.action is not Action.ALLOW


def test_an_explanation_says_that_not_all_was_looked_at() -> None:
    traces = ruleset(MANY).explain(facts("cat " * (MOST_HITS + 1) + "cut"))
    (trace,) = [each for each in traces if each.rule.id == "plain"]
    assert trace.outcome is Outcome.UNKNOWN
    assert trace.steps[0].detail == (
        "an exception covers what was found; not known: places of a pattern beyond the first 150"
    )


def test_an_exception_covers_only_whole_hits() -> None:
    rules = ruleset("""
        rules: [{id: a, when: {words: ["bad cat"]}, then: {action: flag}}]
        exceptions: [{id: e, for: [a], words: [cat], reason: r}]
    """)
    assert matched(rules, facts("a bad cat")) == ["a"]


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        (datetime(2023, 12, 31, 23, 59, tzinfo=UTC), []),
        (datetime(2024, 1, 1, tzinfo=UTC), ["insult.ass", "profanity.ass"]),
    ],
)
def test_expiry_is_judged_at_the_comments_own_time(written: datetime, expected: list[str]) -> None:
    given = facts("a bass", created_at=written, scores={"insult": 0.0})
    assert sorted(matched(ruleset(RULES), given)) == expected


def test_an_edit_is_judged_at_the_time_of_the_edit() -> None:
    given = facts(
        "a bass",
        created_at=datetime(2023, 1, 1, tzinfo=UTC),
        edited_at=datetime(2024, 6, 1, tzinfo=UTC),
    )
    assert "insult.ass" in matched(ruleset(RULES), given)


def test_without_a_time_an_expiring_exception_leaves_the_rule_unknown() -> None:
    rules = ruleset(RULES)
    evaluation = rules.evaluate(facts("green grass", created_at=None, scores={"insult": 0.0}))
    assert evaluation.matches == ()
    assert [(item.rule, item.missing) for item in evaluation.unknown] == [
        ("insult.ass", (Missing("time"),)),
        ("profanity.ass", (Missing("time"),)),
    ]
    sure = rules.evaluate(facts("grass and an ass", created_at=None))
    assert "insult.ass" in {match.rule for match in sure.matches}


def test_an_exception_needs_scope_to_be_counted() -> None:
    rules = ruleset("""
        rules:
        - {id: a, scope: {channels: [b]}, when: {words: ["*ass*"]}, then: {action: flag}}
        exceptions: [{id: e, for: [a], words: [class], reason: r}]
    """)
    assert rules.evaluate(facts("class", channel="c")).excepted == ()
    assert len(rules.evaluate(facts("class", channel="b")).excepted) == 1


def test_lists_and_wildcards_work_in_exceptions() -> None:
    rules = ruleset("""
        lists: {innocent: [class*, "*grass"]}
        rules: [{id: a, when: {words: ["*ass*"]}, then: {action: flag}}]
        exceptions: [{id: e, for: [a], list: innocent, reason: r}]
    """)
    assert matched(rules, facts("classes in seagrass")) == []
    assert matched(rules, facts("classes of assets")) == ["a"]


def test_regexes_are_cancelled_too() -> None:
    rules = ruleset("""
        rules: [{id: a, when: {regex: 'ass'}, then: {action: flag}}]
        exceptions: [{id: e, for: [a], words: [class], reason: r}]
    """)
    assert matched(rules, facts("class")) == []
    assert matched(rules, facts("class ass")) == ["a"]


def test_explanation_names_the_exception() -> None:
    traces = {trace.rule.id: trace for trace in ruleset(RULES).explain(facts("in class"))}
    assert traces["profanity.ass"].outcome is Outcome.NO_MATCH
    assert traces["profanity.ass"].excepted == ("class",)
    assert traces["insult.ass"].excepted == ()


def test_exception_identity_counts() -> None:
    one = ruleset(RULES)
    two = ruleset(RULES.replace("a room", "a course"))
    three = ruleset(RULES.replace("2030-01-01", "2031-01-01"))
    assert one.id == two.id, "the reason is for people"
    assert one.id != three.id


def test_an_exception_pulled_apart_does_not_cancel_a_word_in_plain_sight() -> None:
    rules = ruleset("""
        rules: [{id: a, when: {words: {entries: ["*ass*"], evasion: strong}}, then: {action: flag}}]
        exceptions: [{id: e, for: [a], words: [class, compass], reason: r}]
    """)
    assert matched(rules, facts("cl ass")) == ["a"]
    assert matched(rules, facts("comp.ass")) == ["a"]
    assert matched(rules, facts("c.l.a.s.s")) == [], "both are seen by the same guess"


def test_an_exception_may_be_an_innocent_sentence() -> None:
    rules = ruleset("""
        lists: {names: [muppet, clown]}
        rules: [{id: a, when: {regex: "you(?: are an?)? {names}"}, then: {action: flag}}]
        exceptions:
        - {id: e, for: [a], regex: "nobody says you are an? {names}", reason: r}
    """)
    assert matched(rules, facts("nobody says you are a clown")) == []
    assert matched(rules, facts("nobody says you are a clown, you muppet")) == ["a"]
    (hit,) = rules.evaluate(facts("nobody says you are a clown")).excepted
    assert (hit.exception, hit.span) == ("e", Span(12, 27))
