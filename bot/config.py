"""`config.yaml` ⇄ frozen settings.

Lives here: every key, its meaning and its default, once. Not here: secrets (they come from the
environment) and what is built from the settings (`bot.app`).
"""

from __future__ import annotations

import enum
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import bot
from bot.chat.settings import ChatSettings, QuietHours
from bot.errors import Problem, UserError
from bot.model import Action, Mode
from bot.rules.conditions.time import ZONE
from bot.rules.kinds import Hours, HoursKind
from bot.verdict import Policy
from bot.web.scopes import Scope
from bot.web.settings import Limits, Signer, Webhook, WebSettings
from bot.yamlfile import (
    Choice,
    Duration,
    Field,
    Flag,
    Fraction,
    ListOf,
    MapOf,
    Record,
    Report,
    Text,
    Whole,
    read_file,
)

HERE = Path("config.yaml")
STORE_FILE = "gavel.sqlite"
MIB = 1024 * 1024

_SECRET = re.compile(r"(?i)(?:token|secret|password|key)\w*[\"']?\s*:|whsec_")
_SECRETS_BELONG = (
    "secrets stand in the environment, never in this file: Discord's token as GAVEL_DISCORD_TOKEN,"
    " others as config.example.yaml tells"
)


class Device(enum.StrEnum):
    """What a model runs on."""

    CPU = "cpu"
    CUDA = "cuda"


@dataclass(frozen=True, slots=True)
class ModelSettings:
    """Which model scores, and on which device."""

    name: str = "compact"
    device: Device = Device.CPU


@dataclass(frozen=True, slots=True)
class CacheSettings:
    """Where scores are kept between runs, and how much room they may take."""

    folder: str = ""
    megabytes: int = 512

    @property
    def path(self) -> Path:
        """The folder: as given, else where models are installed as well."""
        from bot.scoring.catalogue import home  # noqa: PLC0415 - settings need no engine

        return Path(self.folder).expanduser() if self.folder else home()


@dataclass(frozen=True, slots=True)
class StoreSettings:
    """Where comments, verdicts and decisions are kept while the bot runs."""

    folder: str = ""

    @property
    def path(self) -> Path:
        """The file: in the folder as given, else in `GAVEL_HOME`, else in the user's data folder."""
        given = self.folder or os.environ.get("GAVEL_HOME")
        if given:
            return Path(given).expanduser() / STORE_FILE
        data = Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share")
        return data / "gavel" / STORE_FILE


@dataclass(frozen=True, slots=True)
class VerdictSettings:
    """Whether rules may act on their own, and where comments go that could not be judged."""

    mode: Mode = Mode.REVIEW
    on_failure: Action = Action.FLAG


class LogFormat(enum.StrEnum):
    """How what happens is written to standard error."""

    TEXT = "text"
    JSON = "json"


class LogLevel(enum.StrEnum):
    """From which gravity on something is written."""

    DEBUG = "debug"
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class LogSettings:
    """What the running bot writes to standard error."""

    format: LogFormat = LogFormat.TEXT
    level: LogLevel = LogLevel.INFO


@dataclass(frozen=True, slots=True)
class Settings:
    """All settings; `cache` is `None` to score anew and keep nothing.

    `discord` and `http` lack their secrets: those come from the environment. `retention` tells for how long the
    texts of a source are kept; a source that is not named keeps them.
    """

    rules: str = ""
    model: ModelSettings = field(default_factory=ModelSettings)
    verdicts: VerdictSettings = field(default_factory=VerdictSettings)
    cache: CacheSettings | None = field(default_factory=CacheSettings)
    discord: ChatSettings | None = None
    http: WebSettings | None = None
    store: StoreSettings = field(default_factory=StoreSettings)
    retention: Mapping[str, timedelta] = field(default_factory=dict)
    logs: LogSettings = field(default_factory=LogSettings)

    @property
    def rules_path(self) -> Path:
        """The rules: as given, else `rules` here, else the starter rules.

        Raise `UserError` when the given path does not exist.
        """
        if self.rules:
            given = Path(self.rules).expanduser()
            if not given.exists():
                raise UserError(
                    f"there are no rules at {given}",
                    hint="give a folder or a rule file; without one the starter rules are used",
                )
            return given
        here = Path("rules")
        return here if here.is_dir() else starter_rules()

    @property
    def policy(self) -> Policy:
        """What holds for all verdicts."""
        return Policy(self.verdicts.mode, self.verdicts.on_failure)


def _chat(**given: Any) -> ChatSettings:
    """Make the settings of the chat edge, without their token."""
    sets = {"moderator_roles", "channels", "exempt_channels", "exempt_roles"}
    numbers = {"guild", "review_channel"}
    values: dict[str, Any] = {
        name: frozenset(value) if name in sets else int(value) if name in numbers else value
        for name, value in given.items()
    }
    return ChatSettings(token="", **values)


def _quiet(between: Hours, zone: str = "UTC") -> QuietHours:
    return QuietHours(between.start, between.end, zone)


def _web(**given: Any) -> WebSettings:
    """Make the settings of the HTTP edge, without secrets."""
    values: dict[str, Any] = dict(given)
    if "cors_origins" in values:
        values["cors_origins"] = frozenset(values["cors_origins"])
    return WebSettings(**values)


def _webhook(name: str, url: str, *, every: bool = False) -> Webhook:
    return Webhook(name, url, secret="", every=every)


def _signer(name: str, scopes: tuple[Scope, ...] = ()) -> Signer:
    return Signer(name, secret="", scopes=frozenset(scopes))


_ID = Text("an id of 15 to 20 digits in quotes (Discord: right click, Copy ID)", r"[0-9]{15,20}")
_IDS = ListOf(_ID, least=0)
_ADDRESS_OF_API = Text("an address like https://discord.com/api/v10", r"https?://\S+")
_ADDRESS_OF_GATEWAY = Text("an address like wss://gateway.discord.gg/", r"wss?://\S+")
_ADDRESS_OF_WEB = Text("an address like https://gavel.example.org", r"https?://\S+")
_ORIGIN = Text("an origin like https://example.org, without a path", r"https?://[^\s/]+")
_NAME = Text("a name of small letters, digits and _", r"[a-z][a-z0-9_]{0,40}")
_QUIET_HOURS = Record(
    _quiet,
    (
        Field("between", HoursKind(), "From one time of day to another.", required=True),
        Field("zone", ZONE, "The time zone."),
    ),
)
_WEBHOOK = Record(
    _webhook,
    (
        Field("name", _NAME, "Its secret stands as GAVEL_WEBHOOK_SECRET_NAME.", required=True),
        Field("url", _ADDRESS_OF_WEB, "Where it is told.", required=True),
        Field("every", Flag(), "Whether it hears of comments over HTTP that made no case, too."),
    ),
)
_SIGNER = Record(
    _signer,
    (
        Field("name", _NAME, "Its secret stands as GAVEL_SIGNER_SECRET_NAME.", required=True),
        Field("scopes", ListOf(Choice(Scope), least=0), "What it may do."),
    ),
)
_LIMITS = Record(
    Limits,
    (
        Field("body_bytes", Whole(1_024, 10**9), "Of one request."),
        Field("json_depth", Whole(2, 1_000), "How deep JSON may be nested."),
        Field("batch", Whole(1, 10_000), "Comments in one request."),
        Field("header_seconds", Fraction(0.1, 600), "How long headers may take."),
        Field("body_seconds", Fraction(0.1, 600), "How long a body may take."),
        Field("comments_under_way", Whole(1, 10**6), "Comments that wait for the model."),
        Field("characters_under_way", Whole(1_000, 10**9), "Their characters, together."),
        Field("per_minute", Whole(1, 10**9), "Comments a minute of one key."),
        Field("burst", Whole(1, 10**9), "Comments at once of one key."),
        Field("wait_queue", Whole(1, 10**6), "Comments taken and not yet screened."),
        Field("stop_seconds", Fraction(0, 8), "For what is under way when it stops."),
    ),
)

_MODEL = Record(
    ModelSettings,
    (
        Field("name", Text(), "compact, an installed model, or a checkpoint's path."),
        Field("device", Choice(Device), "cpu or cuda."),
    ),
)
_VERDICTS = Record(
    VerdictSettings,
    (
        Field(
            "mode",
            Choice(Mode),
            "review: rules only file cases. enforce: live rules act as they say.",
        ),
        Field(
            "on_failure",
            Choice(Action, but=(Action.ALLOW, Action.NOTE)),
            "What becomes of a comment that could not be judged.",
        ),
    ),
)
_CACHE = Record(
    CacheSettings,
    (
        Field("folder", Text(), "Where scores are kept."),
        Field("megabytes", Whole(1, 1_000_000), "How much room they may take."),
    ),
)
_DISCORD = Record(
    _chat,
    (
        Field("guild", _ID, "The server's id.", required=True),
        Field("review_channel", _ID, "Where cards are posted.", required=True),
        Field("moderator_roles", ListOf(_ID), "Whose members may decide.", required=True),
        Field("channels", _IDS, "Only these are screened."),
        Field("exempt_channels", _IDS, "These are not screened."),
        Field("exempt_roles", _IDS, "Who is not screened."),
        Field("screen_bots", Flag(), "Whether other bots are screened."),
        Field("screen_webhooks", Flag(), "Whether webhooks are screened."),
        Field("cards_per_minute", Whole(1, 1_000), "New cards a minute at most."),
        Field("tell_when_held", Flag(), "Whether authors hear that a message is held."),
        Field("quiet_hours", _QUIET_HOURS, "When cards that can wait, wait."),
        Field("api_base", _ADDRESS_OF_API, "Where Discord's API is."),
        Field("gateway_url", _ADDRESS_OF_GATEWAY, "Where Discord's gateway is."),
    ),
)
_HTTP = Record(
    _web,
    (
        Field("host", Text(), "The address to listen at."),
        Field("port", Whole(0, 65_535), "The TCP port; 0 takes any free one."),
        Field("public_base", _ADDRESS_OF_WEB, "The address others reach it by."),
        Field("cors_origins", ListOf(_ORIGIN, least=0), "Sites that may ask."),
        Field("open_metrics", Flag(), "Whether metrics need no key."),
        Field("webhooks", ListOf(_WEBHOOK, least=0), "Who hears of cases."),
        Field("signers", ListOf(_SIGNER, least=0), "Who signs requests."),
        Field("limits", _LIMITS, "What clients may ask for."),
    ),
)
_STORE = Record(StoreSettings, (Field("folder", Text(), "Where the database lies."),))
_RETENTION = MapOf(Text("the name of a source", r"[a-z][a-z0-9_.-]*"), Duration())
_LOGS = Record(
    LogSettings,
    (
        Field("format", Choice(LogFormat), "text for people, json for programs."),
        Field("level", Choice(LogLevel), "From which gravity on."),
    ),
)

CONFIG = Record(
    Settings,
    (
        Field("rules", Text(), "Folder of rules, or one rule file."),
        Field("model", _MODEL, "The model that scores."),
        Field("verdicts", _VERDICTS, "How verdicts are made."),
        Field("cache", _CACHE, "The score cache."),
        Field("discord", _DISCORD, "The Discord server that is screened."),
        Field("http", _HTTP, "Comments over HTTP; without this key nothing listens."),
        Field("store", _STORE, "What the running bot remembers."),
        Field("retention", _RETENTION, "For how long the texts of a source are kept."),
        Field("logs", _LOGS, "What the running bot writes to standard error."),
    ),
)


def load_settings(path: Path | None) -> Settings:
    """Read `path`, else `config.yaml` here when there is one, else return the defaults.

    Raise `UserError` with all that is wrong.
    """
    if path is None and not HERE.exists():
        return Settings()
    report = Report()
    settings = read_file(path or HERE, CONFIG, report, "the configuration")
    if settings is None:
        raise UserError([_unquoted(problem) for problem in report.problems])
    return settings


def _unquoted(problem: Problem) -> Problem:
    """Return a problem that does not repeat a secret, which somebody wrote where none belongs."""
    place = problem.location
    if place is None or not _SECRET.search(place.source or ""):
        return problem
    hint = _SECRETS_BELONG if problem.code == "unknown-key" else problem.hint
    return replace(problem, location=replace(place, source=None), hint=hint)


def starter_rules() -> Path:
    """Return the folder of the starter rules, in a checkout or in an installed package."""
    package = Path(bot.__file__).parent
    packaged = package / "starter"
    return packaged if packaged.is_dir() else package.parent / "rules"


def ships_with_gavel(path: Path) -> bool:
    """Say whether a file lies in the installed package: nobody's own, and replaced by an update."""
    return Path(bot.__file__).parent.resolve() in path.resolve().parents
