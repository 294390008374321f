"""What a press on one of our buttons, menus and modals does.

Lives here: from an id and a moderator to a call of the desk and a reply. No object of Discord
enters. Not here: what a decision changes (`bot.review`) and how a reply is sent
(`bot.chat.client`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from bot.chat.answers import example_text, exception_text
from bot.chat.card import custom_id
from bot.chat.settings import ChatServices
from bot.model import Decision, Effect
from bot.review import LONGEST_NOTE, Moderator, RefusedError, ReviewDesk

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
    ("example", "Show it as an example for the rule"),
    ("exception", "Show it as an exception"),
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


@dataclass(frozen=True, slots=True)
class Press:
    """Who pressed what; `value` is what was chosen or written."""

    verb: str
    number: int
    moderator: Moderator
    value: str = ""


@dataclass(frozen=True, slots=True)
class Modal:
    """A question for one text."""

    title: str
    custom_id: str
    label: str
    longest: int


@dataclass(frozen=True, slots=True)
class Reply:
    """What the presser alone sees; an empty one leaves it to the card, which changes.

    `file` is sent as an attached text, which may be long; `menu` as selects of (value, label).
    """

    text: str = ""
    file: str | bytes = ""
    file_name: str = "gavel.txt"
    embed: Mapping[str, Any] | None = None
    menu: tuple[tuple[str, str], ...] = ()
    menu_verb: str = ""
    menu_number: int = 0


def at_once(press: Press, desk: ReviewDesk) -> Modal | Reply | None:
    """Return the answer to a press that needs no waiting, `None` for all others.

    Raise `RefusedError` for anyone who is no moderator.
    """
    desk.admit(press.moderator)
    if press.verb == "more":
        text = f"Case {press.number}: what else?"
        return Reply(text, menu=MENU, menu_verb="do", menu_number=press.number)
    if (press.verb, press.value) == ("do", "note"):
        title = f"Note on case {press.number}"
        return Modal(title, custom_id("note", press.number), "Note", LONGEST_NOTE)
    return None


async def answer(press: Press, services: ChatServices) -> Reply:
    """Do what was pressed; raise `RefusedError` with words for the presser."""
    desk, number, who = services.desk, press.number, press.moderator
    desk.admit(who)
    if press.verb in _DECISIONS:
        await desk.decide(number, who, _DECISIONS[press.verb])
        return Reply()
    match press.verb:
        case "undo":
            await desk.undo(number, who)
            return Reply()
        case "why":
            case_ = await desk.case(number)
            return Reply(file=await services.explain(case_.comment))
        case "note":
            await desk.note(number, who, press.value)
            return Reply(f"Your note on case {number} is kept.")
        case "do":
            return await _chosen(press, services)
    raise RefusedError("This button is of another version of Gavel.")


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
        case "example":
            return Reply(file=example_text(await desk.case(number)))
        case "exception":
            return Reply(file=exception_text(await desk.case(number)))
    raise RefusedError("This choice is of another version of Gavel.")
