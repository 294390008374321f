"""Two rule sets side by side: what they share is evaluated once.

Lives here: `Apart`. What the rules say of a comment is the same as when each set is asked alone;
only rules that ask neither the history nor another model may be shared, which the caller knows.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from operator import is_

from bot.model import Evaluation, FoldedText
from bot.rules.conditions.base import canonical
from bot.rules.matcher import Hits, Matcher
from bot.rules.ruleset import ACTIVE, LoadedRule, RuleSet


@dataclass(frozen=True, slots=True)
class Apart:
    """An older rule set, and of a newer one the rules that the older one does not answer for.

    `kept` are the ids of the rules that mean the same in both, their exceptions included.
    """

    old: RuleSet
    rest: RuleSet
    kept: frozenset[str]

    @classmethod
    def of(cls, old: RuleSet, new: RuleSet) -> Apart:
        """Take two rule sets apart."""
        known = {each.rule.id: _meaning(old, each) for each in _active(old)}
        kept = frozenset(
            each.rule.id for each in _active(new) if known.get(each.rule.id) == _meaning(new, each)
        )
        changed = tuple(each for each in _active(new) if each.rule.id not in kept)
        if not any(each.terms or each.patterns for each in changed):
            return cls(old, RuleSet(changed, (), Matcher(())), kept)
        if old.matcher.entries != new.matcher.entries:
            return cls(old, replace(new, loaded=changed), kept)
        shared = _Shared(old.matcher)
        return cls(replace(old, matcher=shared), replace(new, loaded=changed, matcher=shared), kept)

    def join(self, old: Evaluation, rest: Evaluation) -> Evaluation:
        """Return what the newer set says, of what the older one and the rest say."""
        if not (old.matches or old.unknown):
            return rest
        matches = [match for match in old.matches if match.rule in self.kept]
        unknown = [each for each in old.unknown if each.rule in self.kept]
        return replace(
            rest,
            matches=tuple(sorted((*matches, *rest.matches), key=lambda m: (-m.action, m.rule))),
            unknown=tuple(sorted((*unknown, *rest.unknown), key=lambda each: each.rule)),
        )


def _active(rules: RuleSet) -> list[LoadedRule]:
    return [each for each in rules.loaded if each.rule.status in ACTIVE]


def _meaning(rules: RuleSet, loaded: LoadedRule) -> tuple[str, str]:
    """Return all that decides what a rule says of a comment."""
    spared = [each.meaning() for each in rules.exceptions if each.is_for(loaded.rule.id)]
    return loaded.digest, canonical({"exceptions": spared})


class _Shared(Matcher):
    """A matcher that is asked about the same texts twice in a row, and looks once."""

    def __init__(self, matcher: Matcher) -> None:
        self._matcher = matcher
        self._texts: Sequence[FoldedText] = ()
        self._found: list[Hits | None] = []
        self.entries = matcher.entries

    def find_many(self, texts: Sequence[FoldedText]) -> list[Hits | None]:
        """Return what is found in each text."""
        same = len(texts) == len(self._texts) and all(map(is_, texts, self._texts))
        if not same:
            self._texts, self._found = texts, self._matcher.find_many(texts)
        return self._found
