"""Prepares comments for the page: who, when, what, why, and in which thread.

Lives here: the view of one comment and the choices of the filters. Not here: markup.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from bot.model import Action, Comment, Match, Rule, RuleStatus, Scores, Thread, Verdict
from bot.report import words
from bot.report.changes import Change, Kind, ShownChange
from bot.report.marks import Piece, marked, reason_pieces, spans_of
from bot.report.tally import author_key
from bot.report.values import ASKS_A_MODERATOR, Context, Neighbour, Shown
from bot.report.visible import one_line

_VISIBLE_SHIFT = 0.005


@dataclass(frozen=True, slots=True)
class Why:
    """One match, in words; `turn` tells what is new about it, where verdicts are compared."""

    rule: str
    title: str
    action: str
    shadow: bool
    reason: tuple[Piece, ...]
    disguise: str
    turn: str = ""
    gone: bool = False


@dataclass(frozen=True, slots=True)
class Around:
    """A comment of the thread; `offensive` when it went to review itself."""

    author: str
    time: str
    text: tuple[Piece, ...]
    cut: bool
    offensive: bool
    answered: bool


@dataclass(frozen=True, slots=True)
class Card:
    """A comment as the page shows it.

    `rules`, `kind` and `author_number` are what the filters ask for. Where verdicts are compared,
    `was` is the action before; each score is followed by the one before, where it differs.
    """

    number: str
    id: str
    author: str
    time: str
    action: Action
    label: bool | None
    title: str
    around: tuple[Around, ...]
    orphan: bool
    text: tuple[Piece, ...]
    why: tuple[Why, ...]
    scores: tuple[tuple[str, float, float | None], ...]
    missing: tuple[str, ...]
    rules: tuple[int, ...]
    author_number: int
    kind: str
    was: Action


@dataclass(frozen=True, slots=True)
class Choice:
    """An entry of a filter."""

    value: str
    name: str
    count: int


@dataclass(slots=True)
class Deck:
    """Makes cards, and numbers the rules and authors that it meets for the filters."""

    rules: Mapping[str, Rule]
    threads: Mapping[str, Thread]
    _rule_numbers: dict[str, int] = field(default_factory=dict)
    _author_numbers: dict[str, int] = field(default_factory=dict)

    def cards(self, shown: Iterable[Shown], prefix: str) -> list[Card]:
        """Return one card a comment; `prefix` keeps the names of several lists apart."""
        return [
            self._card(
                item.screened.comment, item.context, item.screened.verdict, f"{prefix}{place}"
            )
            for place, item in enumerate(shown, 1)
        ]

    def change_cards(self, shown: Iterable[ShownChange], prefix: str) -> list[Card]:
        """Return one card a change, with the reasons before and after."""
        return [
            self._change_card(item.change, item.context, f"{prefix}{place}")
            for place, item in enumerate(shown, 1)
        ]

    def rule_number(self, rule: str) -> int:
        """Return the number of a rule."""
        return self._rule_numbers.setdefault(rule, len(self._rule_numbers))

    def title_of(self, rule: str) -> str:
        """Return a rule's title, or its id when the rule is not known."""
        return one_line(self._full_title(rule), 120)

    def _full_title(self, rule: str) -> str:
        known = self.rules.get(rule)
        return known.title or rule if known else rule

    def _card(self, comment: Comment, context: Context, verdict: Verdict, number: str) -> Card:
        thread = self.threads.get(comment.thread_id or "")
        author = author_key(comment)
        return Card(
            number=number,
            id=one_line(comment.id, 80),
            author=words.author(comment),
            time=words.moment(comment.created_at),
            action=verdict.action,
            label=comment.label,
            title=one_line(thread.title, 160) if thread else one_line(comment.channel, 80),
            around=tuple(_around(each) for each in context.around),
            orphan=context.orphan,
            text=marked(comment.text, spans_of(verdict.matches)),
            why=tuple(self._why(match) for match in verdict.matches),
            scores=_scores(verdict.scores, verdict.scores),
            missing=tuple(one_line(item.what, 120) for item in verdict.missing),
            rules=tuple(self.rule_number(match.rule) for match in verdict.matches),
            author_number=self._author_numbers.setdefault(author, len(self._author_numbers)),
            kind=str(verdict.action),
            was=verdict.action,
        )

    def _change_card(self, change: Change, context: Context, number: str) -> Card:
        matches = (*change.new.acting, *change.went)
        return replace(
            self._card(change.comment, context, change.new, number),
            text=marked(change.comment.text, spans_of(matches)),
            why=tuple(
                replace(self._why(match), turn=words.turn(change, match), gone=match in change.went)
                for match in matches
            ),
            scores=_scores(change.new.scores, change.old.scores),
            rules=tuple(self.rule_number(match.rule) for match in matches),
            kind=str(change.kind),
            was=change.old.action,
        )

    def _why(self, match: Match) -> Why:
        return Why(
            rule=one_line(match.rule, 80),
            title=self.title_of(match.rule),
            action=match.action.said,
            shadow=match.status is RuleStatus.SHADOW,
            reason=reason_pieces(words.reason(match, self._full_title(match.rule)), match),
            disguise=words.disguise(match),
        )

    def rule_choices(self, cards: Sequence[Card]) -> list[Choice]:
        """Return the rules among `cards`, by how many they matched."""
        names = {number: self.title_of(rule) for rule, number in self._rule_numbers.items()}
        counts = Counter(number for card in cards for number in card.rules)
        return _choices(names, counts)


def author_choices(cards: Sequence[Card]) -> list[Choice]:
    """Return the authors among `cards`, by how many they wrote."""
    names = {card.author_number: card.author for card in cards}
    return _choices(names, Counter(card.author_number for card in cards))


def action_choices(cards: Sequence[Card]) -> list[Choice]:
    """Return the actions among `cards`, strongest first."""
    counts = Counter(card.action for card in cards)
    return [
        Choice(str(action), action.said, counts[action]) for action in sorted(counts, reverse=True)
    ]


def kind_choices(cards: Sequence[Card]) -> list[Choice]:
    """Return the kinds of change among `cards`."""
    counts = Counter(card.kind for card in cards)
    return [Choice(kind, kind, counts[kind]) for kind in map(str, Kind) if counts[kind]]


def _choices(names: Mapping[int, str], counts: Counter[int]) -> list[Choice]:
    entries = [Choice(str(number), names[number], count) for number, count in counts.items()]
    return sorted(entries, key=lambda entry: (-entry.count, entry.name, int(entry.value)))


def _around(neighbour: Neighbour) -> Around:
    return Around(
        author=words.author(neighbour),
        time=words.moment(neighbour.created_at),
        text=marked(neighbour.text, ()),
        cut=neighbour.cut,
        offensive=neighbour.action >= ASKS_A_MODERATOR,
        answered=neighbour.answered,
    )


def _scores(
    now: Scores | None, before: Scores | None
) -> tuple[tuple[str, float, float | None], ...]:
    if now is None:
        return ()
    old = before.values if before else {}
    return tuple(
        (label, score, was if was is not None and abs(was - score) >= _VISIBLE_SHIFT else None)
        for label, score in now.values.items()
        for was in [old.get(label)]
    )
