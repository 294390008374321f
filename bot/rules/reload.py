"""The rules that are current while a program runs, and their renewal.

Lives here: `RuleBook`. Rules that fail to load change nothing: the old ones stay, and the failure
is told once, not at every try.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from pathlib import Path

from bot.errors import Problem
from bot.model import RuleStatus
from bot.rules.loader import load_rules, read_rules, rule_files
from bot.rules.ruleset import LoadedRule, RuleSet
from bot.yamlfile import Report


@dataclass(frozen=True, slots=True)
class Reloaded:
    """What a reload did: rules added, removed and changed, by id; or the problems that kept it.

    `news` is false when nothing changed since the last reload, be it rules or problems.
    """

    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = ()
    news: bool = True

    @property
    def loaded(self) -> bool:
        """Whether the rules on disk are now the current ones."""
        return not self.problems


class RuleBook:
    """Holds the current rule set of a path."""

    def __init__(self, path: Path, *, labels: Collection[str] | None = None) -> None:
        """Load the rules; raise `UserError` when they are wrong, for there are no older ones."""
        self._path = path
        self._labels = labels
        self._current = load_rules(path, labels=labels)
        self._told: tuple[Problem, ...] = ()

    @property
    def current(self) -> RuleSet:
        """The rules that hold now."""
        return self._current

    def reload(self, held: Collection[str] = ()) -> Reloaded:
        """Read the rules again, and make them current if they load.

        Rules that are `held` and now in shadow stay there while nothing else of them changes.
        """
        report = Report()
        new = read_rules(self._path, report, labels=self._labels)
        if new is None:
            problems = report.errors
            news, self._told = problems != self._told, problems
            return Reloaded(problems=problems, news=news)
        new = _holding(new, self._current, held)
        result = _compare(self._current, new, mended=bool(self._told))
        self._current, self._told = new, ()
        return result

    @property
    def folder(self) -> Path:
        """The folder that holds the rules, and the lists that they name."""
        return self._path if self._path.is_dir() else self._path.parent

    @property
    def sources(self) -> frozenset[Path]:
        """The files that the current rules were read from, and those that a folder now holds."""
        entries = (each.entries[0].node.source.path for each in self._current.lists if each.entries)
        return frozenset({*rule_files(self._path), *map(Path, entries)})

    def shadow(self, rule: str) -> None:
        """Let a live rule be counted only, until the next reload; raise `KeyError` for none such."""
        loaded = {each.rule.id: each for each in self._current.loaded}
        if loaded[rule].rule.status is RuleStatus.LIVE:
            loaded[rule] = _shadowed(loaded[rule])
            self._current = replace(self._current, loaded=tuple(loaded.values()))


def _shadowed(each: LoadedRule) -> LoadedRule:
    return replace(each, rule=replace(each.rule, status=RuleStatus.SHADOW))


def _holding(new: RuleSet, old: RuleSet, held: Collection[str]) -> RuleSet:
    """Return new rules, those in shadow that are held and would mean the same but for that."""
    before = {each.rule.id: each.digest for each in old.loaded if each.rule.id in held}
    kept = (
        shadowed
        if each.rule.id in before
        and each.rule.status is RuleStatus.LIVE
        and (shadowed := _shadowed(each)).digest == before[each.rule.id]
        else each
        for each in new.loaded
    )
    return replace(new, loaded=tuple(kept)) if before else new


def _compare(old: RuleSet, new: RuleSet, *, mended: bool) -> Reloaded:
    before = {each.rule.id: each.digest for each in old.loaded}
    after = {each.rule.id: each.digest for each in new.loaded}
    return Reloaded(
        added=tuple(sorted(after.keys() - before.keys())),
        removed=tuple(sorted(before.keys() - after.keys())),
        changed=tuple(sorted(i for i in after.keys() & before.keys() if after[i] != before[i])),
        news=mended or old.id != new.id or before != after,
    )
