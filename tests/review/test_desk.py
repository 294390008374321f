"""The moderators' desk, on the real store: who may, who was first, what is done and told."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from bot.cases import Case, Decision, Deed
from bot.model import Action, AttributeValue, Comment, Delivery, Effect, Mode, RuleStatus
from bot.review import (
    DeskSettings,
    Moderator,
    RefusedError,
    ReviewDesk,
    proposed,
    still_wanted,
    strongest,
    taking_back,
)
from bot.store.sqlite import Store, open_store
from tests.store.examples import MATCH, NOON, comment, verdict

ANN = Moderator("1", frozenset({"mods"}))
BOB = Moderator("2", frozenset({"mods"}))
EVE = Moderator("3", frozenset({"members"}))

REMOVE = replace(MATCH, action=Action.REMOVE, effects=(Effect("timeout", timedelta(minutes=5)),))


class Room:
    """A desk on a store, with the hands of its clock and the rules that ran away."""

    def __init__(self, store: Store, quota: int | None = None) -> None:
        self.store = store
        self.overspent: list[str] = []
        self.time = NOON
        settings = DeskSettings(
            frozenset({"mods"}),
            ("card",),
            {"discord": "act"},
            lambda _: quota,
            self._ran_away,
        )
        self.desk = ReviewDesk(store.cases, settings, lambda: self.time)

    async def _ran_away(self, rule: str) -> None:
        self.overspent.append(rule)

    async def filed(self, of: Comment | None = None, **more: object) -> Case:
        of = of or comment()
        case = await self.desk.file(of, verdict(of, **more))  # type: ignore[arg-type]
        assert case is not None
        return case

    async def enforced(self, of: Comment | None = None) -> Case:
        return await self.filed(of, action=Action.REMOVE, matches=(REMOVE,), mode=Mode.ENFORCE)

    async def acts(self) -> list[str]:
        return [str(each.payload["kind"]) for each in await self.claimed("act")]

    async def claimed(self, sink: str) -> list[Delivery]:
        return list(await self.store.deliveries.claim(sink, NOON + timedelta(days=1), 99))


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    opened = open_store(tmp_path / "store.sqlite", now=lambda: NOON)
    yield opened
    await opened.close()


@pytest.fixture
def room(store: Store) -> Room:
    return Room(store)


async def test_a_flagged_comment_becomes_a_case_with_a_card(room: Room) -> None:
    case = await room.filed()
    (card,) = await room.claimed("card")
    assert card.payload == {"case": case.number}
    assert await room.acts() == []


async def test_a_clean_comment_becomes_no_case(room: Room) -> None:
    assert await room.desk.file(comment(), verdict(comment(), Action.NOTE)) is None


async def test_upholding_does_what_the_live_rules_say(room: Room) -> None:
    shadow = replace(MATCH, status=RuleStatus.SHADOW, effects=(Effect("ban"),))
    case = await room.filed(
        action=Action.HOLD, matches=(replace(MATCH, action=Action.HOLD), shadow)
    )
    decided = await room.desk.decide(case.number, ANN, Decision.UPHOLD)
    assert decided.review is not None
    assert decided.settled
    assert await room.acts() == ["remove", "timeout", "warn"]


async def test_a_moderator_may_choose_other_effects(room: Room) -> None:
    case = await room.filed()
    await room.desk.decide(case.number, ANN, Decision.UPHOLD, (Effect("kick"),))
    assert await room.acts() == ["kick"]


async def test_of_two_moderators_at_once_one_acts_and_the_other_is_told(room: Room) -> None:
    case = await room.filed()
    answers = await asyncio.gather(
        room.desk.decide(case.number, ANN, Decision.UPHOLD),
        room.desk.decide(case.number, BOB, Decision.DISMISS),
        return_exceptions=True,
    )
    (won,) = [each for each in answers if isinstance(each, Case)]
    (lost,) = [each for each in answers if isinstance(each, RefusedError)]
    assert won.review is not None
    assert f"by <@{won.review.moderator}> just now" in str(lost)
    assert await room.acts() == (["timeout", "warn"] if won.review.moderator == "1" else [])


async def test_a_press_that_comes_twice_counts_once(room: Room) -> None:
    case = await room.filed()
    first = await room.desk.decide(case.number, ANN, Decision.UPHOLD)
    assert await room.desk.decide(case.number, ANN, Decision.UPHOLD) == first
    assert await room.acts() == ["timeout", "warn"]


async def test_whoever_upheld_a_case_may_do_more_and_each_thing_once(room: Room) -> None:
    case = await room.filed()
    await room.desk.decide(case.number, ANN, Decision.UPHOLD, (Effect("warn"),))
    for _ in range(2):
        room.time += timedelta(minutes=1)
        await room.desk.decide(
            case.number, ANN, Decision.UPHOLD, (Effect("remove"), Effect("kick"))
        )
    assert await room.acts() == ["warn", "remove", "kick"]
    with pytest.raises(RefusedError, match="already upheld by <@1>"):
        await room.desk.decide(case.number, BOB, Decision.UPHOLD, (Effect("ban"),))
    done = Deed(Effect("kick"), done=True, at=NOON)
    before = await room.desk.did(case.number, done)
    assert await room.desk.decide(case.number, ANN, Decision.UPHOLD, (Effect("kick"),)) == before
    assert await room.acts() == []


async def test_what_failed_may_be_tried_again(room: Room) -> None:
    case = await room.filed()
    for _ in range(2):
        room.time += timedelta(minutes=1)
        await room.desk.decide(case.number, ANN, Decision.UPHOLD, (Effect("kick"),))
        assert await room.acts() == ["kick"]
        await room.desk.did(case.number, Deed(Effect("kick"), done=False, at=NOON))


async def test_what_no_rule_caught_is_acted_on_by_whoever_filed_it(room: Room) -> None:
    of = comment(5)
    case = await room.desk.report_miss(of, verdict(of), ANN, "abuse.directed")
    room.time += timedelta(minutes=1)
    await room.desk.decide(case.number, ANN, Decision.UPHOLD, (Effect("remove"),))
    assert await room.acts() == ["remove"]


@pytest.mark.parametrize("act", ["decide", "undo", "claim", "reassign", "note", "report_miss"])
async def test_nobody_without_a_role_does_anything(room: Room, act: str) -> None:
    case = await room.filed()
    n, of = case.number, comment(5)
    doing = {
        "decide": lambda: room.desk.decide(n, EVE, Decision.UPHOLD),
        "undo": lambda: room.desk.undo(n, EVE),
        "claim": lambda: room.desk.claim(n, EVE),
        "reassign": lambda: room.desk.reassign(n, EVE, "3"),
        "note": lambda: room.desk.note(n, EVE, "hi"),
        "report_miss": lambda: room.desk.report_miss(of, verdict(of), EVE, "abuse.directed"),
    }
    with pytest.raises(RefusedError, match="Only moderators"):
        await doing[act]()
    assert await room.desk.case(n) == case


async def test_a_desk_without_moderator_roles_lets_nobody_in(store: Store) -> None:
    desk = ReviewDesk(store.cases, DeskSettings(frozenset()), lambda: NOON)
    assert not desk.may(Moderator("1", frozenset()))


async def test_unsure_leaves_the_case_to_another_moderator(room: Room) -> None:
    case = await room.filed()
    await room.desk.decide(case.number, ANN, Decision.UNSURE)
    assert [each.number for each in await room.desk.queue(5)] == [case.number]
    decided = await room.desk.decide(case.number, BOB, Decision.DISMISS)
    assert [each.decision for each in decided.withdrawn] == [Decision.UNSURE]
    assert await room.desk.queue(5) == []


async def test_undo_reopens_and_takes_back_what_can_be(room: Room) -> None:
    case = await room.filed()
    await room.desk.decide(case.number, ANN, Decision.UPHOLD)
    await room.acts()
    for kind in ("timeout", "warn"):
        await room.desk.did(case.number, Deed(Effect(kind), done=True, at=NOON))
    undone = await room.desk.undo(case.number, BOB)
    assert undone.review is None
    assert await room.acts() == ["untimeout"]
    await room.desk.did(case.number, Deed(Effect("untimeout"), done=True, at=NOON))
    assert taking_back(await room.desk.case(case.number)) == ()
    with pytest.raises(RefusedError, match="no decision"):
        await room.desk.undo(case.number, BOB)


async def test_rules_act_alone_only_when_verdicts_are_enforced(room: Room) -> None:
    await room.filed(action=Action.REMOVE, matches=(REMOVE,), mode=Mode.REVIEW)
    assert await room.acts() == []
    await room.enforced(comment(2))
    assert await room.acts() == ["remove", "timeout"]


async def test_a_shadow_rule_never_acts(room: Room) -> None:
    shadow = replace(REMOVE, status=RuleStatus.SHADOW)
    await room.filed(matches=(shadow, replace(MATCH, effects=())), mode=Mode.ENFORCE)
    assert await room.acts() == []


@pytest.mark.parametrize("decision", list(Decision))
async def test_no_rule_acts_on_what_a_moderator_has_decided(room: Room, decision: Decision) -> None:
    case = await room.filed()
    await room.desk.decide(case.number, ANN, decision, ())
    await room.acts()
    again = await room.enforced(comment(text="you muppets all"))
    assert again.review is not None
    assert again.review.decision is decision
    assert await room.acts() == []


async def test_no_rule_acts_after_a_decision_was_taken_back(room: Room) -> None:
    case = await room.filed()
    await room.desk.decide(case.number, ANN, Decision.DISMISS)
    await room.desk.undo(case.number, ANN)
    await room.enforced(comment(text="you muppets all"))
    assert await room.acts() == []


async def test_a_false_alarm_lifts_what_a_rule_did(room: Room) -> None:
    case = await room.enforced()
    await room.acts()
    await room.desk.did(case.number, Deed(REMOVE.effects[0], done=True, at=NOON))
    await room.desk.decide(case.number, ANN, Decision.DISMISS)
    assert await room.acts() == ["untimeout"]


async def test_a_rule_over_its_quota_stops_and_is_reported(store: Store) -> None:
    room = Room(store, quota=2)
    for number in range(1, 5):
        await room.enforced(comment(number))
    assert await room.acts() == ["remove", "timeout"] * 2
    assert room.overspent == ["abuse.directed"] * 2
    assert len(await room.desk.queue(9)) == 4, "the cases are still there to be seen"


async def test_a_claimed_case_stays_with_its_moderator_until_it_is_reassigned(room: Room) -> None:
    case = await room.filed()
    await room.desk.claim(case.number, ANN)
    with pytest.raises(RefusedError, match="already with <@1>"):
        await room.desk.claim(case.number, BOB)
    given = await room.desk.reassign(case.number, ANN, "2")
    assert given.assignee == "2"


async def test_notes_are_kept_and_empty_ones_refused(room: Room) -> None:
    case = await room.filed()
    noted = await room.desk.note(case.number, ANN, " seen before ")
    assert [(each.moderator, each.text) for each in noted.notes] == [("1", "seen before")]
    with pytest.raises(RefusedError, match="empty"):
        await room.desk.note(case.number, ANN, "  ")


async def test_a_miss_is_filed_and_decided_at_once(room: Room) -> None:
    of = comment()
    case = await room.desk.report_miss(of, verdict(of, Action.ALLOW), ANN, "abuse.threat")
    assert case.settled
    assert case.notes[0].text == "missed by abuse.threat"
    assert await room.acts() == []


async def test_a_false_alarm_told_elsewhere_is_filed_and_dismissed(room: Room) -> None:
    of = comment()
    flagged = verdict(of, Action.FLAG)
    case = await room.desk.report(of, flagged, ANN, Decision.DISMISS, "ham")
    assert case.review is not None
    assert (case.review.decision, case.review.moderator) == (Decision.DISMISS, ANN.id)
    again = await room.desk.report(of, flagged, ANN, Decision.DISMISS, "ham")
    assert [each.text for each in again.notes] == ["ham"]
    assert await room.acts() == []


async def test_a_report_never_overrides_a_decision(room: Room) -> None:
    case = await room.filed()
    await room.desk.decide(case.number, BOB, Decision.UPHOLD, ())
    told = await room.desk.report(case.comment, case.verdict, ANN, Decision.DISMISS, "ham")
    assert told.number == case.number
    assert told.review is not None
    assert (told.review.decision, told.review.moderator) == (Decision.UPHOLD, BOB.id)
    assert [each.text for each in told.notes] == ["ham"]


async def test_a_deleted_comment_shows_on_its_card(room: Room) -> None:
    case = await room.filed()
    gone = await room.desk.gone("discord", "10", "1")
    assert gone is not None
    assert (gone.number, gone.deleted) == (case.number, True)
    assert await room.desk.gone("discord", "10", "404") is None


async def test_unknown_cases_are_refused_not_crashed_on(room: Room) -> None:
    with pytest.raises(RefusedError, match="no case 9"):
        await room.desk.decide(9, ANN, Decision.UPHOLD)
    with pytest.raises(RefusedError, match="no case 9"):
        await room.desk.case(9)


async def test_an_effect_queued_before_a_decision_is_dropped_when_that_went_the_other_way(
    room: Room,
) -> None:
    case = await room.enforced()
    assert still_wanted(case, "remove", by="")
    dismissed = await room.desk.decide(case.number, ANN, Decision.DISMISS)
    assert not still_wanted(dismissed, "remove", by="")
    assert still_wanted(dismissed, "untimeout", by="1")
    undone = await room.desk.undo(case.number, ANN)
    assert not still_wanted(undone, "timeout", by="1")


def test_of_several_effects_of_a_kind_the_longest_counts() -> None:
    short, long = (Effect("timeout", timedelta(minutes=n)) for n in (5, 10))
    assert strongest([short, Effect("warn"), long]) == (long, Effect("warn"))


def test_what_is_only_flagged_proposes_no_removal() -> None:
    case = Case(1, comment(), verdict(comment()), NOON)
    assert [each.kind for each in proposed(case)] == ["timeout", "warn"]


@pytest.mark.parametrize(
    ("attributes", "kinds"),
    [
        ({}, ["remove", "timeout"]),
        ({"webhook": False}, ["remove", "timeout"]),
        ({"webhook": True}, ["remove"]),
        ({"automod_rule": "1"}, ["timeout"]),
    ],
)
def test_only_what_can_be_done_is_proposed(
    attributes: dict[str, AttributeValue], kinds: list[str]
) -> None:
    of = replace(comment(), attributes=attributes)
    case = Case(1, of, verdict(of, matches=(REMOVE,)), NOON)
    assert [each.kind for each in proposed(case)] == kinds


async def test_a_pause_stops_rules_but_no_moderator(room: Room) -> None:
    await room.desk.pause(ANN, on=True)
    case = await room.enforced()
    assert await room.acts() == []
    pause = await room.desk.paused()
    assert pause is not None
    assert (pause.moderator, pause.at) == (ANN.id, NOON)
    await room.desk.decide(case.number, BOB, Decision.UPHOLD)
    assert await room.acts() == ["remove", "timeout"]
    await room.desk.pause(BOB, on=False)
    assert await room.desk.paused() is None


async def test_only_moderators_pause(room: Room) -> None:
    with pytest.raises(RefusedError):
        await room.desk.pause(EVE, on=True)
