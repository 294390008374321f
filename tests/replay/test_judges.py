"""Judging by two rule sets at once says what each says alone; so do judgements written down."""

from __future__ import annotations

import asyncio
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.errors import ScoringError
from bot.judges import Alone, Beside
from bot.model import Action, Author, Comment, Evaluation, Verdict
from bot.pipeline import LONGEST_TEXT, Pipeline
from bot.replay import replay, replay_both, replay_pairs
from bot.rules import Apart, RuleSet
from bot.store.memory import MemoryHistory
from tests.fakes.scorer import FixedScorer, Values
from tests.rules.making import ruleset

POOL = {
    "words": (
        "{id: words, when: {words: [muppet]}, then: {action: hold}}",
        "{id: words, when: {words: [muppet, pillock]}, then: {action: hold}}",
        "{id: words, status: shadow, when: {words: [muppet]}, then: {action: hold}}",
    ),
    "score": (
        '{id: score, when: {score: {insult: ">= 0.5"}}, then: {action: flag}}',
        '{id: score, when: {score: {insult: ">= 0.9"}}, then: {action: flag}}',
    ),
    "both": (
        '{id: both, when: {all: [{words: [cat]}, {score: {insult: ">= 0.5"}}]}, then: {action: note}}',
        '{id: both, when: {any: [{words: [cat]}, {score: {insult: ">= 0.9"}}]}, then: {action: remove}}',
    ),
    "disguised": (
        '{id: disguised, reason: "insult {score.insult:.2f}", then: {action: remove}, when: {any: [GUESS, HIGH]}}'
        .replace("GUESS", "{words: {entries: [pillock], evasion: strong}}")
        .replace("HIGH", '{score: {insult: ">= 0.9"}}'),
    ),
    "regex": ('{id: regex, when: {regex: "c.t"}, then: {action: flag}}',),
}  # fmt: skip
SPARING = (
    "",
    '{id: show, for: ["*"], words: [muppet show], reason: a show}',
    "{id: show, for: [words], words: [muppet show], reason: a show}",
)  # fmt: skip
TEXTS = (
    "hello there", "you muppet", "the muppet show", "p i l l o c k", "pillock cat", "cat",
    "insulting cat", "very insulting", "insulting muppet", "poison cat", "",
)  # fmt: skip


def made(choice: dict[str, int], exception: int) -> RuleSet:
    rules = [POOL[name][place] for name, place in choice.items()]
    text = "rules:\n" + "".join(f"  - {rule}\n" for rule in rules)
    if SPARING[exception]:
        text += f"exceptions:\n  - {SPARING[exception]}\n"
    return ruleset(text)


CHOICES = st.fixed_dictionaries(
    {"words": st.integers(0, 2)},
    optional={name: st.integers(0, len(POOL[name]) - 1) for name in POOL if name != "words"},
)
SETS = st.builds(made, CHOICES, st.integers(0, len(SPARING) - 1))
COMMENTS = st.lists(st.sampled_from(TEXTS), max_size=8).map(
    lambda texts: [Comment(str(n), text, author=Author("ann")) for n, text in enumerate(texts)]
)


def values(text: str) -> Values:
    if "poison" in text:
        raise ScoringError("cannot")
    return {"insult": 0.95 if "very" in text else 0.7 if "insulting" in text else 0.1}


def line(rules: RuleSet, *, score_all: bool = False, name: str = "fixed") -> Pipeline:
    return Pipeline(
        lambda: rules, FixedScorer(values, name=name), MemoryHistory(), score_all=score_all
    )


def essence(verdict: Verdict) -> tuple[object, ...]:
    """Return what both ways must agree on; whose question brought the scores is their own matter."""
    return (
        verdict.id, verdict.action, verdict.matches, verdict.degraded, verdict.missing,
        verdict.ruleset, verdict.decided_at,
    )  # fmt: skip


@settings(max_examples=80, deadline=None)
@given(COMMENTS, SETS, SETS, st.booleans(), st.booleans())
def test_two_rule_sets_at_once_say_what_each_says_alone(
    comments: list[Comment], old: RuleSet, new: RuleSet, other_model: bool, score_all: bool
) -> None:
    name = "other" if other_model else "fixed"

    async def all_ways() -> tuple[list[list[Verdict]], list[tuple[Verdict, Verdict]], list[object]]:
        sides = [line(old, score_all=score_all), line(new, score_all=score_all, name=name)]
        alone = [[v async for _, v in replay(comments, side)] for side in sides]
        pairs = [(one, two) async for _, one, two in replay_both(comments, *sides)]
        spared = [pair async for _, pair in replay_pairs(comments, *sides)]
        return alone, pairs, list(spared)

    alone, pairs, spared = asyncio.run(all_ways())
    for side in (0, 1):
        assert [essence(pair[side]) for pair in pairs] == [essence(v) for v in alone[side]]
    for pair, kept in zip(pairs, spared, strict=True):
        assert kept == pair or (kept is None and not other_model and all(map(silent, pair)))


def silent(verdict: Verdict) -> bool:
    return verdict.action is Action.ALLOW and not verdict.matches and not verdict.missing


def test_what_two_rule_sets_share_is_told_apart_from_what_differs() -> None:
    old = made({"words": 0, "score": 0, "regex": 0}, 0)
    new = made({"words": 1, "score": 0, "regex": 0}, 0)
    apart = Apart.of(old, new)
    assert apart.kept == {"score", "regex"}
    assert [rule.id for rule in apart.rest.rules] == ["words"]
    assert Apart.of(old, made({"words": 0, "score": 0, "regex": 0}, 2)).kept == {"score", "regex"}
    assert Apart.of(old, old).rest.rules == ()


def test_an_unchanged_evaluation_is_not_made_anew() -> None:
    rules = made({"words": 0}, 0)
    empty = Evaluation()
    assert Apart.of(rules, rules).join(empty, empty) is empty


@settings(max_examples=60, deadline=None)
@given(COMMENTS, SETS, st.booleans())
def test_a_verdict_survives_being_written_down(
    comments: list[Comment], rules: RuleSet, score_all: bool
) -> None:
    judge = Alone(line(rules, score_all=score_all))
    verdicts = asyncio.run(judge.judge(comments))
    written = [judge.write(each) for each in verdicts]
    assert [judge.read(*each) for each in zip(comments, written, strict=True)] == verdicts
    assert asyncio.run(Alone(line(rules, score_all=score_all)).written(comments)) == written


@pytest.mark.parametrize(("old", "new"), list(product([0, 1], [0, 2])))
def test_a_pair_survives_being_written_down(old: int, new: int) -> None:
    judge = Beside(line(made({"words": old}, 0)), line(made({"words": new}, 0)), sparing=True)
    comments = [Comment(str(n), text) for n, text in enumerate((*TEXTS, "a" * (LONGEST_TEXT + 1)))]
    pairs = asyncio.run(judge.judge(comments))
    assert None in pairs
    assert [judge.read(c, judge.write(p)) for c, p in zip(comments, pairs, strict=True)] == pairs
