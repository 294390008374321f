"""`gavel key`: make, list and revoke the keys of programs that call over HTTP.

Lives here: the arguments and what is printed. Not here: what a key looks like (`bot.web.keys`) and
where it is kept (`bot.store.keys`).
"""

from __future__ import annotations

import argparse
import asyncio
import re
import sys
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

from bot.config import load_settings
from bot.errors import UserError, did_you_mean
from bot.ports import ApiKey
from bot.store.keys import SqliteKeys
from bot.store.sqlite import open_store
from bot.web.keys import mint
from bot.web.scopes import Scope

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_USUAL = (Scope.SUBMIT, Scope.READ, Scope.SCORE)


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Register the command."""
    parser = commands.add_parser("key", help="make, list and revoke keys for HTTP")
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
    create = _add(actions, "create", "make a key, and show it this once", _create)
    create.add_argument("name", metavar="NAME", help="who will use it; moderators read it")
    create.add_argument(
        "--scope",
        action="append",
        metavar="SCOPE",
        help=f"what it may do, may be repeated: {', '.join(Scope)} (default: {', '.join(_USUAL)})",
    )
    _add(actions, "list", "show all keys, without their secrets", _list)
    revoke = _add(actions, "revoke", "make a key useless", _revoke)
    revoke.add_argument("name", metavar="NAME")


def _add(
    actions: argparse._SubParsersAction[argparse.ArgumentParser],
    name: str,
    summary: str,
    work: Callable[[argparse.Namespace, SqliteKeys], Coroutine[None, None, None]],
) -> argparse.ArgumentParser:
    parser = actions.add_parser(name, help=summary, description=summary.capitalize() + ".")
    parser.add_argument(
        "--config", type=Path, metavar="FILE", help="settings (default: ./config.yaml, if any)"
    )
    parser.set_defaults(run=run, work=work)
    return parser


def run(args: argparse.Namespace) -> int:
    """Do the work on the store that the settings name."""
    asyncio.run(_with_store(args))
    return 0


async def _with_store(args: argparse.Namespace) -> None:
    async with _keys(args.config) as keys:
        await args.work(args, keys)


@asynccontextmanager
async def _keys(config: Path | None) -> AsyncIterator[SqliteKeys]:
    store = open_store(load_settings(config).store.path)
    try:
        yield store.keys
    finally:
        await store.close()


async def _create(args: argparse.Namespace, keys: SqliteKeys) -> None:
    if not _NAME.fullmatch(args.name):
        raise UserError(
            "a key's name has letters, digits, dots and dashes",
            hint="it is what moderators read beside its decisions, such as shop-comments",
        )
    token, key = mint(args.name, _scopes(args.scope), datetime.now(UTC))
    if not await keys.add(key):
        raise UserError(
            f"there is a key of the name {args.name}", hint="revoke it first, or take another name"
        )
    sys.stdout.write(f"{token}\n")
    sys.stderr.write(
        f"This is the key of {args.name} ({', '.join(sorted(key.scopes))}). It is not shown again:"
        " only its digest is kept.\n"
    )


def _scopes(given: list[str] | None) -> list[str]:
    for each in given or ():
        if each not in list(Scope):
            raise UserError(f'there is no scope "{each}"', hint=did_you_mean(each, list(Scope)))
    return given or [str(each) for each in _USUAL]


async def _list(_: argparse.Namespace, keys: SqliteKeys) -> None:
    found = await keys.keys()
    for key in found:
        sys.stdout.write(_line(key) + "\n")
    if not found:
        sys.stderr.write("There are no keys yet: gavel key create NAME\n")


def _line(key: ApiKey) -> str:
    ended = f", revoked {key.revoked_at:%Y-%m-%d %H:%M} UTC" if key.revoked_at else ""
    scopes = ", ".join(sorted(key.scopes))
    return (
        f"{key.name:<24} gavel_{key.prefix}_…  {scopes}  made {key.created_at:%Y-%m-%d %H:%M}"
        f" UTC{ended}"
    )


async def _revoke(args: argparse.Namespace, keys: SqliteKeys) -> None:
    if not await keys.revoke(args.name, datetime.now(UTC)):
        known = [key.name for key in await keys.keys() if key.revoked_at is None]
        raise UserError(
            f"there is no key of the name {args.name} in use", hint=did_you_mean(args.name, known)
        )
    sys.stdout.write(f"The key of {args.name} works no more, within two seconds.\n")
