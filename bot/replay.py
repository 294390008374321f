"""Screens an archive: the live engine, fed from a file.

Lives here: in which order archived comments meet the pipeline, and in which order their verdicts
come out. Not here: reading (`bot.archive`), judging (`bot.pipeline`), reporting (`bot.report`).
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime
from itertools import chain, islice
from typing import TypeVar

from bot.model import Comment, Verdict
from bot.pipeline import Pipeline, facts_of, with_scores

CHUNK = 512
_BEFORE_ALL = datetime.min.replace(tzinfo=UTC)
_Item = TypeVar("_Item")
_Judged = TypeVar("_Judged")


def nothing_to_tell(_count: int) -> None:
    """Report no progress."""


def never() -> bool:
    """Run to the end."""
    return False


async def replay(
    comments: Iterable[Comment],
    pipeline: Pipeline,
    *,
    progress: Callable[[int], None] = nothing_to_tell,
    stopped: Callable[[], bool] = never,
) -> AsyncIterator[tuple[Comment, Verdict]]:
    """Yield every comment with its verdict, in the order of the file.

    Rules that ask the history see the comments in the order of their times, whatever the order of
    the file; only then are comments held in memory. `progress` is told how many were screened
    since its last call. Once `stopped` says so, what was screened until then is yielded and no
    more: an interrupted run loses nothing that it has done.
    """
    judged = _judged(comments, pipeline.asks_history, pipeline.screen_many, progress, stopped)
    async for pair in judged:
        yield pair


async def replay_both(
    comments: Iterable[Comment],
    before: Pipeline,
    after: Pipeline,
    *,
    progress: Callable[[int], None] = nothing_to_tell,
) -> AsyncIterator[tuple[Comment, Verdict, Verdict]]:
    """Yield every comment with the verdicts of two pipelines, else as `replay`.

    Texts are folded once, and scored once where both pipelines have the same model.
    """

    def asks_history(source: str) -> bool:
        return before.asks_history(source) or after.asks_history(source)

    async def judge(chunk: Sequence[Comment]) -> list[tuple[Verdict, Verdict]]:
        facts = facts_of(chunk)
        olds = await before.judge(facts)
        if before.scorer.model == after.scorer.model:
            facts = [
                with_scores(each, old.scores) if old.scores else each
                for each, old in zip(facts, olds, strict=True)
            ]
        return list(zip(olds, await after.judge(facts), strict=True))

    async for comment, (old, new) in _judged(comments, asks_history, judge, progress, never):
        yield comment, old, new


async def _judged(
    comments: Iterable[Comment],
    asks_history: Callable[[str], bool],
    judge: Callable[[Sequence[Comment]], Awaitable[Sequence[_Judged]]],
    progress: Callable[[int], None],
    stopped: Callable[[], bool],
) -> AsyncIterator[tuple[Comment, _Judged]]:
    """Yield every comment with what `judge` says of it, streaming for as long as that is right."""
    held: list[Comment] = []
    chunks = _chunks(comments)
    for chunk in chunks:
        if any(map(asks_history, {comment.source for comment in chunk})):
            held = [*chunk, *chain.from_iterable(chunks)]
            break
        if stopped():
            return
        for pair in zip(chunk, await judge(chunk), strict=True):
            yield pair
        progress(len(chunk))
    found: list[_Judged | None] = [None] * len(held)
    for places in _chunks(in_time_order(held)):
        if stopped():
            break
        judged = await judge([held[place] for place in places])
        for place, each in zip(places, judged, strict=True):
            found[place] = each
        progress(len(places))
    for comment, answer in zip(held, found, strict=True):
        if answer is not None:
            yield comment, answer


def in_time_order(comments: Sequence[Comment]) -> list[int]:
    """Return the places of `comments` by time; comments without one come first, as they stand."""
    return sorted(range(len(comments)), key=lambda place: _time(comments[place]))


def _time(comment: Comment) -> datetime:
    return comment.created_at or _BEFORE_ALL


def _chunks(items: Iterable[_Item]) -> Iterator[list[_Item]]:
    iterator = iter(items)
    while chunk := list(islice(iterator, CHUNK)):
        yield chunk
