"""What the chat edge must be told: where it lives, who may decide, and whom it calls.

Lives here: settings and services as frozen values. Not here: `config.yaml` (`bot.config`) and how
the services are built (`bot.app`).
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from bot.cases import Case
from bot.model import Comment, Delivery, Rule, Verdict
from bot.ports import Clock, Placements, Positions, Statistics
from bot.review import ReviewDesk

SOURCE = "discord"
API_BASE = "https://discord.com/api/v10"
CARDS, ACTS, NOTICES = "discord.card", "discord.act", "discord.notice"
DIGEST = "discord.digest"
"""The names of the sinks, for `bot.review.DeskSettings` and the outbox."""

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class QuietHours:
    """From one time of day to another, past midnight where the end is not after the start."""

    start: time
    end: time
    zone: str = "UTC"

    def until(self, now: datetime) -> datetime | None:
        """Return when the quiet that holds at `now` ends, `None` when it does not hold."""
        local = now.astimezone(UTC if self.zone == "UTC" else ZoneInfo(self.zone))
        start = datetime.combine(local.date(), self.start, local.tzinfo)
        end = datetime.combine(local.date(), self.end, local.tzinfo)
        if end <= start and local < end:
            start -= _DAY
        elif end <= start:
            end += _DAY
        return end.astimezone(UTC) if start <= local < end else None


@dataclass(frozen=True, slots=True)
class ChatSettings:
    """Where the bot works, by ids as Discord shows them.

    `gateway_url` empty means Discord's own. `channels` empty means all but the review channel and
    `exempt_channels`; a thread belongs to its parent channel. `cards_per_minute` bounds new cards:
    more of them wait, and one message lists them; what cannot wait (critical rules, and what is held
    or removed) has as much room again. In `quiet_hours` only that is posted. `tell_when_held`: an
    author hears that a message of theirs is hidden until it was looked at.
    """

    token: str = field(repr=False)
    guild: int
    review_channel: int
    moderator_roles: frozenset[str]
    api_base: str = API_BASE
    gateway_url: str = ""
    channels: frozenset[str] = frozenset()
    exempt_channels: frozenset[str] = frozenset()
    exempt_roles: frozenset[str] = frozenset()
    screen_bots: bool = False
    screen_webhooks: bool = True
    cards_per_minute: int = 20
    quiet_hours: QuietHours | None = None
    tell_when_held: bool = True


@dataclass(frozen=True, slots=True)
class RuleActions:
    """What moderators may do with rules; each returns what to show them, as plain text.

    `listed` gives the current rules, `written` one of them as its file has it. `reload` and `test` may take long. `shadow` raises
    `bot.review.RefusedError` for an unknown rule. `add_example` takes a rule's id, `match` or
    `no_match`, and the case that shows it; `add_exception` takes the ids of rules, the innocent
    words, a reason and the case. Both write into the rule's file and read the rules again; they
    raise `RefusedError` with what to paste by hand where that cannot be done.
    """

    listed: Callable[[], Sequence[Rule]]
    reload: Callable[[], Awaitable[str]]
    test: Callable[[], Awaitable[str]]
    shadow: Callable[[str], Awaitable[str]]
    add_example: Callable[[str, str, Case], Awaitable[str]]
    add_exception: Callable[[Sequence[str], Sequence[str], str, Case], Awaitable[str]]
    written: Callable[[str], str]


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that a moderator attached."""

    name: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Trial:
    """What to dry-run: the comments of a channel or an archive, with other rules when given.

    `progress` hears how many more were screened; once `stopped` says so, what was screened until
    then is told. Both are called from other threads.
    """

    comments: Sequence[Comment] = ()
    archive: Upload | None = None
    rules: Upload | None = None
    progress: Callable[[int], None] = lambda _: None
    stopped: Callable[[], bool] = lambda: False


@dataclass(frozen=True, slots=True)
class TrialResult:
    """What a dry run found: a summary as plain text, and the HTML report.

    `difference` is another report, where rules were given: what they would change.
    """

    summary: str
    report: bytes
    difference: bytes = b""


@dataclass(frozen=True, slots=True)
class Explained:
    """Why a comment is judged as it is, as plain text: by the rules that matched, and by all."""

    matched: str
    whole: str


@dataclass(frozen=True, slots=True)
class ChatServices:
    """Whom the chat edge calls.

    `submit` screens, stores and files a comment, and returns when that is stored. `preview` screens
    and keeps nothing; `explain` tells why; `dry_run` may take minutes. `forgotten_at` tells, by source
    and id of an author, when they were forgotten.
    `alarm` hears of what an operator must mend; `tell` stores deliveries for the outbox. All may
    raise `bot.errors.GavelError`.
    """

    submit: Callable[[Comment], Awaitable[Verdict]]
    preview: Callable[[Comment], Awaitable[Verdict]]
    explain: Callable[[Comment], Awaitable[Explained]]
    dry_run: Callable[[Trial], Awaitable[TrialResult]]
    forgotten_at: Callable[[str, str], Awaitable[datetime | None]]
    alarm: Callable[[str], None]
    tell: Callable[[Sequence[Delivery]], Awaitable[None]]
    desk: ReviewDesk
    rules: RuleActions
    positions: Positions
    placements: Placements
    statistics: Statistics
    clock: Clock
