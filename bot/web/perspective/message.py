"""Reads JSON as the API's messages are read: either spelling of a name, no unknown one, no guess.

Lives here: how each kind of field is read. Not here: which message has which fields
(`bot.web.perspective.contract`).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import TypeVar

from bot.web.perspective.errors import PerspectiveError, unknown_field, wrong_type

T = TypeVar("T")
Reader = Callable[[object, str], T]
"""Takes a value and the place where it stands; raises `PerspectiveError` for a wrong one."""


def text(value: object, where: str) -> str:
    """Read a string that can be written as UTF-8."""
    if not isinstance(value, str):
        raise wrong_type(where, "TYPE_STRING")
    try:
        value.encode()
    except UnicodeEncodeError:
        raise wrong_type(where, "TYPE_STRING") from None
    return value


def boolean(value: object, where: str) -> bool:
    """Read true or false."""
    if not isinstance(value, bool):
        raise wrong_type(where, "TYPE_BOOL")
    return value


def number(value: object, where: str) -> float:
    """Read a finite number."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise wrong_type(where, "TYPE_FLOAT")
    try:
        read = float(value)
    except OverflowError:
        raise wrong_type(where, "TYPE_FLOAT") from None
    if not math.isfinite(read):
        raise wrong_type(where, "TYPE_FLOAT")
    return read


def integer(value: object, where: str) -> int:
    """Read a whole number of 32 bits."""
    if isinstance(value, bool) or not isinstance(value, int) or abs(value) >= 1 << 31:
        raise wrong_type(where, "TYPE_INT32")
    return value


def one_of(*choices: str) -> Reader[str]:
    """Return a reader of one of some words."""

    def read(value: object, where: str) -> str:
        if value not in choices:
            raise wrong_type(where, "TYPE_ENUM")
        return str(value)

    return read


def listed(each: Reader[T]) -> Reader[tuple[T, ...]]:
    """Return a reader of a list."""

    def read(value: object, where: str) -> tuple[T, ...]:
        if not isinstance(value, list):
            raise wrong_type(where, "TYPE_LIST")
        return tuple(each(item, f"{where}[{i}]") for i, item in enumerate(value))

    return read


def mapped(each: Reader[T]) -> Reader[dict[str, T]]:
    """Return a reader of a mapping with free keys."""

    def read(value: object, where: str) -> dict[str, T]:
        if not isinstance(value, dict):
            raise wrong_type(where, "TYPE_MESSAGE")
        return {text(key, where): each(item, f"{where}[{i}]") for i, (key, item) in _items(value)}

    return read


def message(fields: Mapping[str, Reader[object]]) -> Reader[dict[str, object]]:
    """Return a reader of a message.

    What it reads holds the fields that are set, by their names in camel case; `null` is unset.
    """
    names = {spelling: name for name in fields for spelling in (name, _snake(name))}

    def read(value: object, where: str) -> dict[str, object]:
        if not isinstance(value, dict):
            raise wrong_type(where or "body", "TYPE_MESSAGE")
        found: dict[str, object] = {}
        for key, item in value.items():
            name = names.get(key)
            if name is None:
                raise unknown_field(_printable(key), where)
            place = f"{where}.{_snake(name)}" if where else _snake(name)
            if name in found:
                raise _twice(place)
            if item is not None:
                found[name] = fields[name](item, place)
        return found

    return read


def _items(value: dict[str, object]) -> enumerate[tuple[str, object]]:
    return enumerate(value.items())


def _twice(where: str) -> PerspectiveError:
    return wrong_type(where, "is given twice")


def _snake(name: str) -> str:
    return "".join(f"_{c.lower()}" if c.isupper() else c for c in name)


def _printable(name: str) -> str:
    return name.encode("utf-8", "replace").decode()
