"""Questions at the terminal: for a line, a yes, or some of a list.

Lives here: asking until the answer can be used. Where nobody answers (a script whose input has
ended), the way out is named: the option that would have answered. Not here: what is asked.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence

from bot.errors import UserError


class NobodyError(UserError):
    """The input has ended, and an answer is needed."""


def line(question: str, *, flag: str, default: str = "") -> str:
    """Return a line, or the default for an empty one; `flag` is the option that answers it."""
    shown = f" [{default}]" if default else ""
    while True:
        sys.stdout.write(f"{question}{shown}: ")
        sys.stdout.flush()
        given = sys.stdin.readline()
        if not given:
            sys.stdout.write("\n")
            raise NobodyError(f"nobody answered: {question}", hint=f"answer with {flag}")
        if answer := given.strip() or default:
            return answer
        sys.stdout.write("An answer is needed; Ctrl-C ends it.\n")


def yes(question: str, *, flag: str, default: bool = False) -> bool:
    """Return whether the answer is yes."""
    while True:
        answer = line(f"{question} (yes or no)", flag=flag, default="yes" if default else "no")
        if answer.lower() in {"y", "yes", "n", "no"}:
            return answer.lower().startswith("y")
        sys.stdout.write("Please answer yes or no.\n")


def one(question: str, choices: Sequence[str], *, flag: str) -> int:
    """Show numbered choices and return the index of the one that is taken; one alone is taken."""
    if len(choices) == 1:
        sys.stdout.write(f"{question}: {choices[0]}\n")
        return 0
    _show(choices)
    while True:
        taken = _numbers(line(f"{question} (a number)", flag=flag), len(choices))
        if len(taken) == 1:
            return taken[0]
        sys.stdout.write(f"Please give one number from 1 to {len(choices)}.\n")


def some(question: str, choices: Sequence[str], *, flag: str, everything: str = "") -> list[int]:
    """Return the indices that are taken, at least one; none where `everything` is answered."""
    _show(choices)
    hint = f"numbers with commas{f', or {everything}' if everything else ''}"
    while True:
        answer = line(f"{question} ({hint})", flag=flag, default=everything)
        if everything and answer == everything:
            return []
        if taken := _numbers(answer, len(choices)):
            return taken
        sys.stdout.write(f"Please give numbers from 1 to {len(choices)}, as in 1,2.\n")


def _show(choices: Sequence[str]) -> None:
    for number, choice in enumerate(choices, 1):
        sys.stdout.write(f"{number:>4}  {choice}\n")


def _numbers(answer: str, most: int) -> list[int]:
    """Return indices for the numbers of an answer; nothing when one of them is none."""
    words = answer.replace(",", " ").split()
    if not all(word.isascii() and word.isdigit() and 1 <= int(word) <= most for word in words):
        return []
    return list(dict.fromkeys(int(word) - 1 for word in words))
