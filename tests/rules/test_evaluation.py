"""What an evaluation holds: matches, reasons, scope, the two passes, caps and effects."""

from datetime import timedelta

import pytest

from bot.model import (
    ANONYMOUS,
    Action,
    Author,
    Effect,
    Evasion,
    Facts,
    Level,
    Missing,
    RuleStatus,
    Threshold,
)
from bot.yamlfile import Duration
from tests.rules.making import facts, matched, rule, ruleset

ABUSE = """
    rules:
    - id: abuse.insult
      title: Insult
      level: high
      when:
        all:
        - any:
          - score: {insult: ">= 0.85"}
          - words: {entries: [muppet], evasion: strong}
        - reply: true
        - not: {quoted: true}
      then: {action: hold, labels: [harassment], warn: true, timeout: 10m}
      reason: "insult {score.insult:.2f} ({score.insult:.0%}), matched {match} {count}x in \
{channel}, {rule} {title} {level} {{}}"
      quota: {per_day: 50}
"""


def test_match_carries_all_that_a_card_needs() -> None:
    rules = ruleset(ABUSE)
    given = facts("you muppet, muppet", scores={"insult": 0.934}, parent_id="0", channel="general")
    (match,) = rules.evaluate(given).matches
    assert match.reason == (
        "insult 0.93 (93%), matched muppet 2x in general, abuse.insult Insult high {}"
    )
    assert match.action is Action.HOLD
    assert match.level is Level.HIGH
    assert match.labels == ("harassment",)
    assert match.effects == (Effect("warn"), Effect("timeout", timedelta(minutes=10)))
    assert match.text == "muppet … muppet"
    (loaded,) = rules.rules
    assert loaded.quota_per_day == 50
    assert loaded.thresholds == (Threshold("insult", ">=", 0.85),)
    assert loaded.where == "rules.yaml:2:7"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("Muppet MUPPET muppet", "Muppet"),
        ("mup\npet", "mup pet"),
        ("a1 a2 a3 a4 a5 a1", "a1, a2, a3, a4, a5"),
        ("a1 a2 a3 a4 a5 a6 a7", "a1, a2, a3, a4, a5, …"),
        ("a" + 300 * "1", "a" + 78 * "1" + "…"),
    ],
)
def test_a_reason_tells_each_wording_once_and_never_a_wall(text: str, told: str) -> None:
    rules = ruleset("""
        rules:
        - {id: a, when: {regex: 'mup\\s*pet|a\\d+'}, then: {action: flag}, reason: "{match}"}
    """)
    (match,) = rules.evaluate(facts(text)).matches
    assert match.reason == told


def test_sources_that_a_client_makes_up_take_no_memory() -> None:
    rules = rule("{reply: true}")
    for number in range(1_000):
        (match,) = rules.evaluate(facts(source=f"site-{number}", parent_id="0")).matches
        assert match.rule == "a.rule"
    assert len(rules._by_source) < 100


def test_what_a_rule_does_not_say_has_a_default() -> None:
    (loaded,) = rule("{reply: true}").rules
    assert (loaded.status, loaded.level, loaded.title) == (RuleStatus.LIVE, Level.MEDIUM, "a.rule")
    (match,) = rule("{reply: true}").evaluate(facts(parent_id="0")).matches
    # The id stands beside every reason: it is not said twice.
    assert match.reason == ""
    assert match.effects == ()


def test_defaults_of_the_file_hold_where_a_rule_is_silent() -> None:
    rules = ruleset("""
        defaults:
          status: shadow
          level: low
          scope: {exempt_roles: [Moderator], channels: [general]}
        rules:
        - {id: a, when: {words: [cat]}, then: {action: flag}}
        - id: b
          status: live
          level: high
          scope: {channels: ["*"]}
          when: {words: [cat]}
          then: {action: flag}
    """)
    assert [(r.id, r.status, r.level) for r in rules.rules] == [
        ("a", RuleStatus.SHADOW, Level.LOW),
        ("b", RuleStatus.LIVE, Level.HIGH),
    ]
    assert matched(rules, facts("cat", channel="general")) == ["a", "b"]
    assert matched(rules, facts("cat", channel="other")) == ["b"]
    moderator = Author("m", "Mo", roles=("moderator",))
    assert matched(rules, facts("cat", channel="general", author=moderator)) == []


@pytest.mark.parametrize(
    ("scope", "given", "expected"),
    [
        ("{sources: [discord]}", facts("cat", source="discord"), True),
        ("{sources: [discord, http]}", facts("cat", source="archive"), False),
        ("{channels: ['gen*']}", facts("cat", channel="General"), True),
        ("{channels: ['gen*']}", facts("cat", channel="voice"), False),
        ("{not_channels: [venting]}", facts("cat", channel="venting"), False),
        ("{exempt_authors: [ann]}", facts("cat"), False),
        ("{exempt_authors: [bob]}", facts("cat"), True),
        ("{exempt_roles: [mod]}", facts("cat", author=Author("x")), True),
        ("{bots: false}", facts("cat", author=Author("x", is_bot=True)), False),
        ("{bots: true}", facts("cat", author=Author("x", is_bot=True)), True),
    ],
)
def test_scope(scope: str, given: Facts, expected: bool) -> None:
    rules = rule("{words: [cat]}", more=f"scope: {scope}")
    assert bool(matched(rules, given)) is expected


def test_comments_by_bots_are_left_alone_unless_asked_for() -> None:
    assert matched(rule("{words: [cat]}"), facts("cat", author=Author("x", is_bot=True))) == []


def test_draft_and_retired_rules_are_never_evaluated_and_shadows_are_marked() -> None:
    rules = ruleset("""
        rules:
        - {id: a, status: draft, when: {words: [cat]}, then: {action: remove}}
        - {id: b, status: retired, when: {words: [cat]}, then: {action: remove}}
        - {id: c, status: shadow, when: {words: [cat]}, then: {action: remove}}
    """)
    (match,) = rules.evaluate(facts("cat")).matches
    assert (match.rule, match.status) == ("c", RuleStatus.SHADOW)
    scopes = [(trace.rule.id, trace.scope) for trace in rules.explain(facts("cat"))]
    assert scopes == [
        ("a", "the rule is draft: it is not evaluated"),
        ("b", "the rule is retired: it is not evaluated"),
        ("c", ""),
    ]


# --- two passes ------------------------------------------------------------------------------


def test_scores_are_asked_for_only_when_they_can_still_decide() -> None:
    rules = ruleset(ABUSE)
    assert not rules.evaluate(facts("you there")).needs_scores, "not a reply: decided"
    waiting = rules.evaluate(facts("you there", parent_id="0"))
    assert waiting.needs_scores
    assert waiting.unknown[0].missing == (Missing("scores"),)
    low = rules.evaluate(facts("you there", parent_id="0", scores={"insult": 0.1}))
    assert not low.needs_scores
    assert (low.matches, low.unknown) == ((), ())


def test_a_reason_that_tells_a_score_asks_for_it_although_words_decide() -> None:
    rules = ruleset(ABUSE)
    first = rules.evaluate(facts("you muppet", parent_id="0"))
    assert first.needs_scores
    assert first.matches[0].reason.startswith("insult ? (?)")


def test_scores_that_failed_are_not_asked_for_again() -> None:
    rules = ruleset(ABUSE)
    failed = Missing("scores", failed=True)
    evaluation = rules.evaluate(facts("you there", parent_id="0", missing=(failed,)))
    assert not evaluation.needs_scores
    assert evaluation.unknown[0].missing == (failed,)
    told = rules.evaluate(facts("you muppet", parent_id="0", missing=(failed,)))
    assert not told.needs_scores


# --- strong folding --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("when", "given", "evasion", "action"),
    [
        ("{words: {entries: [muppet], evasion: strong}}", facts("m u p p e t"), "strong", "flag"),
        ("{words: {entries: [muppet], evasion: strong}}", facts("muppet"), "none", "remove"),
        (
            "{words: {entries: [muppet], evasion: strong}}",
            facts("m u p p e t muppet"),
            "none",
            "remove",
        ),
        (
            "{all: [{words: {entries: [muppet], evasion: strong}}, {words: [you]}]}",
            facts("you m u p p e t"),
            "strong",
            "flag",
        ),
        (
            "{any: [{words: {entries: [muppet], evasion: strong}}, {score: {insult: '> 0.5'}}]}",
            facts("m u p p e t", scores={"insult": 0.9}),
            "none",
            "remove",
        ),
    ],
)
def test_a_match_that_needs_strong_folding_only_flags(
    when: str, given: Facts, evasion: str, action: str
) -> None:
    rules = rule(when, then="{action: remove, ban: true}")
    (match,) = rules.evaluate(given).matches
    assert (str(match.evasion), str(match.action)) == (evasion, action)
    assert bool(match.effects) is (evasion != "strong")


def test_a_weak_action_stays_weak() -> None:
    rules = rule("{words: {entries: [muppet], evasion: strong}}", then="{action: note}")
    (match,) = rules.evaluate(facts("m u p p e t")).matches
    assert (match.action, match.evasion) == (Action.NOTE, Evasion.STRONG)


# --- identity --------------------------------------------------------------------------------


def test_identity_is_of_the_meaning_alone() -> None:
    one = ruleset("""
        # a comment
        lists: {l: [cat, dog]}
        rules:
        - {id: a, when: {words: {list: l}}, then: {action: flag}, known_problems: some}
        - {id: b, when: {any: [{reply: true}, {words: [cow]}]}, then: {action: note}}
    """)
    two = ruleset("""
        rules:
        - id: b
          then: {action: note}
          when: {any: [{words: {entries: [cow], evasion: light}}, {reply: {is_reply: true}}]}
          examples: {match: [cow]}
        - {id: d, status: draft, when: {words: [pig]}, then: {action: flag}}
        - {id: a, when: {words: [dog, cat, dog]}, then: {action: flag}}
    """)
    assert one.id == two.id
    for change in ("{action: hold}", "{action: flag, warn: true}"):
        assert rule("{reply: true}", then=change).id != rule("{reply: true}").id
    assert rule("{words: [cat]}").id != rule("{words: [dog]}").id
    assert rule("{words: [cat]}", more="scope: {channels: [a]}").id != rule("{words: [cat]}").id


def test_labels_and_queries_of_active_rules_only() -> None:
    rules = ruleset("""
        rules:
        - {id: a, when: {score: {insult: "> 0.5"}}, then: {action: flag}, reason: "{score.threat}"}
        - {id: b, status: draft, when: {score: {obscene: "> 0.5"}}, then: {action: flag}}
        - {id: c, status: draft, when: {author: {first_comment: true}}, then: {action: flag}}
    """)
    assert rules.labels_used == {"insult", "threat"}
    assert rules.history_queries == ()


def test_explanation_tells_every_condition() -> None:
    rules = ruleset(ABUSE)
    given = facts("you muppet", scores={"insult": 0.2}, parent_id="0")
    (trace,) = rules.explain(given)
    lines = []

    def tell(steps: tuple, depth: int) -> None:  # type: ignore[type-arg]
        for step in steps:
            lines.append(f"{'  ' * depth}{step.description}: {step.outcome.value} {step.detail}")
            tell(step.steps, depth + 1)

    tell(trace.steps, 0)
    assert lines == [
        "all of 3: match ",
        "  any of 2: match ",
        "    score: insult >= 0.85: no match insult 0.20",
        '    words: muppet (1 entry, evasion strong): match "muppet"',
        "  reply: is_reply true: match ",
        "  not: match ",
        "    quoted: is_quoted true: no match ",
    ]
    assert trace.spans == ((4, 10),)


def test_a_rule_that_needs_author_and_time_leaves_comments_without_them_alone() -> None:
    made = ruleset("""
        rules:
        - id: flood
          scope: {needs: [author, time]}
          when: {rate: {comments: ">= 2", within: 10s}}
          then: {action: flag}
    """)
    query = made.history_queries[0]
    assert matched(made, facts(history={query: 5})) == ["flood"]
    for lacking in ({"author": ANONYMOUS}, {"created_at": None}):
        evaluation = made.evaluate(facts(**lacking))
        assert (evaluation.matches, evaluation.unknown) == ((), ())
    assert made.explain(facts(created_at=None))[0].scope == "the source does not tell the time"


def test_lengths_of_time_are_told_as_they_are_written() -> None:
    made = rule("{rate: {comments: '>= 8', within: 90s}}")
    assert "within 90s" in made.loaded[0].when.describe()
    assert [Duration.write(Duration.parse(each)) for each in ("10s", "60s", "36h", "14d")] == [
        "10s", "1m", "36h", "2w",
    ]  # fmt: skip
