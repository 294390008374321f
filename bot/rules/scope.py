"""Whom a rule is for: sources, channels, roles, authors, bots.

Lives here: reading a scope, laying a rule's over the file's default, and judging a comment.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass, fields

from bot.model import Author, Comment
from bot.rules.conditions.base import plain
from bot.rules.kinds import GLOB, Globs
from bot.yamlfile import Choice, Field, Flag, ListOf, Record


class Known(enum.Enum):
    """What a comment may come without."""

    AUTHOR = "author"
    TIME = "time"

    def __str__(self) -> str:
        return self.value

    def of(self, comment: Comment) -> bool:
        """Whether the source tells it of a comment."""
        return bool(comment.author.id) if self is Known.AUTHOR else comment.created_at is not None


@dataclass(frozen=True)
class Scope:
    """Whom a rule is for. A key that is `None` was not written, and leaves the matter open."""

    sources: tuple[str, ...] | None = None
    channels: tuple[str, ...] | None = None
    not_channels: tuple[str, ...] | None = None
    exempt_roles: tuple[str, ...] | None = None
    exempt_authors: tuple[str, ...] | None = None
    needs: tuple[Known, ...] | None = None
    bots: bool | None = None

    def over(self, default: Scope) -> Scope:
        """Return this scope, with `default` where it says nothing; key by key."""
        mine = {each.name: getattr(self, each.name) for each in fields(self)}
        return Scope(
            **{
                name: getattr(default, name) if value is None else value
                for name, value in mine.items()
            }
        )

    def excludes(self, comment: Comment) -> str:
        """Return why a comment is out of scope, or "" when it is not.

        An exemption that the source does not show (a role, a bot's mark) does not hold.
        """
        lacking = next((each for each in self.needs or () if not each.of(comment)), None)
        if lacking is not None:
            return f"the source does not tell the {lacking}"
        return self._excludes_place(comment) or self._excludes_author(comment.author)

    def takes(self, source: str) -> bool:
        """Tell whether comments from `source` are in scope, as far as that decides."""
        return not self.sources or Globs(self.sources).match(source)

    def _excludes_place(self, comment: Comment) -> str:
        if self.sources and not self.takes(comment.source):
            return f"source {comment.source} is not in {', '.join(self.sources)}"
        if self.channels and not Globs(self.channels).match(comment.channel):
            return f"channel {comment.channel} is not in {', '.join(self.channels)}"
        if self.not_channels and Globs(self.not_channels).match(comment.channel):
            return f"channel {comment.channel} is left out"
        return ""

    def _excludes_author(self, author: Author) -> str:
        if author.is_bot and not self.bots:
            return "the author is a bot"
        if self.exempt_roles and any(map(Globs(self.exempt_roles).match, author.roles or ())):
            return "a role of the author is exempt"
        names = {author.id, author.name} - {""}
        if self.exempt_authors and any(map(Globs(self.exempt_authors).match, names)):
            return "the author is exempt"
        return ""

    def meaning(self) -> object:
        """Return the scope as plain data."""
        values = {each.name: getattr(self, each.name) for each in fields(self)}
        return {name: plain(value) for name, value in values.items() if value is not None}


EVERYWHERE = Scope()

SCOPE = Record(
    Scope,
    (
        Field("sources", ListOf(GLOB), "Where comments come from: discord, http, archive."),
        Field("channels", ListOf(GLOB), "Only these channels."),
        Field("not_channels", ListOf(GLOB, least=0), "Not these channels."),
        Field("exempt_roles", ListOf(GLOB, least=0), "Authors with these roles are left alone."),
        Field(
            "exempt_authors", ListOf(GLOB, least=0), "These authors (name or id) are left alone."
        ),
        Field(
            "needs",
            ListOf(Choice(Known), least=0),
            "Comments of which the source does not tell this are left alone, which else would be "
            "unknown.",
        ),
        Field("bots", Flag(), "True: comments by bots are screened too."),
    ),
    doc="Whom the rule is for. Names may hold * for anything; letter case does not matter.",
    noun="a scope",
)
