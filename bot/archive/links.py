"""Ids and replies: duplicates, parents that are missing, replies that go in circles.

Lives here: what can be known of them while comments stream by, in bounded memory. Not here: how a
format names a parent (`formats`).
"""

from __future__ import annotations

from dataclasses import replace

from bot.archive.source import Source
from bot.model import Comment

REMEMBERED = 250_000
"""Ids kept at a time; in larger files only neighbours within about as many are compared."""

_LISTED_ORPHANS = 5


class Links:
    """Watches the comments of one stream."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._parents: dict[str, str | None] = {}
        self._waiting: dict[str, tuple[str, int]] = {}
        self._complete = True

    def admit(self, comment: Comment) -> Comment:
        """Return the comment, its id made unique within the stream; note what is odd."""
        parents = self._parents
        if comment.id in parents:
            comment = self._renamed(comment)
        parent = comment.parent_id
        if parent == comment.id:
            self._source.warn("reply-cycle", f"comment {parent!r} answers itself; the link is cut")
            comment, parent = replace(comment, parent_id=None), None
        parents[comment.id] = parent
        if parent is not None and parent not in parents:
            self._waiting[comment.id] = (parent, self._source.line)
        if len(parents) >= REMEMBERED:
            self._parents, self._waiting, self._complete = {}, {}, False
        return comment

    def _renamed(self, comment: Comment) -> Comment:
        number = 2
        while (name := f"{comment.id}~{number}") in self._parents:
            number += 1
        self._source.warn(
            "duplicate-id",
            f"the id {comment.id!r} occurs again; this comment is called {name!r}",
        )
        return replace(comment, id=name)

    def close(self) -> None:
        """Note missing parents and circles; only a file that fits into memory can be judged."""
        if not self._complete:
            self._source.warn(
                "links-unchecked",
                f"with over {REMEMBERED:,} comments, missing parents and circles are not looked for",
            )
            return
        self._note_orphans()
        self._note_cycles()

    def _note_orphans(self) -> None:
        orphans = [
            (name, parent, line)
            for name, (parent, line) in self._waiting.items()
            if parent not in self._parents
        ]
        for name, parent, line in orphans[:_LISTED_ORPHANS]:
            message = f"comment {name!r} answers {parent!r}, which is not among those read"
            self._source.warn("orphan", message, line=line)
        if (more := len(orphans) - _LISTED_ORPHANS) > 0:
            message = f"{more:,} more comments answer some that are not among those read"
            self._source.warn("orphan", message, line=orphans[_LISTED_ORPHANS][2])

    def _note_cycles(self) -> None:
        # Every circle has a link to a later comment, so those are all the places to start from.
        done: set[str] = set()
        for start, (_, line) in self._waiting.items():
            trail: dict[str, None] = {}
            at: str | None = start
            while at is not None and at not in done and at not in trail and at in self._parents:
                trail[at] = None
                at = self._parents[at]
            done.update(trail)
            if at in trail:
                message = f"comment {at!r} answers itself by a circle of replies"
                self._source.warn("reply-cycle", message, line=line)
