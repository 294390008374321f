"""`gavel init`: from a token to a `config.yaml` that works, by a few plain questions.

Lives here: the questions, their options for scripts, and what is written. Nothing is written while
a check fails. Not here: the checks (`bot.chat.checks`) and the settings' meaning (`bot.config`).
"""

from __future__ import annotations

import argparse
import asyncio
import getpass
import os
import shutil
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from bot.app.tokens import DISCORD_TOKEN, discord_token, secret
from bot.chat.checks import (
    Place,
    Server,
    Sight,
    all_problems,
    application_problems,
    invite,
    unfit_review_channel,
)
from bot.chat.probe import Account, identify, look, reach
from bot.chat.settings import API_BASE, ChatSettings
from bot.cli import DONE, FOUND_PROBLEMS, asking
from bot.cli.unit import unit
from bot.cli.writing import replacing
from bot.config import CONFIG, Settings, starter_rules
from bot.errors import Problem, Severity, UserError
from bot.report.visible import one_line
from bot.yamlfile import RefusedError, Report, dump, parse_text

RULES, TOKEN = "rules", "discord-token"


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Register the command."""
    parser = commands.add_parser(
        "init",
        help="write config.yaml by asking a few questions, and check that the bot will work",
        description=f"Ask what config.yaml must say, check it against Discord, and write it. The"
        f" token is read from {DISCORD_TOKEN}, or asked for; it never stands in config.yaml.",
    )
    add = parser.add_argument
    add("--out", type=Path, default=Path("config.yaml"), metavar="FILE", help="what to write")
    add("--force", action="store_true", help="write over files that exist")
    add("--skip-checks", action="store_true", help="ask Discord nothing, write what is given")
    add("--systemd", action="store_true", help="print a systemd unit instead, and do nothing else")
    add("--guild", metavar="ID", help="the server")
    add("--review-channel", metavar="ID", help="where review cards are posted")
    add("--moderator-role", action="append", default=[], metavar="ID", help="who decides")
    which = parser.add_mutually_exclusive_group()
    which.add_argument("--channel", action="append", default=[], metavar="ID", help="screen these")
    which.add_argument("--all-channels", action="store_true", help="screen every channel")
    yes_or_no = argparse.BooleanOptionalAction
    add("--copy-rules", action=yes_or_no, help=f"copy the starter rules to {RULES}/ beside FILE")
    add("--save-token", action=yes_or_no, help=f"write the token to {TOKEN} beside FILE, mode 600")
    add("--api-base", default=API_BASE, metavar="URL", help="of a server compatible with Discord")
    add("--gateway-url", default="", metavar="URL", help="likewise (default: what the API names)")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Ask, check, and write; exit code 1 when a check fails."""
    args.api_base = args.api_base.rstrip("/")
    if args.systemd:
        sys.stdout.write(unit(sys.argv[0]))
        return DONE
    _spare(args.out, force=args.force)
    if not args.out.parent.is_dir():
        raise UserError(f"there is no folder {args.out.parent}", hint="make it, or mend --out")
    token = "" if args.skip_checks and not args.save_token else _token()
    plan = _unchecked(args) if args.skip_checks else _asked(args, token)
    if plan is None:
        sys.stderr.write("Nothing was written.\n")
        return FOUND_PROBLEMS
    _write(args, _with_files(args, plan, token), token)
    return DONE


@dataclass(frozen=True, slots=True)
class _Plan:
    """What the configuration will say; `names` tells in words what the ids mean."""

    chat: ChatSettings
    names: Mapping[str, str] = field(default_factory=dict)
    copy_rules: bool = False
    save_token: bool = False


# --- questions -------------------------------------------------------------------------------


def _token() -> str:
    """Return the token of the environment, else the one that is typed, unseen."""
    if secret(DISCORD_TOKEN) is None and sys.stdin.isatty():
        return getpass.getpass("The bot's token (it is not shown): ").strip()
    return discord_token()


def _asked(args: argparse.Namespace, token: str) -> _Plan | None:
    """Return what was answered and passed the checks; `None` when something is wrong."""
    account = asyncio.run(identify(token, args.api_base))
    _introduce(account)
    chat = ChatSettings(
        token, _server(args, account), 0, frozenset(), args.api_base, args.gateway_url
    )
    gateway = asyncio.run(reach(chat)).gateway
    if args.api_base != API_BASE:
        # Without an address of its own the bot would talk to Discord's gateway.
        chat = replace(chat, gateway_url=gateway)
    sight = asyncio.run(look(chat))
    if sight.server is not None:
        if not _all_given(args) and (problems := application_problems(sight)):
            # Nobody should answer questions first, and then hear of it.
            raise UserError(problems)
        chat = _places(args, chat, sight.server)
        sight = asyncio.run(look(chat))
    return None if _problems(sight, chat) else _Plan(chat, _names(chat, sight))


def _all_given(args: argparse.Namespace) -> bool:
    """Tell whether no question remains: then all that is wrong is told together, at the end."""
    channels = args.channel or args.all_channels
    return bool(args.guild and args.review_channel and args.moderator_role and channels)


def _introduce(account: Account) -> None:
    address = invite(account.application)
    sys.stdout.write(
        f"The token is that of {one_line(account.name)}. This address adds it to a server, with the"
        f" permissions that it needs:\n  {address}\n"
    )
    if not account.servers:
        raise UserError(
            f"{one_line(account.name)} is on no server yet",
            hint="open the address above, choose your server, and begin again",
        )


def _server(args: argparse.Namespace, account: Account) -> int:
    if args.guild:
        return _number(args.guild, "--guild")
    names = [one_line(name) for name in account.servers.values()]
    return list(account.servers)[asking.one("Server", names, flag="--guild")]


def _places(args: argparse.Namespace, chat: ChatSettings, server: Server) -> ChatSettings:
    """Ask for the review channel, the moderators' roles and the channels to be screened."""
    review = _review_channel(args, chat, server)
    roles = args.moderator_role or _roles(server)
    channels = args.channel or ([] if args.all_channels else _channels(server, review))
    return replace(
        chat,
        review_channel=review,
        moderator_roles=frozenset(roles),
        channels=frozenset(channels),
    )


def _review_channel(args: argparse.Namespace, chat: ChatSettings, server: Server) -> int:
    """Return a channel in which cards may be posted: the one that is given, or else asked for."""
    flag = "--review-channel"
    if not args.review_channel:
        sys.stdout.write("Review cards repeat the abuse: only moderators may read their channel.\n")
        return _fit_channel(chat, server)
    given = _number(args.review_channel, flag)
    problems = list(unfit_review_channel(server, replace(chat, review_channel=given)))
    if not problems or _all_given(args):
        return given
    _show_unfit(problems)
    try:
        return _fit_channel(chat, server)
    except asking.NobodyError:
        raise UserError(problems) from None


def _fit_channel(chat: ChatSettings, server: Server) -> int:
    """Ask until a channel is named in which cards may be posted."""
    while True:
        places = [place for place in server.places if place.takes_cards]
        chosen = _for_cards(places, server).id
        # What was mended in Discord meanwhile counts.
        server = asyncio.run(look(chat)).server or server
        problems = list(unfit_review_channel(server, replace(chat, review_channel=chosen)))
        if not problems:
            return chosen
        if len(places) == 1:
            raise UserError(problems)
        _show_unfit(problems)


def _show_unfit(problems: Sequence[Problem]) -> None:
    for problem in problems:
        sys.stdout.write(problem.render() + "\n")
    sys.stdout.write("Take another, or mend this one in Discord and take it again.\n")


def _for_cards(places: Sequence[Place], server: Server) -> Place:
    if not places:
        raise UserError(
            f"{one_line(server.name)} has no text channel that the bot can see",
            hint="make one that only moderators can read, and give the bot View Channels there",
        )
    shown = [
        f"#{one_line(place.name)}{' (everybody can read it)' if place.public else ''}"
        for place in places
    ]
    return places[asking.one("Review channel", shown, flag="--review-channel")]


def _roles(server: Server) -> list[str]:
    roles = {each: name for each, name in server.roles.items() if each not in server.managed}
    if not roles:
        raise UserError(
            f"{one_line(server.name)} has no roles that people are given",
            hint="make one for moderators: Server Settings, Roles",
        )
    names = [one_line(name) for name in roles.values()]
    taken = asking.some("Whose members may decide?", names, flag="--moderator-role")
    return [list(roles)[index] for index in taken]


def _channels(server: Server, review: int) -> list[str]:
    """Return the chosen channels, none for all."""
    places = [place for place in server.places if place.id != review]
    if not places:
        return []
    names = [f"#{one_line(place.name)}" for place in places]
    question, flag = "Which channels are screened?", "--channel or --all-channels"
    taken = asking.some(question, names, flag=flag, everything="all")
    return [str(places[index].id) for index in taken]


def _problems(sight: Sight, chat: ChatSettings) -> bool:
    """Show what is wrong; say whether it must be mended first."""
    problems = all_problems(sight, chat)
    for problem in problems:
        sys.stderr.write(problem.render() + "\n\n")
    return any(problem.severity is Severity.ERROR for problem in problems)


def _unchecked(args: argparse.Namespace) -> _Plan:
    """Return what the options say, asking only for what they leave out."""
    guild = args.guild or asking.line("The server's id", flag="--guild")
    review = args.review_channel or asking.line("The review channel's id", flag="--review-channel")
    roles = args.moderator_role or [asking.line("A moderators' role's id", flag="--moderator-role")]
    chat = ChatSettings(
        "",
        _number(guild, "--guild"),
        _number(review, "--review-channel"),
        frozenset(roles),
        args.api_base,
        args.gateway_url,
        frozenset(args.channel),
    )
    return _Plan(chat)


def _number(word: str, flag: str) -> int:
    if not (word.isascii() and word.isdigit()):
        raise UserError(
            f'{flag} must be an id, not "{one_line(word, 40)}"',
            hint="Discord: Settings, Advanced, Developer Mode; then right click, Copy ID",
        )
    return int(word)


# --- what is written -------------------------------------------------------------------------


def _with_files(args: argparse.Namespace, plan: _Plan, token: str) -> _Plan:
    """Ask which files to write beside the configuration, and that none is lost by it."""
    copy, save = args.copy_rules, args.save_token
    if copy is None:
        # Rules that lie there already are those that will be used.
        copy = not args.out.with_name(RULES).exists() and asking.yes(
            "Copy the starter rules, to change them?", flag="--copy-rules or --no-copy-rules"
        )
    if save is None:
        save = bool(token and secret(DISCORD_TOKEN) is None) and asking.yes(
            f"Keep the token in {TOKEN}, a file that only you can read?",
            flag="--save-token or --no-save-token",
        )
    for wanted, name in ((copy, RULES), (save, TOKEN)):
        if wanted:
            _spare(args.out.with_name(name), force=args.force and name == TOKEN)
    return replace(plan, copy_rules=copy, save_token=save)


def _spare(path: Path, *, force: bool) -> None:
    if path.exists() and not force:
        raise UserError(
            f"{path} exists already",
            hint="move it away"
            if path.is_dir()
            else "give --force to write over it, or another place with --out",
        )


def _write(args: argparse.Namespace, plan: _Plan, token: str) -> None:
    rules = args.out.with_name(RULES)
    if args.out.parent != Path():
        # Gavel may be started from anywhere.
        rules = rules.resolve()
    text = _configuration(plan, rules if rules.exists() or plan.copy_rules else None)
    _read_back(text, args.out)
    if plan.copy_rules:
        _copy_rules(rules)
        sys.stdout.write(f"Copied the starter rules to {rules}.\n")
    if plan.save_token:
        with replacing(args.out.with_name(TOKEN), private=True) as file:
            file.write(token + "\n")
        sys.stdout.write(f"Wrote the token to {args.out.with_name(TOKEN)}; keep it to yourself.\n")
    with replacing(args.out) as file:
        file.write(text)
    sys.stdout.write(f"Wrote {args.out}.\n{_next(args, plan)}")


def _configuration(plan: _Plan, rules: Path | None) -> str:
    """Return the file's text: the ids, what they mean, and nothing that is default."""
    chat = plan.chat
    discord: dict[str, object] = {
        "guild": str(chat.guild),
        "review_channel": str(chat.review_channel),
        "moderator_roles": sorted(chat.moderator_roles),
    }
    if chat.channels:
        discord["channels"] = sorted(chat.channels)
    if chat.api_base != API_BASE:
        discord["api_base"] = chat.api_base
    if chat.gateway_url:
        discord["gateway_url"] = chat.gateway_url
    whole = {**({"rules": str(rules)} if rules else {}), "discord": discord}
    head = ["Settings of Gavel, written by gavel init; config.example.yaml shows every key."]
    head += [f"{identity}: {one_line(name)}" for identity, name in plan.names.items()]
    return "".join(f"# {line}\n" for line in head) + "\n" + dump(whole)


def _names(chat: ChatSettings, sight: Sight) -> dict[str, str]:
    """Return what the chosen ids are called."""
    server = sight.server
    if server is None:
        return {}
    places = {str(place.id): f"#{place.name}" for place in server.places}
    known = {str(server.id): server.name, **places, **server.roles}
    chosen: Sequence[str] = (
        str(chat.guild),
        str(chat.review_channel),
        *sorted(chat.moderator_roles),
        *sorted(chat.channels),
    )
    return {identity: known[identity] for identity in chosen if identity in known}


def _read_back(text: str, path: Path) -> Settings:
    """Return what `gavel run` will read; raise `UserError` when that is not possible."""
    report = Report()
    node = parse_text(text, str(path), report)
    try:
        if node is not None:
            return CONFIG.read(node, "the configuration", report)
    except RefusedError:
        pass
    raise UserError(report.problems)


def _copy_rules(target: Path) -> None:
    part = target.with_name(f".{target.name}.part")
    try:
        shutil.rmtree(part, ignore_errors=True)
        shutil.copytree(starter_rules(), part)
        part.rename(target)
    except OSError as error:
        raise UserError(
            f"cannot write {target}: {error.strerror}", hint="name a file in a folder that you own"
        ) from None


def _next(args: argparse.Namespace, plan: _Plan) -> str:
    """Return what to do next, so that the first card comes."""
    lines = ["", "Next:"]
    if plan.save_token:
        lines.append(f"  export {DISCORD_TOKEN}_FILE={args.out.with_name(TOKEN).resolve()}")
    elif not os.environ.get(DISCORD_TOKEN):
        lines.append(f"  read -rs {DISCORD_TOKEN} && export {DISCORD_TOKEN}   # paste the token")
    config = "" if args.out == Path("config.yaml") else f" --config {args.out}"
    lines += [f"  gavel doctor{config}", f"  gavel run{config}"]
    return "\n".join(lines) + "\n"
