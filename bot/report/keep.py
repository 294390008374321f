"""Keeps a bounded number of things out of any number, whatever the order in which they come.

Lives here: the best `n` by a key, which is also a fair sample when the key is a hash. Not here:
what makes a comment worth keeping (`bot.report.tally`).
"""

from __future__ import annotations

import hashlib
import heapq
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from bot.model import Comment
from bot.report.values import Screened

Item = TypeVar("Item")
Key = tuple[float | str, ...]


@dataclass(slots=True)
class _Entry(Generic[Item]):
    key: Key
    item: Item

    def __lt__(self, other: _Entry[Item]) -> bool:
        return self.key < other.key


@dataclass(slots=True)
class Best(Generic[Item]):
    """Keeps the `limit` items of the greatest keys and counts all.

    Keys should be different for different items: only then is the choice independent of order.
    """

    limit: int
    total: int = 0
    _heap: list[_Entry[Item]] = field(default_factory=list)

    def add(self, key: Key, item: Item) -> None:
        """Offer an item."""
        self.total += 1
        if len(self._heap) < self.limit:
            heapq.heappush(self._heap, _Entry(key, item))
        elif self._heap[0].key < key:
            heapq.heapreplace(self._heap, _Entry(key, item))

    def admits(self, first: float) -> bool:
        """Whether a key that begins with `first` may still be kept; cheaper than making the key."""
        return len(self._heap) < self.limit or self._heap[0].key[:1] <= (first,)

    def items(self) -> list[Item]:
        """Return what was kept, greatest key first."""
        return [entry.item for entry in sorted(self._heap, key=lambda e: e.key, reverse=True)]


def identity(comment: Comment) -> Key:
    """Return what tells comments apart, in an order that people expect: later is greater."""
    time = comment.created_at.timestamp() if comment.created_at else 0.0
    return (
        time,
        comment.source,
        comment.channel,
        comment.thread_id or "",
        comment.id,
        comment.author.id,
        comment.text,
    )


def by_strength(screened: Screened) -> Key:
    """Order by action, then by the gravest rule, then by score, then by time."""
    verdict = screened.verdict
    level = max((match.level for match in verdict.matches), default=0)
    return (verdict.action, level, screened.top_score, *identity(screened.comment))


def by_score(screened: Screened) -> Key:
    """Order by the highest score."""
    return (screened.top_score, *identity(screened.comment))


def chance(comment: Comment) -> int:
    """Return a hash of the comment: those with the greatest are a fair sample, always the same."""
    name = comment.id.encode("utf-8", "surrogatepass")
    return int.from_bytes(hashlib.blake2b(name, digest_size=6).digest())
