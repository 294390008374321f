"""Screens an archive: the live engine, fed from a file.

Lives here: in which order archived comments meet the pipeline, and in which order their verdicts
come out. Not here: reading (`bot.archive`), judging (`bot.pipeline`), reporting (`bot.report`).
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime
from itertools import islice
from typing import TypeVar

from bot.model import Comment, Verdict
from bot.pipeline import Pipeline

CHUNK = 512
_BEFORE_ALL = datetime.min.replace(tzinfo=UTC)
_Item = TypeVar("_Item")


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
    the file; only then are all comments held in memory. `progress` is told how many were screened
    since its last call. Once `stopped` says so, what was screened until then is yielded and no
    more: an interrupted run loses nothing that it has done.
    """
    if not pipeline.rules().history_queries:
        for chunk in _chunks(comments):
            if stopped():
                return
            for pair in zip(chunk, await pipeline.screen_many(chunk), strict=True):
                yield pair
            progress(len(chunk))
        return
    held = list(comments)
    verdicts: list[Verdict | None] = [None] * len(held)
    for places in _chunks(in_time_order(held)):
        if stopped():
            break
        screened = await pipeline.screen_many([held[place] for place in places])
        for place, verdict in zip(places, screened, strict=True):
            verdicts[place] = verdict
        progress(len(places))
    for comment, found in zip(held, verdicts, strict=True):
        if found is not None:
            yield comment, found


def in_time_order(comments: Sequence[Comment]) -> list[int]:
    """Return the places of `comments` by time; comments without one come first, as they stand."""
    return sorted(range(len(comments)), key=lambda place: _time(comments[place]))


def _time(comment: Comment) -> datetime:
    return comment.created_at or _BEFORE_ALL


def _chunks(items: Iterable[_Item]) -> Iterator[list[_Item]]:
    iterator = iter(items)
    while chunk := list(islice(iterator, CHUNK)):
        yield chunk
