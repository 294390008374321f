"""How well entries withstand disguise: each is disguised by every technique, and looked for.

Lives here: the measure behind `gavel rules fuzz`. The techniques are in `bot.rules.fuzz`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from random import Random

from bot.model import Evasion
from bot.rules.conditions.text import Words
from bot.rules.fuzz import obfuscations
from bot.rules.matcher import Matcher, Term
from bot.rules.ruleset import ACTIVE, RuleSet
from bot.text import fold_many


@dataclass(frozen=True, slots=True)
class Survival:
    """One technique: how many disguised entries were tried, and which were missed."""

    technique: str
    tried: int
    missed: tuple[tuple[str, str], ...]
    """Entry and disguise."""

    @property
    def caught(self) -> float:
        """The share that was found."""
        return 1.0 if not self.tried else 1 - len(self.missed) / self.tried


def survival(ruleset: RuleSet, rng: Random, *, evasion: Evasion | None = None) -> list[Survival]:
    """Disguise every entry of the active rules by every technique, and look for it.

    An entry counts as found when any rule that has it finds anything in its disguise; with
    `evasion`, when it would be found if all rules undid that much.
    """
    entries, matcher = _entries(ruleset), ruleset.matcher
    if evasion is not None:
        matcher = Matcher([Term(entry, evasion) for entry in entries])
        entries = {entry: frozenset({number}) for number, entry in enumerate(entries)}
    tries = list(_tries(entries, rng))
    folded = fold_many([disguised for _, _, disguised, _ in tries])
    tried: dict[str, int] = {}
    missed: dict[str, list[tuple[str, str]]] = {}
    for (technique, entry, disguised, terms), hits in zip(
        tries, matcher.find_many(folded), strict=True
    ):
        tried[technique] = tried.get(technique, 0) + 1
        misses = missed.setdefault(technique, [])
        if hits is None or terms.isdisjoint(hits.terms):
            misses.append((entry, disguised))
    return [Survival(name, count, tuple(missed[name])) for name, count in tried.items()]


def _tries(
    entries: Mapping[str, frozenset[int]], rng: Random
) -> Iterator[tuple[str, str, str, frozenset[int]]]:
    """Yield technique, entry, disguise, and the numbers of the terms that may find it."""
    for entry, terms in sorted(entries.items()):
        for technique, disguised in obfuscations(entry.strip("*"), rng):
            yield technique, entry, disguised, terms


def _entries(ruleset: RuleSet) -> dict[str, frozenset[int]]:
    found: dict[str, frozenset[int]] = {}
    for loaded in ruleset.loaded:
        if loaded.rule.status not in ACTIVE:
            continue
        for part in loaded.when.walk():
            if isinstance(part, Words):
                for entry in part.all_entries:
                    found[entry] = found.get(entry, frozenset()) | part.terms
    return found
