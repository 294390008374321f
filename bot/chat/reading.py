"""How far a channel has been read, while messages are screened side by side.

Lives here: which position may be stored when, and when a channel must be read back. Pure. Not here:
reading and screening (`bot.chat.intake`).
"""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(slots=True)
class Reading:
    """One channel. `position` is the id up to which every message is done.

    While `behind`, live messages are left alone: reading back finds them, in order. `edits_missed`
    tells that messages up to `position` may have been edited unseen.
    """

    position: int
    behind: bool = True
    newest: int = 0
    edits_missed: bool = False
    _under_way: set[int] = field(default_factory=set)
    _highest_done: int = 0

    def arrived(self, message: int) -> bool:
        """Note a live message; say whether it is to be screened now."""
        self.newest = max(self.newest, message)
        if self.behind or message in self._under_way or message <= self.position:
            return False
        self._under_way.add(message)
        return True

    def done(self, message: int) -> int | None:
        """Note that a message is stored; return the new position where it moved."""
        self._under_way.discard(message)
        self._highest_done = max(self._highest_done, message)
        reached = self._highest_done
        if self._under_way:
            # Whatever is under way may yet be lost to a kill: the position stays before it.
            reached = min(reached, min(self._under_way) - 1)
        if reached <= self.position:
            return None
        self.position = reached
        return reached

    def failed(self) -> None:
        """Note that a message could not be stored; it holds the position until it is read back."""
        self.behind = True

    @property
    def busy(self) -> int:
        """How many messages are under way."""
        return len(self._under_way)
