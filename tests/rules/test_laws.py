"""The laws of evaluation, as properties of made-up rules and comments."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.model import Action, Evaluation, Facts, Missing, Outcome
from bot.rules.conditions.base import Condition
from bot.rules.look import Answer, Look, unknown
from tests.rules.making import facts, ruleset

WORDS = ("cat", "dog", "cow")
LABELS = ("insult", "threat")

LEAVES: st.SearchStrategy[dict[str, Any]] = st.one_of(
    st.builds(lambda w: {"words": [w]}, st.sampled_from(WORDS)),
    st.builds(lambda e: {"words": {"entries": [e], "evasion": "strong"}}, st.sampled_from(WORDS)),
    st.builds(lambda w: {"regex": rf"\b{w}s?\b"}, st.sampled_from(WORDS)),
    st.builds(
        lambda label, sign, at: {"score": {label: f"{sign} {at}"}},
        st.sampled_from(LABELS),
        st.sampled_from([">=", ">", "<", "<="]),
        st.sampled_from(["0.3", "0.5", "0.7"]),
    ),
    st.sampled_from(
        [
            {"reply": True},
            {"quoted": True},
            {"quoted": False},
            {"length": {"words": "> 3"}},
            {"shape": {"capitals": ">= 0.5"}},
            {"shape": {"repeated": ">= 3"}},
            {"links": {"count": ">= 1"}},
            {"links": {"count": "== 0"}},
            {"mentions": {"count": ">= 1"}},
            {"attachments": {"count": ">= 1"}},
            {"author": {"roles": ["mod"]}},
            {"time": {"days": ["wed"]}},
            {"rate": {"comments": ">= 2", "within": "1m"}},
        ]
    ),
)

CONDITIONS = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.builds(lambda many: {"all": many}, st.lists(inner, min_size=1, max_size=3)),
        st.builds(lambda many: {"any": many}, st.lists(inner, min_size=1, max_size=3)),
        st.builds(lambda one: {"not": one}, inner),
    ),
    max_leaves=6,
)

RULES = st.lists(
    st.fixed_dictionaries(
        {
            "when": CONDITIONS,
            "then": st.fixed_dictionaries({"action": st.sampled_from(Action.names()[1:])}),
            "status": st.sampled_from(["live", "shadow", "draft"]),
        }
    ),
    min_size=1,
    max_size=5,
).map(lambda rules: [{"id": f"r.n{number}", **rule} for number, rule in enumerate(rules)])

EXCEPTIONS = st.lists(
    st.fixed_dictionaries(
        {
            "for": st.sampled_from([["r.*"], ["r.n0"]]),
            "words": st.sampled_from([["big cat"], ["dog"], ["cow", "cat"]]),
            "reason": st.just("innocent"),
        },
        optional={"expires": st.sampled_from(["2020-01-01", "2030-01-01"])},
    ),
    max_size=2,
).map(lambda many: [{"id": f"e{number}", **each} for number, each in enumerate(many)])

TEXTS = st.sampled_from(
    [
        "",
        "hello",
        "a big cat",
        "CAT DOG COW",
        "> cat\nyes",
        "c a t and d0g",
        "https://example.com @ann dogs",
        "nooooo cow",
        "> cat\n> dog",
        "one two three four five cats",
    ]
)

FACTS = st.builds(
    lambda text, scores, reply, missing, timed, files: facts(
        text,
        scores=scores,
        parent_id="0" if reply else None,
        missing=(Missing("scores", failed=True),) if missing and scores is None else (),
        attributes={"attachments": ("a",)} if files else {},
        **({} if timed else {"created_at": None}),
    ),
    TEXTS,
    st.none()
    | st.fixed_dictionaries({"insult": st.sampled_from([0.2, 0.5, 0.9])})
    | st.fixed_dictionaries({label: st.sampled_from([0.2, 0.5, 0.9]) for label in LABELS}),
    st.booleans(),
    st.booleans(),
    st.booleans(),
    st.booleans(),
)


def shuffled(data: Any, draw: Any) -> Any:
    """Return the same meaning in another order of keys, rules and operands."""
    if isinstance(data, dict):
        keys = draw(st.permutations(list(data)))
        return {key: shuffled(data[key], draw) for key in keys}
    if isinstance(data, list):
        return [shuffled(item, draw) for item in draw(st.permutations(data))]
    return data


def file(rules: list[Any], exceptions: list[Any]) -> dict[str, Any]:
    return {"rules": rules, **({"exceptions": exceptions} if exceptions else {})}


@given(RULES, EXCEPTIONS, st.lists(FACTS, max_size=4), st.data())
@settings(max_examples=40)
def test_order_of_rules_and_keys_changes_nothing(
    rules: list[Any], exceptions: list[Any], given_facts: list[Facts], data: st.DataObject
) -> None:
    first = ruleset(json.dumps(file(rules, exceptions)))
    second = ruleset(json.dumps(shuffled(file(rules, exceptions), data.draw)))
    assert first.id == second.id
    for each in given_facts:
        assert first.evaluate(each) == second.evaluate(each)


@given(RULES, EXCEPTIONS, st.lists(FACTS, max_size=6))
@settings(max_examples=80)
def test_many_comments_get_the_answers_of_one(
    rules: list[Any], exceptions: list[Any], given_facts: list[Facts]
) -> None:
    made = ruleset(json.dumps(file(rules, exceptions)))
    assert made.evaluate_many(given_facts) == [made.evaluate(each) for each in given_facts]


@given(CONDITIONS, FACTS)
@settings(max_examples=80)
def test_a_rule_is_passed_over_only_where_it_does_not_match(when: Any, given_facts: Facts) -> None:
    made = ruleset(json.dumps({"rules": [{"id": "a", "when": when, "then": {"action": "flag"}}]}))
    (loaded,) = made.loaded
    if not loaded.may_match(made.matcher.find(given_facts.text)):
        assert made.answer(loaded, given_facts).outcome is Outcome.NO_MATCH


@pytest.mark.parametrize(
    ("when", "looked_at"),
    [
        ("{words: [cat]}", False),
        ("{words: [dog]}", True),
        ("{regex: c.t}", False),
        ("{all: [{words: [cat]}, {reply: true}]}", False),
        ("{all: [{words: [dog]}, {reply: true}]}", True),
        ("{any: [{words: [cat]}, {regex: cow}]}", False),
        ("{any: [{words: [cat]}, {regex: d.g}]}", True),
        ("{any: [{words: [cat]}, {reply: true}]}", True),
        ("{not: {words: [cat]}}", True),
    ],
)
def test_rules_whose_words_are_not_there_are_passed_over(when: str, *, looked_at: bool) -> None:
    made = ruleset(f"rules: [{{id: a, when: {when}, then: {{action: flag}}}}]")
    assert made.loaded[0].may_match(made.matcher.find(facts("a dog").text)) is looked_at


@given(RULES, CONDITIONS, FACTS)
@settings(max_examples=40)
def test_adding_a_rule_removes_no_match(rules: list[Any], when: Any, given_facts: Facts) -> None:
    more = [*rules, {"id": "s.new", "when": when, "then": {"action": "flag"}}]
    before = ruleset(json.dumps({"rules": rules})).evaluate(given_facts).matches
    after = ruleset(json.dumps({"rules": more})).evaluate(given_facts).matches
    assert set(before) <= set(after)
    assert {match.rule for match in after} - {match.rule for match in before} <= {"s.new"}


@given(RULES, FACTS)
@settings(max_examples=40)
def test_matches_come_strongest_first_and_drafts_never(
    rules: list[Any], given_facts: Facts
) -> None:
    evaluation = ruleset(json.dumps({"rules": rules})).evaluate(given_facts)
    actions = [match.action for match in evaluation.matches]
    assert actions == sorted(actions, reverse=True)
    drafts = {rule["id"] for rule in rules if rule["status"] == "draft"}
    assert not drafts & {match.rule for match in evaluation.matches}
    assert not drafts & {item.rule for item in evaluation.unknown}


@given(CONDITIONS, FACTS)
@settings(max_examples=60)
def test_unknown_stays_unknown_under_not(when: Any, given_facts: Facts) -> None:
    made = ruleset(
        json.dumps(
            {
                "rules": [
                    {"id": "yes", "when": when, "then": {"action": "flag"}},
                    {"id": "no", "when": {"not": when}, "then": {"action": "flag"}},
                ]
            }
        )
    )
    no, yes = (made.answer(each, given_facts) for each in made.loaded)
    if yes.outcome is Outcome.UNKNOWN:
        assert no.outcome is Outcome.UNKNOWN
        assert no.missing == yes.missing
        assert yes.missing
    else:
        assert {yes.outcome, no.outcome} == {Outcome.MATCH, Outcome.NO_MATCH}


@given(CONDITIONS, FACTS)
@settings(max_examples=60)
def test_what_is_missing_never_turns_a_decided_answer_around(when: Any, given_facts: Facts) -> None:
    """Knowing more may decide an unknown answer, but never reverse a decided one."""
    made = ruleset(json.dumps({"rules": [{"id": "a", "when": when, "then": {"action": "flag"}}]}))
    (loaded,) = made.loaded
    known = facts(
        given_facts.comment.text,
        scores={"insult": 0.5, "threat": 0.5},
        attributes={"attachments": ()},
    )
    blind = facts(given_facts.comment.text, attributes={})
    answer = made.answer(loaded, blind).outcome
    assert answer in {Outcome.UNKNOWN, made.answer(loaded, known).outcome}


class Fixed(Condition):
    """A condition whose answer is given."""

    name = "fixed"

    def __init__(self, answer: Answer) -> None:
        object.__setattr__(self, "_answer", answer)

    def test(self, look: Look) -> Answer:
        del look
        answer: Answer = self._answer  # type: ignore[attr-defined]
        return answer


TRUTH = {Outcome.NO_MATCH: 0, Outcome.UNKNOWN: 1, Outcome.MATCH: 2}


@given(st.lists(st.sampled_from(list(Outcome)), min_size=1, max_size=5))
def test_all_is_the_least_and_any_the_greatest(outcomes: list[Outcome]) -> None:
    from bot.rules.conditions.logic import All, Any, Not  # noqa: PLC0415 - `Any` is taken above

    parts = tuple(
        Fixed(unknown(Missing("x")) if each is Outcome.UNKNOWN else Answer(each))
        for each in outcomes
    )
    look = Look(facts())
    ranks = [TRUTH[each] for each in outcomes]
    assert TRUTH[All(parts).test(look).outcome] == min(ranks)
    assert TRUTH[Any(parts).test(look).outcome] == max(ranks)
    assert TRUTH[Not(parts[0]).test(look).outcome] == 2 - ranks[0]


def test_clean_comments_share_one_evaluation() -> None:
    made = ruleset("rules: [{id: a, when: {words: [cat]}, then: {action: flag}}]")
    one, two = made.evaluate_many([facts("hello"), facts("you")])
    assert one is two
    assert one == Evaluation()
    assert made.evaluate_many([]) == []


PIECES = ("http", "hxxp", "s", "://", "www.", "WWW.", ".", "a", "evil", "com", "gg", "/x", "**")
HIDDEN = ("\u200b", "\u2024", "ⅽom", "п", " ")


@given(st.lists(st.sampled_from((*PIECES, *HIDDEN)), max_size=8).map("".join))
def test_no_link_slips_through_when_many_are_looked_at(text: str) -> None:
    made = ruleset("rules: [{id: a, when: {links: {count: '>= 1'}}, then: {action: flag}}]")
    assert made.evaluate_many([facts(text)]) == [made.evaluate(facts(text))]
