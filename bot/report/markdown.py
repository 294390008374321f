"""Writes a comparison as Markdown, to be read in a pull request.

Lives here: the layout, short enough for one remark. Everything that strangers wrote stands in code
spans, so that it can be no link, no mention and no tag; examples are folded away until asked for.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from bot.report import words
from bot.report.changes import Change, Difference, ShownChange, threshold_advice
from bot.report.compare_page import moves, side_names
from bot.report.marks import glimpse, spans_of
from bot.report.values import About, Listing
from bot.report.visible import code, one_line

_EXAMPLES = 10
_LONGEST = 240
_RULES = 30
_MARKDOWN = re.compile(r"[\\`*_\[\]<>#|@~!()]")


def comparison_markdown(
    found: Difference, old: About, new: About, broken: Sequence[str] = ()
) -> str:
    """Return the comparison as GitHub-flavoured Markdown."""
    names = " → ".join(code(name) for name in side_names(old, new))
    parts = [
        f"### {words.difference(found)}",
        *(f"> **Over the limit:** {sentence}" for sentence in broken),
        f"{names}. {words.before_and_after(found) if found.total else ''}".rstrip(),
        words.other_reasons(found),
        "\n".join(_edits(found, new)),
        _table(("Action before", "Action after", "Comments"), _moves(found)),
        _table(("", "Before", "After"), _quality(found)),
        _table(
            (
                *("Rule", "Hits before", "Hits after", "Newly flags", "Alone", "No longer flags"),
                "Acts otherwise on",
            ),
            _rules(found),
        ),
        _table(
            ("Rule", "Score", "Over it before", "Over it after", "Same rate at"),
            _advice(found, new),
        ),
        _examples("Newly flagged", found.newly_flagged),
        _examples("No longer flagged", found.no_longer_flagged),
        _examples("Action changed", found.action_changed),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table, or nothing when there are no rows; all but the first column are numbers."""
    lines = [f"| {' | '.join(row)} |" for row in rows]
    if not lines:
        return ""
    rule = f"| --- |{' ---: |' * (len(head) - 1)}"
    return "\n".join([f"| {' | '.join(head)} |", rule, *lines])


def _edits(found: Difference, new: About) -> Iterator[str]:
    """Yield what was edited; the entries may offend, and stay out of sight."""
    changes = {change.rule: change for change in found.rules}
    told, idle = words.told_edits(found, new)
    for edit in (*told, *idle)[:_RULES]:
        details = "; ".join(_plain(each.said) for each in edit.details)
        effect = words.edit_effect(edit, changes)
        yield f"- {edit.kind} {code(edit.rule, 80)}: {details}. {effect}".rstrip()
    if len(new.edits) > _RULES:
        yield f"- and {words.plural(len(new.edits) - _RULES, 'more edit')}"


def _plain(text: str) -> str:
    """Return words of ours and of rule files as text that Markdown takes literally."""
    return _MARKDOWN.sub(r"\\\g<0>", one_line(text, 200))


def _moves(found: Difference) -> Iterator[tuple[str, str, str]]:
    for (was, now), count in moves(found):
        yield was.said, now.said, f"{count:,}"


def _quality(found: Difference) -> Iterator[tuple[str, str, str]]:
    before, after = found.quality_before, found.quality_after
    if before is None or after is None:
        return
    for name, was, now in (
        ("Precision", before.precision, after.precision),
        ("Recall", before.recall, after.recall),
    ):
        yield name, words.proportion(was), words.proportion(now)
    f1 = [words.measure(each.f1, each.f1_interval) for each in (before, after)]
    yield "F1", f1[0], f1[1]


def _rules(found: Difference) -> Iterator[tuple[str, ...]]:
    changed = [rule for rule in found.rules if rule.changed or rule.newly_flagged]
    for rule in changed[:_RULES]:
        numbers = (rule.newly_flagged, rule.alone, rule.no_longer, rule.otherwise)
        yield (
            _in_table(rule.rule),
            words.hits(rule.hits_before, rule.shadow_before),
            words.hits(rule.hits_after, rule.shadow_after),
            *(f"{number:,}" for number in numbers),
        )


def _advice(found: Difference, new: About) -> Iterator[tuple[str, ...]]:
    for each in threshold_advice(found, new.rules):
        numbers = (f"{each.reached_before:,}", f"{each.reached_after:,}", words.same_rate(each))
        yield (
            _in_table(each.rule),
            _in_table(f"{each.label} {each.operator} {each.value:g}"),
            *numbers,
        )


def _in_table(text: str) -> str:
    # A bar ends a cell even inside code, unless it is escaped.
    return code(text, 80).replace("|", "\\|")


def _examples(name: str, listing: Listing[ShownChange]) -> str:
    if not listing.shown:
        return ""
    shown = listing.shown[:_EXAMPLES]
    lines = [line for item in shown for line in _example(item.change)]
    summary = f"<summary>{name}: {len(shown)} of {listing.total:,}, the texts may offend</summary>"
    return "\n".join([f"<details>{summary}", "", *lines, "", "</details>"])


def _example(change: Change) -> Iterator[str]:
    comment, old, new = change.comment, change.old, change.new
    move = f"{old.action.said} → {new.action.said}"
    yield f"- {move}, {code(words.author(comment))}, {words.moment(comment.created_at)}"
    spans = spans_of((*change.came, *change.went))
    yield f"  - {code(''.join(piece.text for piece in glimpse(comment.text, spans, _LONGEST)))}"
    for match in (*change.came, *change.went):
        yield f"  - {code(match.rule, 80)} {words.turn(change, match)}"
