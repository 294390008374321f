"""The rule language: what an example of a rule holds, key by key.

Lives here: the records of a comment with which a rule is tested. Not here: running examples
(`bot.rules.examples`) and rules (`bot.rules.language`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bot.model import HistoryKind
from bot.rules.kinds import IDENTIFIER, LABEL
from bot.yamlfile import (
    At,
    Duration,
    Either,
    Field,
    Flag,
    Fraction,
    ListOf,
    Located,
    MapOf,
    Moment,
    Record,
    Text,
    Whole,
)


@dataclass(frozen=True)
class ExampleAuthor:
    """The author of an example."""

    id: str = "author"
    roles: tuple[str, ...] = ()
    bot: bool = False
    account_age: timedelta | None = None
    joined: timedelta | None = None


@dataclass(frozen=True)
class ExampleHistory:
    """What came before an example; the counts hold for every window."""

    comments: int = 0
    same_text: int = 0
    matches: Mapping[str, int] = field(default_factory=dict)
    upheld: int = 0
    ever: int = 0

    def count(self, kind: HistoryKind, rule: str | None) -> int:
        """Return the count that answers a question of this kind."""
        if kind is HistoryKind.MATCHES:
            return self.matches.get(rule or "", 0)
        return int(getattr(self, kind.value))


@dataclass(frozen=True)
class Example:
    """A comment with which a rule is tested. Labels that `scores` leaves out are 0."""

    text: str
    scores: Mapping[str, float] | None = None
    reply: bool = False
    quoted: bool = False
    channel: str | None = None
    source: str | None = None
    author: ExampleAuthor = ExampleAuthor()
    attachments: tuple[str, ...] = ()
    mentions: tuple[str, ...] | None = None
    history: ExampleHistory = field(default_factory=ExampleHistory)
    at: datetime | None = None


_EXAMPLE_AUTHOR = Record(
    ExampleAuthor,
    (
        Field("id", Text("a name"), "Name and id."),
        Field("roles", ListOf(Text(), least=0), "Roles."),
        Field("bot", Flag(), "Whether it is a bot."),
        Field("account_age", Duration(), "How long the account has existed."),
        Field("joined", Duration(), "How long ago the author joined."),
    ),
    noun="the author of an example",
)

_COUNT = Whole(0, 1_000_000)

_EXAMPLE_HISTORY = Record(
    ExampleHistory,
    (
        Field("comments", _COUNT, "Earlier comments."),
        Field("same_text", _COUNT, "Earlier comments of the same text."),
        Field(
            "matches",
            MapOf(IDENTIFIER, _COUNT),
            "Earlier matches, by rule, `{house.free-nitro: 2}`.",
        ),
        Field("upheld", _COUNT, "Verdicts on the author that moderators upheld."),
        Field("ever", _COUNT, "Comments by the author at any time."),
    ),
    noun="the history of an example",
)

EXAMPLE = Record(
    Example,
    (
        Field("text", Text(longest=100_000), "What the comment says.", required=True),
        Field(
            "scores",
            MapOf(LABEL, Fraction()),
            "Scores by label, `{insult: 0.9}`; what is left out is 0.",
        ),
        Field("reply", Flag(), "Whether it answers another comment."),
        Field("quoted", Flag(), "Whether the whole text is a quotation."),
        Field("channel", Text(), "The channel; by default one of the rule's scope."),
        Field("source", Text(), "The source; by default one of the rule's scope."),
        Field("author", _EXAMPLE_AUTHOR, "Who wrote it."),
        Field("attachments", ListOf(Text(), least=0), "Names of attached files."),
        Field(
            "mentions",
            ListOf(Text(), least=0),
            "Who is mentioned, by id; without it, the @names in the text count.",
        ),
        Field("history", _EXAMPLE_HISTORY, "What came before."),
        Field("at", Moment(), "When it was written; by default 2000-01-01T12:00:00Z."),
    ),
    doc="A comment with which the rule is tested.",
    noun="an example",
)

Examples = tuple[Located[str | Example], ...]


@dataclass(frozen=True)
class ExampleLists:
    """The examples of a rule; the `todo` ones are known gaps."""

    match: Examples = ()
    no_match: Examples = ()
    todo_match: Examples = ()
    todo_no_match: Examples = ()


_SOME = ListOf(At(Either(EXAMPLE, Text(longest=100_000))))

EXAMPLES = Record(
    ExampleLists,
    (
        Field("match", _SOME, "Comments that the rule matches."),
        Field("no_match", _SOME, "Comments that the rule leaves alone."),
        Field("todo_match", _SOME, "Comments that it should match and does not yet."),
        Field("todo_no_match", _SOME, "Comments that it should leave alone and does not yet."),
    ),
    doc="Comments with which the rule is tested; a plain text is short for {text: ...}.",
    noun="examples",
)
