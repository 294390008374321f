"""Import of Discord's AutoMod rules: the JSON that its API lists for a server."""

from __future__ import annotations

import json
from typing import Any

from bot.errors import Location, Problem, UserError
from bot.rules.imports.draft import Data, Draft, Imported, any_of

_KEYWORD, _SPAM, _PRESET, _MENTIONS, _PROFILE = 1, 3, 4, 5, 6
_BLOCK, _ALERT, _TIMEOUT = 1, 2, 3
_PRESETS = {1: "profanity", 2: "sexual content", 3: "slurs"}


def read_discord(text: str, name: str) -> Imported:
    """Return the keyword and mention rules; what else Discord has is noted."""
    draft = Draft(name)
    for rule in _rules(text, name):
        _rule(rule, draft)
    return draft.finish("discord-automod")


def _rules(text: str, name: str) -> list[Data]:
    try:
        data = json.loads(text)
    except json.JSONDecodeError as error:
        place = Location(name, error.lineno, error.colno)
        raise UserError(Problem("json", f"not JSON: {error.msg}", place)) from None
    except RecursionError:
        raise UserError(Problem("json", "nested too deep", Location(name))) from None
    rules = data if isinstance(data, list) else [data]
    if not all(isinstance(rule, dict) and "trigger_type" in rule for rule in rules):
        message = "this is not a list of Discord AutoMod rules"
        hint = "save what the API answers to GET /guilds/{id}/auto-moderation/rules"
        raise UserError(Problem("import", message, Location(name), hint))
    return rules


def _rule(rule: Data, draft: Draft) -> None:
    title = str(rule.get("name") or "rule")
    kind = rule["trigger_type"]
    meta = rule.get("trigger_metadata") or {}
    before = len(draft.notes)
    conditions: list[Data] = []
    if kind == _KEYWORD:
        conditions = _keywords(meta, draft)
    elif kind == _MENTIONS:
        limit = int(meta.get("mention_total_limit") or 0)
        conditions = [{"mentions": {"count": f"> {limit}"}}]
    elif kind == _PRESET:
        names = ", ".join(_PRESETS.get(each, "?") for each in meta.get("presets") or ())
        draft.note(f'"{title}" uses Discord\'s own lists ({names})', None, "use a starter pack")
    elif kind == _SPAM:
        draft.note(f'"{title}" uses Discord\'s own spam filter', None, "use rate and links rules")
    elif kind == _PROFILE:
        draft.note(f'"{title}" looks at profiles; Gavel screens comments')
    else:
        draft.note(f'"{title}" has a trigger (type {kind}) that is not known here')
    if not conditions:
        return
    made: Data = {
        "id": draft.new_id("discord", title),
        "title": title[:200],
        "then": _then(rule, draft),
    }
    _places(rule, title, draft)
    lost = len(draft.notes) - before
    _allowed(meta, made["id"], title, draft)
    draft.add(made, conditions, lost)
    if not rule.get("enabled", True):
        draft.rules[-1]["status"] = "draft"


def _keywords(meta: Data, draft: Draft) -> list[Data]:
    words = draft.words(meta.get("keyword_filter") or ())
    patterns = draft.regexes(meta.get("regex_patterns") or ())
    conditions: list[Data] = []
    if words:
        conditions.append({"words": {"entries": words, "evasion": "light"}})
    if patterns:
        conditions.append({"regex": {"pattern": patterns}})
    return any_of(conditions)


def _allowed(meta: Data, rule: str, title: str, draft: Draft) -> None:
    words = draft.words(meta.get("allow_list") or ())
    if words:
        draft.exceptions.append(
            {
                "id": draft.new_id("allowed", title),
                "for": [rule],
                "words": words,
                "reason": f"allow list of {title}"[:500],
            }
        )


def _then(rule: Data, draft: Draft) -> Data:
    actions: list[Data] = [each for each in rule.get("actions") or () if isinstance(each, dict)]
    kinds = {each.get("type") for each in actions}
    then: dict[str, Any] = {"action": "remove" if _BLOCK in kinds else "flag"}
    for each in actions:
        seconds = int((each.get("metadata") or {}).get("duration_seconds") or 0)
        if each.get("type") == _TIMEOUT and seconds:
            then["timeout"] = f"{seconds}s" if seconds % 60 else f"{seconds // 60}m"
        elif each.get("type") not in {_BLOCK, _ALERT, _TIMEOUT}:
            draft.note(
                f'"{rule.get("name")}" has an action (type {each.get("type")}) that is not known'
            )
    return then


def _places(rule: Data, title: str, draft: Draft) -> None:
    for key, scope in (("exempt_roles", "exempt_roles"), ("exempt_channels", "not_channels")):
        if rule.get(key):
            numbers = ", ".join(map(str, rule[key]))
            hint = f"write their names under scope: {scope}:"
            draft.note(f'"{title}" leaves out {key[7:]} by number: {numbers}', None, hint)
