"""Errors as a product: what is wrong, where, the line with a caret, and the way out.

Lives here: `Location`, `Problem`, `UserError` and how they are rendered. Not here: who finds
problems (each reader and loader) and who prints them (`bot.cli`).
"""

from __future__ import annotations

import enum
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches


class Severity(enum.StrEnum):
    """How grave a problem is; only errors stop a rule set from loading."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Location:
    """A place in a file; line and column count from 1 and are `None` where there are none.

    `source` is the text of the line and `width` how many code points the caret underlines.
    """

    path: str
    line: int | None = None
    column: int | None = None
    source: str | None = None
    width: int = 1

    def __str__(self) -> str:
        parts = [self.path, *(str(part) for part in (self.line, self.column) if part is not None)]
        return ":".join(parts)


@dataclass(frozen=True, slots=True)
class Problem:
    """One finding: comparable, so that tests and tools can look for it by `code`."""

    code: str
    message: str
    location: Location | None = None
    hint: str = ""
    severity: Severity = Severity.ERROR

    def render(self) -> str:
        """Return the problem as people read it: place, message, line, caret, hint."""
        head = f"{self.severity}: {self.message}"
        if self.location is None:
            return "\n".join([head, *_hint(self.hint, "")])
        lines = [f"{self.location}: {head}"]
        margin = ""
        if self.location.line is not None and self.location.source is not None:
            number = str(self.location.line)
            margin = " " * (len(number) + 2)
            source, column = _window(self.location.source, self.location.column or 1)
            lines.append(f" {number} | {source}")
            if self.location.column is not None:
                # Never underline past the line's end: a caret must point at something.
                width = max(1, min(self.location.width, len(source) - column + 1))
                lines.append(f"{margin}| {' ' * (column - 1)}{'^' * width}")
        lines.extend(_hint(self.hint, margin))
        return "\n".join(lines)


_LONGEST_LINE = 120


def _window(source: str, column: int) -> tuple[str, int]:
    """Cut a long line around the caret; control characters become visible."""
    shown = "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in source)
    if len(shown) <= _LONGEST_LINE:
        return shown, column
    start = max(0, column - 1 - _LONGEST_LINE // 2)
    return shown[start : start + _LONGEST_LINE], column - start


def _hint(hint: str, margin: str) -> list[str]:
    return [f"{margin}= hint: {hint}" if margin else f"  hint: {hint}"] if hint else []


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """Return a hint that names the nearest known word, or the known words when none is near."""
    choices = list(known)
    near = get_close_matches(name, choices, n=1, cutoff=0.6)
    if near:
        return f'did you mean "{near[0]}"?'
    return f"known: {', '.join(choices)}" if choices else ""


class GavelError(Exception):
    """Anything that Gavel raises on purpose."""


class UserError(GavelError):
    """An error that the user can mend; carries one or many problems, all of them rendered."""

    def __init__(self, problems: Problem | Sequence[Problem] | str, hint: str = "") -> None:
        """Take a message, a problem, or all problems found."""
        if isinstance(problems, str):
            problems = Problem("usage", problems, hint=hint)
        self.problems = (problems,) if isinstance(problems, Problem) else tuple(problems)
        super().__init__(self.render())

    def render(self) -> str:
        """Return all problems as text, one blank line between two."""
        return "\n\n".join(problem.render() for problem in self.problems)


class ScoringError(GavelError):
    """The model could not answer; the comments go to review, they are never "clean"."""


class BusyError(ScoringError):
    """More waits to be scored than may; nothing was done. Come back in `retry_after` seconds."""

    def __init__(self, message: str, retry_after: float = 1.0) -> None:
        """Say what is full."""
        self.retry_after = retry_after
        super().__init__(message)


class DeliveryError(GavelError):
    """A sink could not deliver; `retry_after` seconds when the other side named them."""

    def __init__(
        self, message: str, retry_after: float | None = None, *, final: bool = False
    ) -> None:
        """Say what failed; `final` when another try is pointless."""
        self.retry_after = retry_after
        self.final = final
        super().__init__(message)


class PostponedError(GavelError):
    """A sink does not want a delivery before `wait` seconds have passed; nothing failed."""

    def __init__(self, message: str, wait: float) -> None:
        """Say why, and for how long."""
        self.wait = wait
        super().__init__(message)


class StoreError(GavelError):
    """The store could not read or write; nothing of the transaction was kept."""


def sole(group: ExceptionGroup[Exception], kind: type[Exception]) -> Exception:
    """Return the first error of tasks that failed by errors of `kind` alone, else the whole group.

    For what `except*` cannot be used: some versions of Python wrap what is raised there again.
    """
    found, others = group.split(kind)
    return group if found is None or others is not None else found.exceptions[0]
