"""`gavel explain`: why a text matches, or does not, with everything that led there.

Lives here: printing a trace. Not here: the trace itself (`bot.rules.trace`).
"""

from __future__ import annotations

import argparse
import asyncio
import shlex
import sys
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from textwrap import wrap

from bot.app import offline_pipeline
from bot.cli import options
from bot.errors import UserError
from bot.model import Author, Comment, Evasion, FoldedText, Outcome, RuleStatus, Scores, Span
from bot.pipeline import Explanation
from bot.report.visible import one_line, visible
from bot.rules import RuleTrace, Step
from bot.rules.lint import SOURCES
from bot.scoring.explain import Raiser, raised_by

Raised = Mapping[str, Sequence[Raiser]]

_LONGEST = 160
_MOST_VIEWS = 4
_CLINGING = ".,;:!?"
_SIGNS = {Outcome.MATCH: "+", Outcome.NO_MATCH: "-", Outcome.UNKNOWN: "?"}


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Register the command."""
    parser = commands.add_parser(
        "explain",
        help="tell in full why a text matches, or does not",
        description="Tell the scores of a text, which words raised them, what disguises were undone,"
        " each condition of the rules that match with its answer, and the verdict.",
    )
    # Only to be told of the option: a text may begin with a dash, or be many words.
    parser.add_argument("words", nargs="*", help=argparse.SUPPRESS)
    source = parser.add_mutually_exclusive_group()
    source.add_argument("--text", help="the text, as somebody would write it")
    source.add_argument("--stdin", action="store_true", help="read the text from standard input")
    options.add_settings(parser)
    parser.add_argument(
        "--rule", metavar="ID", help="only rules whose id begins with this, be they matched or not"
    )
    parser.add_argument(
        "--all", action="store_true", help="every condition, also of rules that do not match"
    )
    parser.add_argument(
        "--source", choices=SOURCES, default="archive", help="where it comes from, for scopes"
    )
    parser.add_argument("--channel", default="", help="as if written in this channel")
    parser.add_argument("--author", default="somebody", help="as if written by this author")
    parser.add_argument("--reply", action="store_true", help="as if it answered somebody")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Print scores, folded forms, every rule's trace and the verdict."""
    text = _text(args)
    comment = Comment(
        id="explained",
        text=text,
        source=args.source,
        channel=args.channel,
        author=Author(args.author, args.author),
        created_at=datetime.now(UTC),
        parent_id="parent" if args.reply else None,
    )
    explanation, raised = asyncio.run(_explain(args, comment))
    told = lines(explanation, raised, args.rule or "", everything=args.all)
    sys.stdout.write("\n".join(told) + "\n")
    return 0


def _text(args: argparse.Namespace) -> str:
    if args.words or (args.text is None and not args.stdin):
        meant = " ".join(each for each in (args.text, *args.words) if each)
        raise UserError(
            "the text is given whole with --text, or on standard input with --stdin",
            hint=f"gavel explain --text {shlex.quote(meant or '…')}",
        )
    return _piped() if args.stdin else str(args.text)


def _piped() -> str:
    try:
        return sys.stdin.read()
    except UnicodeDecodeError as error:
        raise UserError(
            f"standard input is not UTF-8 text ({error.reason})", hint="save the text as UTF-8"
        ) from None


async def _explain(args: argparse.Namespace, comment: Comment) -> tuple[Explanation, Raised]:
    async with offline_pipeline(options.settings(args)) as pipeline:
        explanation = await pipeline.explain(comment)
        scores = explanation.facts.scores
        if scores is None:
            return explanation, {}
        return explanation, await raised_by(pipeline.scorer, comment.text, scores)


def lines(
    explanation: Explanation, raised: Raised, prefix: str, *, everything: bool
) -> Iterator[str]:
    """Yield the explanation line by line, the verdict last where the eye ends."""
    facts, verdict = explanation.facts, explanation.verdict
    yield f"Text     {visible(facts.text.original)}"
    yield from _scores(facts.scores)
    yield from (_raised(label, words, facts.text.original) for label, words in raised.items())
    yield from _folded(facts.text, everything=everything)
    yield ""
    traces = [trace for trace in explanation.traces if trace.rule.id.startswith(prefix)]
    told = traces if everything or prefix else [trace for trace in traces if tells(trace)]
    for trace in sorted(told, key=_telling):
        yield from _rule(trace, facts.text.original, everything=everything)
    yield from _others([trace for trace in traces if trace not in told])
    yield ""
    yield f"Verdict  {verdict.action.written}{' (degraded)' if verdict.degraded else ''}"
    for match in verdict.matches:
        shadow = " (shadow)" if match.status is RuleStatus.SHADOW else ""
        reason = f": {one_line(match.reason)}" if match.reason else ""
        yield f"         {match.rule}{shadow}{reason}"
        if match.evasion is not Evasion.NONE:
            yield f"         seen through a disguise ({match.evasion}: {', '.join(match.folding)})"
    yield from (f"         missing: {item.what}" for item in verdict.missing)


def _scores(scores: Scores | None) -> Iterator[str]:
    if scores is None:
        yield "Scores   not known"
        return
    for label, value in scores.values.items():
        yield f"Score    {label:<16} {value:.3f} {'#' * round(value * 20)}".rstrip()


def _raised(label: str, raisers: Sequence[Raiser], text: str) -> str:
    told = []
    for span, amount, alone in raisers:
        word = one_line(text[span.start : span.end].strip(_CLINGING), _LONGEST)
        told.append(f"{word} ({amount:.2f} alone)" if alone else f"{word} (+{amount:.2f})")
    return f"Raised   {label:<16} {', '.join(told) or 'by no word alone'}"


def _folded(text: FoldedText, *, everything: bool) -> Iterator[str]:
    views = [v for v in text.views if v.evasion is not Evasion.NONE and v.text != text.original]
    told = views if everything else views[:_MOST_VIEWS]
    for view in told:
        yield f"Folded   {view.evasion}: {one_line(view.text)}   ({', '.join(view.steps) or 'case'})"
    if len(told) < len(views):
        yield f"Folded   and in {len(views) - len(told)} other ways"


def _telling(trace: RuleTrace) -> tuple[int, str]:
    order = {Outcome.MATCH: 0, Outcome.UNKNOWN: 1, Outcome.NO_MATCH: 2}
    return (order[trace.outcome] if trace.outcome else 3, trace.rule.id)


def tells(trace: RuleTrace) -> bool:
    """Whether there is more to say of a rule than that it did not match."""
    return bool(trace.excepted) or trace.outcome in {Outcome.MATCH, Outcome.UNKNOWN}


def _others(traces: Sequence[RuleTrace]) -> Iterator[str]:
    """Yield the names of rules that did not match, or were not asked, and why not."""
    quiet = sorted(trace.rule.id for trace in traces if trace.outcome is not None)
    if quiet:
        yield from _paragraph("no match", ", ".join(quiet))
    unasked: defaultdict[str, list[str]] = defaultdict(list)
    for trace in traces:
        if trace.outcome is None:
            unasked[str(trace.scope)].append(trace.rule.id)
    for why, names in sorted(unasked.items()):
        yield from _paragraph("out of scope", f"{', '.join(sorted(names))}: {why}")


def _paragraph(head: str, text: str) -> list[str]:
    first, rest = f"  {head:<12}  ", " " * 16
    return wrap(text, 79, initial_indent=first, subsequent_indent=rest, break_on_hyphens=False)


def _rule(trace: RuleTrace, text: str, *, everything: bool) -> Iterator[str]:
    rule = trace.rule
    head = f"{rule.id} ({rule.status}, {rule.action})"
    if trace.outcome is None:
        yield f"  out of scope  {head}: {trace.scope}"
        return
    yield f"  {trace.outcome.value:<12}  {head}"
    if trace.outcome is not Outcome.NO_MATCH or everything:
        for step in trace.steps:
            yield from _step(step, text, 1)
    yield from (f"      excepted by {name}" for name in trace.excepted)


def _step(step: Step, text: str, depth: int) -> Iterator[str]:
    found = ", ".join(_place(span, text) for span in step.spans)
    asked = one_line(step.description, _LONGEST)
    detail = "; ".join(filter(None, (one_line(step.detail), found)))
    yield f"{'  ' * depth}    {_SIGNS[step.outcome]} {asked}{f': {detail}' if detail else ''}"
    for inner in step.steps:
        yield from _step(inner, text, depth + 1)


def _place(span: Span, text: str) -> str:
    return f"{one_line(text[span.start : span.end])} at {span.start}–{span.end}"
