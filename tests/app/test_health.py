"""What the running bot counts, and what it calls a problem."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.app.health import FRESH, QUIET, Pulse, Stopwatch, TimedScorer
from bot.errors import ScoringError, StoreError
from bot.model import Action, Missing
from tests.fakes.clock import ManualClock
from tests.fakes.scorer import FixedScorer
from tests.store.examples import comment, verdict


async def none_waits() -> int:
    return 0


def pulse(clock: ManualClock) -> Pulse:
    return Pulse(clock, none_waits)


async def test_comments_are_counted_by_source_and_action() -> None:
    counted = pulse(ManualClock())
    for action in (Action.ALLOW, Action.FLAG, Action.FLAG):
        with counted.at_work():
            assert counted.queued == 1
        counted.judged(comment(), verdict(comment(), action))
    vitals = await counted.vitals()
    assert vitals.screened == {("discord", "allow"): 1, ("discord", "flag"): 2}
    assert (vitals.queued, vitals.failed, vitals.problems) == (0, 0, ())
    assert vitals.screening.count == 3
    assert vitals.screening.within[-1] == 3


async def test_a_comment_that_could_not_be_judged_is_a_problem() -> None:
    counted = pulse(ManualClock())
    spoiled = replace(verdict(comment()), missing=(Missing("scores", failed=True),))
    counted.judged(comment(), spoiled)
    counted.judged(comment(), replace(spoiled, missing=(Missing("roles"),)))
    vitals = await counted.vitals()
    assert vitals.failed == 1
    assert vitals.problems == ("comments could not be judged and went to review: scores",)


async def test_alarms_pass_and_the_last_error_stays(caplog: pytest.LogCaptureFixture) -> None:
    clock = ManualClock()
    counted = pulse(clock)
    counted.alarm("the channel is gone")
    counted.alarm("the channel is gone")
    assert caplog.messages == ["the channel is gone"]
    clock.advance(QUIET)
    counted.alarm("the channel is gone")
    assert len(caplog.messages) == 2
    clock.advance(FRESH + timedelta(seconds=1))
    vitals = await counted.vitals()
    assert (vitals.problems, vitals.last_error) == ((), "the channel is gone")


async def test_a_store_that_fails_and_a_lost_connection_are_problems() -> None:
    async def broken() -> int:
        raise StoreError("the disk is full")

    counted = Pulse(ManualClock(), broken, connected=lambda: False)
    vitals = await counted.vitals()
    assert vitals.problems == ("not connected to Discord", "the disk is full")
    assert vitals.connected is False


async def test_calls_of_the_model_are_timed_also_when_they_fail() -> None:
    def broken(_: str) -> dict[str, float]:
        raise ScoringError("the model is down")

    watch = Stopwatch()
    scorer = TimedScorer(FixedScorer(broken), watch)
    with pytest.raises(ScoringError):
        await scorer.score(["a"])
    assert watch.timings.count == 1
    assert watch.timings.total > 0
