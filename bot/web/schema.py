"""The shapes of requests: one description reads values, and tells of them in OpenAPI.

Lives here: kinds of values, each with `read` and `schema`. Not here: which requests there are
(`bot.web.comments`, `bot.web.verdicts`) and JSON itself (`bot.web.body`).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Protocol

from multidict import MultiMapping

from bot.errors import did_you_mean
from bot.web.endpoint import ApiError

Schema = dict[str, object]

_ZONED = re.compile(
    r"\d{4}-\d{2}-\d{2}[Tt ]\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?([Zz]|[+-]\d{2}:?\d{2})"
)
_DIGITS = 19
_FLAGS = {"1": True, "0": False, "true": True, "false": False}
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


class Kind(Protocol):
    """Reads a value of a request."""

    def read(self, value: object, place: str) -> object:
        """Return the value as our nouns hold it; raise `ApiError` that names `place`."""
        ...

    def schema(self) -> Schema:
        """Return the JSON Schema of the values that are taken."""
        ...


@dataclass(frozen=True, slots=True)
class Text:
    """A string of bounded length, in code points; `plain` ones hold no control characters."""

    longest: int
    shortest: int = 0
    plain: bool = False

    def read(self, value: object, place: str) -> str:
        """Return the string."""
        if not isinstance(value, str):
            raise wrong(place, "must be a string")
        if not self.shortest <= len(value) <= self.longest:
            raise wrong(place, f"must have {self.shortest:,} to {self.longest:,} characters")
        if self.plain and _CONTROL.search(value):
            raise wrong(place, "must not hold control characters")
        return value

    def schema(self) -> Schema:
        """Return the JSON Schema."""
        found: Schema = {"type": "string", "maxLength": self.longest}
        if self.shortest:
            found["minLength"] = self.shortest
        if self.plain:
            found["pattern"] = r"^[^\x00-\x1f\x7f]*$"
        return found


@dataclass(frozen=True, slots=True)
class Form:
    """A string of one form; `about` says in words which."""

    pattern: str
    about: str

    def read(self, value: object, place: str) -> str:
        """Return the string."""
        if not isinstance(value, str) or not re.fullmatch(self.pattern, value):
            raise wrong(place, f"must be {self.about}")
        return value

    def schema(self) -> Schema:
        """Return the JSON Schema."""
        return {"type": "string", "pattern": f"^{self.pattern}$"}


@dataclass(frozen=True, slots=True)
class Flag:
    """True or false."""

    def read(self, value: object, place: str) -> bool:
        """Return the flag."""
        if not isinstance(value, bool):
            raise wrong(place, "must be true or false")
        return value

    def schema(self) -> Schema:
        """Return the JSON Schema."""
        return {"type": "boolean"}


@dataclass(frozen=True, slots=True)
class Whole:
    """A whole number within bounds."""

    least: int
    most: int

    def read(self, value: object, place: str) -> int:
        """Return the number."""
        if not isinstance(value, int) or isinstance(value, bool):
            raise wrong(place, "must be a whole number")
        if not self.least <= value <= self.most:
            raise wrong(place, f"must be {self.least:,} to {self.most:,}")
        return value

    def schema(self) -> Schema:
        """Return the JSON Schema."""
        return {"type": "integer", "minimum": self.least, "maximum": self.most}


@dataclass(frozen=True, slots=True)
class Moment:
    """A time of ISO 8601 with a zone; an aware time in UTC for us."""

    def read(self, value: object, place: str) -> datetime:
        """Return the time."""
        if not isinstance(value, str) or not _ZONED.fullmatch(value):
            raise wrong(place, "must be a time with a zone, such as 2026-05-01T12:00:00Z")
        try:
            return datetime.fromisoformat(value.upper()).astimezone(UTC)
        except (ValueError, OverflowError):
            raise wrong(place, "is no time of the calendar") from None

    def schema(self) -> Schema:
        """Return the JSON Schema."""
        return {"type": "string", "format": "date-time"}


@dataclass(frozen=True, slots=True)
class OneOf:
    """One of a few words."""

    words: tuple[str, ...]

    def read(self, value: object, place: str) -> str:
        """Return the word."""
        if not isinstance(value, str) or value not in self.words:
            raise wrong(place, f"must be one of: {', '.join(self.words)}")
        return value

    def schema(self) -> Schema:
        """Return the JSON Schema."""
        return {"type": "string", "enum": list(self.words)}


@dataclass(frozen=True, slots=True)
class ListOf:
    """A list of bounded length; a tuple for us."""

    kind: Kind
    longest: int
    shortest: int = 0

    def read(self, value: object, place: str) -> tuple[object, ...]:
        """Return the items."""
        if not isinstance(value, list):
            raise wrong(place, "must be a list")
        if not self.shortest <= len(value) <= self.longest:
            raise wrong(place, f"must have {self.shortest} to {self.longest} items")
        return tuple(self.kind.read(each, f"{place}[{i}]") for i, each in enumerate(value))

    def schema(self) -> Schema:
        """Return the JSON Schema."""
        found: Schema = {"type": "array", "items": self.kind.schema(), "maxItems": self.longest}
        if self.shortest:
            found["minItems"] = self.shortest
        return found


@dataclass(frozen=True, slots=True)
class Member:
    """One key of an object."""

    name: str
    kind: Kind
    about: str
    required: bool = False


@dataclass(frozen=True, slots=True)
class Object:
    """An object with known keys; `null` is the same as a key left out."""

    members: Sequence[Member]
    _by_name: Mapping[str, Member] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        """Index the members."""
        object.__setattr__(self, "_by_name", {each.name: each for each in self.members})

    def read(self, value: object, place: str) -> dict[str, object]:
        """Return the values that were given, by name."""
        if not isinstance(value, dict):
            raise wrong(place, "must be an object")
        found: dict[str, object] = {}
        for name, inner in value.items():
            member = self._by_name.get(name)
            if member is None:
                hint = did_you_mean(name, self._by_name)
                raise wrong(_inside(place, name[:60]), f"is not known; {hint}")
            if inner is not None:
                found[name] = member.kind.read(inner, _inside(place, name))
        for member in self.members:
            if member.required and member.name not in found:
                raise wrong(_inside(place, member.name), "is missing")
        return found

    def schema(self) -> Schema:
        """Return the JSON Schema."""
        found: Schema = {
            "type": "object",
            "properties": {each.name: _described(each) for each in self.members},
            "additionalProperties": False,
        }
        if required := [each.name for each in self.members if each.required]:
            found["required"] = required
        return found


@dataclass(frozen=True, slots=True)
class Either:
    """A string, or an object that says more."""

    text: Text
    more: Object

    def read(self, value: object, place: str) -> object:
        """Return the string or the object's values."""
        return (self.text if isinstance(value, str) else self.more).read(value, place)

    def schema(self) -> Schema:
        """Return the JSON Schema."""
        return {"anyOf": [self.text.schema(), self.more.schema()]}


def read_query(query: MultiMapping[str], members: Sequence[Member]) -> dict[str, object]:
    """Return the parameters of an address, by name; raise `ApiError` for any that is wrong."""
    kinds = {each.name: each.kind for each in members}
    given = {
        name: _from_texts(kinds.get(name), query.getall(name), name)
        for name in dict.fromkeys(query)
    }
    return Object(members).read(given, "")


def parameters(members: Sequence[Member]) -> list[Schema]:
    """Return the parameters of an address as OpenAPI tells of them."""
    return [
        {
            "name": each.name,
            "in": "query",
            "required": each.required,
            "description": each.about,
            "schema": each.kind.schema(),
        }
        for each in members
    ]


def _from_texts(kind: Kind | None, texts: list[str], name: str) -> object:
    """Return what the texts of a parameter stand for; what stands for nothing stays a text."""
    if isinstance(kind, ListOf):
        return list(texts)
    if len(texts) > 1:
        raise wrong(name, "must be given once")
    text = texts[0]
    if isinstance(kind, Flag):
        if text not in _FLAGS:
            raise wrong(name, "must be 1 or 0")
        return _FLAGS[text]
    if isinstance(kind, Whole) and text.isascii() and text.isdigit() and len(text) < _DIGITS:
        return int(text)
    return text


def wrong(place: str, message: str) -> ApiError:
    """Return the error of a value that is not as it must be."""
    return ApiError(422, "invalid", f"{place or 'the body'} {message}", field=place)


def _described(member: Member) -> Schema:
    schema = member.kind.schema()
    if not member.required:
        schema = {"anyOf": [schema, {"type": "null"}]}
    return {**schema, "description": member.about}


def _inside(place: str, name: str) -> str:
    return f"{place}.{name}" if place else name
