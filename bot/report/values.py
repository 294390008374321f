"""What a report is made of: frozen results of counting, without any presentation.

Lives here: `Screened`, `About`, `Summary` and their parts. Not here: the counting
(`bot.report.tally`) and the showing (`bot.report.page`, `bot.report.terminal`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from types import MappingProxyType
from typing import Generic, Protocol, TypeVar

from bot.errors import Problem
from bot.model import Action, Comment, Edit, ModelInfo, Rule, Thread, Verdict
from bot.proportion import Proportion
from bot.report.stats import Histogram, Quality

ASKS_A_MODERATOR = Action.FLAG
"""From this action on a comment lands in front of moderators: it counts as flagged."""


@dataclass(frozen=True, slots=True)
class Screened:
    """A comment and the verdict on it."""

    comment: Comment
    verdict: Verdict

    @property
    def flagged(self) -> bool:
        """Whether the comment would go to review."""
        return self.verdict.action >= ASKS_A_MODERATOR

    @property
    def top_score(self) -> float:
        """The highest score of any label; 0 when there are no scores."""
        scores = self.verdict.scores
        return max(scores.values.values(), default=0.0) if scores else 0.0


class Writer(Protocol):
    """Takes screened comments one by one."""

    def add(self, screened: Screened) -> None:
        """Take one screened comment."""
        ...


@dataclass(frozen=True, slots=True)
class About:
    """Where the comments came from and what judged them: all that counting cannot know.

    `name` is what people call the rules and model that judged, where two are compared, and `edits`
    what was edited since the other side. `verdicts` names the file that holds every verdict, when
    one was written. `skipped` counts what was left out, by reason; `interrupted` is true when not
    all was read. `not_asked` names the active rules whose scope leaves archives out.
    """

    files: Sequence[str] = ()
    rules: Sequence[Rule] = ()
    ruleset: str = ""
    model: ModelInfo | None = None
    problems: Sequence[Problem] = ()
    skipped: Mapping[str, int] = field(default_factory=lambda: MappingProxyType({}))
    threads: Mapping[str, Thread] = field(default_factory=lambda: MappingProxyType({}))
    interrupted: bool = False
    verdicts: str = ""
    name: str = ""
    edits: Sequence[Edit] = ()
    not_asked: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Neighbour:
    """A comment of the same thread, cut to its beginning, as context for another one.

    `answered` marks the comment that the other one answers.
    """

    id: str
    author: str
    created_at: datetime | None
    text: str
    action: Action
    cut: bool = False
    answered: bool = False


@dataclass(frozen=True, slots=True)
class Context:
    """What stands around a comment: the comment it answers and up to two that precede it.

    `orphan` is true when the comment answers one that is not in the archive. `around` is in the
    order of the thread.
    """

    around: tuple[Neighbour, ...] = ()
    orphan: bool = False


@dataclass(frozen=True, slots=True)
class Shown:
    """A screened comment in its context, as a report shows it."""

    screened: Screened
    context: Context = Context()


Item = TypeVar("Item")


@dataclass(frozen=True, slots=True)
class Listing(Generic[Item]):
    """Things worth reading: how many there are, and those that are shown, most telling first."""

    total: int = 0
    shown: tuple[Item, ...] = ()

    @property
    def left_out(self) -> int:
        """How many are counted but not shown."""
        return self.total - len(self.shown)


@dataclass(frozen=True, slots=True)
class PhraseGroup:
    """Comments that share a phrase; an empty phrase gathers those that share none."""

    phrase: str
    comments: tuple[Shown, ...]


@dataclass(frozen=True, slots=True)
class RuleSummary:
    """What one rule did.

    `sole` counts hits that no other live rule would have caught; `shadow` the hits while the rule
    was in shadow; `disguised` the hits that only undoing a strong disguise found. `quality` is
    known where comments carry labels.
    """

    rule: str
    hits: int
    sole: int
    shadow: int
    disguised: int
    authors: int
    quality: Quality | None = None


@dataclass(frozen=True, slots=True)
class Workload:
    """What the flagged comments mean for a team: days of the archive and reviews on them."""

    first: datetime
    last: datetime
    reviews: int
    busiest: tuple[date, int] | None = None

    @property
    def days(self) -> int:
        """How many calendar days the archive touches."""
        return (self.last.date() - self.first.date()).days + 1

    @property
    def reviews_per_day(self) -> float | None:
        """Reviews a day; `None` when the archive is shorter than a day: no extrapolation."""
        long_enough = self.last - self.first >= timedelta(days=1)
        return self.reviews / self.days if long_enough else None


@dataclass(frozen=True, slots=True)
class Summary:
    """All that a report says about an archive; the same whatever the order of the comments.

    `caught` are the comments that went to review or that any rule matched, shadow rules included.
    `words_only`, `model_only` and `unnoticed` are where words and model do not agree, and
    `phrases` groups the last of them. `quality` is `None` where no comment carries a label;
    `labels` is the precision of the rules of each label, where they would go to review: what kind
    of abuse was missed is not known, so there is no recall of a label.
    """

    total: int
    actions: Mapping[Action, int]
    authors: int
    rules: tuple[RuleSummary, ...]
    histograms: tuple[Histogram, ...]
    workload: Workload | None
    undated: int
    degraded: int
    missing: Mapping[str, int]
    rulesets: tuple[str, ...]
    models: tuple[str, ...]
    caught: Listing[Shown]
    quality: Quality | None = None
    misses: Listing[Shown] = Listing()
    false_alarms: Listing[Shown] = Listing()
    words_only: Listing[Shown] = Listing()
    model_only: Listing[Shown] = Listing()
    unnoticed: Listing[Shown] = Listing()
    phrases: tuple[PhraseGroup, ...] = ()
    labels: tuple[tuple[str, Proportion], ...] = ()

    @property
    def flagged(self) -> int:
        """How many comments would go to review."""
        return sum(n for action, n in self.actions.items() if action >= ASKS_A_MODERATOR)

    @property
    def per_thousand(self) -> float:
        """Flagged comments per thousand."""
        return 1000 * self.flagged / self.total if self.total else 0.0
