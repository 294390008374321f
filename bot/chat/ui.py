"""Our JSON of embeds and components as discord.py's objects.

Lives here: conversion only. Views are stopped at once: presses are told apart by their ids
(`bot.chat.presses`), so that old cards work, and nothing is kept for each card.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import discord

from bot.chat.presses import Modal

Payload = dict[str, Any]

_BUTTON, _SELECT, _MEMBER = 2, 3, 5


def to_view(rows: Sequence[Mapping[str, Any]]) -> discord.ui.View:
    """Return action rows of buttons and selects as a view."""
    view = discord.ui.View(timeout=None)
    for number, row in enumerate(rows):
        for each in row["components"]:
            view.add_item(_MADE[each["type"]](each, number))
    view.stop()
    return view


def to_modal(asked: Modal) -> discord.ui.Modal:
    """Return a modal that asks for texts."""
    modal = discord.ui.Modal(title=asked.title, custom_id=asked.custom_id, timeout=None)
    for each in asked.questions:
        field: discord.ui.TextInput[discord.ui.Modal] = discord.ui.TextInput(
            label=each.label,
            custom_id=each.name,
            style=discord.TextStyle.paragraph,
            required=each.required,
            max_length=each.longest,
        )
        modal.add_item(field)
    return modal


def select_row(custom_id: str, placeholder: str, options: Sequence[tuple[str, str]]) -> Payload:
    """Return an action row with one select of (value, label)."""
    rows = [{"value": value[:100], "label": label[:100]} for value, label in options]
    menu = {"type": _SELECT, "custom_id": custom_id, "placeholder": placeholder, "options": rows}
    return {"type": 1, "components": [menu]}


def member_row(custom_id: str, placeholder: str) -> Payload:
    """Return an action row with a select of one member of the server."""
    menu = {"type": _MEMBER, "custom_id": custom_id, "placeholder": placeholder}
    return {"type": 1, "components": [menu]}


def _button(each: Payload, row: int) -> discord.ui.Button[discord.ui.View]:
    return discord.ui.Button(
        style=discord.ButtonStyle(each["style"]),
        label=each["label"],
        custom_id=each["custom_id"],
        row=row,
    )


def _select(each: Payload, row: int) -> discord.ui.Select[discord.ui.View]:
    options = [discord.SelectOption(**option) for option in each["options"]]
    return discord.ui.Select(
        custom_id=each["custom_id"], placeholder=each["placeholder"], options=options, row=row
    )


def _member(each: Payload, row: int) -> discord.ui.UserSelect[discord.ui.View]:
    return discord.ui.UserSelect(
        custom_id=each["custom_id"], placeholder=each["placeholder"], row=row
    )


_MADE: dict[int, Callable[[Payload, int], discord.ui.Item[discord.ui.View]]] = {
    _BUTTON: _button,
    _SELECT: _select,
    _MEMBER: _member,
}
