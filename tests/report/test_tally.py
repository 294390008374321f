from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.model import Action, RuleStatus
from bot.proportion import Proportion
from bot.report import Screened, Summary, Tally
from bot.report import words as say
from tests.report.corpus import START, comment, community, match, screened


def summary_of(items: list[Screened]) -> Summary:
    tally = Tally()
    for item in items:
        tally.add(item)
    return tally.summary()


def test_totals_and_actions() -> None:
    summary = summary_of(community())
    assert summary.total == 10
    assert summary.flagged == 3
    assert summary.actions[Action.HOLD] == 1
    assert summary.per_thousand == 300
    assert summary.authors == 3


@given(st.permutations(community()))
def test_the_order_of_adding_changes_nothing(items: list[Screened]) -> None:
    assert summary_of(items) == summary_of(community())


def test_a_summary_may_be_taken_in_the_middle() -> None:
    tally = Tally()
    for item in community()[:5]:
        tally.add(item)
    assert tally.summary().total == 5
    for item in community()[5:]:
        tally.add(item)
    assert tally.summary() == summary_of(community())


def test_hits_that_only_one_rule_catches() -> None:
    rules = {rule.rule: rule for rule in summary_of(community()).rules}
    insult, threat = rules["abuse.insult"], rules["abuse.threat"]
    assert (insult.hits, insult.sole, insult.authors, insult.disguised) == (2, 1, 2, 1)
    assert (threat.hits, threat.sole) == (1, 0)


def test_a_note_beside_a_flag_catches_nothing_alone() -> None:
    text = comment(1, "weed")
    note = match("weed", "weed", rule="a.note", action=Action.NOTE)
    rules = summary_of([screened(text, match("weed", "weed"), note)]).rules
    assert {rule.rule: rule.sole for rule in rules} == {"abuse.insult": 1, "a.note": 0}


def test_a_rule_in_shadow_is_counted_apart_and_acts_on_nothing() -> None:
    text = comment(1, "weed")
    summary = summary_of([screened(text, match("weed", "weed", status=RuleStatus.SHADOW))])
    (rule,) = summary.rules
    assert (rule.hits, rule.shadow, rule.sole) == (1, 1, 1)
    assert summary.flagged == 0
    assert summary.caught.total == 1


def test_labels_give_precision_misses_and_false_alarms() -> None:
    wrong = screened(comment(11, "weed", label=False), match("weed", "weed"))
    summary = summary_of([*community(), wrong])
    quality = summary.quality
    assert quality is not None
    assert (quality.hits, quality.false_alarms, quality.misses) == (2, 1, 1)
    assert [item.screened.comment.id for item in summary.misses.shown] == ["c6"]
    assert [item.screened.comment.id for item in summary.false_alarms.shown] == ["c11"]
    insult = next(rule for rule in summary.rules if rule.rule == "abuse.insult")
    assert insult.quality is not None
    assert (insult.quality.precision.hits, insult.quality.precision.of) == (2, 3)
    assert (insult.quality.recall.hits, insult.quality.recall.of) == (2, 3)


def test_without_labels_there_is_no_quality() -> None:
    summary = summary_of([screened(comment(1, "weed"), match("weed", "weed"))])
    assert summary.quality is None
    assert summary.rules[0].quality is None


def test_what_could_not_be_judged_is_counted_by_what_was_missing() -> None:
    summary = summary_of(community())
    assert summary.degraded == 1
    assert summary.missing == {"scores": 1}


def test_words_and_model_that_do_not_agree_are_listed() -> None:
    items = [
        screened(comment(1, "weed"), match("weed", "weed"), score=0.05),
        screened(comment(2, "nice"), match("nice"), score=0.95),
        screened(comment(3, "vile"), score=0.97),
        screened(comment(4, "weed"), match("weed", "weed"), score=0.95),
        screened(comment(5, "calm"), score=0.05),
    ]
    summary = summary_of(items)
    lists = (summary.words_only, summary.model_only, summary.unnoticed)
    assert [[each.screened.comment.id for each in found.shown] for found in lists] == [
        ["c1"],
        ["c2"],
        ["c3"],
    ]
    assert [item.screened.comment.id for item in summary.phrases[0].comments] == ["c3"]


def workload_of(*hours: float) -> str:
    items = [
        screened(comment(n, "weed", created_at=START + timedelta(hours=h)), match("weed", "weed"))
        for n, h in enumerate(hours)
    ]
    workload = summary_of(items).workload
    assert workload is not None
    return say.reviews(workload)


@pytest.mark.parametrize(
    ("hours", "sentence"),
    [
        ((0, 6), "2 reviews in 6 hours"),
        (
            (0, 1, 2, 24, 25, 26),
            "about 3 reviews a day over 2 days; the most on one day was 3, on 2 Mar 2024",
        ),
        ((0, 24 * 9), "about one review every 5 days over 10 days"),
        ((0, 24), "about one review a day over 2 days"),
    ],
)
def test_the_workload_is_told_without_extrapolating(
    hours: tuple[float, ...], sentence: str
) -> None:
    assert workload_of(*hours) == sentence


def test_undated_comments_are_counted_and_give_no_workload() -> None:
    summary = summary_of([screened(comment(1, "weed", created_at=None))])
    assert summary.workload is None
    assert summary.undated == 1


def test_an_unknown_author_is_nobody() -> None:
    items = [screened(comment(n, "weed", author=""), match("weed", "weed")) for n in range(3)]
    summary = summary_of(items)
    assert summary.authors == 0
    assert summary.rules[0].authors == 0


def test_precision_is_told_by_the_labels_of_rules() -> None:
    texts = [
        comment(number, "weed", label=label) for number, label in enumerate((True, True, False))
    ]
    weeds = match("weed", "weed", labels=("harassment", "spam"))
    noted = match("weed", "weed", rule="note", action=Action.NOTE, labels=("profanity",))
    summary = summary_of(
        [
            screened(texts[0], weeds, noted),
            screened(texts[1], match("weed", "weed", labels=("harassment",))),
            screened(texts[2], weeds),
            screened(comment(9, "weed"), weeds),
        ]
    )
    assert summary.labels == (("harassment", Proportion(2, 3)), ("spam", Proportion(1, 2)))
