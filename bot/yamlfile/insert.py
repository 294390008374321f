"""Adding one item to a YAML text, with every other letter left as it stands.

Lives here: finding the place by the nodes' positions, writing the item, and making sure that the
text now says just that much more. Not here: what the item means.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from bot.errors import Problem, UserError
from bot.yamlfile.nodes import ListNode, MapNode, Node, Report, ScalarNode
from bot.yamlfile.parser import parse_text

Value = str | int | float | bool | Sequence["Value"] | Mapping[str, "Value"]
"""What can be written. Keys are plain words."""

_ESCAPED = re.compile('["\\\\\x00-\x1f\x7f-\x9f\xa0\u2028\u2029\ud800-\udfff\ufeff\ufffe\uffff]')
_SHORT = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\t": "\\t", "\r": "\\r"}


def insert_item(text: str, name: str, path: Sequence[str | int], item: Value) -> str:
    """Return `text` with `item` added to the list at `path`; keys that lack are made.

    A list in brackets gets it first, any other last. `name` stands for the file in messages. Raise
    `UserError` when the text is no YAML of ours, or has no place for the item.
    """
    root = _parsed(text, name)
    node, rest = root, list(path)
    while rest and (inner := _inner(node, rest[0])) is not None:
        node, rest = inner, rest[1:]
    changed = _inserted(text, node, [str(key) for key in rest], item)
    wanted = _plain(root)
    _add(wanted, path, item, first=not rest and _is_flow(node))
    if _plain(_parsed(changed, name)) != wanted:
        raise _no_place(node)
    return changed


def flow(value: Value) -> str:
    """Return a value on one line, as YAML that is read back as the same."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float):
        return f"{value:.4f}".rstrip("0").rstrip(".")
    if isinstance(value, int):
        return str(value)
    if isinstance(value, str):
        return f'"{_ESCAPED.sub(_escape, value)}"'
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{key}: {flow(each)}" for key, each in value.items()) + "}"
    return "[" + ", ".join(map(flow, value)) + "]"


def _escape(match: re.Match[str]) -> str:
    character = match.group()
    if "\ud800" <= character <= "\udfff":
        # Half a character cannot be written at all.
        return "\N{REPLACEMENT CHARACTER}"
    return _SHORT.get(character) or f"\\u{ord(character):04X}"


def _parsed(text: str, name: str) -> Node:
    report = Report()
    node = parse_text(text, name, report)
    if node is None or report.errors:
        raise UserError(report.problems)
    return node


def _inner(node: Node, key: str | int) -> Node | None:
    if isinstance(node, MapNode) and isinstance(key, str):
        return node.values.get(key)
    if isinstance(node, ListNode) and isinstance(key, int) and key < len(node.items):
        return node.items[key]
    return None


def _inserted(text: str, node: Node, missing: Sequence[str], item: Value) -> str:
    """Return the text with the item in `node`, below the keys that are missing there."""
    if isinstance(node, ScalarNode) or isinstance(node, MapNode) is not bool(missing):
        raise _no_place(node)
    lines = text.splitlines(keepends=True)
    if _is_flow(node):
        return _in_brackets(lines, node, missing, item)
    at, newline = _end(lines, node), "\r\n" if "\r\n" in text else "\n"
    if at and not lines[at - 1].endswith("\n"):
        lines[at - 1] += newline
    added = [line + newline for line in _block(missing, item, node.column)]
    apart = [newline] if missing and node.column == 0 else []
    return "".join([*lines[:at], *apart, *added, *lines[at:]])


def _in_brackets(lines: list[str], node: Node, missing: Sequence[str], item: Value) -> str:
    written = flow(item)
    for depth, key in enumerate(reversed(missing)):
        written = f"{key}: [{written}]" if not depth else f"{key}: {{{written}}}"
    empty = not (node.items if isinstance(node, ListNode) else getattr(node, "keys", ()))
    line, after = lines[node.line], node.column + 1
    lines[node.line] = line[:after] + written + ("" if empty else ", ") + line[after:]
    return "".join(lines)


def _block(missing: Sequence[str], item: Value, column: int) -> Iterator[str]:
    """Yield the lines of an item below its new keys."""
    for depth, key in enumerate(missing):
        yield f"{' ' * (column + 2 * depth)}{key}:"
    yield f"{' ' * (column + 2 * len(missing))}- {flow(item)}"


def _end(lines: Sequence[str], node: Node) -> int:
    """Return the line after the last one of a block; comments further out are none of it."""
    end = node.line + 1
    for number in range(node.line + 1, len(lines)):
        bare = lines[number].strip()
        indent = len(lines[number]) - len(lines[number].lstrip(" "))
        same = isinstance(node, MapNode) or bare.startswith("-")
        if bare and (indent > node.column or (indent == node.column and same)):
            end = number + 1
        elif bare and not bare.startswith("#"):
            break
    return end


def _is_flow(node: Node) -> bool:
    return node.source.line(node.line)[node.column : node.column + 1] in {"[", "{"}


def _plain(node: Node) -> object:
    if isinstance(node, MapNode):
        return {key: _plain(value) for key, value in node.values.items()}
    if isinstance(node, ListNode):
        return [_plain(each) for each in node.items]
    return node.value if isinstance(node, ScalarNode) else None


def _add(data: object, path: Sequence[str | int], item: Value, *, first: bool) -> None:
    """Add an item to plain data, in place."""
    inner = data
    for key, following in zip(path, [*path[1:], 0], strict=True):
        if isinstance(inner, dict) and isinstance(key, str):
            inner = inner.setdefault(key, [] if isinstance(following, int) else {})
        elif isinstance(inner, list) and isinstance(key, int):
            inner = inner[key]
    if isinstance(inner, list):
        inner.insert(0 if first else len(inner), _listed(item))


def _listed(value: Value) -> object:
    """Return a value as reading gives it back."""
    if isinstance(value, Mapping):
        return {key: _listed(each) for key, each in value.items()}
    if isinstance(value, float):
        return round(value, 4)
    return [_listed(each) for each in value] if isinstance(value, (list, tuple)) else value


def _no_place(node: Node) -> UserError:
    hint = "add it in an editor"
    return UserError(
        Problem("no-place", "nothing can be added here without a hand", node.location, hint)
    )
