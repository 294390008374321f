"""Counts pairs of verdicts one by one into a difference.

Lives here: what is counted and which changes are kept to be shown. Not here: what the results are
(`bot.report.changes`) and how they look (`bot.report.compare_page`, `bot.report.markdown`).
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import datetime

from bot.model import Action, Comment, RuleStatus, Scores, Verdict
from bot.report.changes import Change, Difference, Kind, RuleChange, ScoreShift, ShownChange
from bot.report.context import ContextIndex
from bot.report.keep import Best, chance, identity
from bot.report.stats import Quality, ScoreCounts
from bot.report.values import ASKS_A_MODERATOR, Listing

_SAMPLE = 60
_SAMPLE_A_RULE = 8
_FAR = 0.1
_MICRO = 1_000_000
_LET_THROUGH = (int(Action.ALLOW), int(Action.ALLOW))

Kept = Best[Change]


@dataclass(slots=True)
class _RuleCount:
    before: int = 0
    after: int = 0
    started: int = 0
    stopped: int = 0
    newly_flagged: int = 0
    alone: int = 0
    no_longer: int = 0
    shadow_before: int = 0
    shadow_after: int = 0
    otherwise: int = 0
    moved: int = 0
    examples: defaultdict[Kind, Kept] = field(
        default_factory=lambda: defaultdict(lambda: Kept(_SAMPLE_A_RULE))
    )

    def result(self, rule: str) -> RuleChange:
        return RuleChange(
            rule=rule,
            hits_before=self.before,
            hits_after=self.after,
            started=self.started,
            stopped=self.stopped,
            newly_flagged=self.newly_flagged,
            alone=self.alone,
            no_longer=self.no_longer,
            shadow_before=self.shadow_before,
            shadow_after=self.shadow_after,
            otherwise=self.otherwise,
            moved=self.moved,
        )


@dataclass(slots=True)
class _Shift:
    """Sums of differences in millionths: whole numbers add up alike in any order."""

    compared: int = 0
    total: int = 0
    absolute: int = 0
    far: int = 0

    def add(self, difference: float) -> None:
        millionths = round(difference * _MICRO)
        self.compared += 1
        self.total += millionths
        self.absolute += abs(millionths)
        self.far += abs(difference) >= _FAR


@dataclass(slots=True)
class Comparison:
    """Takes comments with two verdicts in any order; the difference does not depend on it."""

    _moves: Counter[tuple[int, int]] = field(default_factory=Counter)
    _other_reasons: int = 0
    _rules: defaultdict[str, _RuleCount] = field(default_factory=lambda: defaultdict(_RuleCount))
    _kept: dict[Kind, Kept] = field(default_factory=lambda: {kind: Kept(_SAMPLE) for kind in Kind})
    _before: ScoreCounts = field(default_factory=ScoreCounts)
    _after: ScoreCounts = field(default_factory=ScoreCounts)
    _shifts: defaultdict[str, _Shift] = field(default_factory=lambda: defaultdict(_Shift))
    _labels: Counter[tuple[bool, bool, bool]] = field(default_factory=Counter)
    _context: ContextIndex = field(default_factory=ContextIndex)
    _first: datetime | None = None
    _last: datetime | None = None

    def add(self, comment: Comment, old: Verdict, new: Verdict) -> None:
        """Count one comment with the verdict before and the verdict after."""
        self._moves[int(old.action), int(new.action)] += 1
        self._meet(comment, max(old.action, new.action))
        if old.matches or new.matches:
            self._add_rules(comment, old, new)
        if old.action is not new.action:
            change = Change(comment, old, new)
            self._kept[change.kind].add(_sample_key(comment), change)
        if comment.label is not None:
            flagged = (verdict.action >= ASKS_A_MODERATOR for verdict in (old, new))
            self._labels[comment.label, next(flagged), next(flagged)] += 1
        if old.scores and new.scores and _by_other_models(old.scores, new.scores):
            self._add_scores(old.scores, new.scores, abusive=comment.label)

    def add_clean(self, comment: Comment) -> None:
        """Count one comment that both let through with nothing to tell: most of an archive."""
        self._moves[_LET_THROUGH] += 1
        self._meet(comment, Action.ALLOW)
        if comment.label is not None:
            self._labels[comment.label, False, False] += 1

    def _meet(self, comment: Comment, action: Action) -> None:
        self._context.add(comment, action)
        time = comment.created_at
        if time is not None:
            if self._first is None or time < self._first:
                self._first = time
            if self._last is None or time > self._last:
                self._last = time

    def _add_rules(self, comment: Comment, old: Verdict, new: Verdict) -> None:
        before, after = _acting(old), _acting(new)
        for rule in before:
            self._rules[rule].before += 1
        for rule in after:
            self._rules[rule].after += 1
        for rule in _in_shadow(old):
            self._rules[rule].shadow_before += 1
        for rule in _in_shadow(new):
            self._rules[rule].shadow_after += 1
        if before == after:
            return
        for rule in after.keys() - before.keys():
            self._rules[rule].started += 1
        for rule in before.keys() - after.keys():
            self._rules[rule].stopped += 1
        for rule in before.keys() & after.keys():
            self._rules[rule].otherwise += before[rule] is not after[rule]
        self._attribute(Change(comment, old, new), before, after)

    def _attribute(
        self, change: Change, before: dict[str, Action], after: dict[str, Action]
    ) -> None:
        """Count which rules brought a comment on the list, or took it off."""
        if change.kind is Kind.SAME:
            self._other_reasons += 1
            return
        if change.kind is Kind.NEW:
            catching = _catching(after, before)
            for rule in catching:
                self._rules[rule].newly_flagged += 1
                self._rules[rule].alone += len(catching) == 1
        for rule in _catching(before, after) if change.kind is Kind.GONE else ():
            self._rules[rule].no_longer += 1
        for rule in {rule for rule, _ in before.items() ^ after.items()}:
            self._rules[rule].moved += change.kind is Kind.ACTION
            self._rules[rule].examples[change.kind].add(_sample_key(change.comment), change)

    def _add_scores(self, old: Scores, new: Scores, *, abusive: bool | None) -> None:
        both = [label for label in old.values if label in new.values]
        self._before.add({label: old.values[label] for label in both}, abusive=abusive)
        self._after.add({label: new.values[label] for label in both}, abusive=abusive)
        for label in both:
            self._shifts[label].add(new.values[label] - old.values[label])

    def difference(self) -> Difference:
        """Freeze what was counted; more may be added afterwards."""
        kinds = self._kinds()
        lists = {kind: self._changes(kind) for kind in (Kind.NEW, Kind.GONE, Kind.ACTION)}
        shown = self._show([change for changes in lists.values() for change in changes])
        listings = {
            kind: Listing(kinds[kind], tuple(shown[id(change)] for change in changes))
            for kind, changes in lists.items()
        }
        return Difference(
            total=self._moves.total(),
            kinds=kinds,
            moves={
                (Action(old), Action(new)): count
                for (old, new), count in sorted(self._moves.items())
            },
            other_reasons=self._other_reasons,
            rules=self._rule_changes(),
            newly_flagged=listings[Kind.NEW],
            no_longer_flagged=listings[Kind.GONE],
            action_changed=listings[Kind.ACTION],
            shifts=self._score_shifts(),
            quality_before=self._quality(1),
            quality_after=self._quality(2),
            first=self._first,
            last=self._last,
        )

    def _kinds(self) -> dict[Kind, int]:
        kinds = {kind: self._kept[kind].total for kind in Kind}
        kinds[Kind.SAME] = self._moves.total() - sum(kinds.values())
        return kinds

    def _changes(self, kind: Kind) -> list[Change]:
        """Return a fair sample of the changes of a kind, and some for each rule, harshest first."""
        by_rule = (count.examples[kind].items() for count in self._rules.values())
        kept = [*self._kept[kind].items(), *(change for items in by_rule for change in items)]
        unique = {_sample_key(change.comment): change for change in kept}
        return sorted(unique.values(), key=_by_harshness, reverse=True)

    def _show(self, changes: list[Change]) -> dict[int, ShownChange]:
        contexts = self._context.around(change.comment for change in changes)
        return {
            id(change): ShownChange(change, context)
            for change, context in zip(changes, contexts, strict=True)
        }

    def _rule_changes(self) -> tuple[RuleChange, ...]:
        found = (count.result(rule) for rule, count in self._rules.items())
        return tuple(sorted(found, key=_by_effect))

    def _score_shifts(self) -> tuple[ScoreShift, ...]:
        histograms = zip(self._before.histograms(), self._after.histograms(), strict=True)
        return tuple(
            ScoreShift(
                label=before.label,
                mean=shift.total / shift.compared / _MICRO,
                mean_absolute=shift.absolute / shift.compared / _MICRO,
                far=shift.far,
                before=before,
                after=after,
            )
            for before, after in histograms
            for shift in [self._shifts[before.label]]
        )

    def _quality(self, side: int) -> Quality | None:
        """Return how one side agrees with the labels; `side` is its place in the counted keys."""
        if not self._labels:
            return None
        counts: Counter[tuple[bool, bool]] = Counter()
        for key, count in self._labels.items():
            counts[key[0], key[side]] += count
        return Quality(counts[True, True], counts[False, True], counts[True, False])


def _by_effect(rule: RuleChange) -> tuple[int, int, int, str]:
    """Order rules by what they did to the list, then by what else changed, greatest first."""
    to_the_list = rule.newly_flagged + rule.no_longer
    other = rule.started + rule.stopped + rule.otherwise
    return (-to_the_list, -rule.moved, -other, rule.rule)


def _by_other_models(old: Scores, new: Scores) -> bool:
    return (old.model, old.revision) != (new.model, new.revision)


def _acting(verdict: Verdict) -> dict[str, Action]:
    return {match.rule: match.action for match in verdict.acting}


def _in_shadow(verdict: Verdict) -> set[str]:
    return {match.rule for match in verdict.matches if match.status is not RuleStatus.LIVE}


def _catching(rules: dict[str, Action], others: dict[str, Action]) -> list[str]:
    """Return the rules that send a comment to review and do not do so among `others`."""
    return [
        rule
        for rule, action in rules.items()
        if action >= ASKS_A_MODERATOR > others.get(rule, Action.ALLOW)
    ]


def _sample_key(comment: Comment) -> tuple[float | str, ...]:
    return (chance(comment), *identity(comment))


def _by_harshness(change: Change) -> tuple[float | str, ...]:
    actions = (int(change.new.action), int(change.old.action))
    return (max(actions), *actions, *identity(change.comment))
