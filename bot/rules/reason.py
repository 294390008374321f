"""What a match says of itself: a sentence with placeholders, checked when it is loaded.

Lives here: parsing and filling of reasons. The placeholders are `{match}` (what was found),
`{count}` (in how many places), `{rule}`, `{title}`, `{level}`, `{channel}` and `{score.LABEL}`;
`{score.insult:.2f}` and `{score.insult:.0%}` say how a number is written.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from bot.errors import did_you_mean
from bot.yamlfile import Kind, Node, Report, ScalarNode, Schema, Text

PLACEHOLDERS = ("match", "count", "rule", "title", "level", "channel")

_SCORE = r"score\.[A-Za-z][A-Za-z0-9_]*(?::\.[0-6][f%])?"
_PART = re.compile(r"\{\{|\}\}|\{([^{}]*)\}")
_WELL_FORMED = rf"(?:[^{{}}]|\{{\{{|\}}\}}|\{{(?:{'|'.join(PLACEHOLDERS)}|{_SCORE})\}})+"


@dataclass(frozen=True, slots=True)
class Reason:
    """A sentence with placeholders, in parts: plain text, and (name, format) pairs."""

    written: str
    parts: tuple[str | tuple[str, str], ...]

    @property
    def labels(self) -> frozenset[str]:
        """The labels whose scores the sentence tells."""
        names = (part[0] for part in self.parts if isinstance(part, tuple))
        return frozenset(name[6:] for name in names if name.startswith("score."))

    def fill(self, values: Mapping[str, str], scores: Mapping[str, float]) -> str:
        """Return the sentence; a score that is not known is written as "?"."""
        return "".join(
            part if isinstance(part, str) else _filled(*part, values, scores) for part in self.parts
        )


def _filled(name: str, form: str, values: Mapping[str, str], scores: Mapping[str, float]) -> str:
    if not name.startswith("score."):
        return values[name]
    score = scores.get(name[6:])
    return "?" if score is None else format(score, form or ".2f")


class ReasonKind(Kind[Reason]):
    """A sentence with placeholders."""

    noun = "a sentence"

    def __init__(self) -> None:
        self._text = Text(self.noun, longest=500)
        self._form = Text(self.noun, rf"(?=[\s\S]*\S){_WELL_FORMED}", 500)

    def read(self, node: Node, what: str, report: Report) -> Reason:
        """Return the sentence; every wrong placeholder is reported at its place."""
        text = self._text.read(node, what, report)
        assert isinstance(node, ScalarNode)  # noqa: S101 - only a scalar reads as text
        parts: list[str | tuple[str, str]] = []
        at = 0
        wrong = None
        for match in _PART.finditer(text):
            wrong = _stray(text[at : match.start()], at, node, report) or wrong
            parts.append(text[at : match.start()])
            if match[1] is None:
                parts.append(match.group()[0])
            elif (problem := _problem(match[1])) is not None:
                place = node.inside(match.start(), len(match.group()))
                wrong = report.error("placeholder", problem[0], place, problem[1])
            else:
                name, _, form = match[1].partition(":")
                parts.append((name, form))
            at = match.end()
        wrong = _stray(text[at:], at, node, report) or wrong
        if wrong is not None:
            raise wrong
        return Reason(text, (*(part for part in parts if part), text[at:]))

    def schema(self) -> Schema:
        """Return the schema: text whose placeholders are known."""
        return self._form.schema()


def _problem(inside: str) -> tuple[str, str] | None:
    if inside in PLACEHOLDERS or re.fullmatch(_SCORE, inside):
        return None
    name, colon, _ = inside.partition(":")
    if colon and (name in PLACEHOLDERS or re.fullmatch(_SCORE, name)):
        return (
            f'"{{{inside}}}" is not a way to write {name}',
            "only a score has a form, like {score.insult:.2f} or {score.insult:.0%}",
        )
    known = [*PLACEHOLDERS, "score.LABEL"]
    return f'there is no placeholder "{{{inside}}}"', did_you_mean(name, known)


def _stray(text: str, offset: int, node: ScalarNode, report: Report) -> Exception | None:
    found = re.search(r"[{}]", text)
    if found is None:
        return None
    place = node.inside(offset + found.start())
    hint = f"write {found.group() * 2} for the character itself"
    return report.error("placeholder", f"a lone {found.group()} in a reason", place, hint)


REASON = ReasonKind()
