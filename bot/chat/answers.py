"""What commands answer, as text.

Lives here: pure functions from values to a moderator's words. Not here: who may ask
(`bot.review`) and how it is sent (`bot.chat.commands`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from bot.cases import Case, Pause, QueueCounts, RuleCounts
from bot.chat.words import (
    LONGEST_EMBED,
    LONGEST_MESSAGE,
    bar,
    counted,
    duration,
    effect_words,
    escaped,
    link_of,
    one_line,
    size,
    when,
)
from bot.model import Rule, Verdict
from bot.proportion import Proportion, interval, percent


def fitted(lines: Sequence[str], longest: int = LONGEST_MESSAGE) -> str:
    """Return as many lines as fit into one message, and how many were left out."""
    kept: list[str] = []
    for number, line in enumerate(lines):
        if sum(map(size, kept)) + len(kept) + size(line) > longest:
            return "\n".join([*kept, f"… and {len(lines) - number} more"])
        kept.append(line)
    return "\n".join(kept)


def queue_embed(
    cases: Sequence[Case], links: Mapping[int, str], pause: Pause | None = None
) -> Mapping[str, Any]:
    """Return the queue as an embed, a case a line; `links` leads from numbers to cards."""
    lines = [_case_line(case, links.get(case.number)) for case in cases]
    return {
        "title": "Cases that wait, the gravest first" if lines else "The queue is empty.",
        "description": fitted([*_pause_lines(pause), *lines], LONGEST_EMBED),
    }


def _pause_lines(pause: Pause | None) -> list[str]:
    if pause is None:
        return []
    since = when(pause.at, "R")
    who = f"**Paused** by <@{pause.moderator}> {since}"
    return [f"{who}: rules only file cases until `/pause` with `on: False`."]


def _case_line(case: Case, link: str | None) -> str:
    first, *more = [match.rule for match in case.verdict.acting] or ["no rule"]
    rules = escaped(first) + (f" and {len(more)} more" if more else "")
    # A case that has no card yet leads to its message.
    link = link or link_of(case.comment)
    number = f"[{case.number}]({link})" if link else str(case.number)
    claimed = f" · with <@{case.assignee}>" if case.assignee else ""
    text = one_line(case.comment.text, 60) or "no text"
    return (
        f"**{number}** {case.verdict.action.said} · {rules} · ||{text}||"
        f" · {when(case.opened_at, 'R')}{claimed}"
    )


def stats_text(counts: QueueCounts, since: timedelta, pause: Pause | None = None) -> str:
    """Return how the queue and its rules have done, a rule a line."""
    days = max(since / timedelta(days=1), 1e-9)
    a_day = counts.decided / days
    past = "day" if since.days == 1 else counted(since.days, "day")
    opened = counted(counts.opened, "case")
    seen = f"{counts.screened:,} screened, {opened}, {counts.waiting:,} waiting"
    median = duration(counts.median_decision) if counts.median_decision is not None else "none yet"
    head = [
        f"**The last {past}**: {seen}, {counts.decided:,} decided ({a_day:.1f} a day)",
        f"Median time to a decision: {median}",
    ]
    return fitted([*_pause_lines(pause), *head, *(_rule_line(rule) for rule in counts.rules)])


def _rule_line(counts: RuleCounts) -> str:
    decided = counts.upheld + counts.dismissed
    head = f"**{escaped(counts.rule)}** {counted(counts.hits, 'hit')}"
    precision = Proportion(counts.upheld, decided)
    share, ends = precision.value, precision.interval
    if share is None or ends is None:
        return f"{head}, {counts.waiting} waiting, none decided"
    return (
        f"{head} · precision {bar(share, percent(share))} ({interval(ends)}, of {decided} decided,"
        f" {counted(counts.dismissed, 'false alarm')})"
    )


def verdict_text(verdict: Verdict) -> str:
    """Return what would become of a text."""
    lines = [f"**{verdict.action.said}**"]
    lines += [
        f"**{escaped(match.rule)}** ({match.status}) {one_line(match.reason, 300)}".rstrip()
        for match in verdict.matches
    ] or ["No rule matches."]
    if verdict.degraded:
        lines.append("Missing: " + ", ".join(escaped(item.what) for item in verdict.missing))
    if verdict.scores:
        values = verdict.scores.values
        highest = sorted(values, key=values.__getitem__, reverse=True)
        lines += [f"{bar(values[label])} {escaped(label)}" for label in highest]
    return fitted(lines)


def rules_lines(rules: Sequence[Rule]) -> list[str]:
    """Return how many rules there are, and all of them, one a line."""
    counts = Counter(str(rule.status) for rule in rules)
    told = ", ".join(f"{count} {status}" for status, count in counts.most_common())
    lines = [
        f"**{escaped(r.id)}** {r.status} · {r.action.written} · {one_line(r.title, 100)}"
        for r in rules
    ]
    return [f"{counted(len(rules), 'rule')}: {told}", *lines]


def rule_text(rule: Rule) -> str:
    """Return all that moderators should know of a rule."""
    effects = ", ".join(effect_words(effect) for effect in rule.effects) or "none"
    lines = [
        f"**{escaped(rule.id)}** {one_line(rule.title, 200)}",
        f"{rule.status} · level {rule.level} · {rule.action.written}",
        f"Effects on the author: {effects}",
    ]
    if rule.quota_per_day is not None:
        lines.append(f"At most {rule.quota_per_day} a day.")
    if rule.known_problems:
        lines.append(f"Known problems: {one_line(rule.known_problems, 600)}")
    if rule.where:
        lines.append(f"Written in {escaped(rule.where)}")
    return fitted(lines)
