"""Renders a summary as one self-contained HTML page.

Lives here: what the templates are given. Not here: the templates (`bot/report/templates`), the
views of comments (`bot.report.cards`) and the charts (`bot.report.chart`). The page carries a
policy that forbids every connection, and only its own style and script may run.
"""

from __future__ import annotations

import base64
import hashlib
from functools import cache

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from bot.model import Action
from bot.report import words
from bot.report.cards import Card, Deck, action_choices, author_choices
from bot.report.chart import charts
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
        filters=filters(deck, caught),
        misses=_cards(deck, summary.misses, "m"),
        false_alarms=_cards(deck, summary.false_alarms, "f"),
        words_only=_cards(deck, summary.words_only, "w"),
        model_only=_cards(deck, summary.model_only, "s"),
        phrases=[
            (group.phrase, deck.cards(group.comments, f"u{place}-"))
            for place, group in enumerate(summary.phrases)
        ],
    )


def render(template: str, **values: object) -> str:
    """Render one of our templates with what every page needs."""
    style, script = _source("style.css"), _source("script.js")
    return (
        _environment()
        .get_template(template)
        .render(
            style=Markup(style),  # noqa: S704 - our own file, read unchanged
            script=Markup(script),  # noqa: S704 - our own file, read unchanged
            policy=_policy(style, script),
            words=words,
            Action=Action,
            **values,
        )
    )


def filters(deck: Deck, cards: list[Card]) -> dict[str, object]:
    """Return the choices by which a list of cards can be narrowed."""
    return {
        "rule": deck.rule_choices(cards),
        "action": action_choices(cards),
        "author": author_choices(cards),
    }


def _cards(deck: Deck, listing: Listing[Shown], prefix: str) -> list[Card]:
    return deck.cards(listing.shown, prefix)


def _rule_row(counted: RuleSummary, deck: Deck) -> dict[str, object]:
    known = deck.rules.get(counted.rule)
    return {
        "number": deck.rule_number(counted.rule),
        "id": one_line(counted.rule, 80),
        "title": deck.title_of(counted.rule),
        "status": str(known.status) if known else ("shadow" if counted.shadow else "live"),
        "action": words.ACTIONS[known.action] if known else "",
        "known_problems": visible(known.known_problems) if known else "",
        "counted": counted,
    }


def _silent(summary: Summary, about: About) -> list[str]:
    """Return the rules that could have matched and never did."""
    fired = {rule.rule for rule in summary.rules}
    waiting = [rule for rule in about.rules if rule.status in {"live", "shadow"}]
    return [one_line(rule.id, 80) for rule in waiting if rule.id not in fired]


def _policy(style: str, script: str) -> str:
    allowed = {"style-src": _hash(style), "script-src": _hash(script)}
    rules = "; ".join(f"{kind} '{digest}'" for kind, digest in allowed.items())
    return f"default-src 'none'; {rules}; base-uri 'none'; form-action 'none'"


def _hash(source: str) -> str:
    return f"sha256-{base64.b64encode(hashlib.sha256(source.encode()).digest()).decode()}"


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("bot.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(number="{:,}".format, plural=words.plural, line=one_line)
    return environment


@cache
def _source(name: str) -> str:
    loader = _environment().loader
    assert loader is not None  # noqa: S101 - set three lines above
    return loader.get_source(_environment(), name)[0]
