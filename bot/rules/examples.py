"""The examples of rules, run: each is a comment that its rule must match, or leave alone.

Lives here: making facts of an example and judging the answer. An example is judged by the same
evaluation as live traffic; it passes only when its rule decides, for an unknown answer is no
proof either way.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from bot.errors import Location
from bot.model import (
    AttributeValue,
    Author,
    Comment,
    Facts,
    FoldedText,
    Missing,
    Outcome,
    RuleStatus,
    Scores,
    Span,
)
from bot.rules.example_language import Example
from bot.rules.ruleset import LoadedRule, RuleSet
from bot.text import fold
from bot.yamlfile import Located

NOON = datetime(2000, 1, 1, 12, tzinfo=UTC)
"""When an example was written that does not say: before any exception expires."""

Score = Callable[[Sequence[str]], Sequence[Scores]]


@dataclass(frozen=True, slots=True)
class ExampleResult:
    """One example, run. `todo` ones are known gaps: told, never failing."""

    rule: str
    text: str
    expected: Outcome
    actual: Outcome
    todo: bool
    location: Location
    missing: tuple[Missing, ...] = ()
    scope: str = ""

    @property
    def passed(self) -> bool:
        """Whether the rule did what the example says that it should."""
        return self.actual is self.expected

    @property
    def failed(self) -> bool:
        """Whether this example fails the check."""
        return not self.passed and not self.todo


@dataclass(frozen=True, slots=True)
class _Case:
    loaded: LoadedRule
    example: Example
    expected: Outcome
    todo: bool
    location: Location


def run_examples(ruleset: RuleSet, scorer: Score | None = None) -> list[ExampleResult]:
    """Run the examples of all rules but retired ones, in the order of rules.

    Examples that give no scores are scored by `scorer` where their rule asks for scores; without
    a scorer their scores are unknown.
    """
    cases = list(_cases(ruleset))
    scores = _scores(cases, scorer)
    return [_run(ruleset, case, scores.get(case.example.text)) for case in cases]


def _cases(ruleset: RuleSet) -> Iterator[_Case]:
    for loaded in ruleset.loaded:
        if loaded.rule.status is RuleStatus.RETIRED:
            continue
        lists = loaded.examples
        for expected, todo, examples in (
            (Outcome.MATCH, False, lists.match),
            (Outcome.NO_MATCH, False, lists.no_match),
            (Outcome.MATCH, True, lists.todo_match),
            (Outcome.NO_MATCH, True, lists.todo_no_match),
        ):
            for each in examples:
                example = Example(each.value) if isinstance(each.value, str) else each.value
                yield _Case(loaded, example, expected, todo, _location(each))


def _location(example: Located[str | Example]) -> Location:
    return example.node.location


def _scores(cases: Sequence[_Case], scorer: Score | None) -> dict[str, Scores]:
    if scorer is None:
        return {}
    wanted = {
        case.example.text: None
        for case in cases
        if case.example.scores is None and case.loaded.rule.thresholds
    }
    texts = list(wanted)
    return dict(zip(texts, scorer(texts), strict=True)) if texts else {}


def _run(ruleset: RuleSet, case: _Case, scores: Scores | None) -> ExampleResult:
    facts = example_facts(case.loaded, case.example, scores)
    scope = case.loaded.scope.excludes(facts.comment)
    answer = ruleset.answer(case.loaded, facts)
    return ExampleResult(
        case.loaded.rule.id,
        case.example.text,
        case.expected,
        Outcome.NO_MATCH if scope else answer.outcome,
        case.todo,
        case.location,
        answer.missing,
        scope,
    )


def example_facts(loaded: LoadedRule, example: Example, scores: Scores | None = None) -> Facts:
    """Return the facts of an example; where it is silent, it is a plain comment in scope."""
    asked = {threshold.label for threshold in loaded.rule.thresholds}
    if example.scores is not None:
        scores = Scores("example", "", {**dict.fromkeys(asked, 0.0), **example.scores})
    queries = (query for part in loaded.when.walk() for query in part.queries())
    return Facts(
        _comment(loaded, example),
        _folded(example),
        scores,
        {query: example.history.count(query.kind, query.rule) for query in queries},
    )


def _folded(example: Example) -> FoldedText:
    folded = fold(example.text)
    return folded._replace(quoted=(Span(0, len(example.text)),)) if example.quoted else folded


def _comment(loaded: LoadedRule, example: Example) -> Comment:
    author, now, scope = example.author, example.at or NOON, loaded.scope
    return Comment(
        id="example",
        text=example.text,
        source=example.source or _concrete(scope.sources, "archive"),
        channel=example.channel or _concrete(scope.channels, "general"),
        author=Author(
            id=author.id,
            name=author.id,
            is_bot=author.bot,
            roles=author.roles,
            account_created_at=now - author.account_age if author.account_age else None,
            joined_at=now - author.joined if author.joined else None,
        ),
        created_at=now,
        parent_id="parent" if example.reply else None,
        attributes=_attributes(example),
    )


def _attributes(example: Example) -> dict[str, AttributeValue]:
    """Return what the source tells; of mentions it tells only what the example tells."""
    told: dict[str, AttributeValue] = {"attachments": example.attachments}
    if example.mentions is not None:
        told["mentions"] = example.mentions
    return told


def _concrete(globs: tuple[str, ...] | None, default: str) -> str:
    """Return a name that the globs cover."""
    return globs[0].replace("*", "").replace("?", "x") or default if globs else default
