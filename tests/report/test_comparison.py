from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.model import Action, Comment, Edit, EditDetail, RuleStatus, Scores, Threshold, Verdict
from bot.report import Comparison, words
from bot.report.changes import Difference, Kind, limits_passed, threshold_advice
from tests.report.corpus import about, comment, community, match, rule, verdict

Pair = tuple[Comment, Verdict, Verdict]


def difference_of(pairs: list[Pair]) -> Difference:
    comparison = Comparison()
    for pair in pairs:
        comparison.add(*pair)
    return comparison.difference()


def pairs() -> list[Pair]:
    """Return the community under rules that gain one against roses and lose the insults."""
    result = []
    for item in community():
        text = item.comment.text
        kept = [each for each in item.verdict.matches if each.rule != "abuse.insult"]
        new = [match(text, "roses", rule="spam.roses")] if "roses" in text else []
        after = verdict(item.comment, *kept, *new, scores=item.verdict.scores)
        result.append((item.comment, item.verdict, after))
    return result


def test_what_became_of_each_comment() -> None:
    difference = difference_of(pairs())
    assert difference.total == 10
    assert difference.kinds == {Kind.NEW: 1, Kind.GONE: 1, Kind.ACTION: 0, Kind.SAME: 8}
    # c2 is flagged before and after, for another reason; c3 loses one of two reasons.
    assert difference.other_reasons == 2
    assert (difference.flagged_before, difference.flagged_after) == (3, 3)


def test_rules_are_told_what_they_did() -> None:
    rules = {each.rule: each for each in difference_of(pairs()).rules}
    roses, insult = rules["spam.roses"], rules["abuse.insult"]
    assert (roses.hits_before, roses.hits_after, roses.started) == (0, 2, 2)
    assert (roses.newly_flagged, roses.alone) == (1, 1)
    assert (insult.hits_before, insult.hits_after, insult.stopped) == (2, 0, 2)
    assert not rules["abuse.threat"].changed


def test_two_rules_share_what_they_newly_catch() -> None:
    text = comment(1, "weed and ivy")
    both = verdict(text, match("weed", "weed", rule="a"), match("ivy", "ivy", rule="b"))
    (first, second) = difference_of([(text, verdict(text), both)]).rules
    assert (first.newly_flagged, second.newly_flagged) == (1, 1)
    assert (first.alone, second.alone) == (0, 0)


def test_a_rule_that_grows_harsher_is_named_as_the_cause() -> None:
    text = comment(1, "weed")
    noted = verdict(text, match("weed", "weed", action=Action.NOTE))
    flagged = verdict(text, match("weed", "weed"))
    (changed,) = difference_of([(text, noted, flagged)]).rules
    assert (changed.started, changed.newly_flagged, changed.alone) == (0, 1, 1)
    (back,) = difference_of([(text, flagged, noted)]).rules
    assert (back.stopped, back.no_longer) == (0, 1)


def test_a_rule_that_grows_harsher_where_others_flagged_already_has_an_effect_of_its_own() -> None:
    text = comment(1, "weed")
    other = match("weed", "weed", rule="spam.links")
    noted = verdict(text, match("weed", "weed", action=Action.NOTE), other)
    flagged = verdict(text, match("weed", "weed"), other)
    difference = difference_of([(text, noted, flagged)])
    insult = next(each for each in difference.rules if each.rule == "abuse.insult")
    assert insult.changed
    assert (insult.otherwise, insult.moved, insult.newly_flagged) == (1, 0, 0)
    edit = Edit("abuse.insult", "Insult", "changed", (EditDetail("action note → flag"),))
    said = words.edit_effect(edit, {insult.rule: insult})
    assert said == (
        "Acts otherwise on 1, where other rules decide as before; the same comments go to review."
    )
    assert words.told_edits(difference, about(edits=(edit,))) == ([edit], [])
    assert "1 comment keeps its action for other reasons" in words.other_reasons(difference)


def test_a_rule_that_removes_what_it_flagged_before_has_an_effect() -> None:
    text = comment(1, "weed")
    removed = verdict(text, match("weed", "weed", action=Action.REMOVE))
    (insult,) = difference_of([(text, verdict(text, match("weed", "weed")), removed)]).rules
    assert (insult.otherwise, insult.moved) == (1, 1)
    edit = Edit("abuse.insult", "Insult", "changed", ())
    assert words.edit_effect(edit, {insult.rule: insult}) == (
        "Acts otherwise on 1; the same comments go to review, and 1 gets another action."
    )


def test_a_rule_that_leaves_shadow_starts() -> None:
    text = comment(1, "weed")
    shadow = verdict(text, match("weed", "weed", status=RuleStatus.SHADOW))
    (changed,) = difference_of([(text, shadow, verdict(text, match("weed", "weed")))]).rules
    assert (changed.hits_before, changed.hits_after, changed.started) == (0, 1, 1)


def test_changes_are_shown_in_their_thread() -> None:
    (shown,) = difference_of(pairs()).newly_flagged.shown
    assert shown.change.comment.id == "c0"
    (gone,) = difference_of([(c, new, old) for c, old, new in pairs()]).no_longer_flagged.shown
    assert gone.change.comment.id == "c0"


def test_the_sample_is_bounded_and_every_rule_has_its_share() -> None:
    many = []
    for number in range(300):
        text = comment(number, "weed")
        many.append((text, verdict(text), verdict(text, match("weed", "weed", rule="loud"))))
    rare = comment(999, "ivy")
    many.append((rare, verdict(rare), verdict(rare, match("ivy", "ivy", rule="rare"))))
    listing = difference_of(many).newly_flagged
    assert listing.total == 301
    assert len(listing.shown) < 80
    assert any(each.change.comment.id == "c999" for each in listing.shown)


@given(st.permutations(pairs()))
def test_the_order_of_adding_changes_nothing(mixed: list[Pair]) -> None:
    assert difference_of(mixed) == difference_of(pairs())


@given(st.lists(st.tuples(st.sampled_from(Action), st.sampled_from(Action))))
def test_kinds_and_moves_add_up(moves: list[tuple[Action, Action]]) -> None:
    difference = difference_of(
        [
            (text, verdict(text, action=old), verdict(text, action=new))
            for number, (old, new) in enumerate(moves)
            for text in [comment(number, "weed")]
        ]
    )
    assert sum(difference.kinds.values()) == difference.total == len(moves)
    grown = difference.kinds[Kind.NEW] - difference.kinds[Kind.GONE]
    assert difference.flagged_after - difference.flagged_before == grown


def test_limits_say_what_broke_them() -> None:
    difference = difference_of(pairs())
    assert limits_passed(difference) == ()
    assert limits_passed(difference, max_new=1, fail_on=Action.REMOVE) == ()
    (sentence,) = limits_passed(difference, max_new=0)
    assert "1 comment is newly flagged; the limit is 0" in sentence
    assert len(limits_passed(difference, fail_on=Action.FLAG)) == 1


def other_model(values: dict[str, float]) -> Scores:
    return Scores("larger", "1", values)


def judged_by_two(count: int, old: float, new: float) -> list[Pair]:
    """Comments whose toxicity rises, by one step in the old model and by another in the new."""
    compared = []
    for number in range(count):
        text = comment(number, "weed")
        before = verdict(text, score=number * old)
        after = replace(before, scores=other_model({"toxicity": number * new}), model="larger")
        compared.append((text, before, after))
    return compared


def test_the_same_model_shifts_nothing() -> None:
    assert difference_of(pairs()).shifts == ()


def test_a_models_shift_and_the_threshold_that_keeps_the_rate() -> None:
    difference = difference_of(judged_by_two(100, 1 / 100, 1 / 200))
    (shift,) = difference.shifts
    assert shift.label == "toxicity"
    assert shift.mean == pytest.approx(-0.2475)
    assert shift.mean_absolute == pytest.approx(0.2475)
    advised = rule("abuse.insult", "x", thresholds=(Threshold("toxicity", ">=", 0.8),))
    (advice,) = threshold_advice(difference, (advised,))
    assert (advice.reached_before, advice.reached_after) == (20, 0)
    assert advice.same_rate is not None
    assert advice.same_rate == pytest.approx(0.4)
    assert shift.after.at_or_above(advice.same_rate) == 20


@pytest.mark.parametrize(
    ("value", "kept"), [(0.2, [(0, 30, None, "–")]), (0.05, [(25, 45, 0.25, "0.250")]), (0.9, [])]
)
def test_a_threshold_that_nothing_reached_before_has_no_rate_to_keep(
    value: float, kept: list[tuple[int, int, float | None, str]]
) -> None:
    advised = rule("abuse.insult", "x", thresholds=(Threshold("toxicity", ">=", value),))
    advice = threshold_advice(difference_of(judged_by_two(50, 1 / 500, 1 / 100)), (advised,))
    told = [(a.reached_before, a.reached_after, a.same_rate, words.same_rate(a)) for a in advice]
    assert told == kept


def test_labels_judge_both_sides() -> None:
    difference = difference_of(pairs())
    assert difference.quality_before is not None
    assert difference.quality_after is not None
    assert difference.quality_before.recall.hits == 2
    assert difference.quality_after.recall.hits == 2


def test_a_rule_that_leaves_the_shadow_shows_what_it_matched_there() -> None:
    one, two = comment(1, "weed"), comment(2, "more weed")
    hits = [match(each.text, "weed", rule="weeds") for each in (one, two)]
    shadowed = [replace(hit, status=RuleStatus.SHADOW) for hit in hits]
    found = difference_of(
        [
            (one, verdict(one, shadowed[0]), verdict(one, hits[0])),
            (two, verdict(two, shadowed[1]), verdict(two)),
        ]
    )
    (weeds,) = found.rules
    assert (weeds.hits_before, weeds.shadow_before) == (0, 2)
    assert (weeds.hits_after, weeds.shadow_after) == (1, 0)
    assert weeds.changed


def test_clean_comments_count_without_verdicts() -> None:
    comparison, told = Comparison(), Comparison()
    for item, old, new in pairs():
        told.add(item, old, new)
        if old.matches or new.matches or old.action or new.action or old.missing:
            comparison.add(item, old, new)
        else:
            comparison.add_clean(item)
    assert comparison.difference() == told.difference()


def test_the_work_of_a_day_is_told_before_and_after() -> None:
    texts = [comment(number, "weed") for number in range(240)]  # one every five hours
    hits = [match("weed", "weed")]
    found = difference_of(
        [
            (
                each,
                verdict(each, *(hits if place % 2 == 0 else [])),
                verdict(each, *(hits if place % 8 == 0 else [])),
            )
            for place, each in enumerate(texts)
        ]
    )
    assert found.days == 51
    said = words.before_and_after(found)
    assert said.endswith("; about 2.4 reviews a day before, and about one review every 2 days now.")
    within = difference_of([(each, verdict(each), verdict(each, *hits)) for each in texts[:3]])
    assert within.days is None
    assert "day" not in words.before_and_after(within)
