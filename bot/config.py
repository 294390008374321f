"""`config.yaml` ⇄ frozen settings.

Lives here: every key, its meaning and its default, once. Not here: secrets (they come from the
environment) and what is built from the settings (`bot.app`).
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path

import bot
from bot.errors import UserError
from bot.model import Action
from bot.verdict import Policy
from bot.yamlfile import Choice, Field, Record, Report, Text, Whole, read_file

HERE = Path("config.yaml")
MIB = 1024 * 1024


@dataclass(frozen=True, slots=True)
class ModelSettings:
    """Which model scores, and on which device."""

    name: str = "compact"
    device: str = "cpu"


@dataclass(frozen=True, slots=True)
class CacheSettings:
    """Where scores are kept between runs, and how much room they may take."""

    folder: str = ""
    megabytes: int = 512

    @property
    def path(self) -> Path:
        """The folder: as given, else `GAVEL_HOME`, else the user's cache folder."""
        given = self.folder or os.environ.get("GAVEL_HOME")
        if given:
            return Path(given).expanduser()
        return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "gavel"


@dataclass(frozen=True, slots=True)
class VerdictSettings:
    """Where comments go that could not be judged."""

    on_failure: Action = Action.FLAG


@dataclass(frozen=True, slots=True)
class Settings:
    """All settings; `cache` is `None` to score anew and keep nothing."""

    rules: str = ""
    model: ModelSettings = field(default_factory=ModelSettings)
    verdicts: VerdictSettings = field(default_factory=VerdictSettings)
    cache: CacheSettings | None = field(default_factory=CacheSettings)

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
        return Policy(on_failure=self.verdicts.on_failure)


CONFIG = Record(
    Settings,
    (
        Field("rules", Text(), "Folder of rules, or one rule file."),
        Field(
            "model",
            Record(
                ModelSettings,
                (
                    Field("name", Text(), "compact, an installed model, or a checkpoint's path."),
                    Field("device", Text(), "cpu or cuda."),
                ),
            ),
            "The model that scores.",
        ),
        Field(
            "verdicts",
            Record(
                VerdictSettings,
                (
                    Field(
                        "on_failure",
                        Choice(Action, but=(Action.ALLOW, Action.NOTE)),
                        "What becomes of a comment that could not be judged.",
                    ),
                ),
            ),
            "How verdicts are made.",
        ),
        Field(
            "cache",
            Record(
                CacheSettings,
                (
                    Field("folder", Text(), "Where scores are kept."),
                    Field("megabytes", Whole(1, 1_000_000), "How much room they may take."),
                ),
            ),
            "The score cache.",
        ),
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
        raise UserError(report.problems)
    return settings


def starter_rules() -> Path:
    """Return the folder of the starter rules, in a checkout or in an installed package."""
    package = Path(bot.__file__).parent
    packaged = package / "starter"
    return packaged if packaged.is_dir() else package.parent / "rules"
