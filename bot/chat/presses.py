"""What a press on one of our buttons, menus and modals does.

Lives here: from an id and a moderator to a call of the desk and a reply. No object of Discord
enters. Not here: what a decision changes (`bot.review`) and how a reply is sent
(`bot.chat.client`).
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from bot.cases import Case, Decision
from bot.chat.card import CaseView, card, custom_id, forgotten
from bot.chat.settings import SOURCE, ChatServices, Explained
from bot.chat.words import LONGEST_EMBED, LONGEST_MESSAGE, block, plain, size
from bot.model import Effect
from bot.review import LONGEST_NOTE, Moderator, RefusedError, ReviewDesk, hindrance

MENU = (
    ("claim", "Claim this case"),
    ("release", "Give it back to everybody"),
    ("uphold-only", "Uphold, and do nothing more"),
    ("uphold-remove", "Uphold and remove the message"),
    ("uphold-warn", "Uphold, remove and warn the author"),
    ("uphold-timeout-1h", "Uphold, remove and time out for an hour"),
    ("uphold-timeout-1d", "Uphold, remove and time out for a day"),
    ("uphold-kick", "Uphold, remove and kick"),
    ("uphold-ban", "Uphold, remove and ban"),
    ("note", "Write a note"),
    ("assign", "Give it to another moderator"),
    ("match", "Add it to a rule: this should be found"),
    ("nomatch", "Add it to a rule: this should be left alone"),
    ("except", "Add an exception: what was found is innocent"),
)
_REMOVE = Effect("remove")
_CHOSEN: dict[str, tuple[Effect, ...]] = {
    "uphold-only": (),
    "uphold-remove": (_REMOVE,),
    "uphold-warn": (_REMOVE, Effect("warn")),
    "uphold-timeout-1h": (_REMOVE, Effect("timeout", timedelta(hours=1))),
    "uphold-timeout-1d": (_REMOVE, Effect("timeout", timedelta(days=1))),
    "uphold-kick": (_REMOVE, Effect("kick")),
    "uphold-ban": (_REMOVE, Effect("ban")),
}
_DECISIONS = {
    "uphold": Decision.UPHOLD,
    "dismiss": Decision.DISMISS,
    "unsure": Decision.UNSURE,
}


_ELSEWHERE = "it stands on a site, which hears of the decision and acts by itself"

_KINDS = {"match": "match", "nomatch": "no_match"}
_MOST_RULES = 125
_LONGEST_WORDS, _LONGEST_REASON = 400, 300


@dataclass(frozen=True, slots=True)
class Press:
    """Who pressed what; `value` is what was chosen, `texts` what was written, by its question.

    `member` is the one chosen, with their roles, where a member was asked for.
    """

    verb: str
    number: int
    moderator: Moderator
    value: str = ""
    texts: Mapping[str, str] = field(default_factory=dict)
    member: Moderator | None = None


@dataclass(frozen=True, slots=True)
class Question:
    """One text that a modal asks for."""

    name: str
    label: str
    longest: int
    required: bool = True


@dataclass(frozen=True, slots=True)
class Modal:
    """Questions for texts."""

    title: str
    custom_id: str
    questions: tuple[Question, ...]


@dataclass(frozen=True, slots=True)
class Reply:
    """What the presser alone sees; an empty one leaves it to the card, which changes.

    `file` is sent as an attached text or picture, `file_says` to those who cannot see it. `menu` is
    shown as selects of (value, label), `members` asks for a member of the server instead. `embed`
    and `components` are as Discord's API takes them.
    """

    text: str = ""
    file: str | bytes = ""
    file_name: str = "gavel.txt"
    file_says: str = ""
    embed: Mapping[str, Any] | None = None
    components: Sequence[Mapping[str, Any]] = ()
    menu: tuple[tuple[str, str], ...] = ()
    members: bool = False
    menu_verb: str = ""
    menu_number: int = 0


def said(text: str) -> Reply:
    """Return a reply that says words for Discord, attached where they are too long for a message."""
    return Reply(text) if size(text) <= LONGEST_MESSAGE else Reply(file=plain(text))


def explained(why: Explained) -> Reply:
    """Return a reply that shows what matched, with the whole trace attached where there is more."""
    if size(why.matched) > LONGEST_EMBED:
        return Reply(file=why.whole)
    embed = {"description": block(why.matched)}
    return Reply(embed=embed, file="" if why.whole == why.matched else why.whole)


def printed(text: str) -> Reply:
    """Return a reply with what a terminal would show, attached where it is too long."""
    return Reply(block(text)) if size(text) <= LONGEST_MESSAGE else Reply(file=text)


def at_once(press: Press, desk: ReviewDesk) -> Modal | Reply | None:
    """Return the answer to a press that needs no waiting, `None` for all others.

    Raise `RefusedError` for anyone who is no moderator.
    """
    desk.admit(press.moderator)
    if press.verb != "do":
        return None
    match press.value:
        case "note":
            return _asked(press, "Note on case", (Question("text", "Note", LONGEST_NOTE),))
        case "except":
            return _asked(press, "Exception from case", _ON_EXCEPTION)
        case "assign":
            text = f"Who should decide case {press.number}?"
            return Reply(text, members=True, menu_verb="assign", menu_number=press.number)
    return None


_ON_EXCEPTION = (
    Question("words", "Innocent words (empty: what was found)", _LONGEST_WORDS, required=False),
    Question("reason", "Why are they innocent?", _LONGEST_REASON),
)


def _asked(press: Press, title: str, questions: tuple[Question, ...]) -> Modal:
    identity = custom_id(press.value, press.number)
    return Modal(f"{title} {press.number}", identity, questions)


async def answer(press: Press, services: ChatServices) -> Reply:
    """Do what was pressed; raise `RefusedError` with words for the presser."""
    services.desk.admit(press.moderator)
    does = _ANSWERS.get(press.verb)
    if does is None:
        raise RefusedError("This button is of another version of Gavel.")
    if press.verb != "show" and forgotten(await services.desk.case(press.number)):
        raise RefusedError(
            f"Text and author of case {press.number} were removed for good: nothing can be done with"
            " it any more. What was decided still counts."
        )
    return await does(press, services)


async def _decide(press: Press, services: ChatServices) -> Reply:
    await services.desk.decide(press.number, press.moderator, _DECISIONS[press.verb])
    return Reply()


async def _undo(press: Press, services: ChatServices) -> Reply:
    await services.desk.undo(press.number, press.moderator)
    return Reply()


async def _why(press: Press, services: ChatServices) -> Reply:
    case = await services.desk.case(press.number)
    return explained(await services.explain(case.comment))


async def _note(press: Press, services: ChatServices) -> Reply:
    await services.desk.note(press.number, press.moderator, press.texts.get("text", ""))
    return Reply(f"Your note on case {press.number} is kept.")


async def _more(press: Press, services: ChatServices) -> Reply:
    case = await services.desk.case(press.number)
    menu, why = _offered(case)
    text = "\n".join([f"Case {press.number}: what else?", *why])
    return Reply(text, menu=menu, menu_verb="do", menu_number=press.number)


def _offered(case: Case) -> tuple[tuple[tuple[str, str], ...], list[str]]:
    """Return the choices whose effect can be carried out, and why there are no more."""
    if case.comment.source != SOURCE:
        left_out = {name: _ELSEWHERE for name, effects in _CHOSEN.items() if effects}
    else:
        # A choice is for the sake of its last effect.
        reasons = {n: hindrance(case, effects[-1]) for n, effects in _CHOSEN.items() if effects}
        left_out = {name: reason for name, reason in reasons.items() if reason}
    menu = tuple(each for each in MENU if each[0] not in left_out)
    return menu, [f"Less than usual: {reason}." for reason in dict.fromkeys(left_out.values())]


async def _chosen(press: Press, services: ChatServices) -> Reply:
    desk, number, who = services.desk, press.number, press.moderator
    if press.value in _CHOSEN:
        effects = _CHOSEN[press.value]
        await desk.decide(number, who, Decision.UPHOLD, effects)
        return Reply(f"Case {number} is upheld.")
    match press.value:
        case "claim":
            await desk.claim(number, who)
            return Reply(f"Case {number} is yours.")
        case "release":
            await desk.reassign(number, who, None)
            return Reply(f"Case {number} is open to everybody.")
        case "match" | "nomatch":
            return await _which_rule(press, services)
    raise RefusedError("This choice is of another version of Gavel.")


async def _which_rule(press: Press, services: ChatServices) -> Reply:
    """Ask to which rule a case is to be added; those that found it come first."""
    found = _acting(await services.desk.case(press.number))
    others = [rule.id for rule in services.rules.listed() if rule.id not in found]
    menu = tuple((each, each) for each in [*found, *others][:_MOST_RULES])
    return Reply("To which rule?", menu=menu, menu_verb=press.value, menu_number=press.number)


async def _except(press: Press, services: ChatServices) -> Reply:
    case = await services.desk.case(press.number)
    rules = _acting(case)
    written = re.split(r"[,\n]", press.texts.get("words", ""))
    words = [each.strip() for each in written if each.strip()]
    words = words or _found(case)
    if not rules or not words:
        raise RefusedError(f"No live rule found words in case {press.number}: nothing to except.")
    reason = press.texts.get("reason", "").strip()
    return said(await services.rules.add_exception(rules, words, reason, case))


async def _add_example(press: Press, services: ChatServices) -> Reply:
    case, kind = await services.desk.case(press.number), _KINDS[press.verb]
    return said(await services.rules.add_example(press.value, kind, case))


async def _assign(press: Press, services: ChatServices) -> Reply:
    to = press.member
    if to is None or not services.desk.may(to):
        raise RefusedError("Only a moderator can be given a case.")
    await services.desk.reassign(press.number, press.moderator, to.id)
    return Reply(f"Case {press.number} is now with <@{to.id}>.")


async def _show(press: Press, services: ChatServices) -> Reply:
    if not press.value.isdecimal():
        raise RefusedError("There is no such case.")
    return await shown(int(press.value), services)


async def shown(number: int, services: ChatServices) -> Reply:
    """Return a case's card, to be seen and pressed by the asker alone."""
    case = await services.desk.case(number)
    upheld = await services.desk.upheld_before(case)
    drawn = card(CaseView(case, upheld_before=upheld))
    return Reply(embed=drawn.embed, components=drawn.components)


def _found(case: Case) -> list[str]:
    """Return what the live rules found in a text, each stretch by itself."""
    spans = {span for match in case.verdict.acting for span in match.spans}
    return sorted({case.comment.text[span.start : span.end] for span in spans})


def _acting(case: Case) -> list[str]:
    return [match.rule for match in case.verdict.acting]


_ANSWERS: dict[str, Callable[[Press, ChatServices], Awaitable[Reply]]] = {
    **dict.fromkeys(_DECISIONS, _decide),
    **dict.fromkeys(_KINDS, _add_example),
    "undo": _undo,
    "why": _why,
    "more": _more,
    "note": _note,
    "except": _except,
    "assign": _assign,
    "show": _show,
    "do": _chosen,
}
