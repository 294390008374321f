"""Several processes say what one says; what goes wrong in one is told by the first."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from bot.app import offline_pipeline
from bot.app.crew import Crew, Task
from bot.config import Settings
from bot.errors import UserError
from bot.model import Author, Comment
from bot.replay import CHUNK, replay, replay_pairs

RULES = """
rules:
  - id: words
    when: {words: [ENTRY]}
    then: {action: hold}
    reason: said {match}
"""
COUNT = 5 * CHUNK + 7


class Eager(Crew):
    """Is called at once."""

    def worth(self, done: int, seconds: float) -> bool:  # noqa: ARG002 - asks for nothing
        return True


@pytest.fixture
def sides(tmp_path: Path) -> tuple[Settings, Settings]:
    made = []
    for entry in ("muppet", "pillock"):
        path = tmp_path / f"{entry}.yaml"
        path.write_text(RULES.replace("ENTRY", entry), encoding="utf-8")
        made.append(Settings(rules=str(path), cache=None))
    return made[0], made[1]


def comments() -> Iterator[Comment]:
    words = ("rose", "muppet", "tulip", "pillock", "daisy")
    for number in range(COUNT):
        yield Comment(str(number), f"you {words[number % 5]}", author=Author("ann"))


async def test_a_crew_says_what_one_process_says(sides: tuple[Settings, Settings]) -> None:
    old, new = sides
    async with (
        offline_pipeline(old, score_all=False) as before,
        offline_pipeline(new, score_all=False) as after,
    ):
        with Eager(Task(old, score_all=False), size=2) as crew:
            many = [pair async for pair in replay(comments(), before, crew=crew)]
        assert many == [pair async for pair in replay(comments(), before)]
        told: list[int] = []
        with Eager(Task(old, new, score_all=False), size=2) as crew:
            pairs = replay_pairs(comments(), before, after, crew=crew, progress=told.append)
            both = [pair async for pair in pairs]
        assert both == [pair async for pair in replay_pairs(comments(), before, after)]
        assert sum(told) == COUNT
        assert {pair is None for _, pair in both} == {True, False}


async def test_a_small_archive_calls_nobody(sides: tuple[Settings, Settings]) -> None:
    async with offline_pipeline(sides[0], score_all=False) as pipeline:
        with Crew(Task(sides[0]), size=2) as crew:
            async for _ in replay(comments(), pipeline, crew=crew):
                pass
            assert crew.processes == ()


def test_a_crew_is_worth_calling_for_much_that_goes_quickly() -> None:
    crew = Crew(Task(Settings()), size=2)
    assert crew.worth(60_000, 3)
    assert not crew.worth(40_000, 2)
    assert not crew.worth(60_000, 60)
    assert not Crew(Task(Settings()), size=1).worth(60_000, 3)


async def test_a_stop_ends_the_run_after_what_is_under_way(
    sides: tuple[Settings, Settings],
) -> None:
    told: list[int] = []
    async with offline_pipeline(sides[0], score_all=False) as pipeline:
        with Eager(Task(sides[0], score_all=False), size=2) as crew:
            found = replay(
                comments(), pipeline, crew=crew, progress=told.append, stopped=lambda: bool(told)
            )
            done = [comment.id async for comment, _ in found]
    assert done == [str(number) for number in range(sum(told))]
    assert len(done) < COUNT


async def told_of(pipeline_of: Settings, task: Task, *, kill: bool = False) -> str:
    """Return the error that a run by a crew of one ends with."""
    async with offline_pipeline(pipeline_of, score_all=False) as pipeline:
        with Eager(task, size=1) as crew:
            try:
                async for _ in replay(comments(), pipeline, crew=crew):
                    for process in crew.processes if kill else ():
                        os.kill(process, signal.SIGKILL)
            except UserError as error:
                return str(error)
    return ""


async def test_a_mistake_that_only_a_process_meets_is_told(
    sides: tuple[Settings, Settings],
) -> None:
    gone = replace(sides[0], rules=sides[0].rules + ".gone")
    assert await told_of(sides[0], Task(sides[0], score_all=False)) == ""
    assert ".gone" in await told_of(sides[0], Task(gone))


async def test_a_process_that_is_ended_from_outside_is_told(
    sides: tuple[Settings, Settings],
) -> None:
    assert "ended from outside" in await told_of(
        sides[0], Task(sides[0], score_all=False), kill=True
    )
