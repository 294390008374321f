"""Prints a comparison for people at a terminal.

Lives here: the layout of a comparison. Not here: the parts that every summary shares
(`bot.report.terminal`) and the sentences (`bot.report.words`).
"""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from bot.proportion import percent
from bot.report import words
from bot.report.changes import Change, Difference, ScoreShift, ThresholdAdvice, threshold_advice
from bot.report.compare_page import side_names
from bot.report.terminal import STYLES, excerpt, heading, plain_table, print_reading, say
from bot.report.values import About
from bot.report.visible import one_line, visible

_EXAMPLES = 5
_RULES = 15


def print_comparison(
    found: Difference, old: About, new: About, console: Console, broken: Sequence[str] = ()
) -> None:
    """Print what changes: totals, the rules that change it, and some of the comments."""
    say(console, words.difference(found), "bold")
    say(console, " → ".join(side_names(old, new)), "dim")
    if found.total:
        say(console, words.before_and_after(found))
        if others := words.other_reasons(found):
            say(console, others, "dim")
    _print_edits(found, old, new, console)
    _print_quality(found, console)
    if changed := [rule for rule in found.rules if rule.changed or rule.newly_flagged]:
        heading(console, "Rules")
        console.print(_rule_table(found))
        if len(changed) > _RULES:
            say(console, f"and {words.plural(len(changed) - _RULES, 'rule')} more", "dim")
    for name, listing in (
        ("Newly flagged", found.newly_flagged),
        ("No longer flagged", found.no_longer_flagged),
        ("Action changed", found.action_changed),
    ):
        if listing.shown:
            heading(console, f"{name}: {min(_EXAMPLES, len(listing.shown))} of {listing.total:,}")
            for item in listing.shown[:_EXAMPLES]:
                print_change(item.change, console)
    if found.shifts:
        _print_shifts(found.shifts, threshold_advice(found, new.rules), console)
    print_reading(new, console)
    for sentence in broken:
        say(console, f"Over the limit: {sentence}", "bold red")


def _print_edits(found: Difference, old: About, new: About, console: Console) -> None:
    if words.same_rules(old, new):
        say(console, "Both sides have the same rules.")
    changes = {change.rule: change for change in found.rules}
    told, idle = words.told_edits(found, new)
    if told:
        heading(console, "Edited")
    for edit in told[:_RULES]:
        say(console, f"{edit.kind} {one_line(edit.rule, 80)}")
        for detail in edit.details:
            entries = f": {words.entries(detail)}" if detail.entries else ""
            console.print(Padding(Text(visible(f"{detail.said}{entries}")), (0, 0, 0, 2)))
        if effect := words.edit_effect(edit, changes):
            console.print(Padding(Text(effect, "dim"), (0, 0, 0, 2)))
    if len(told) > _RULES:
        say(console, f"and {words.plural(len(told) - _RULES, 'more edit')}", "dim")
    if idle:
        names = ", ".join(one_line(edit.rule, 80) for edit in idle[:_RULES])
        more = f" and {len(idle) - _RULES:,} more" if len(idle) > _RULES else ""
        say(console, f"Edited with no effect on these comments: {names}{more}", "dim")


def _print_quality(found: Difference, console: Console) -> None:
    before, after = found.quality_before, found.quality_after
    if before is None or after is None:
        return
    for name, was, now in (
        ("Precision", before.precision, after.precision),
        ("Recall   ", before.recall, after.recall),
    ):
        say(console, f"{name} {words.proportion(was)} → {words.proportion(now)}")
    say(console, f"F1        {percent(before.f1)} → {percent(after.f1)}")
    say(console, words.MEASURES, "dim")


def _rule_table(found: Difference) -> Table:
    changed = [rule for rule in found.rules if rule.changed or rule.newly_flagged]
    otherwise = any(rule.otherwise for rule in changed)
    columns = ("Before", "After", "Newly flags", "Alone", "No longer")
    table = plain_table("Rule", numbers=(*columns, "Otherwise") if otherwise else columns)
    for rule in changed[:_RULES]:
        numbers = [rule.newly_flagged, rule.alone, rule.no_longer]
        if otherwise:
            numbers.append(rule.otherwise)
        table.add_row(
            Text(one_line(rule.rule)),
            words.hits(rule.hits_before, rule.shadow_before),
            words.hits(rule.hits_after, rule.shadow_after),
            *(f"{number:,}" for number in numbers),
        )
    return table


def print_change(change: Change, console: Console) -> None:
    """Print one comment whose verdict changed, and the reasons that came or went."""
    comment, old, new = change.comment, change.old, change.new
    first = Text(old.action.said, style=STYLES[old.action])
    first.append(" → ", "not bold")
    first.append(new.action.said, STYLES[new.action])
    first.append(f"  {words.author(comment)}, {words.moment(comment.created_at)}", "not bold")
    first.append(f"  {one_line(comment.id, 40)}", "dim")
    console.print(first)
    console.print(excerpt(comment.text, (*change.came, *change.went)))
    for match in (*change.came, *change.went):
        reason = f"{one_line(match.rule, 60)} {words.turn(change, match)}"
        because = f": {one_line(match.reason, 120)}" if match.reason else ""
        console.print(Padding(Text(f"{reason}{because}", "dim"), (0, 0, 0, 2)))


def _print_shifts(
    shifts: Sequence[ScoreShift], advice: Sequence[ThresholdAdvice], console: Console
) -> None:
    heading(console, "Scores")
    table = plain_table("Score", numbers=("Mean shift", "Mean distance", "Moved by 0.1"))
    for shift in shifts:
        moved = (f"{shift.mean:+.3f}", f"{shift.mean_absolute:.3f}", f"{shift.far:,}")
        table.add_row(Text(shift.label), *moved)
    console.print(table)
    if advice:
        heading(console, "Thresholds that keep the rate")
        console.print(_advice_table(advice))


def _advice_table(advice: Sequence[ThresholdAdvice]) -> Table:
    table = plain_table("Rule", "Score", numbers=("Before", "After", "Same rate at"))
    for each in advice:
        score = f"{each.label} {words.operator(each.operator)} {each.value:g}"
        numbers = (f"{each.reached_before:,}", f"{each.reached_after:,}", words.same_rate(each))
        table.add_row(Text(one_line(each.rule)), Text(score), *numbers)
    return table
