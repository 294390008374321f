"""Renders a comparison as one self-contained HTML page.

Lives here: what the comparison's template is given. Not here: counting (`bot.report.comparison`)
and rendering (`bot.report.render`).
"""

from __future__ import annotations

from collections.abc import Sequence

from bot.model import Action, Edit, Rule
from bot.report import words
from bot.report.cards import Deck, author_choices, kind_choices
from bot.report.changes import Difference, RuleChange, threshold_advice
from bot.report.chart import Chart, charts
from bot.report.render import render
from bot.report.values import About
from bot.report.visible import one_line


def compare_html(found: Difference, old: About, new: About, broken: Sequence[str] = ()) -> str:
    """Return the page of a comparison; the same difference gives the same page.

    `new` also tells what was read. `broken` are the limits that the comparison breaks.
    """
    deck = Deck({rule.id: rule for rule in (*old.rules, *new.rules)}, new.threads)
    lists = {
        "new_cards": deck.change_cards(found.newly_flagged.shown, "n"),
        "gone_cards": deck.change_cards(found.no_longer_flagged.shown, "g"),
        "action_cards": deck.change_cards(found.action_changed.shown, "a"),
    }
    cards = [card for listed in lists.values() for card in listed]
    changed = [rule for rule in found.rules if rule.changed or rule.newly_flagged]
    told, idle = words.told_edits(found, new)
    return render(
        "compare.html",
        title="Gavel comparison",
        found=found,
        old=old,
        new=new,
        broken=broken,
        names=side_names(old, new),
        edits=_edits(told, found, deck),
        idle_edits=_edits(idle, found, deck),
        shown={number for card in cards for number in card.rules},
        moves=moves(found),
        rules=[_rule_row(rule, deck) for rule in changed],
        acts_otherwise=any(rule.otherwise for rule in changed),
        unchanged=len(found.rules) - len(changed),
        shifts=_shifts(found, old.rules, new.rules),
        advice=threshold_advice(found, new.rules),
        cards=cards,
        filters={
            "rule": deck.rule_choices(cards),
            "change": kind_choices(cards),
            "author": author_choices(cards),
        },
        **lists,
    )


def side_names(old: About, new: About) -> tuple[str, str]:
    """Return what to call the two sides; they differ whenever anything tells them apart."""
    names = [
        [about.name, about.ruleset, about.model.id if about.model else ""] for about in (old, new)
    ]
    for before, after in zip(*names, strict=True):
        if before and after and before != after:
            return one_line(before, 80), one_line(after, 80)
    return "before", "after"


def moves(found: Difference) -> list[tuple[tuple[Action, Action], int]]:
    """Return the moves from one action to another, the most frequent first."""
    moved = [(move, count) for move, count in found.moves.items() if move[0] is not move[1]]
    return sorted(moved, key=lambda item: (-item[1], item[0]))


def _edits(edits: Sequence[Edit], found: Difference, deck: Deck) -> list[dict[str, object]]:
    changes = {change.rule: change for change in found.rules}
    return [
        {
            "id": one_line(edit.rule, 80),
            "number": deck.rule_number(edit.rule),
            "title": one_line(edit.title, 120),
            "kind": edit.kind,
            "details": [(one_line(each.said, 200), words.entries(each)) for each in edit.details],
            "effect": words.edit_effect(edit, changes),
        }
        for edit in edits
    ]


def _rule_row(counted: RuleChange, deck: Deck) -> dict[str, object]:
    return {
        "number": deck.rule_number(counted.rule),
        "id": one_line(counted.rule, 80),
        "title": deck.title_of(counted.rule),
        "counted": counted,
    }


def _shifts(
    found: Difference, old: Sequence[Rule], new: Sequence[Rule]
) -> list[tuple[object, Chart, Chart]]:
    before = charts([shift.before for shift in found.shifts], old)
    after = charts([shift.after for shift in found.shifts], new)
    return list(zip(found.shifts, before, after, strict=True))
