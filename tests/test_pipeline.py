"""The straight line: one comment and many, live and replayed, all get the same verdict."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.errors import ScoringError
from bot.model import Action, Author, Comment, ModelInfo, Priority, Scores, Verdict
from bot.pipeline import LONGEST_TEXT, Pipeline
from bot.replay import CHUNK, replay, replay_both
from bot.rules import RuleSet
from bot.store.memory import MemoryHistory
from bot.verdict import Policy
from tests.fakes.scorer import FixedScorer, Values
from tests.rules.making import ruleset

NOON = datetime(2024, 5, 1, 12, tzinfo=UTC)

RULES = ruleset(
    """
    rules:
      - id: word.strong
        when: {words: {entries: [muppet], evasion: strong}}
        then: {action: hold}
      - id: score.insult
        when: {score: {insult: ">= 0.8"}}
        then: {action: flag}
        reason: "insult {score.insult:.2f}"
      - id: flood
        when: {rate: {comments: ">= 2", within: 1m}}
        then: {action: note}
      - id: repeat.offender
        when: {rate: {matches: {rule: word.strong, count: ">= 1"}, within: 1h}}
        then: {action: remove}
      - id: tried
        status: shadow
        when: {words: [cat]}
        then: {action: remove}
    """
)

TIMELESS = ruleset(
    """
    rules:
      - id: word.plain
        when: {words: [muppet]}
        then: {action: hold}
      - id: both
        when: {all: [{words: [cat]}, {score: {insult: ">= 0.8"}}]}
        then: {action: flag}
    """
)

TEXTS = ("hello there", "you muppet", "m u p p e t", "cat", "insulting", "cat insulting", "")


def scores(text: str) -> Values:
    return {"insult": 0.9 if "insulting" in text else 0.1}


def pipeline(
    rules: RuleSet, *, score_all: bool = False, scorer: FixedScorer | None = None
) -> Pipeline:
    return Pipeline(
        rules=lambda: rules,
        scorer=scorer or FixedScorer(scores),
        history=MemoryHistory(),
        score_all=score_all,
    )


def comment(text: str, number: int = 0, author: str = "ann", seconds: float = 0) -> Comment:
    time = NOON + timedelta(seconds=seconds)
    return Comment(str(number), text, author=Author(author), created_at=time)


COMMENTS = st.lists(
    st.tuples(st.sampled_from(TEXTS), st.sampled_from("ab"), st.integers(0, 90)), max_size=8
).map(
    lambda rows: [
        comment(text, number, author, seconds)
        for number, (text, author, seconds) in enumerate(sorted(rows, key=lambda row: row[2]))
    ]
)


def essence(verdicts: Sequence[Verdict]) -> list[Verdict]:
    return [replace(verdict, scores=None) for verdict in verdicts]


@settings(max_examples=40, deadline=None)
@given(COMMENTS, st.sampled_from([RULES, TIMELESS]))
def test_one_by_one_and_many_and_with_or_without_all_scores_agree(
    comments: list[Comment], rules: RuleSet
) -> None:
    async def all_ways() -> list[list[Verdict]]:
        live, bulk, eager = pipeline(rules), pipeline(rules), pipeline(rules, score_all=True)
        return [
            essence([await live.screen(each) for each in comments]),
            essence(await bulk.screen_many(comments)),
            essence(await eager.screen_many(comments)),
        ]

    one, many, scored = asyncio.run(all_ways())
    assert one == many == scored


@settings(max_examples=40, deadline=None)
@given(COMMENTS, st.randoms(use_true_random=False))
def test_replay_does_not_depend_on_the_order_of_the_file(
    comments: list[Comment], random: object
) -> None:
    shuffled = list(comments)
    random.shuffle(shuffled)  # type: ignore[attr-defined]

    async def replayed(order: list[Comment]) -> dict[str, Verdict]:
        return {c.id: v async for c, v in replay(order, pipeline(RULES))}

    assert asyncio.run(replayed(comments)) == asyncio.run(replayed(shuffled))


@settings(max_examples=40, deadline=None)
@given(COMMENTS, st.permutations([RULES, TIMELESS]), st.booleans())
def test_two_at_once_say_what_each_says_alone(
    comments: list[Comment], rules: list[RuleSet], other_model: bool
) -> None:
    def line(place: int) -> Pipeline:
        name = f"fixed-{place}" if other_model else "fixed"
        return pipeline(rules[place], scorer=FixedScorer(scores, name=name))

    async def both_ways() -> tuple[list[list[Verdict]], list[list[Verdict]]]:
        alone = [[v async for _, v in replay(comments, line(place))] for place in (0, 1)]
        pairs = [(one, two) async for _, one, two in replay_both(comments, line(0), line(1))]
        return alone, [[one for one, _ in pairs], [two for _, two in pairs]]

    alone, together = asyncio.run(both_ways())
    assert list(map(essence, alone)) == list(map(essence, together))


async def test_two_rule_sets_ask_one_model_once() -> None:
    scorers = FixedScorer(scores), FixedScorer(scores)
    lines = [pipeline(TIMELESS, score_all=True, scorer=scorer) for scorer in scorers]
    pairs = [pair async for pair in replay_both([comment("cat")], lines[0], lines[1])]
    assert [len(scorer.asked) for scorer in scorers] == [1, 0]
    assert pairs[0][1].scores == pairs[0][2].scores


async def test_an_archive_streams_where_no_rule_for_it_asks_the_history() -> None:
    read: list[int] = []

    def reading() -> Iterator[Comment]:
        for number in range(3 * CHUNK):
            read.append(number)
            yield comment("hello", number)

    elsewhere = ruleset(
        """
        rules:
          - id: flood
            scope: {sources: [discord]}
            when: {rate: {comments: ">= 2", within: 1m}}
            then: {action: note}
        """
    )
    async for _ in replay(reading(), pipeline(elsewhere)):
        break
    assert len(read) == CHUNK


async def test_replay_yields_in_the_order_of_the_file() -> None:
    late_first = [
        comment("hello", 1, seconds=50),
        comment("hello", 2),
        comment("hello", 3, seconds=9),
    ]
    for rules in (RULES, TIMELESS):
        assert [c.id async for c, _ in replay(late_first, pipeline(rules))] == ["1", "2", "3"]


@pytest.mark.parametrize("rules", [RULES, TIMELESS], ids=["with history", "without"])
async def test_a_stopped_replay_keeps_what_it_has_done(rules: RuleSet) -> None:
    comments = [comment("you muppet", number) for number in range(1300)]
    told: list[int] = []

    def stopped() -> bool:
        return bool(told)

    pairs = replay(comments, pipeline(rules), progress=told.append, stopped=stopped)
    done = [c.id async for c, _ in pairs]
    assert done == [str(number) for number in range(told[0])]


async def test_the_model_is_asked_only_where_a_rule_needs_it() -> None:
    scorer = FixedScorer(scores)
    await pipeline(TIMELESS, scorer=scorer).screen_many(
        [comment("hello"), comment("you muppet"), comment("cat")]
    )
    assert [texts for texts, _ in scorer.asked] == [("cat",)]


async def test_the_model_is_asked_only_about_comments_in_a_rules_scope() -> None:
    scoped = ruleset(
        """
        rules:
          - id: sure
            scope: {sources: [discord], not_channels: [venting]}
            when: {score: {insult: ">= 0.8"}}
            then: {action: flag}
        """
    )
    scorer = FixedScorer(scores)
    mixed = [
        replace(comment(text), source=source, channel=channel)
        for text, source, channel in (
            ("insulting", "discord", "general"),
            ("insulting here", "archive", "general"),
            ("insulting there", "discord", "venting"),
        )
    ]
    verdicts = await pipeline(scoped, scorer=scorer).screen_many(mixed)
    assert [verdict.action for verdict in verdicts] == [Action.FLAG, Action.ALLOW, Action.ALLOW]
    assert [texts for texts, _ in scorer.asked] == [("insulting",)]


async def test_live_traffic_says_so_to_the_scorer() -> None:
    scorer = FixedScorer(scores)
    await pipeline(TIMELESS, scorer=scorer).screen(comment("cat"))
    assert scorer.asked == [(("cat",), Priority.LIVE)]


async def test_a_model_that_raises_sends_to_review_and_spares_the_neighbours() -> None:
    def broken(text: str) -> Values:
        if "poison" in text:
            raise ScoringError("cannot")
        return {"insult": 0.0}

    clean, poisoned = await pipeline(TIMELESS, scorer=FixedScorer(broken)).screen_many(
        [comment("cat"), comment("cat poison")]
    )
    assert clean.action is Action.ALLOW
    assert not clean.degraded
    assert poisoned.action is Action.FLAG
    assert poisoned.degraded
    assert [item.what for item in poisoned.missing] == ["scores"]


async def test_a_failure_that_no_rule_cares_for_degrades_nothing() -> None:
    def broken(_: str) -> Values:
        raise ScoringError("down")

    (verdict,) = await pipeline(TIMELESS, scorer=FixedScorer(broken)).screen_many(
        [comment("hello")]
    )
    assert verdict.action is Action.ALLOW
    assert not verdict.degraded


async def test_an_oversize_text_goes_to_review_whatever_it_says() -> None:
    verdict = await pipeline(TIMELESS).screen(comment("a" * (LONGEST_TEXT + 1)))
    assert verdict.action is Action.FLAG
    assert verdict.degraded
    assert verdict.missing[0].failed
    fits = await pipeline(TIMELESS).screen(comment("a" * LONGEST_TEXT))
    assert fits.action is Action.ALLOW


async def test_shadow_rules_are_told_and_do_not_act() -> None:
    verdict = await pipeline(RULES).screen(comment("cat"))
    assert [match.rule for match in verdict.matches] == ["tried"]
    assert verdict.acting == ()
    assert verdict.action is Action.ALLOW


async def test_time_comes_from_the_comment() -> None:
    verdict = await pipeline(RULES).screen(comment("hello"))
    assert verdict.decided_at == NOON
    edited = replace(comment("hello"), edited_at=NOON + timedelta(hours=1))
    assert (await pipeline(RULES).screen(edited)).decided_at == NOON + timedelta(hours=1)


async def test_explaining_tells_the_same_verdict_and_remembers_nothing() -> None:
    line = pipeline(RULES)
    first = await line.explain(comment("you muppet"))
    again = await line.explain(comment("you muppet", 2, seconds=5))
    assert first.verdict.action is Action.HOLD
    assert [match.rule for match in again.verdict.matches] == ["word.strong"]
    live = await pipeline(RULES).screen(comment("you muppet"))
    assert essence([live]) == essence([first.verdict])


@pytest.mark.parametrize("action", [Action.FLAG, Action.HOLD])
async def test_policy_chooses_where_failures_go(action: Action) -> None:
    line = replace(pipeline(TIMELESS), policy=Policy(on_failure=action))
    assert (await line.screen(comment("a" * (LONGEST_TEXT + 1)))).action is action


async def test_a_verdict_is_named_by_what_it_depends_on() -> None:
    first, again = [await pipeline(TIMELESS).screen(comment("cat")) for _ in range(2)]
    edited = await pipeline(TIMELESS).screen(comment("cats"))
    assert first.id == again.id != edited.id


def test_scores_in_the_fake_are_of_its_model() -> None:
    info = ModelInfo("fixed", "1", ("insult",))
    row = asyncio.run(FixedScorer(scores, labels=("insult",)).score(["x"]))[0]
    assert row == Scores(info.id, info.revision, {"insult": 0.1})
