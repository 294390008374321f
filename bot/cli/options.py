"""Options that several commands share, and where their defaults lie.

Lives here: `--rules`, `--model` and the like, spelled once. Not here: what commands do with them.
"""

from __future__ import annotations

import argparse
import os
from pathlib import Path

import bot
from bot.errors import UserError


def add_rules(parser: argparse.ArgumentParser) -> None:
    """Add `--rules`; without it, `rules/` here or else the starter rules that ship with Gavel."""
    parser.add_argument(
        "--rules",
        type=Path,
        metavar="DIR",
        help="folder of rules, or one rule file (default: ./rules, else the starter rules)",
    )


def add_model(parser: argparse.ArgumentParser) -> None:
    """Add `--model` and `--no-cache`."""
    parser.add_argument(
        "--model",
        default="compact",
        metavar="NAME",
        help="compact, an installed model, or the path of a checkpoint (default: compact)",
    )
    parser.add_argument("--no-cache", action="store_true", help="score anew, keep no scores")


def rules_folder(given: Path | None) -> Path:
    """Return the rules to use; raise `UserError` when the given path does not exist."""
    if given is not None:
        if not given.exists():
            raise UserError(
                f"there are no rules at {given}",
                hint="give a folder or a rule file; without --rules the starter rules are used",
            )
        return given
    here = Path("rules")
    return here if here.is_dir() else starter_rules()


def starter_rules() -> Path:
    """Return the folder of the starter rules, in a checkout or in an installed package."""
    package = Path(bot.__file__).parent
    packaged = package / "starter"
    return packaged if packaged.is_dir() else package.parent / "rules"


def home() -> Path:
    """Return the folder for what Gavel keeps between runs: `GAVEL_HOME`, else the user's cache."""
    given = os.environ.get("GAVEL_HOME")
    if given:
        return Path(given)
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "gavel"


def positive(word: str) -> int:
    """Read a whole number above zero."""
    number = int(word)
    if number < 1:
        raise argparse.ArgumentTypeError("must be 1 or more")
    return number


def mapping(words: str) -> dict[str, str]:
    """Read `text=body,author=user` as our field → the archive's field."""
    pairs = dict(pair.partition("=")[::2] for pair in words.split(","))
    if not all(key and value for key, value in pairs.items()):
        raise argparse.ArgumentTypeError(f'"{words}" is not of the form text=body,author=user')
    return pairs
