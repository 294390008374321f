"""Import of Zeppelin's automod: the YAML of its whole configuration, or of the plugin alone."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from bot.errors import Location, Problem, UserError
from bot.rules.imports.draft import Data, Draft, Imported, any_of
from bot.yamlfile import ListNode, MapNode, Node, Report, ScalarNode, parse_loose

_SILENT_ACTIONS = {"alert", "log", "reply", "add_roles", "set_antiraid_level"}


def read_zeppelin(text: str, name: str) -> Imported:
    """Return the rules whose triggers look at messages."""
    report = Report()
    root = parse_loose(text, name, report)
    if report.problems:
        raise UserError(report.problems)
    rules = _find_rules(root)
    if rules is None:
        hint = "save the whole configuration, or the part under automod:"
        message = "there are no automod rules of Zeppelin here"
        raise UserError(Problem("import", message, Location(name), hint))
    draft = Draft(name)
    for title, node in rules.values.items():
        if isinstance(node, MapNode):
            _rule(title, node, draft)
    return draft.finish("zeppelin-automod")


def _find_rules(root: Node | None) -> MapNode | None:
    for path in (("plugins", "automod", "config", "rules"), ("config", "rules"), ("rules",)):
        node = root
        for key in path:
            node = node.values.get(key) if isinstance(node, MapNode) else None
        if isinstance(node, MapNode):
            return node
    return None


def _rule(title: str, node: MapNode, draft: Draft) -> None:
    before = len(draft.notes)
    triggers = _items(node.values.get("triggers"))
    conditions = [
        each for key, where, body in triggers for each in _trigger(key, where, body, draft)
    ]
    made: Data = {
        "id": draft.new_id("zeppelin", title),
        "title": title[:200],
        "then": _then(node.values.get("actions"), draft),
    }
    if _text(node.values.get("affects_bots")) == "true":
        made["scope"] = {"bots": True}
    draft.add(made, any_of(conditions), len(draft.notes) - before)
    if draft.rules and _text(node.values.get("enabled")) == "false":
        draft.rules[-1]["status"] = "draft"


def _items(node: Node | None) -> Iterator[tuple[str, Node, Node]]:
    """Yield the triggers of a list of mappings: name, place, body."""
    for item in node.items if isinstance(node, ListNode) else ():
        if isinstance(item, MapNode):
            yield from ((key, item.keys[key], body) for key, body in item.values.items())
        elif isinstance(item, ScalarNode):
            yield item.text, item, item


def _trigger(key: str, where: Node, body: Node, draft: Draft) -> list[Data]:
    read = TRIGGERS.get(key)
    made = read(body, draft) if read else None
    if made is None:
        draft.note(f"the trigger {key} cannot be carried", where)
        return []
    return [made]


def _match_words(body: Node, draft: Draft) -> Data | None:
    whole = _text(_get(body, "only_full_words")) != "false"
    loose = "true" in {_text(_get(body, "normalize")), _text(_get(body, "loose_matching"))}
    form = "{}" if whole else "*{}*"
    words = draft.words((form.format(each) for each in _texts(_get(body, "words"))), body)
    evasion = "strong" if loose else "light"
    return {"words": {"entries": words, "evasion": evasion}} if words else None


def _match_regex(body: Node, draft: Draft) -> Data | None:
    patterns = draft.regexes(_texts(_get(body, "patterns")), body)
    evasion = "light" if _text(_get(body, "normalize")) == "true" else "none"
    return {"regex": {"pattern": patterns, "evasion": evasion}} if patterns else None


def _match_links(body: Node, draft: Draft) -> Data | None:
    made: Data = {}
    if domains := _texts(_get(body, "include_domains")):
        made["domains"] = domains
    if domains := _texts(_get(body, "exclude_domains")):
        made["not_domains"] = domains
    for key in ("include_words", "include_regex", "exclude_regex", "phisherman"):
        if _get(body, key) is not None:
            draft.note(f"match_links: {key} cannot be carried", body)
    return {"links": made or {"count": ">= 1"}}


def _match_invites(body: Node, draft: Draft) -> Data:
    for key in ("include_guilds", "exclude_guilds", "include_invite_codes", "exclude_invite_codes"):
        if _get(body, key) is not None:
            draft.note(f"match_invites: {key} cannot be carried", body)
    return {"links": {"invites": True}}


def _message_spam(body: Node, draft: Draft) -> Data | None:
    del draft
    amount, within = _text(_get(body, "amount")), _duration(_text(_get(body, "within")))
    if not amount.isdecimal() or not within:
        return None
    per = "channel" if _text(_get(body, "per_channel")) == "true" else "author"
    return {"rate": {"comments": f">= {int(amount)}", "within": within, "per": per}}


def _match_attachment_type(body: Node, draft: Draft) -> Data | None:
    del draft
    types = _texts(_get(body, "filetype_blacklist"))
    return {"attachments": {"names": [f"*.{each}" for each in types]}} if types else None


TRIGGERS: dict[str, Callable[[Node, Draft], Data | None]] = {
    "match_words": _match_words,
    "match_regex": _match_regex,
    "match_links": _match_links,
    "match_invites": _match_invites,
    "message_spam": _message_spam,
    "match_attachment_type": _match_attachment_type,
}


def _then(node: Node | None, draft: Draft) -> Data:
    actions = node.values if isinstance(node, MapNode) else {}
    then: Data = {"action": "remove" if "clean" in actions else "flag"}
    for key, body in actions.items():
        if key in {"warn", "kick", "ban"}:
            then[key] = True
        elif key == "mute":
            then["timeout"] = _duration(_text(_get(body, "duration"))) or "10m"
        elif key not in {"clean", *_SILENT_ACTIONS}:
            draft.note(f"the action {key} cannot be carried", body)
    return then


def _duration(text: str) -> str:
    """Return a length of time in our form."""
    match = re.fullmatch(r"(\d{1,6}) ?(s|m|h|d|w)?[a-z]*", text.strip().lower())
    return f"{int(match[1])}{match[2] or 's'}" if match and int(match[1]) else ""


def _get(node: Node, key: str) -> Node | None:
    return node.values.get(key) if isinstance(node, MapNode) else None


def _texts(node: Node | None) -> list[str]:
    return (
        [item.text for item in node.items if isinstance(item, ScalarNode)]
        if isinstance(node, ListNode)
        else []
    )


def _text(node: Node | None) -> str:
    return node.text if isinstance(node, ScalarNode) else ""
