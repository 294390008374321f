"""Rules for Discord's own AutoMod, within its limits.

Lives here: which rules AutoMod can express, and the JSON for its API. AutoMod knows words and
regexes only: a rule that needs anything else stays with Gavel, and that is told.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from bot.errors import Location, Problem, Severity
from bot.model import Action, RuleStatus
from bot.rules.conditions import Condition
from bot.rules.conditions.logic import Any as AnyOf
from bot.rules.conditions.text import Regex, Words
from bot.rules.kinds import Globs
from bot.rules.ruleset import LoadedRule, RuleSet
from bot.text import fold_many

MOST_RULES = 6
MOST_WORDS, LONGEST_WORD = 1000, 60
MOST_REGEXES, LONGEST_REGEX = 10, 260
MOST_ALLOWED = 100

_KEYWORD, _SEND_MESSAGE = 1, 1
_BLOCK, _ALERT, _TIMEOUT = 1, 2, 3
_LONGEST_TIMEOUT = 28 * 24 * 3600


@dataclass(frozen=True, slots=True)
class Exported:
    """Payloads for the API, one a rule, and what could not be carried or does not fit."""

    rules: tuple[dict[str, Any], ...]
    problems: tuple[Problem, ...]


@dataclass
class _Group:
    """Rules that do the same, which become one rule of AutoMod."""

    words: dict[str, None] = field(default_factory=dict)
    regexes: dict[str, None] = field(default_factory=dict)
    allowed: dict[str, None] = field(default_factory=dict)


def export_discord(
    ruleset: RuleSet, alert_channel: str, rules: tuple[str, ...] = ("*",)
) -> Exported:
    """Return live rules as AutoMod rules; `alert_channel` is the id of the review channel.

    `rules` are ids, with `*` for anything. Rules of one action and time-out are joined, for a server may have six keyword rules.
    """
    problems: list[Problem] = []
    groups: dict[tuple[Action, int], _Group] = {}
    wanted = Globs(rules)
    for loaded in ruleset.loaded:
        rule = loaded.rule
        if rule.status is not RuleStatus.LIVE or rule.action < Action.FLAG:
            continue
        if not wanted.match(rule.id):
            continue
        parts = _parts(loaded.when)
        if parts is None:
            problems.append(_note(loaded, "needs more than words: it stays with Gavel"))
            continue
        group = groups.setdefault((loaded.rule.action, _timeout(loaded)), _Group())
        problems += _fill(group, loaded, parts, ruleset)
    made = [
        payload
        for (action, timeout), group in sorted(groups.items(), reverse=True)
        for payload in _payloads(action, timeout, group, alert_channel)
    ]
    for group in groups.values():
        if len(group.allowed) > MOST_ALLOWED:
            message = f"{len(group.allowed)} words are excepted; AutoMod takes {MOST_ALLOWED}"
            problems.append(Problem("discord-limit", message, hint="export fewer exceptions"))
    if len(made) > MOST_RULES:
        message = f"{len(made)} keyword rules are needed; a server may have {MOST_RULES}"
        hint = "export fewer rules, or give more of them the same action"
        problems.append(Problem("discord-limit", message, hint=hint))
    return Exported(tuple(made), tuple(problems))


def _parts(condition: Condition) -> list[Words | Regex] | None:
    """Return the words and regexes any of which makes a match; `None` where more is asked."""
    if isinstance(condition, (Words, Regex)):
        return [condition] if condition.at_least == 1 else None
    if isinstance(condition, AnyOf):
        inner = [_parts(each) for each in condition.conditions]
        if all(part is not None for part in inner):
            return [each for part in inner if part is not None for each in part]
    return None


def _timeout(loaded: LoadedRule) -> int:
    durations = (each.duration for each in loaded.rule.effects if each.duration is not None)
    return min(_LONGEST_TIMEOUT, int(sum(each.total_seconds() for each in durations)))


def _fill(
    group: _Group, loaded: LoadedRule, parts: Sequence[Words | Regex], ruleset: RuleSet
) -> Iterator[Problem]:
    for part in parts:
        written = part.all_entries if isinstance(part, Words) else part.written_out
        longest = LONGEST_WORD if isinstance(part, Words) else LONGEST_REGEX
        into = group.words if isinstance(part, Words) else group.regexes
        for each in written:
            if len(each) > longest:
                message = f'"{each[:30]}…" has {len(each)} characters; AutoMod takes {longest}'
                yield _note(loaded, message)
            else:
                into[each] = None
    for exception in ruleset.exceptions:
        if exception.is_for(loaded.rule.id):
            group.allowed.update(dict.fromkeys(_needed(exception.entries, loaded, ruleset)))
    if loaded.scope.meaning():
        yield _note(loaded, "has a scope, which AutoMod writes by number: set it there")
    if any(effect.duration is None for effect in loaded.rule.effects):
        yield _note(loaded, "warns, kicks or bans, which AutoMod does not")


def _needed(entries: Sequence[str], loaded: LoadedRule, ruleset: RuleSet) -> Iterator[str]:
    """Yield the innocent entries in which the rule finds anything; AutoMod has room for few."""
    texts = fold_many([entry.strip("*") for entry in entries])
    for entry, hits in zip(entries, ruleset.matcher.find_many(texts), strict=True):
        if loaded.places(hits):
            yield entry


def _payloads(
    action: Action, timeout: int, group: _Group, alert_channel: str
) -> Iterator[dict[str, Any]]:
    words, regexes = list(group.words), list(group.regexes)
    allowed = list(group.allowed)[:MOST_ALLOWED]
    number = 0
    while words or regexes:
        number += 1
        yield {
            "name": f"Gavel {action}" + (f" {number}" if number > 1 else ""),
            "event_type": _SEND_MESSAGE,
            "trigger_type": _KEYWORD,
            "trigger_metadata": {
                "keyword_filter": words[:MOST_WORDS],
                "regex_patterns": regexes[:MOST_REGEXES],
                "allow_list": allowed,
            },
            "actions": _actions(action, timeout, alert_channel),
            "enabled": True,
        }
        words, regexes = words[MOST_WORDS:], regexes[MOST_REGEXES:]


def _actions(action: Action, timeout: int, alert_channel: str) -> list[dict[str, Any]]:
    actions: list[dict[str, Any]] = [{"type": _ALERT, "metadata": {"channel_id": alert_channel}}]
    if action > Action.FLAG:
        actions.insert(0, {"type": _BLOCK, "metadata": {}})
    if timeout:
        actions.append({"type": _TIMEOUT, "metadata": {"duration_seconds": timeout}})
    return actions


def _note(loaded: LoadedRule, message: str) -> Problem:
    where: Location = loaded.spec.id.node.location
    return Problem("not-carried", f"{loaded.rule.id} {message}", where, severity=Severity.WARNING)
