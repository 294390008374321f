"""Finds what comments have in common: the phrases that many of them share and others do not.

Lives here: splitting into words and greedy grouping. Not here: which comments are looked at.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence

from bot.report.values import PhraseGroup, Shown

_WORD = re.compile(r"\w+(?:['\N{RIGHT SINGLE QUOTATION MARK}]\w+)*")
_LONGEST_PHRASE = 5
_LONGEST_TEXT = 1000
_LEAST_SHARED = 2
_RARER_ELSEWHERE = 4
_WORTH_A_WORD = 1.5


def group_by_phrase(comments: Sequence[Shown], ordinary: Sequence[str]) -> tuple[PhraseGroup, ...]:
    """Group `comments` by a phrase that they share and that `ordinary` texts rarely have.

    The largest group comes first; last comes one without a phrase for all that share none.
    """
    phrases = [_phrases(shown.screened.comment.text) for shown in comments]
    elsewhere = Counter(phrase for text in ordinary for phrase in _phrases(text))
    telling = _telling(phrases, elsewhere, len(ordinary))
    left = set(range(len(comments)))
    groups: list[PhraseGroup] = []
    while best := _best(phrases, left, telling):
        members = sorted(place for place in left if best in phrases[place])
        left.difference_update(members)
        groups.append(PhraseGroup(best, tuple(comments[place] for place in members)))
    groups.sort(key=lambda group: (-len(group.comments), group.phrase))
    if left:
        groups.append(PhraseGroup("", tuple(comments[place] for place in sorted(left))))
    return tuple(groups)


def _phrases(text: str) -> frozenset[str]:
    words = _WORD.findall(text[:_LONGEST_TEXT].casefold())
    return frozenset(
        " ".join(words[start : start + length])
        for length in range(1, _LONGEST_PHRASE + 1)
        for start in range(len(words) - length + 1)
    )


def _telling(
    phrases: Sequence[Iterable[str]], elsewhere: Counter[str], ordinary: int
) -> frozenset[str]:
    """Return the phrases that are shared here and clearly rarer in ordinary comments."""
    here = Counter(phrase for each in phrases for phrase in each)
    return frozenset(
        phrase
        for phrase, count in here.items()
        # One is added to the count elsewhere: a small sample that lacks a phrase proves little.
        if count >= _LEAST_SHARED
        and len(phrase) > _LEAST_SHARED
        and count * (ordinary + 1) >= _RARER_ELSEWHERE * (elsewhere[phrase] + 1) * len(phrases)
    )


def _best(phrases: Sequence[frozenset[str]], left: set[int], telling: frozenset[str]) -> str | None:
    """Return the phrase that explains most; a longer one is worth more than its parts."""
    counts = Counter(phrase for place in left for phrase in phrases[place] & telling)
    shared = [(phrase, count) for phrase, count in counts.items() if count >= _LEAST_SHARED]
    if not shared:
        return None
    return max(shared, key=_worth)[0]


def _worth(shared: tuple[str, int]) -> tuple[float, str]:
    phrase, count = shared
    return count * _WORTH_A_WORD ** phrase.count(" "), phrase
