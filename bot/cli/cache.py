"""`gavel cache`: show or clear the score cache.

Lives here: the arguments and what is printed. Not here: the cache (`bot.store.score_cache`).
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from bot.config import MIB, CacheSettings, load_settings
from bot.store.score_cache import SqliteScoreCache


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Register the command."""
    parser = commands.add_parser("cache", help="show or clear the score cache")
    parser.add_argument(
        "action",
        nargs="?",
        choices=("show", "clear"),
        default="show",
        help="show what is cached (default), or delete it all",
    )
    parser.add_argument(
        "--config", type=Path, metavar="FILE", help="settings (default: ./config.yaml, if any)"
    )
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Print how many texts each model's scores are known of, or delete them."""
    settings = load_settings(args.config).cache or CacheSettings()
    path, limit = settings.path / "scores.sqlite", settings.megabytes * MIB
    cache = SqliteScoreCache(path, limit)
    if args.action == "clear":
        size = cache.size()
        cache.clear()
        deleted = (
            f"Deleted {path} ({size / MIB:.1f} MiB)." if size else f"Nothing was cached at {path}."
        )
        sys.stdout.write(deleted + "\n")
    elif not path.exists():
        sys.stdout.write(f"Nothing is cached yet at {path}.\n")
    else:
        try:
            known = cache.check()
        finally:
            cache.close()
        lines = [f"{path}: {cache.size() / MIB:.1f} MiB of at most {settings.megabytes:,} MiB"]
        lines += [
            f"  {name} {revision}: {n:,} text{'' if n == 1 else 's'}"
            for (name, revision), n in known.items()
        ]
        sys.stdout.write("\n".join(lines) + "\n")
    return 0
