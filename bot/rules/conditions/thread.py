"""Conditions on a comment's place in its thread: `reply` and `quoted`."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from typing import ClassVar

from bot.model import Facts, Span
from bot.rules.batch import Batch, Screen
from bot.rules.conditions.base import Condition
from bot.rules.look import REST, Answer, Look, truth, unknown
from bot.text import reported_spans
from bot.yamlfile import Field, Flag


@dataclass(frozen=True)
class Reply(Condition):
    """Whether a comment answers another."""

    is_reply: bool

    name: ClassVar[str] = "reply"
    title = "The comment answers another comment"
    doc = "`reply: true` is short for `reply: {is_reply: true}`."
    example = "reply: {is_reply: true}"
    parameters = (
        Field("is_reply", Flag(), "True for answers, false for all else.", required=True),
    )
    shorthand = "is_reply"

    def test(self, look: Look) -> Answer:
        return truth((look.facts.comment.parent_id is not None) == self.is_reply)

    def screen(self, batch: Batch) -> Screen:
        replies = batch.flags(_has_parent)
        return Screen.exact(replies == self.is_reply)


@dataclass(frozen=True)
class Quoted(Condition):
    """Whether what was found is somebody else's words."""

    is_quoted: bool

    name: ClassVar[str] = "quoted"
    title = "What was found stands in a quotation"
    doc = (
        "True when everything that the rule's words and regexes found stands in quoted text "
        "(lines that begin with `>`, quote tags, and what somebody else is reported to have said: "
        '`she wrote "..."`), or, in a rule that has found none, when the whole text is a '
        "quotation. `quoted: true` is short for `quoted: {is_quoted: true}`."
    )
    example = "not: {quoted: true}"
    parameters = (
        Field("is_quoted", Flag(), "True for quotations, false for all else.", required=True),
    )
    shorthand = "is_quoted"

    def test(self, look: Look) -> Answer:
        is_quoted = _is_quoted(look)
        # What was not looked for may stand outside of all quotations.
        if is_quoted and look.is_cut(look.rule_patterns):
            return unknown(REST)
        return truth(is_quoted == self.is_quoted)

    def screen(self, batch: Batch) -> Screen:
        may_be = batch.flags(_has_quotes)
        screen = Screen(may_be, batch.open().miss)
        return screen if self.is_quoted else screen.inverted()


def _has_parent(facts: Facts) -> bool:
    return facts.comment.parent_id is not None


def _has_quotes(facts: Facts) -> bool:
    text = facts.text
    return bool(text.quoted) or '"' in text.original or "“" in text.original


def _is_quoted(look: Look) -> bool:
    text = look.facts.text
    quotes = sorted((*text.quoted, *reported_spans(text.original)))
    if not quotes:
        return False
    spans = {hit.span for hit in look.of_rule()} or {Span(0, len(text.original))}
    return all(_covers(quotes, span, text.original) for span in spans)


def _covers(quotes: list[Span], span: Span, text: str) -> bool:
    """Tell whether nothing of `span` but quotation marks and white space is outside `quotes`."""
    at = span.start
    rest = []
    for quote in quotes[max(0, bisect_right(quotes, (at, at)) - 1) :]:
        if quote.start >= span.end:
            break
        rest.append(text[at : max(at, quote.start)])
        at = max(at, quote.end)
    return not "".join([*rest, text[at : span.end]]).strip("> \t\r\n")
