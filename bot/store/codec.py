"""The nouns as JSON and back, by their type hints.

Lives here: one pair of functions for every frozen dataclass of `bot.model`. Not here: the machine
interface that other programs read (`bot.record`); this form is the store's own.
"""

from __future__ import annotations

import enum
import json
import types
import typing
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any, TypeVar

T = TypeVar("T")

_AS_THEY_ARE = frozenset({str, int, float, bool, type(None)})
"""Types that JSON knows; most of what is stored is of these, so they are told apart first."""


def dump(value: object) -> str:
    """Return a value as JSON in ASCII, so that even lone surrogates can be stored."""
    return json.dumps(_plain(value), separators=(",", ":"))


def load(kind: type[T], text: str) -> T:
    """Return the value of type `kind` that `dump` wrote; absent fields get their defaults."""
    value = _typed(kind, json.loads(text))
    assert isinstance(value, kind)  # noqa: S101 - `_typed` builds by `kind`; this tells mypy
    return value


def _plain(value: object) -> object:
    kind: Any = type(value)
    if kind in _AS_THEY_ARE:
        return value
    names = _names(kind)
    if names is not None:
        return {name: _plain(getattr(value, name)) for name in names}
    if isinstance(value, Mapping):
        return {str(key): _plain(each) for key, each in value.items()}
    if isinstance(value, (tuple, list)):
        return [_plain(each) for each in value]
    return _plain_scalar(value)


@cache
def _names(kind: type) -> tuple[str, ...] | None:
    """Return the names of a dataclass's fields; `None` for what is none."""
    return tuple(each.name for each in fields(kind)) if is_dataclass(kind) else None


def _plain_scalar(value: object) -> object:
    if isinstance(value, enum.Enum):
        return value.name
    if isinstance(value, datetime):
        return value.isoformat()
    return value.total_seconds() if isinstance(value, timedelta) else value


def _typed(kind: Any, data: Any) -> object:
    origin, inner = typing.get_origin(kind), typing.get_args(kind)
    if origin in {typing.Union, types.UnionType}:
        return _one_of(inner, data)
    if origin is tuple:
        return tuple(_typed(inner[0], each) for each in data)
    if origin is not None and issubclass(origin, Mapping):
        return {key: _typed(inner[1], each) for key, each in data.items()}
    if is_dataclass(kind):
        hints = _hints(typing.cast("type", kind))
        known = {name: _typed(hints[name], each) for name, each in data.items() if name in hints}
        return typing.cast("Any", kind)(**known)
    return _scalar(kind, data)


def _one_of(kinds: tuple[Any, ...], data: Any) -> object:
    """Return `data` as the one member of a union that it can be."""
    if data is None:
        return None
    if isinstance(data, list):
        return tuple(data)
    real = [kind for kind in kinds if kind is not types.NoneType]
    return _typed(real[0], data) if len(real) == 1 else data


def _scalar(kind: Any, data: Any) -> object:
    if issubclass(kind, enum.Enum):
        return kind[data]
    if issubclass(kind, datetime):
        return datetime.fromisoformat(data)
    if issubclass(kind, timedelta):
        return timedelta(seconds=data)
    if issubclass(kind, tuple):
        return kind(*data)
    return data


@cache
def _hints(kind: type) -> dict[str, Any]:
    return typing.get_type_hints(kind)
