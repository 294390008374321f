"""Prints a summary for people at a terminal.

Lives here: the layout, made for 80 columns and readable without colour. Not here: the sentences
(`bot.report.words`). Everything that strangers wrote is made visible before it is printed: no
control sequence of theirs reaches the terminal, and none of it is read as markup.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from bot.errors import Problem
from bot.model import Action, Match, Rule, RuleStatus
from bot.proportion import interval, percent
from bot.report import words
from bot.report.marks import glimpse, spans_of
from bot.report.values import About, RuleSummary, Shown, Summary
from bot.report.visible import one_line, visible

_STRONGEST = 5
_PROBLEMS = 5

STYLES: dict[Action, str] = {
    Action.ALLOW: "dim",
    Action.NOTE: "cyan",
    Action.FLAG: "yellow",
    Action.HOLD: "bold yellow",
    Action.REMOVE: "bold red",
}


def print_summary(summary: Summary, about: About, console: Console) -> None:
    """Print what was found: totals, rules, the strongest comments, and what to do next."""
    titles = {rule.id: rule for rule in about.rules}
    _print_opening(summary, about, console)
    if summary.labels:
        heading(console, "By the rules’ labels")
        console.print(_label_table(summary))
    if summary.rules:
        heading(console, "Rules")
        console.print(_rule_table(summary, titles))
    if summary.caught.shown:
        heading(console, "Strongest")
        for item in summary.caught.shown[:_STRONGEST]:
            print_comment(item, titles, console)
    print_reading(about, console)
    _print_next_steps(summary, console)


def heading(console: Console, text: str) -> None:
    """Print the title of a part, a blank line before it."""
    console.print()
    console.print(Text(text, style="bold"))


def say(console: Console, text: str, style: str = "") -> None:
    """Print a paragraph; nothing in `text` is read as markup."""
    console.print(Text(visible(text), style=style))


def _print_opening(summary: Summary, about: About, console: Console) -> None:
    say(console, words.headline(summary), "bold")
    if summary.workload:
        say(console, f"{words.span_of_time(summary.workload)}: {words.reviews(summary.workload)}.")
    if about.interrupted:
        say(console, "Stopped early: this is what was screened until then.", "yellow")
    if summary.degraded:
        what = ", ".join(f"{one_line(name)} ({count:,})" for name, count in summary.missing.items())
        judged = words.plural(summary.degraded, "comment")
        say(console, f"{judged} could not be fully judged. Missing: {what}.", "yellow")
    if quality := summary.quality:
        say(console, f"Precision {words.proportion(quality.precision)}")
        say(console, f"Recall    {words.proportion(quality.recall)}")
        say(console, f"F1        {words.measure(quality.f1, quality.f1_interval)}")
        if quality.f1 is not None:
            say(console, words.MEASURES, "dim")


def _rule_table(summary: Summary, known: dict[str, Rule]) -> Table:
    table = plain_table("Rule", "Does", numbers=("Hits", "Only it", "Authors"))
    if summary.quality:
        table.add_column("Precision", justify="right", no_wrap=True)
    for rule in summary.rules:
        numbers = (rule.hits, rule.sole, rule.authors)
        quality = [_rule_precision(rule)] if summary.quality else []
        cells = [one_line(rule.rule), _does(rule, known), *(f"{n:,}" for n in numbers), *quality]
        table.add_row(*map(Text, cells))
    return table


def _label_table(summary: Summary) -> Table:
    table = plain_table("Label", numbers=("Hits", "Precision", "95 % interval"))
    for label, precision in summary.labels:
        share, ends = percent(precision.value), interval(precision.interval)
        table.add_row(Text(one_line(label)), f"{precision.of:,}", share, ends)
    return table


def plain_table(*names: str, numbers: Iterable[str]) -> Table:
    """Return an empty table: `names` are columns of text, `numbers` columns of numbers."""
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
    for name in names:
        table.add_column(name, overflow="fold")
    for name in numbers:
        table.add_column(name, justify="right", no_wrap=True)
    return table


def _does(counted: RuleSummary, known: dict[str, Rule]) -> str:
    rule = known.get(counted.rule)
    if rule is None:
        return "in shadow" if counted.shadow == counted.hits else ""
    if rule.status is not RuleStatus.LIVE:
        return f"in {rule.status}"
    return rule.action.said


def _rule_precision(rule: RuleSummary) -> str:
    return percent(rule.quality.precision.value) if rule.quality else ""


def print_comment(item: Shown, known: dict[str, Rule], console: Console) -> None:
    """Print one comment: what is done and by whom it is, its text around the match, and why."""
    comment, verdict = item.screened.comment, item.screened.verdict
    first = Text(verdict.action.said, style=STYLES[verdict.action])
    first.append(f"  {words.author(comment)}, {words.moment(comment.created_at)}", "not bold")
    first.append(f"  {one_line(comment.id, 40)}", "dim")
    console.print(first)
    console.print(excerpt(comment.text, verdict.matches))
    for match in verdict.matches:
        rule = known.get(match.rule)
        full = rule.title if rule else match.rule
        title, why = one_line(full, 80), one_line(words.reason(match, full), 160)
        reason = f": {why}" if why else ""
        shadow = " (in shadow)" if match.status is RuleStatus.SHADOW else ""
        console.print(Padding(Text(f"{title}{shadow}{reason}", style="dim"), (0, 0, 0, 2)))
    for missing in verdict.missing:
        console.print(Padding(Text(f"missing: {one_line(missing.what, 80)}", "dim"), (0, 0, 0, 2)))


def excerpt(text: str, matches: Iterable[Match]) -> Padding:
    """Return a line of a comment around its first match; matches are bold and underlined."""
    line = Text()
    for piece in glimpse(text, spans_of(matches)):
        line.append(piece.text, "bold underline" if piece.marked else "")
    return Padding(line, (0, 0, 0, 2))


def print_reading(about: About, console: Console) -> None:
    """Print what was left out while reading, and the first problems."""
    skipped = {reason: count for reason, count in sorted(about.skipped.items()) if count}
    if skipped:
        console.print()
        left_out = ", ".join(f"{count:,} {one_line(reason)}" for reason, count in skipped.items())
        say(console, f"Left out: {left_out}.")
    if left_alone := words.not_asked(about):
        console.print()
        say(console, f"Not asked: {left_alone}", "dim")
    if about.problems:
        heading(console, f"{words.problems(about.problems)} while reading")
        _print_problems(about.problems, console)


def _print_problems(problems: Sequence[Problem], console: Console) -> None:
    for problem in problems[:_PROBLEMS]:
        say(console, problem.render())
    if len(problems) > _PROBLEMS:
        more = len(problems) - _PROBLEMS
        say(console, f"and {more:,} more; gavel archive check lists all of them", "dim")


def _print_next_steps(summary: Summary, console: Console) -> None:
    heading(console, "Next")
    if summary.caught.total > _STRONGEST:
        say(
            console,
            f"The report shows {words.plural(len(summary.caught.shown), 'comment')} in context.",
        )
    if summary.unnoticed.total:
        score = words.plural(summary.unnoticed.total, "comment scores", "comments score")
        say(console, f"{score} 0.8 or more and match no rule: see “High score, no rule” there.")
    if summary.quality is None and summary.total:
        say(console, words.NO_LABELS)
    say(console, "gavel explain --text TEXT shows why a text matches or does not.")
    say(console, "gavel compare OLD NEW ARCHIVE shows what a change of the rules does.")
