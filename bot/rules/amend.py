"""Examples and exceptions that moderators add: written into the rule's own file.

Lives here: what is added to which file, and saving it. Comments and order of the file stay as they
are. Not here: who may (`bot.review`) and reading the rules again (`bot.rules.reload`).
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from bot.errors import UserError
from bot.model import Comment, Outcome, Scores
from bot.rules.example_language import Example
from bot.rules.examples import example_facts
from bot.rules.language import RULE_FILE
from bot.rules.ruleset import LoadedRule, RuleSet
from bot.yamlfile import MapNode, RefusedError, Report, ScalarNode, parse_text
from bot.yamlfile.insert import Value, flow, insert_item
from bot.yamlfile.nodes import ListNode

_DIGITS = 4
"""Of scores: fewer could move one over a threshold."""


@dataclass(frozen=True, slots=True)
class Amendment:
    """A rule file with one thing more: `section` names where it stands, `snippet` is it."""

    path: Path
    old: str
    new: str
    section: str
    snippet: str

    def save(self) -> None:
        """Replace the file, unless it was changed since; raise `UserError` when it cannot be."""
        try:
            if _read(self.path) != self.old:
                raise UserError(f"{self.path} was changed at the same moment", hint="ask once more")
            _replace(self.path, self.new)
        except OSError as error:
            raise UserError(
                f"{self.path} cannot be written: {error.strerror}",
                hint=f"add it by hand, under {self.section}:\n{self.snippet}",
            ) from None


def add_example(
    ruleset: RuleSet, rule: str, kind: str, comment: Comment, scores: Scores | None
) -> Amendment:
    """Return the rule's file with a comment as an example; `kind` is `match` or `no_match`.

    Where the rule does not yet do what the example says, it is added as a known gap
    (`todo_match`, `todo_no_match`). Raise `KeyError` for no such rule, `UserError` when the file
    leaves no place.
    """
    loaded = _loaded(ruleset, rule)
    example = _example(loaded, comment, scores)
    answer = ruleset.answer(loaded, example_facts(loaded, example)).outcome
    wanted = Outcome.MATCH if kind == "match" else Outcome.NO_MATCH
    section = kind if answer is wanted else f"todo_{kind}"
    return _amended(loaded, ("examples", section), _written(example))


def add_exception(
    ruleset: RuleSet, rules: Sequence[str], words: Sequence[str], reason: str, name: str
) -> Amendment:
    """Return the first rule's file with an exception for innocent words; its id begins with `name`.

    Raise `KeyError` for no such rule, `UserError` when the file leaves no place.
    """
    first, *_ = [_loaded(ruleset, rule) for rule in rules]
    taken = {each.id.value for each in ruleset.exceptions}
    identity = next(each for each in _names(name) if each not in taken)
    item: dict[str, Value] = {"id": identity, "for": rules, "words": words, "reason": reason}
    return _amended(first, ("exceptions",), item)


def _loaded(ruleset: RuleSet, rule: str) -> LoadedRule:
    for each in ruleset.loaded:
        if each.rule.id == rule:
            return each
    raise KeyError(f"there is no rule {rule}")


def _names(name: str) -> Iterator[str]:
    yield name
    number = 2
    while True:
        yield f"{name}-{number}"
        number += 1


def _example(loaded: LoadedRule, comment: Comment, scores: Scores | None) -> Example:
    example = Example(comment.text, reply=comment.parent_id is not None)
    asked = {each.label for each in loaded.rule.thresholds} | loaded.told_labels
    if scores is None or not asked:
        return example
    known = {k: round(v, _DIGITS) for k, v in scores.values.items() if k in asked}
    return replace(example, scores=known)


def _written(example: Example) -> Mapping[str, Value]:
    item: dict[str, Value] = {"text": example.text}
    if example.scores is not None:
        item["scores"] = dict(example.scores)
    return item | {"reply": True} if example.reply else item


def _amended(loaded: LoadedRule, section: tuple[str, ...], item: Mapping[str, Value]) -> Amendment:
    source = loaded.spec.id.node.source.path
    path = Path(source)
    try:
        old = _read(path)
    except (OSError, UnicodeDecodeError) as error:
        raise UserError(f"{path} cannot be read: {error}") from None
    where: tuple[str | int, ...] = section
    if section[0] == "examples":
        where = ("rules", _number(old, source, loaded.rule.id), *section)
    new = insert_item(old, source, where, item)
    _check(new, source)
    return Amendment(path, old, new, ".".join(section), f"- {flow(item)}")


def _number(text: str, name: str, rule: str) -> int:
    """Return which of a file's rules it is, as the file now reads."""
    root = parse_text(text, name, Report())
    rules = root.values.get("rules") if isinstance(root, MapNode) else None
    for number, each in enumerate(rules.items if isinstance(rules, ListNode) else ()):
        identity = each.values.get("id") if isinstance(each, MapNode) else None
        if isinstance(identity, ScalarNode) and identity.text == rule:
            return number
    raise UserError(f"{name} no longer holds the rule {rule}", hint="reload the rules")


def _check(text: str, name: str) -> None:
    """Raise `UserError` when the file would not be read any more."""
    report = Report()
    node = parse_text(text, name, report)
    try:
        if node is not None:
            RULE_FILE.read(node, "a rule file", report)
    except RefusedError:
        pass
    if report.errors:
        raise UserError(report.errors)


def _read(path: Path) -> str:
    """Return a file's text with its line ends as they are."""
    return path.read_bytes().decode("utf-8")


def _replace(path: Path, text: str) -> None:
    """Put a whole new file in the old one's place: whoever reads sees one or the other."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=".", suffix=".tmp")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(text.encode("utf-8"))
        shutil.copymode(path, name)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
