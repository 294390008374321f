"""Renders a summary as one self-contained HTML page.

Lives here: what the templates are given. Not here: rendering (`bot.report.render`), the views of
comments (`bot.report.cards`) and the charts (`bot.report.chart`).
"""

from __future__ import annotations

from bot.report.cards import Card, Deck, action_choices, author_choices
from bot.report.chart import charts
from bot.report.render import render
from bot.report.values import About, Listing, RuleSummary, Shown, Summary
from bot.report.visible import one_line, visible


def html(summary: Summary, about: About) -> str:
    """Return the page of a dry run; the same summary gives the same page."""
    deck = Deck({rule.id: rule for rule in about.rules}, about.threads)
    caught = deck.cards(summary.caught.shown, "c")
    return render(
        "report.html",
        title="Gavel dry run",
        summary=summary,
        about=about,
        caught=caught,
        rules=[_rule_row(rule, deck) for rule in summary.rules],
        silent=_silent(summary, about),
        charts=charts(summary.histograms, about.rules),
        filters={
            "rule": deck.rule_choices(caught),
            "action": action_choices(caught),
            "author": author_choices(caught),
        },
        misses=_cards(deck, summary.misses, "m"),
        false_alarms=_cards(deck, summary.false_alarms, "f"),
        words_only=_cards(deck, summary.words_only, "w"),
        model_only=_cards(deck, summary.model_only, "s"),
        phrases=[
            (group.phrase, deck.cards(group.comments, f"u{place}-"))
            for place, group in enumerate(summary.phrases)
        ],
    )


def _cards(deck: Deck, listing: Listing[Shown], prefix: str) -> list[Card]:
    return deck.cards(listing.shown, prefix)


def _rule_row(counted: RuleSummary, deck: Deck) -> dict[str, object]:
    known = deck.rules.get(counted.rule)
    return {
        "number": deck.rule_number(counted.rule),
        "id": one_line(counted.rule, 80),
        "title": deck.title_of(counted.rule),
        "status": str(known.status) if known else ("shadow" if counted.shadow else "live"),
        "action": known.action.written if known else "",
        "known_problems": visible(known.known_problems) if known else "",
        "counted": counted,
    }


def _silent(summary: Summary, about: About) -> list[str]:
    """Return the rules that could have matched and never did."""
    fired = {rule.rule for rule in summary.rules}
    waiting = [rule for rule in about.rules if rule.status in {"live", "shadow"}]
    return [one_line(rule.id, 80) for rule in waiting if rule.id not in fired]
