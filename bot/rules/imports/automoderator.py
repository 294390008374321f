"""Import of Reddit AutoModerator's YAML: rules parted by lines of `---`."""

from __future__ import annotations

import re
from collections.abc import Iterator

from bot.rules.imports.draft import Data, Draft, Imported
from bot.yamlfile import ListNode, MapNode, Node, Report, ScalarNode, parse_loose

_TEXT_FIELDS = {"body", "title", "title+body", "body+title"}
_ACTIONS = {"remove": "remove", "spam": "remove", "filter": "hold", "report": "flag"}
_AGE_UNITS = {"minute": "m", "hour": "h", "day": "d", "week": "w"}
_PLACEHOLDER = re.compile(r"[\[(]?\{\{[^{}]*\}\}[\])]?")
_SAID = {"comment", "message", "modmail"}
# Keys that say how Reddit should talk about it, not what to look for.
_SILENT = {"action", "action_reason", "priority", "comment", "comment_subject", "comment_locked"}
_SILENT |= {"comment_stickied", "message", "message_subject", "modmail", "modmail_subject"}
_SILENT |= {"moderators_exempt", "type", "report_reason"}


def read_automoderator(text: str, name: str) -> Imported:
    """Return the rules that look at texts, links, lengths and account ages."""
    draft = Draft(name)
    for part in _documents(text):
        report = Report()
        node = parse_loose(part, name, report)
        draft.notes += [problem for problem in report.problems if problem.code != "empty-file"]
        if isinstance(node, MapNode) and not report.problems:
            _rule(node, draft)
        elif node is not None and not report.problems:
            draft.note("this is not a rule", node)
    return draft.finish("automoderator")


def _documents(text: str) -> Iterator[str]:
    """Yield each document with as many empty lines before it as keep its line numbers."""
    at = 0
    for part in re.split(r"(?m)^---[ \t]*(?:#.*)?$\n?", text):
        start = text.index(part, at)
        yield "\n" * text.count("\n", 0, start) + part
        at = start + len(part)


def _rule(node: MapNode, draft: Draft) -> None:
    action = _scalar(node.values.get("action"))
    if action not in _ACTIONS:
        draft.note(f"action {action or 'none'} has no like here; the rule is left out", node)
        return
    if _scalar(node.values.get("type")) in {"submission", "text submission", "link submission"}:
        draft.note("a rule for submissions only is left out", node)
        return
    before = len(draft.notes)
    conditions = [each for key in node.values for each in _check(key, node, draft)]
    reason = _scalar(node.values.get("action_reason"))
    title = (
        _PLACEHOLDER.sub("", reason).strip(" :-") or f"AutoModerator rule at line {node.line + 1}"
    )
    made: Data = {
        "id": draft.new_id("automoderator", reason or f"line-{node.line + 1}"),
        "title": " ".join(title.split())[:200],
        "then": {"action": _ACTIONS[action]},
    }
    draft.add(made, conditions, len(draft.notes) - before)
    # What is said to people makes no rule wider or narrower, so that it makes no draft.
    for key in sorted(node.values.keys() & _SAID):
        draft.note(
            f"the text of {key} is not carried",
            node.keys[key],
            "warn: true under then: tells the author that the rules were broken",
        )


def _check(key: str, node: MapNode, draft: Draft) -> Iterator[Data]:
    value, where = node.values[key], node.keys[key]
    name, _, modifiers = key.partition("(")
    name, wanted = name.strip(), {each.strip() for each in modifiers.rstrip(") ").split(",")}
    fields = name.lstrip("~").split("#")[0].strip()
    if fields in _SILENT:
        if fields == "moderators_exempt":
            draft.note("moderators_exempt is not carried", where, "name roles under scope:")
        return
    condition: Data | None = None
    if fields in _TEXT_FIELDS:
        condition = _text(_list(value), wanted, draft, where)
    elif fields in {"domain", "url", "domain+url"} and fields == "domain":
        condition = {"links": {"domains": _list(value)}}
    elif fields == "body_longer_than":
        condition = {"length": {"characters": f"> {_scalar(value)}"}}
    elif fields == "body_shorter_than":
        condition = {"length": {"characters": f"< {_scalar(value)}"}}
    elif fields == "author" and isinstance(value, MapNode):
        yield from _author(value, draft)
        return
    if condition is None:
        draft.note(f"the check {key} cannot be carried", where)
    else:
        yield {"not": condition} if name.startswith("~") else condition


def _text(entries: list[str], wanted: set[str], draft: Draft, where: Node) -> Data | None:
    if "regex" in wanted:
        patterns = draft.regexes(entries, where)
        return {"regex": {"pattern": patterns}} if patterns else None
    if "full-exact" in wanted or "full-text" in wanted:
        return {"regex": {"pattern": [f"^{re.escape(each.lower())}$" for each in entries]}}
    if "starts-with" in wanted:
        return {"regex": {"pattern": [f"^{re.escape(each.lower())}" for each in entries]}}
    if "ends-with" in wanted:
        return {"regex": {"pattern": [f"{re.escape(each.lower())}$" for each in entries]}}
    form = "*{}*" if "includes" in wanted else "{}"
    words = draft.words((form.format(each) for each in entries), where)
    return {"words": {"entries": words, "evasion": "light"}} if words else None


def _author(node: MapNode, draft: Draft) -> Iterator[Data]:
    for key, value in node.values.items():
        if key == "satisfy_any_threshold":
            continue
        if key == "account_age" and (age := _age(_scalar(value))):
            yield {"author": {"account_age": age}}
        else:
            draft.note(f"the check of the author's {key} cannot be carried", node.keys[key])


def _age(text: str) -> str:
    match = re.fullmatch(r'"?([<>]=?) ?(\d+) ?(minute|hour|day|week)?s?"?', text)
    if match is None or match[2] == "0":
        return ""
    return f"{match[1]} {match[2]}{_AGE_UNITS[match[3] or 'day']}"


def _list(node: Node) -> list[str]:
    if isinstance(node, ListNode):
        return [_scalar(item) for item in node.items if _scalar(item)]
    return [_scalar(node)] if _scalar(node) else []


def _scalar(node: Node | None) -> str:
    return node.text if isinstance(node, ScalarNode) else ""
