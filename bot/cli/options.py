"""Options that several commands share, spelled once, and the settings that they add up to.

Lives here: `--config`, `--rules`, `--model`, `--no-cache`, and what wins over what. Not here: the
settings themselves (`bot.config`) and what commands do with them.
"""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path

from bot.config import Settings, load_settings
from bot.errors import UserError


def add_config(parser: argparse.ArgumentParser) -> None:
    """Add `--config`."""
    parser.add_argument(
        "--config", type=Path, metavar="FILE", help="settings (default: ./config.yaml, if any)"
    )


def add_settings(
    parser: argparse.ArgumentParser, *, rules: bool = True, model: bool = True
) -> None:
    """Add the options that `settings` reads, but for `--rules` or `--model` where not wanted."""
    add_config(parser)
    if rules:
        parser.add_argument(
            "--rules",
            type=Path,
            metavar="DIR",
            help="folder of rules, or one rule file (default: ./rules, else the starter rules)",
        )
    if model:
        parser.add_argument(
            "--model",
            metavar="NAME",
            help="compact, an installed model, or the path of a checkpoint (default: compact)",
        )
    parser.add_argument("--no-cache", action="store_true", help="score anew, keep no scores")


def settings(args: argparse.Namespace) -> Settings:
    """Return the settings of the configuration, with what the command line says instead."""
    found = load_settings(args.config)
    if getattr(args, "rules", None) is not None:
        found = replace(found, rules=str(args.rules))
    if getattr(args, "model", None) is not None:
        found = with_model(found, args.model)
    return replace(found, cache=None) if args.no_cache else found


def existing_store(config: Path | None) -> Path:
    """Return the file in which the bot remembers; raise `UserError` when there is none."""
    path = load_settings(config).store.path
    if not path.is_file():
        raise UserError(
            f"there is no store at {path}",
            hint="gavel run makes it; --config names the settings that it runs with",
        )
    return path


def with_model(found: Settings, name: str) -> Settings:
    """Return the same settings with another model."""
    return replace(found, model=replace(found.model, name=name))


def rules_folder(given: Path | None) -> Path:
    """Return the rules to use; raise `UserError` when the given path does not exist."""
    found = load_settings(None)
    return (found if given is None else replace(found, rules=str(given))).rules_path


def positive(word: str) -> int:
    """Read a whole number above zero."""
    number = int(word) if word.isdecimal() else 0
    if number < 1:
        raise argparse.ArgumentTypeError(f'"{word}" is not a whole number above zero')
    return number


def mapping(words: str) -> dict[str, str]:
    """Read `text=body,author=user` as our field → the archive's field."""
    pairs = dict(pair.partition("=")[::2] for pair in words.split(","))
    if not all(key and value for key, value in pairs.items()):
        raise argparse.ArgumentTypeError(f'"{words}" is not of the form text=body,author=user')
    return pairs
