"""Innocent words that an entry hits: found before the entry goes live.

Lives here: looking for entries in words and in texts that people wrote, and the exception that
would spare what was found. Not here: reading archives or files.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from bot.model import Span
from bot.rules.matcher import Matcher, Term
from bot.text import fold_many, word_at
from bot.yamlfile import dump

INNOCENT_WORDS = Path(__file__).parent / "data" / "innocent.txt"
"""Names, places and everyday words that hold a bad one."""

_CHUNK = 4096


@dataclass(frozen=True, slots=True)
class Collision:
    """An innocent word or phrase that an entry hits, and how often it was seen."""

    entry: str
    word: str
    times: int = 1


def innocent_words() -> tuple[str, ...]:
    """Return the touchstone that ships with Gavel."""
    lines = INNOCENT_WORDS.read_text(encoding="utf-8").splitlines()
    return tuple(line for line in lines if line and not line.startswith("#"))


def collisions(terms: Sequence[Term], texts: Iterable[str]) -> list[Collision]:
    """Return what else than themselves `terms` hit in `texts`, most frequent first.

    A hit is told as the words that it touches: `class` for an entry that hits its end.
    """
    matcher = Matcher(terms)
    found: Counter[tuple[str, str]] = Counter()
    for chunk in _chunks(texts):
        folded = fold_many(chunk)
        for text, hits in zip(chunk, matcher.find_many(folded), strict=True):
            for number, places in hits.terms.items() if hits else ():
                words = {_words(text, hit.span) for hit in places}
                found.update((terms[number].text, word) for word in words)
    return [
        Collision(entry, word, times)
        for (entry, word), times in sorted(found.items(), key=lambda item: (-item[1], item[0]))
        if not _same(entry, word)
    ]


def exception_for(found: Sequence[Collision], rules: str = "RULE.ID") -> str:
    """Return the exception, in YAML, that spares what was found."""
    words = sorted({each.word.casefold(): each.word for each in found}.values(), key=str.casefold)
    exception = {"id": "innocent", "for": [rules], "words": words, "reason": "innocent words"}
    return dump({"exceptions": [exception]})


def _chunks(texts: Iterable[str]) -> Iterator[list[str]]:
    chunk: list[str] = []
    for text in texts:
        chunk.append(text)
        if len(chunk) == _CHUNK:
            yield chunk
            chunk = []
    if chunk:
        yield chunk


def _words(text: str, span: Span) -> str:
    """Return the whole words that a span touches."""
    start = word_at(text, span.start).start
    end = word_at(text, span.end - 1).end
    return text[min(start, span.start) : max(end, span.end)]


def _same(entry: str, word: str) -> bool:
    return " ".join(word.casefold().split()) == " ".join(entry.casefold().strip("*").split())
