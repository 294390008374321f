"""The review card: a case as one embed and one row of buttons.

Lives here: a pure function from what is known of a case to Discord's JSON, within Discord's limits,
whatever the user wrote. Not here: posting it (`bot.chat.sinks`) and pressing it
(`bot.chat.presses`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from bot.cases import Case, Decision
from bot.chat.settings import SOURCE
from bot.chat.words import (
    bar,
    cut,
    deed_words,
    effect_words,
    escaped,
    link_of,
    marked,
    one_line,
    size,
    when,
)
from bot.model import Action, Comment
from bot.review import proposed

Payload = dict[str, Any]

PREFIX = "gavel"
_COLOURS = {
    Action.NOTE: 0x95A5A6,
    Action.FLAG: 0xF1C40F,
    Action.HOLD: 0xE67E22,
    Action.REMOVE: 0xE74C3C,
}
_SETTLED_COLOUR = 0x2C3E50
_DECIDED = {
    Decision.UPHOLD: "Upheld",
    Decision.DISMISS: "False alarm",
    Decision.UNSURE: "Unsure",
}
_DELETES = {"remove", "hold"}
_MOST_FILES, _MOST_EARLIER, _MOST_BEFORE = 5, 3, 2
_TEXT, _FIELD, _TOTAL = 2_000, 1_000, 5_900
_BLURPLE, _GREY, _GREEN, _RED = 1, 2, 3, 4
_ROW, _BUTTON = 1, 2
_NUMBER = re.compile(r"[0-9]{1,19}")
"""A case's number or a message's id; more digits would be neither."""


@dataclass(frozen=True, slots=True)
class CaseView:
    """A case and its surroundings: what it replied to, what stood before, earlier upheld cases."""

    case: Case
    parent: Comment | None = None
    before: tuple[Comment, ...] = ()
    upheld_before: int = 0


@dataclass(frozen=True, slots=True)
class Card:
    """An embed and its components, as Discord's API takes them."""

    embed: Payload
    components: list[Payload]


def card(view: CaseView) -> Card:
    """Return the card of a case."""
    return Card(_embed(view), _components(view.case))


def custom_id(verb: str, number: int) -> str:
    """Return the id of a button; it says all, so that old cards work after a restart."""
    return f"{PREFIX}:{verb}:{number}"


def parse_custom_id(text: str) -> tuple[str, int] | None:
    """Return verb and case number of one of our ids, or `None`."""
    match text.split(":"):
        case [prefix, verb, number] if prefix == PREFIX and _NUMBER.fullmatch(number):
            return verb, int(number)
    return None


def forgotten(case: Case) -> bool:
    """Say whether text and author of a case were removed for good."""
    return not case.comment.author.id and not case.comment.text


def _embed(view: CaseView) -> Payload:
    case = view.case
    embed: Payload = {
        "title": _title(case),
        "description": _text(case),
        "color": _SETTLED_COLOUR if not case.waiting else _COLOURS.get(case.verdict.action, 0),
        "fields": [],
        "footer": {"text": f"rules {case.verdict.ruleset[:12]} · model {case.verdict.model[:40]}"},
    }
    if link := link_of(case.comment):
        embed["url"] = link
    room = _TOTAL - size(embed["title"]) - size(embed["description"]) - 70
    for name, value, inline in _fields(view):
        room -= size(name) + size(value)
        # The fields stand in the order of their weight: the last ones give way.
        if room > 0:
            embed["fields"].append({"name": name, "value": value, "inline": inline})
    return embed


def _title(case: Case) -> str:
    verdict = case.verdict
    levels = [match.level for match in verdict.acting]
    grave = f" · {max(levels)}" if levels else ""
    state = " · edited since" if case.changed_since else ""
    decided = f"{_DECIDED[case.review.decision]} · " if case.review else ""
    return f"{decided}Case {case.number} · {verdict.action.said}{grave}{state}"


def _text(case: Case) -> str:
    comment = case.comment
    if not comment.text.strip():
        return "*no text*"
    spans = [span for match in case.verdict.acting for span in match.spans]
    return f"||{marked(comment.text, spans, _TEXT)}||"


def _fields(view: CaseView) -> Iterator[tuple[str, str, bool]]:
    case = view.case
    yield "Author", _author(view), True
    yield "Where", _where(case.comment), True
    yield "When", when(case.comment.created_at), True
    yield from _filled("Attached", _attached(case.comment))
    yield from _filled("Decision", _decision(case))
    yield from _filled("Why", _reasons(case))
    yield from _filled("Scores", _scores(case))
    yield from _filled("Done", _deeds(case))
    yield from _filled("Replied to", [_quoted(each) for each in (view.parent,) if each])
    earlier = [each for each in view.before if view.parent is None or each.id != view.parent.id]
    yield from _filled("Before it", [_quoted(each) for each in earlier[-_MOST_BEFORE:]])
    yield from _filled(
        "Notes", [f"{_who(n.moderator)} {one_line(n.text, 300)}" for n in case.notes]
    )


def _filled(name: str, lines: Iterable[str]) -> Iterator[tuple[str, str, bool]]:
    """Yield a field of as many lines as fit, or none."""
    kept: list[str] = []
    for line in lines:
        if sum(map(size, kept)) + len(kept) + size(line) > _FIELD:
            kept.append("…")
            break
        kept.append(line)
    if kept:
        yield name, "\n".join(kept), False


def _author(view: CaseView) -> str:
    author = view.case.comment.author
    if not author.id:
        return "unknown"
    name = one_line(author.name, 80)
    if view.case.comment.attributes.get("webhook"):
        return f"{name}\na webhook, and nobody's member: nothing can be done to its author"
    ours = _ours(view.case.comment) and author.id.isdecimal()
    mention = f"<@{author.id}> {name}" if ours else name or one_line(author.id, 80)
    if view.upheld_before:
        mention += f"\n{view.upheld_before} upheld before"
    return mention


def _where(comment: Comment) -> str:
    if _ours(comment) and comment.channel.isdecimal():
        blocked = "\nblocked by Discord's AutoMod" if "automod_rule" in comment.attributes else ""
        return f"<#{int(comment.channel)}>{blocked}"
    return one_line(f"{comment.source} {comment.channel}", 200)


def _ours(comment: Comment) -> bool:
    """Tell whether ids of a comment are Discord's; those of a site may look like them."""
    return comment.source == SOURCE


def _who(moderator: str) -> str:
    return f"<@{moderator}>" if moderator.isdecimal() else one_line(moderator, 80)


def _decision(case: Case) -> Iterator[str]:
    if case.review:
        review = case.review
        yield f"{_DECIDED[review.decision]} by {_who(review.moderator)} {when(review.at, 'R')}"
    elif case.assignee:
        yield f"Claimed by {_who(case.assignee)}"
    for earlier in case.withdrawn[-_MOST_EARLIER:]:
        yield f"Before: {_DECIDED[earlier.decision]} by {_who(earlier.moderator)} {when(earlier.at, 'R')}"
    if case.review and case.review.verdict_id != case.verdict.id:
        yield "The message was edited after this decision."
    # What was done by us stands under "Done".
    if case.deleted and not any(deed.done and deed.effect.kind in _DELETES for deed in case.deeds):
        yield "The message was deleted."


def _attached(comment: Comment) -> Iterator[str]:
    """Yield the names of attached files, which moderators see behind the jump link."""
    names = comment.attributes.get("attachments")
    for name in names[:_MOST_FILES] if isinstance(names, (tuple, list)) else ():
        yield f"||{one_line(str(name), 80)}||"


def _reasons(case: Case) -> Iterator[str]:
    for match in case.verdict.acting:
        disguise = f" (undone: {', '.join(match.folding)})" if match.folding else ""
        yield f"**{escaped(match.rule)}** {one_line(match.reason, 300)}".rstrip() + disguise
    if case.verdict.degraded:
        missing = ", ".join(item.what for item in case.verdict.missing)
        yield f"Not all could be judged; missing: {one_line(missing, 200)}"


def _scores(case: Case) -> Iterator[str]:
    if case.verdict.scores:
        values = case.verdict.scores.values
        for label in sorted(values, key=values.__getitem__, reverse=True):
            yield f"{bar(values[label])} {escaped(label)}"


def _deeds(case: Case) -> Iterator[str]:
    for deed in case.deeds:
        detail = f": {one_line(deed.detail, 150)}" if deed.detail else ""
        yield f"{deed_words(deed)}{detail}"


def _quoted(comment: Comment) -> str:
    text = cut(" ".join(comment.text.split()), 250)
    said = f"||{text}||" if text else " ".join(["*no text*", *_attached(comment)])
    return f"**{one_line(comment.author.name, 40)}** {said}"


def _components(case: Case) -> list[Payload]:
    if forgotten(case):
        return []
    if case.waiting:
        # On what stands elsewhere its site acts, once it hears of the decision.
        doable = proposed(case) if _ours(case.comment) else ()
        effects = ", ".join(effect_words(effect) for effect in doable)
        uphold = f"Uphold · {effects}" if effects else "Uphold"
        row = [
            _button("uphold", case, uphold[:80], _RED),
            _button("dismiss", case, "False alarm", _GREEN),
            _button("unsure", case, "Unsure", _GREY),
        ]
    else:
        row = [_button("undo", case, "Undo", _GREY)]
    row += [_button("why", case, "Why?", _BLURPLE), _button("more", case, "More", _GREY)]
    return [{"type": _ROW, "components": row}]


def _button(verb: str, case: Case, label: str, style: int) -> Payload:
    identity = custom_id(verb, case.number)
    return {"type": _BUTTON, "custom_id": identity, "label": label, "style": style}
