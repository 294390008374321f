"""The entries that a matcher looks for: words with wildcards, and regular expressions.

Lives here: `Term` and `Pattern`, and what is wrong with a regular expression that RE2 refuses.
Not here: looking for them (`bot.rules.matcher`).
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import re2

from bot.model import Evasion


class TermError(ValueError):
    """A word entry that would match everything."""


class PatternError(ValueError):
    """A regular expression that cannot be used; `offset` is its code point, or `None`."""

    def __init__(self, message: str, offset: int | None = None, hint: str = "") -> None:
        self.message = message
        self.offset = offset
        self.hint = hint
        super().__init__(message)


_IN_WORD = r"[\pL\pN]*"


@dataclass(frozen=True, slots=True)
class Term:
    """A word entry with Discord's wildcards: `cat`, `cat*`, `*cat`, `*cat*`.

    Raises `TermError` when nothing but wildcards and white space is left.
    """

    text: str
    evasion: Evasion = Evasion.NONE

    def __post_init__(self) -> None:
        if not self.core:
            raise TermError(f"{self.text!r} would match every text")

    @property
    def core(self) -> str:
        """The entry without its wildcards, white space made single."""
        return " ".join(self.text.strip().strip("*").split())

    @property
    def open_start(self) -> bool:
        """Whether a word may go on before the entry."""
        return self.text.strip().startswith("*")

    @property
    def open_end(self) -> bool:
        """Whether a word may go on after the entry."""
        return self.text.strip().endswith("*")

    @property
    def regex(self) -> str:
        """The entry as a part of a regular expression; word boundaries are left to the rest."""
        core = r"\s+".join(re2.escape(word) for word in self.core.lower().split())
        return f"{_IN_WORD if self.open_start else ''}{core}{_IN_WORD if self.open_end else ''}"


_BEYOND_RE2 = (
    (r"\(\?=", "a look-ahead", "list what must follow in the expression itself"),
    (r"\(\?!", "a negative look-ahead", "put what must not follow into a `not` condition"),
    (r"\(\?<=", "a look-behind", "list what must come before in the expression itself"),
    (r"\(\?<!", "a negative look-behind", "put what must not come before into `not`"),
    (r"\(\?P=\w+\)|\\[1-9]", "a back reference", "write out what is repeated, or use `shape`"),
    (r"\(\?>", "an atomic group", "RE2 never backtracks: a plain group `(?:…)` does the same"),
    (r"[*+?}]\+", "a possessive quantifier", "RE2 never backtracks: leave the second `+` out"),
    (r"\(\?\(", "a conditional group", "write two alternatives: `a|b`"),
    (r"\(\?#", "a comment", "put the comment into the YAML file"),
    (r"\\Z", r"the anchor \Z", r"write \z"),
)
_ESCAPED_OR_CLASS = re.compile(r"\\[^1-9Z]|\[\^?\]?(?:\\.|[^\]\\])*\]", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Pattern:
    """A regular expression in RE2's syntax, blind to case.

    Raises `PatternError` when RE2 cannot use it.
    """

    source: str
    evasion: Evasion = Evasion.NONE

    def __post_init__(self) -> None:
        compile_pattern(self.source)


def options() -> re2.Options:
    """Return the options under which all patterns are read."""
    chosen = re2.Options()
    chosen.case_sensitive = False
    chosen.log_errors = False
    chosen.max_mem = 64 << 20
    return chosen


def compile_pattern(source: str) -> re2._Regexp:
    """Compile with RE2; raise `PatternError` with the place and a way out."""
    try:
        return re2.compile(source, options())
    except UnicodeEncodeError as error:
        raise PatternError("half a character stands here", error.start) from error
    except re2.error as error:
        raise _explained(source, *error.args) from error


def _explained(source: str, complaint: bytes | str) -> PatternError:
    # Escapes and classes are blanked, so that `\(?=` is not taken for a look-ahead.
    visible = _ESCAPED_OR_CLASS.sub(lambda found: "\0" * len(found[0]), source)
    for shape, name, hint in _BEYOND_RE2:
        found = re.search(shape, visible)
        if found:
            return PatternError(f"RE2 has no place for {name}", found.start(), hint)
    message = complaint.decode("utf-8", "replace") if isinstance(complaint, bytes) else complaint
    kind, _, fragment = message.partition(": ")
    if kind in _UNCLOSED:
        return PatternError(kind, _unclosed(visible, *_UNCLOSED[kind]), "close it, or escape it")
    if kind == "unexpected )":
        return PatternError(kind, _unopened(visible), r"open it, or write \)")
    return PatternError(message, _place(source, fragment), _HINTS.get(kind, ""))


_UNCLOSED = {"missing )": ("(", ")"), "missing ]": ("[", "]")}
_HINTS = {
    "invalid repetition size": "repeat at most 1000 times",
    "no argument for repetition operator": r"say what is repeated, or write a backslash before it",
    "invalid escape sequence": r"RE2 knows \b \d \s \w \p{L} and escaped punctuation",
}


def _unclosed(visible: str, opening: str, closing: str) -> int:
    """Return the place of the last bracket that stays open."""
    open_places: list[int] = []
    for place, character in enumerate(visible):
        if character == opening:
            open_places.append(place)
        elif character == closing and open_places:
            open_places.pop()
    return open_places[-1] if open_places else len(visible)


def _unopened(visible: str) -> int:
    depth = 0
    for place, character in enumerate(visible):
        depth += (character == "(") - (character == ")")
        if depth < 0:
            return place
    return len(visible)


def _place(source: str, fragment: str) -> int | None:
    """Find the fragment that RE2 complains about."""
    offset = source.find(fragment) if fragment else -1
    return None if offset < 0 else offset
