"""Which windows are computed together.

Lives here: sorting by length and cutting by a budget of padded tokens; pure functions. Not here:
who waits for whom (`bot.scoring.batcher`).
"""

from __future__ import annotations

from collections.abc import Sequence

_SLACK_SHARE = 0.3
_SLACK_TOKENS = 8
"""Padding that a window may get: beyond it, a computation of its own is cheaper."""


def plan(lengths: Sequence[int], budget: int) -> list[list[int]]:
    """Group positions by similar length, longest first, each at most `budget` padded tokens.

    A single position whose length exceeds the budget gets a batch of its own.
    """
    batches: list[list[int]] = []
    widest = 0
    for position in sorted(range(len(lengths)), key=lengths.__getitem__, reverse=True):
        padding = widest - lengths[position]
        similar = padding <= max(_SLACK_TOKENS, widest * _SLACK_SHARE)
        if batches and similar and widest * (len(batches[-1]) + 1) <= budget:
            batches[-1].append(position)
        else:
            batches.append([position])
            widest = lengths[position]
    return batches
