"""What an import makes: rules as plain data, and a note for all that could not be carried.

Lives here: collecting and writing. Not here: any other program's format.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from bot.errors import Location, Problem, Severity
from bot.model import Evasion
from bot.rules.matcher import Pattern, PatternError
from bot.yamlfile import Node, dump

Data = dict[str, Any]

LONGEST_ENTRY = 200


@dataclass(frozen=True, slots=True)
class Imported:
    """A rule file as text, how many rules it holds, and what could not be carried."""

    text: str
    rules: int
    notes: tuple[Problem, ...]


@dataclass
class Draft:
    """Rules in the making. `name` is the file that they come from."""

    name: str
    rules: list[Data] = field(default_factory=list)
    exceptions: list[Data] = field(default_factory=list)
    notes: list[Problem] = field(default_factory=list)
    _ids: set[str] = field(default_factory=set)

    def note(self, message: str, where: Node | None = None, hint: str = "") -> None:
        """Say what could not be carried."""
        place = Location(self.name) if where is None else where.location
        self.notes.append(Problem("not-carried", message, place, hint, Severity.WARNING))

    def new_id(self, prefix: str, name: str) -> str:
        """Return an id made of a name, unlike all others."""
        slug = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:60].strip("-") or "rule"
        taken = f"{prefix}.{slug}"
        number = 2
        while taken in self._ids:
            taken = f"{prefix}.{slug}-{number}"
            number += 1
        self._ids.add(taken)
        return taken

    def add(self, rule: Data, conditions: Sequence[Data], lost: int) -> None:
        """Take a rule; where something was lost it is wider than it was, hence only a draft."""
        if not conditions:
            self.note(f'"{rule["title"]}" has no check that could be carried; it is left out')
            return
        when = conditions[0] if len(conditions) == 1 else {"all": list(conditions)}
        state = {"status": "draft" if lost else "shadow"}
        head = {key: rule[key] for key in ("id", "title")}
        self.rules.append({**head, **state, **rule, "when": when, "then": rule["then"]})

    def words(self, entries: Iterable[object], where: Node | None = None) -> list[str]:
        """Return the entries that can be carried, each once."""
        kept: dict[str, None] = {}
        for entry in entries:
            text = " ".join(str(entry).split())
            if not text.strip("* ") or len(text) > LONGEST_ENTRY:
                self.note(f'the entry "{text[:40]}" cannot be carried', where)
            else:
                kept[text] = None
        return list(kept)

    def regexes(self, patterns: Iterable[object], where: Node | None = None) -> list[str]:
        """Return the regexes that run in linear time."""
        kept = []
        for each in patterns:
            try:
                Pattern(str(each), Evasion.NONE)
            except PatternError as error:
                self.note(f"the regex {each} cannot be carried: {error}", where, error.hint)
            else:
                kept.append(str(each))
        return kept

    def finish(self, pack: str) -> Imported:
        """Return the rule file."""
        data: Data = {"pack": {"name": pack, "description": f"Imported from {self.name}"}}
        if self.rules:
            data["rules"] = self.rules
        if self.exceptions:
            data["exceptions"] = self.exceptions
        text = dump(data) if len(data) > 1 else ""
        return Imported(text, len(self.rules), tuple(self.notes))


def any_of(conditions: Sequence[Data]) -> list[Data]:
    """Return one condition that holds where any of them does; none where there are none."""
    if len(conditions) < 2:  # noqa: PLR2004 - one needs no "any"
        return list(conditions)
    return [{"any": list(conditions)}]
