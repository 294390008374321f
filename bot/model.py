"""The nouns of Gavel: frozen values that every room shares.

Lives here: what a comment, a score, a rule, a match and a verdict *are*. No behaviour beyond
small derived properties, no input or output, and no import of ours. What *happens* to these
values lives in `bot.text`, `bot.scoring`, `bot.rules`, `bot.verdict` and `bot.pipeline`; what the
moderators' queue holds is in `bot.cases`.

Conventions: offsets are code points of the original text, end exclusive; times are aware UTC;
windows are `timedelta`; sequences are tuples; `None` always means "not known", never "none".
"""

from __future__ import annotations

import enum
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import NamedTuple, Protocol

LABELS: tuple[str, ...] = (
    "toxicity",
    "severe_toxicity",
    "obscene",
    "threat",
    "insult",
    "identity_attack",
    "sexual_explicit",
)
"""Detoxify's standardised label names, in the order in which we show them."""


class _Ordered(enum.IntEnum):
    """An ordered enumeration that is written in lower case everywhere a person reads it."""

    def __str__(self) -> str:
        return self.name.lower()

    @classmethod
    def names(cls) -> tuple[str, ...]:
        """Return the written names, weakest first."""
        return tuple(str(member) for member in cls)


class Action(_Ordered):
    """What is done with a comment; the strongest match decides."""

    ALLOW = 0
    NOTE = 1
    FLAG = 2
    HOLD = 3
    REMOVE = 4

    @property
    def said(self) -> str:
        """The action in plain words, as every page, card and report says it: `To review`."""
        return _SAID[self]

    @property
    def written(self) -> str:
        """The plain words with the rule language's key, where rules are spoken of."""
        return f"{self.said} ({self})"


_SAID = {
    Action.ALLOW: "Let through",
    Action.NOTE: "Noted",
    Action.FLAG: "To review",
    Action.HOLD: "To hold for review",
    Action.REMOVE: "To remove",
}


class Evasion(_Ordered):
    """How much disguise had to be undone before a match was found."""

    NONE = 0
    LIGHT = 1
    STRONG = 2


class Level(_Ordered):
    """How grave a rule is."""

    LOW = 0
    MEDIUM = 1
    HIGH = 2
    CRITICAL = 3


class RuleStatus(enum.StrEnum):
    """Where a rule is in its life; only `LIVE` rules act, `SHADOW` ones are counted."""

    DRAFT = "draft"
    SHADOW = "shadow"
    LIVE = "live"
    RETIRED = "retired"


class Outcome(enum.Enum):
    """The three answers of a condition. `UNKNOWN` is neither a match nor, negated, a pass."""

    MATCH = "match"
    NO_MATCH = "no match"
    UNKNOWN = "unknown"


class Mode(enum.StrEnum):
    """Whether verdicts may act on their own (`ENFORCE`) or only ask moderators (`REVIEW`)."""

    REVIEW = "review"
    ENFORCE = "enforce"


class Priority(enum.IntEnum):
    """Who goes first at the scorer: the chat, then whoever waits for an answer, then bulk work."""

    LIVE = 0
    PROMPT = 1
    BULK = 2


class Span(NamedTuple):
    """A stretch of the original text, in code points, end exclusive."""

    start: int
    end: int


# --- what comes in ---------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Author:
    """Who wrote a comment, as far as the source tells."""

    id: str
    name: str = ""
    is_bot: bool | None = None
    roles: tuple[str, ...] | None = None
    account_created_at: datetime | None = None
    joined_at: datetime | None = None


ANONYMOUS = Author(id="", name="")

AttributeValue = str | int | float | bool | tuple[str, ...]

NO_ATTRIBUTES: Mapping[str, AttributeValue] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Comment:
    """One comment from any source.

    `attributes` holds what only some sources know: `attachments` (tuple of file names),
    `embeds` (tuple of texts), `mentions` (tuple of user ids), `role_mentions` (tuple),
    `mentions_everyone` (bool), `webhook` (bool), `link` (address of the original),
    `quoted_parent` (bool). `label` is a moderator's past decision, where an archive holds one:
    true for abusive, false for fine.
    """

    id: str
    text: str
    source: str = "archive"
    channel: str = ""
    author: Author = ANONYMOUS
    created_at: datetime | None = None
    edited_at: datetime | None = None
    parent_id: str | None = None
    thread_id: str | None = None
    label: bool | None = None
    attributes: Mapping[str, AttributeValue] = field(default_factory=lambda: NO_ATTRIBUTES)


@dataclass(frozen=True, slots=True)
class Thread:
    """Comments that belong together; `context` is an article or opening text, never screened."""

    id: str
    title: str = ""
    context: str = ""
    comments: tuple[Comment, ...] = ()


# --- the text, seen through disguises --------------------------------------------------------


class FoldedView(NamedTuple):
    """One folded form of a text. A tuple, as there is one for every comment of every archive.

    `starts[i]` and `ends[i]` are the original offsets that the folded code point `i` came from;
    both are `None` where the folded text lies on the original one to one. `steps` names the
    folding steps that changed something, in the order applied.
    """

    evasion: Evasion
    text: str
    starts: Sequence[int] | None = None
    ends: Sequence[int] | None = None
    steps: tuple[str, ...] = ()

    def original_span(self, start: int, end: int) -> Span:
        """Map a non-empty folded stretch back to the original text."""
        if self.starts is None or self.ends is None:
            return Span(start, end)
        # Reordered text may run backwards in the original.
        return Span(min(self.starts[start:end]), max(self.ends[start:end]))


class FoldedText(NamedTuple):
    """A text and its folded views, weakest disguise first.

    `views` holds one view for `NONE`, at most one for `LIGHT`, and any number for `STRONG`; a
    view equal to a weaker one is left out. `quoted` are the spans that quote somebody else.
    """

    original: str
    views: tuple[FoldedView, ...]
    quoted: tuple[Span, ...] = ()


# --- scores ----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ModelInfo:
    """Which model scores: its name, the revision of its weights, and the labels it has."""

    id: str
    revision: str
    labels: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Scores:
    """What a model says of one text: label → probability in [0, 1], maximum over `windows`."""

    model: str
    revision: str
    values: Mapping[str, float]
    windows: int = 1


# --- history, read at the comment's own time --------------------------------------------------


class HistoryKind(enum.StrEnum):
    """What is counted in a window that ends at the comment's time."""

    COMMENTS = "comments"
    SAME_TEXT = "same_text"
    MATCHES = "matches"
    UPHELD = "upheld"
    EVER = "ever"


@dataclass(frozen=True, slots=True)
class HistoryQuery:
    """A question to the history; `window` is ignored for `EVER`, `rule` only for `MATCHES`."""

    kind: HistoryKind
    per: str = "author"
    window: timedelta = timedelta(0)
    rule: str | None = None


History = Mapping[HistoryQuery, int | None]

NO_HISTORY: History = MappingProxyType({})


# --- rules -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Missing:
    """An input that a rule needed and did not get; `failed` when a part of ours broke."""

    what: str
    failed: bool = False


@dataclass(frozen=True, slots=True)
class Facts:
    """All that a rule may look at. `scores` is `None` while they are not (yet) known."""

    comment: Comment
    text: FoldedText
    scores: Scores | None = None
    history: History = field(default_factory=lambda: NO_HISTORY)
    parent: Comment | None = None
    missing: tuple[Missing, ...] = ()


class Condition(Protocol):
    """One question to a comment. What asks and answers lives in `bot.rules.conditions`."""

    def describe(self) -> str:
        """Return the question as people read it."""
        ...


@dataclass(frozen=True, slots=True)
class Effect:
    """Something done to an author, beyond the action on the comment: warn, timeout, kick, ban."""

    kind: str
    duration: timedelta | None = None


@dataclass(frozen=True, slots=True)
class Threshold:
    """A score that a rule compares with; reports draw it into the histograms."""

    label: str
    operator: str
    value: float


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule as moderators see it: who it is for, what it does and how far it can be trusted."""

    id: str
    title: str
    status: RuleStatus
    level: Level
    action: Action
    when: Condition
    reason: str = ""
    labels: tuple[str, ...] = ()
    effects: tuple[Effect, ...] = ()
    known_problems: str = ""
    thresholds: tuple[Threshold, ...] = ()
    quota_per_day: int | None = None
    where: str = ""


@dataclass(frozen=True, slots=True)
class Match:
    """A rule that matched a comment, and why.

    `text` is the matched original text (all spans, joined by " … "); empty when the match has no
    place in the text. `evasion` and `folding` tell which disguise had to be undone.
    """

    rule: str
    status: RuleStatus
    action: Action
    level: Level
    reason: str
    spans: tuple[Span, ...] = ()
    text: str = ""
    evasion: Evasion = Evasion.NONE
    folding: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()
    effects: tuple[Effect, ...] = ()


@dataclass(frozen=True, slots=True)
class ExceptionHit:
    """An exception that cancelled at least one span of a rule."""

    exception: str
    rule: str
    span: Span


@dataclass(frozen=True, slots=True)
class Unknown:
    """A rule that could not be decided, and what it lacked."""

    rule: str
    action: Action
    status: RuleStatus
    missing: tuple[Missing, ...]


class EditDetail(NamedTuple):
    """One thing that was edited in a rule, in words, and the entries that it concerns."""

    said: str
    entries: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Edit:
    """What became of a rule or an exception between two rule sets: added, removed or changed."""

    rule: str
    title: str
    kind: str
    details: tuple[EditDetail, ...]


@dataclass(frozen=True, slots=True)
class Evaluation:
    """What a rule set says of one comment. `needs_scores`: a rule still waits for the model."""

    matches: tuple[Match, ...] = ()
    unknown: tuple[Unknown, ...] = ()
    excepted: tuple[ExceptionHit, ...] = ()
    needs_scores: bool = False


# --- what goes out ---------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Verdict:
    """The decision on one comment; the same for live traffic, HTTP, dry runs and examples.

    `degraded` is true when an input was missing; `missing` says which. `matches` holds matches of
    live and of shadow rules; only the live ones make the `action`.
    """

    id: str
    comment_id: str
    action: Action
    matches: tuple[Match, ...]
    scores: Scores | None
    ruleset: str
    model: str
    mode: Mode = Mode.REVIEW
    degraded: bool = False
    missing: tuple[Missing, ...] = ()
    decided_at: datetime | None = None

    @property
    def acting(self) -> tuple[Match, ...]:
        """The matches of live rules."""
        return tuple(match for match in self.matches if match.status is RuleStatus.LIVE)


@dataclass(frozen=True, slots=True)
class Delivery:
    """One thing to be told to one sink, at least once and seen once (`key` makes it so)."""

    key: str
    sink: str
    payload: Mapping[str, object] = field(default_factory=dict)
    attempts: int = 0
    due_at: datetime | None = None
    created_at: datetime | None = None
