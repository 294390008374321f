"""The rule language: what a rule file holds, key by key.

Lives here: the records from which the loader, the reference and the JSON Schema derive. Not
here: conditions (`bot.rules.conditions`) and what files mean together (`bot.rules.loader`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from bot.model import Action, Effect, Level, RuleStatus
from bot.rules.conditions import CONDITION, Condition
from bot.rules.conditions.logic import All
from bot.rules.example_language import EXAMPLES, ExampleLists
from bot.rules.exceptions import EXCEPTION, RuleException
from bot.rules.kinds import IDENTIFIER
from bot.rules.reason import REASON, Reason
from bot.rules.scope import EVERYWHERE, SCOPE, Scope
from bot.yamlfile import (
    At,
    Choice,
    Duration,
    Either,
    Field,
    Flag,
    ListOf,
    Located,
    MapOf,
    Record,
    Schema,
    Text,
    Whole,
    document_schema,
)

# --- rules -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Then:
    """What a match does."""

    action: Action
    labels: tuple[str, ...] = ()
    warn: bool = False
    timeout: timedelta | None = None
    kick: bool = False
    ban: bool = False

    @property
    def effects(self) -> tuple[Effect, ...]:
        """What is done to the author, mildest first."""
        written = {
            "warn": self.warn,
            "timeout": self.timeout is not None,
            "kick": self.kick,
            "ban": self.ban,
        }
        return tuple(
            Effect(kind, self.timeout if kind == "timeout" else None)
            for kind, wanted in written.items()
            if wanted
        )


_THEN = Record(
    Then,
    (
        Field(
            "action",
            Choice(Action, but={Action.ALLOW}),
            "note: stored only; flag: a review card; hold: hidden until reviewed, where the "
            "source can; remove.",
            required=True,
        ),
        Field("labels", ListOf(Text()), "Words for the kind of abuse, for reports."),
        Field("warn", Flag(only=True), "Warn the author."),
        Field("timeout", Duration(), "Silence the author for so long."),
        Field("kick", Flag(only=True), "Put the author out."),
        Field("ban", Flag(only=True), "Ban the author."),
    ),
    doc="What a match does; the author is touched only where it is written.",
    noun="effects",
    stand_ins={"action": lambda _: Action.NOTE},
)


@dataclass(frozen=True)
class Quota:
    """How often a rule may act."""

    per_day: int


_QUOTA = Record(
    Quota,
    (
        Field(
            "per_day",
            Whole(1),
            "Acts at most so often a day; then it is set to shadow.",
            required=True,
        ),
    ),
    doc="A brake for a rule that runs away.",
    noun="a quota",
)


@dataclass(frozen=True)
class RuleSpec:
    """A rule as it is written; `None` where the file's defaults decide."""

    id: Located[str]
    when: Condition
    then: Then
    title: str = ""
    status: RuleStatus | None = None
    level: Level | None = None
    scope: Scope = EVERYWHERE
    reason: Located[Reason] | None = None
    known_problems: str = ""
    quota: Quota | None = None
    examples: ExampleLists = field(default_factory=ExampleLists)


_STATUS = Field(
    "status",
    Choice(RuleStatus),
    "draft: not evaluated; shadow: counted, acts on nothing; live: acts; retired: not evaluated. "
    "Without it, live.",
)
_LEVEL = Field(
    "level",
    Choice(Level),
    "How grave a match is; without it, medium.",
    alias=("severity", "priority"),
)

RULE = Record(
    RuleSpec,
    (
        Field("id", At(IDENTIFIER), "The rule's id, unique among all files.", required=True),
        Field("title", Text(longest=200), "What it finds, in one line.", alias=("name",)),
        _STATUS,
        _LEVEL,
        Field("scope", SCOPE, "Whom it is for; key by key over the file's default."),
        Field("when", CONDITION, "The condition.", required=True, alias=("if", "condition")),
        Field("then", _THEN, "What a match does.", required=True),
        Field(
            "reason",
            At(REASON),
            "What a match says of itself; without it, the title. What begins with the title is not "
            "repeated beside it. Placeholders: {match}, {count}, {rule}, {title}, {level}, "
            "{channel}, {score.LABEL:.2f}.",
        ),
        Field("known_problems", Text(), "Where it errs."),
        Field("quota", _QUOTA, "A brake for a rule that runs away."),
        Field("examples", EXAMPLES, "Comments with which it is tested."),
    ),
    noun="a rule",
    stand_ins={
        "id": lambda node: Located("", node),
        "when": lambda _: All(),
        "then": lambda _: Then(Action.NOTE),
    },
)

# --- files -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Pack:
    """What a file is about."""

    name: str
    description: str = ""


@dataclass(frozen=True)
class ListFile:
    """A list that lies in a file of its own."""

    file: Located[str]


WordList = Located[ListFile | tuple[Located[str], ...]]


@dataclass(frozen=True)
class Defaults:
    """What holds for all rules of a file that do not say otherwise."""

    scope: Scope = EVERYWHERE
    status: RuleStatus = RuleStatus.LIVE
    level: Level = Level.MEDIUM


@dataclass(frozen=True)
class RuleFile:
    """A rule file."""

    pack: Pack | None = None
    lists: Mapping[str, WordList] = field(default_factory=dict)
    patterns: Mapping[str, Located[str]] = field(default_factory=dict)
    defaults: Defaults = Defaults()
    rules: tuple[RuleSpec, ...] = ()
    exceptions: tuple[RuleException, ...] = ()


_PACK = Record(
    Pack,
    (
        Field("name", Text(longest=100), "The pack's name.", required=True),
        Field("description", Text(longest=1000), "What it is about."),
    ),
    noun="a pack",
)

_LIST = Either(
    Record(
        ListFile,
        (Field("file", At(Text("a path")), "One entry a line.", required=True),),
        stand_ins={"file": lambda node: Located("", node)},
    ),
    ListOf(At(Text("a word or phrase", longest=200))),
)

_DEFAULTS = Record(
    Defaults,
    (
        Field("scope", SCOPE, "Whom the rules are for."),
        Field("status", _STATUS.kind, "Their status."),
        Field("level", _LEVEL.kind, "Their level."),
    ),
    noun="defaults",
)

RULE_FILE = Record(
    RuleFile,
    (
        Field("pack", _PACK, "What the file is about."),
        Field(
            "lists",
            MapOf(IDENTIFIER, At(_LIST), stand_in=lambda node: Located((), node)),
            "Lists of words, by name: entries, `names: [cat, dog]`, or a file with one entry a line, "
            "`names: {file: names.txt}`, its path taken from the rule file's folder.",
        ),
        Field(
            "patterns",
            MapOf(
                IDENTIFIER,
                At(Text("a regular expression", longest=2000)),
                stand_in=lambda node: Located("", node),
            ),
            "Regular expressions by name, for those that several rules share: {NAME} in a regex. "
            "They may hold {LIST}s.",
        ),
        Field("defaults", _DEFAULTS, "What holds where a rule does not say."),
        Field("rules", ListOf(RULE), "The rules."),
        Field("exceptions", ListOf(EXCEPTION), "Innocent words."),
    ),
    any_of=("rules", "exceptions", "lists"),
    noun="a rule file",
)


def rule_schema() -> Schema:
    """Return the JSON Schema of a rule file."""
    return document_schema(RULE_FILE, "Gavel rules", (CONDITION,))
