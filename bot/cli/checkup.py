"""What `gavel doctor` looks at on this machine: one function for each check.

Lives here: findings, and the checks that need no network. Nothing is changed, and a running bot is
not disturbed. Not here: printing (`bot.cli.doctor`) and Discord (`bot.cli.outside`).
"""

from __future__ import annotations

import asyncio
import enum
import json
import operator
import os
import platform
import re
import shutil
import socket
import sys
import time
import tomllib
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from http.client import HTTPConnection, HTTPException
from importlib.metadata import PackageNotFoundError, requires, version
from pathlib import Path

import bot
from bot import __version__
from bot.app import offline_scorer
from bot.app.tokens import with_secrets
from bot.config import MIB, Settings
from bot.errors import GavelError, Problem, Severity, UserError
from bot.model import LABELS, RuleStatus
from bot.report.words import plural
from bot.rules import check_rules, load_rules, run_examples
from bot.scoring import open_scorer
from bot.store.inspection import NEWEST, StoreState, inspect_store
from bot.store.score_cache import SqliteScoreCache
from bot.web.settings import WebSettings

_OLDEST_PYTHON = (3, 11)
_LITTLE_SPACE, _NO_SPACE = 1024 * MIB, 100 * MIB
_SLOW = 1.0
"""Seconds for one short text; above, cards come late."""

_NO_LIVE_RULE = "a rule that is not live is counted and opens no case"
_LONG_WAIT = timedelta(minutes=15)


class State(enum.StrEnum):
    """How a check ended."""

    OK = "ok"
    WARNING = "warning"
    PROBLEM = "problem"


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the report: what was looked at, how it is, and the way out."""

    check: str
    state: State
    text: str
    hint: str = ""


Check = Callable[[Settings], Iterator[Finding]]


def findings(checks: dict[str, Check], settings: Settings) -> Iterator[Finding]:
    """Yield what each check finds; one that cannot be done is a problem, and the next one follows."""
    for name, check in checks.items():
        try:
            yield from check(settings)
        except UserError as error:
            yield from (of_problem(name, problem) for problem in error.problems)
        except GavelError as error:
            yield Finding(name, State.PROBLEM, str(error))


def of_problem(check: str, problem: Problem) -> Finding:
    """Return a problem as a line."""
    state = State.WARNING if problem.severity is Severity.WARNING else State.PROBLEM
    place = f"{problem.location}: " if problem.location else ""
    return Finding(check, state, f"{place}{problem.message}", problem.hint)


def machine() -> Iterator[Finding]:
    """Look at Python and the packages."""
    python = f"Gavel {__version__} on Python {platform.python_version()}, {platform.platform()}"
    good = sys.version_info >= _OLDEST_PYTHON
    hint = "" if good else "Gavel needs Python 3.11 or newer"
    yield Finding("python", State.OK if good else State.PROBLEM, python, hint)
    known = {name: (wanted, _version(name)) for name, wanted in requirements().items()}
    for name, (wanted, found) in known.items():
        if found is None or not within(found, wanted):
            text = f"{name} {found or 'is not installed'}, wanted: {wanted or 'any version'}"
            yield Finding("packages", State.PROBLEM, text, f'pip install "{name}{wanted}"')
    shown = ", ".join(f"{name} {found}" for name, (_, found) in known.items() if found)
    yield Finding("packages", State.OK, shown)


def requirements() -> dict[str, str]:
    """Return the packages that Gavel declares to need, in a checkout or installed: name → range."""
    project = Path(bot.__file__).parent.parent / "pyproject.toml"
    if project.is_file():
        declared = tomllib.loads(project.read_text(encoding="utf-8"))["project"]["dependencies"]
    else:
        declared = [each for each in requires("gavel-bot") or () if "extra ==" not in each]
    parts = (re.fullmatch(r"([\w.-]+)\s*([^;]*?)\s*(?:;.*)?", each) for each in declared)
    return {part[1]: part[2] for part in parts if part}


def within(found: str, wanted: str) -> bool:
    """Say whether a version lies in a range such as `>=2.13,<3`."""
    compare = {"<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge}
    version_ = _numbers(found)
    return all(
        compare[sign](version_, _numbers(bound))
        for sign, bound in re.findall(r"([<>]=?)\s*([\d.]+)", wanted)
    )


def _numbers(dotted: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", dotted.partition("+")[0]))


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None


def _secrets(settings: Settings) -> Iterator[Finding]:
    if settings.discord is None and settings.http is None:
        text = "neither discord nor http is configured: gavel run has nothing to do"
        yield Finding("secrets", State.WARNING, text, "gavel init asks what is needed")
        return
    with_secrets(settings)
    yield Finding("secrets", State.OK, "the environment has all that are needed")


def _rules(settings: Settings) -> Iterator[Finding]:
    path, labels = settings.rules_path, _labels(settings)
    ruleset = load_rules(path, labels=labels)
    live = sum(rule.status is RuleStatus.LIVE for rule in ruleset.rules)
    text = f"{path}: {plural(len(ruleset.rules), 'rule')}, {live} live"
    yield Finding("rules", State.OK if live else State.WARNING, text, "" if live else _NO_LIVE_RULE)
    for problem in check_rules(path, labels=labels, today=datetime.now(UTC).date()):
        yield of_problem("rules", problem)
    results = [result for result in run_examples(ruleset) if not result.todo]
    failed = [result for result in results if result.failed]
    for result in failed:
        expected, actual = result.expected.value, result.actual.value
        text = f"{result.location}: {result.rule}: expected {expected}, got {actual}"
        yield Finding("examples", State.PROBLEM, text, "gavel rules test tells more")
    if not failed:
        yield Finding("examples", State.OK, f"{plural(len(results), 'example')}, none fails")


def _labels(settings: Settings) -> tuple[str, ...]:
    """Return the labels that rules may ask for; without a model, it is the model's check that fails."""
    try:
        return open_scorer(settings.model.name, device=settings.model.device).model.labels
    except UserError:
        return LABELS


def _model(settings: Settings) -> Iterator[Finding]:
    async def score() -> tuple[str, float, float]:
        async with offline_scorer(replace(settings, cache=None)) as scorer:
            start = time.perf_counter()
            await scorer.score(["a first text, which opens the model"])
            opened = time.perf_counter()
            await scorer.score(["a second text, of about the length that people write"])
            return scorer.model.id, opened - start, time.perf_counter() - opened

    name, opening, scoring = asyncio.run(score())
    text = f"{name} opens in {opening:.1f} s and scores a text in {1000 * scoring:.0f} ms"
    slow = scoring > _SLOW
    hint = "a smaller model, such as compact, keeps up with a busy server" if slow else ""
    yield Finding("model", State.WARNING if slow else State.OK, text, hint)


def _store(settings: Settings) -> Iterator[Finding]:
    path = settings.store.path
    if not path.exists():
        yield _to_be_made(path)
    else:
        yield from _existing_store(path, inspect_store(path))
    yield space(shutil.disk_usage(_nearest(path)).free)


def _to_be_made(path: Path) -> Finding:
    folder = _nearest(path)
    if os.access(folder, os.W_OK | os.X_OK):
        return Finding("store", State.OK, f"{path} will be made when the bot starts")
    text = f"{path} cannot be made: {folder} may not be written"
    return Finding("store", State.PROBLEM, text, "name another folder in store.folder")


def _nearest(path: Path) -> Path:
    """Return the nearest folder above a path that exists."""
    return next(folder for folder in path.absolute().parents if folder.is_dir())


def _existing_store(path: Path, state: StoreState) -> Iterator[Finding]:
    if state.version > NEWEST:
        text = f"{path} was written by a newer version of Gavel"
        yield Finding("store", State.PROBLEM, text, "update Gavel, or name another folder")
        return
    if state.damage:
        text = f"{path} is damaged: {state.damage}"
        hint = "stop the bot, move the file away, and put back a copy of it"
        yield Finding("store", State.PROBLEM, text, hint)
        return
    if not os.access(path, os.W_OK):
        hint = "run as the user whom the bot runs as"
        yield Finding("store", State.WARNING, f"{path} may not be written by this user", hint)
    size = f"{state.size / MIB:.1f} MiB, version {state.version} of {NEWEST}"
    yield Finding(
        "store", State.OK, f"{path}: {size}, sound; waiting: {plural(state.cases, 'case')}"
    )
    yield from _outbox(state)


def _outbox(state: StoreState) -> Iterator[Finding]:
    waited = datetime.now(UTC) - state.oldest if state.oldest else timedelta(0)
    text = f"waiting: {plural(state.waiting, 'delivery', 'deliveries')}"
    if waited > _LONG_WAIT:
        hint = "is the bot running, and may it post in the review channel? its log says why"
        text = f"{text}, the first since {state.oldest:%Y-%m-%d %H:%M} UTC"
        yield Finding("outbox", State.WARNING, text, hint)
    else:
        yield Finding("outbox", State.OK, text)
    if state.lost:
        lost = plural(state.lost, "delivery", "deliveries")
        text = f"given up: {lost}; the last one: {state.last_error}"
        hint = "the cases stand in the queue all the same: /queue shows them"
        yield Finding("outbox", State.WARNING, text, hint)


def space(free: int) -> Finding:
    """Judge how many bytes are free where the store lies."""
    text = f"{free / MIB / 1024:.1f} GiB are free where the store lies"
    if free >= _LITTLE_SPACE:
        return Finding("disk", State.OK, text)
    state = State.PROBLEM if free < _NO_SPACE else State.WARNING
    return Finding("disk", state, text, "make room, or shorten retention")


def _cache(settings: Settings) -> Iterator[Finding]:
    if settings.cache is None:
        yield Finding("cache", State.OK, "scores are not kept")
        return
    path = settings.cache.path / "scores.sqlite"
    if not path.exists():
        yield Finding("cache", State.OK, f"nothing is kept yet at {path}")
        return
    cache = SqliteScoreCache(path, settings.cache.megabytes * MIB)
    known = sum(cache.statistics().values())
    broken = cache.broken
    size = cache.size() / MIB
    cache.close()
    if broken:
        hint = "gavel cache clear removes it; until then every text is scored anew"
        yield Finding("cache", State.WARNING, f"{path} cannot be used", hint)
    else:
        text = f"{path}: the scores of {plural(known, 'text')}, {size:.1f} MiB"
        yield Finding("cache", State.OK, text)


def _http(settings: Settings) -> Iterator[Finding]:
    web = settings.http
    if web is None:
        return
    where = f"{web.host}:{web.port}"
    try:
        _bind(web)
    except OSError as error:
        if _is_gavel(web):
            yield Finding("http", State.OK, f"at {where} a running Gavel answers")
            return
        text = f"{where} cannot be listened on: {error.strerror}"
        yield Finding("http", State.PROBLEM, text, "name another address in http")
    else:
        yield Finding("http", State.OK, f"{where} is free")


def _bind(web: WebSettings) -> None:
    family, kind, protocol, _, address = socket.getaddrinfo(
        web.host, web.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
    )[0]
    with socket.socket(family, kind, protocol) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)


def _is_gavel(web: WebSettings) -> bool:
    try:
        with closing(HTTPConnection(web.host, web.port, timeout=10)) as connection:
            connection.request("GET", "/healthz")
            return bool(json.loads(connection.getresponse().read()) == {"status": "ok"})
    except (OSError, HTTPException, ValueError):
        return False


HERE: dict[str, Check] = {
    "secrets": _secrets,
    "rules": _rules,
    "model": _model,
    "store": _store,
    "cache": _cache,
    "http": _http,
}
"""The checks that need no network."""
