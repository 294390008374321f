"""Says in plain words what was counted.

Lives here: the sentences and formats that page, terminal and Markdown share. Not here: any layout.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta

from bot.errors import Problem, Severity
from bot.model import Comment, Edit, EditDetail, Evasion, Match
from bot.proportion import Interval, Proportion, interval, percent
from bot.report.changes import Change, Difference, Kind, RuleChange, ThresholdAdvice
from bot.report.values import About, Neighbour, Summary, Workload
from bot.report.visible import one_line

NO_EFFECT = "No effect on these comments."

_ENTRIES = 12
_ENDS_A_TITLE = ":,;."

NO_LABELS = (
    "How often the rules are right is not known yet: these comments carry no moderators' decisions. "
    "An archive with a label column, or a round of gavel label, gives precision and recall."
)

MEASURES = (
    "Precision is how many of the comments sent to review are abusive; recall, how many of the "
    "abusive comments are sent to review. F1 is both in one number, high only where both are."
)

STEPS: dict[str, str] = {
    "bidi controls": "hidden changes of direction",
    "confusables": "look-alike letters",
    "deletion controls": "letters deleted by control characters",
    "diacritics": "accents on letters",
    "emoji letters": "emoji for letters",
    "leet": "digits and signs for letters",
    "markdown": "formatting marks",
    "reordering": "hidden reordering",
    "repeats": "repeated letters",
    "self-censoring": "blotted-out letters",
    "separators": "letters set apart",
    "upside down": "letters turned upside down",
    "zero-width": "invisible characters",
}
"""The folding steps of `bot.text`, as what they undo."""


def plural(number: int, one: str, many: str = "") -> str:
    """Return a number with its noun: `1 comment`, `3,460 comments`."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def headline(summary: Summary) -> str:
    """Return the one sentence to remember."""
    if not summary.total:
        return "There was nothing to screen."
    if summary.total == 1:
        return f"One comment, and it would{'' if summary.flagged else ' not'} go to review."
    flagged = f"{summary.flagged:,}" if summary.flagged else "none"
    return f"Of {summary.total:,} comments, {flagged} would go to review."


def rate(number: float) -> str:
    """Format a rate: few digits, but never a false zero."""
    if number >= 100:  # noqa: PLR2004 - where a fraction stops mattering
        return f"{number:,.0f}"
    return f"{number:.1f}".removesuffix(".0") if number >= 1 or not number else f"{number:.2f}"


def proportion(share: Proportion) -> str:
    """Format a share with its interval and what it is made of."""
    if share.value is None:
        return "not known"
    return f"{percent(share.value)} ({interval(share.interval)}; {share.hits:,} of {share.of:,})"


def measure(value: float | None, ends: Interval | None) -> str:
    """Format a measure that is no count of anything, such as F1, with its interval."""
    if value is None:
        return "not known"
    return f"{percent(value)} ({interval(ends)})" if ends else percent(value)


def moment(time: datetime | None) -> str:
    """Format a time of the archive; times are UTC."""
    return f"{day(time)}, {time:%H:%M}" if time else "no date"


def day(date_: date) -> str:
    """Format a date."""
    return f"{date_.day} {date_:%b} {date_.year:04d}"


def span_of_time(workload: Workload) -> str:
    """Return from when to when the comments were written."""
    first, last = day(workload.first), day(workload.last)
    return first if first == last else f"{first} to {last}"


def reviews(workload: Workload) -> str:
    """Say how much work the flagged comments are."""
    if not workload.reviews:
        return "nothing to review"
    per_day = workload.reviews_per_day
    if per_day is None:
        length = duration(workload.last - workload.first)
        return f"{plural(workload.reviews, 'review')} in {length}"
    sentence = f"{_pace(per_day)} over {plural(workload.days, 'day')}"
    if workload.busiest and workload.busiest[1] > 1:
        when, number = workload.busiest
        sentence += f"; the most on one day was {number:,}, on {day(when)}"
    return sentence


def _pace(per_day: float) -> str:
    if per_day < 0.95:  # noqa: PLR2004 - what rounds to one review a day is said so
        return f"about one review every {plural(round(1 / per_day), 'day')}"
    number = rate(per_day)
    return f"about {'one review' if number == '1' else f'{number} reviews'} a day"


def duration(length: timedelta) -> str:
    """Say how long something took, in minutes, hours or days."""
    if length >= timedelta(days=2):
        return plural(round(length / timedelta(days=1)), "day")
    if length >= timedelta(hours=1):
        return plural(round(length / timedelta(hours=1)), "hour")
    minutes = round(length / timedelta(minutes=1))
    return plural(minutes, "minute") if minutes else "less than a minute"


def problems(found: Sequence[Problem]) -> str:
    """Return how many errors and warnings there are: `1 problem and 2 warnings`."""
    errors = sum(each.severity is Severity.ERROR for each in found)
    counts = ((errors, "problem"), (len(found) - errors, "warning"))
    return " and ".join(plural(count, noun) for count, noun in counts if count)


def author(comment: Comment | Neighbour) -> str:
    """Return who wrote a comment, on one harmless line."""
    if isinstance(comment, Neighbour):
        return one_line(comment.author, 60) or "unknown author"
    return one_line(comment.author.name or comment.author.id, 60) or "unknown author"


def reason(match: Match, title: str) -> str:
    """Return why a rule matched, without repeating its title, beside which it stands."""
    rest = match.reason[len(title) :]
    repeats = match.reason.casefold().startswith(title.casefold())
    # "Spam" begins "Spammers and the like" without being said there.
    if repeats and (not rest or rest.lstrip()[:1] in _ENDS_A_TITLE):
        return rest.lstrip(f" {_ENDS_A_TITLE}")
    return match.reason


def turn(change: Change, match: Match) -> str:
    """Say what is new about a match; empty when it is as it was before."""
    if match in change.went:
        return "matches no longer"
    before = change.actions_before.get(match.rule)
    if before is None:
        return "matches now"
    return "" if before is match.action else f"was “{before.said}”"


def disguise(match: Match) -> str:
    """Say which disguises had to be undone before the match was found; empty when none was."""
    if match.evasion is Evasion.NONE:
        return ""
    steps = [STEPS.get(step, one_line(step, 60)) for step in match.folding]
    found = (
        "Found only after undoing " if match.evasion is Evasion.STRONG else "Found after undoing "
    )
    return f"{found}{listed(steps)}." if steps else ""


def listed(items: list[str]) -> str:
    """Join items as a sentence does: `a, b and c`."""
    return " and ".join([", ".join(items[:-1]), items[-1]] if len(items) > 1 else items)


def operator(sign: str) -> str:
    """Write a comparison as people do."""
    return {">=": "\N{GREATER-THAN OR EQUAL TO}", "<=": "\N{LESS-THAN OR EQUAL TO}"}.get(sign, sign)


def same_rate(advice: ThresholdAdvice) -> str:
    """Return the threshold that keeps a rate, a dash where there was none."""
    return "–" if advice.same_rate is None else f"{advice.same_rate:.3f}"


def side(sign: str) -> str:
    """Say on which side of a threshold a comparison looks."""
    return {
        ">=": "at or above",
        ">": "above",
        "<": "below",
        "<=": "at or below",
        "==": "equal to it",
    }[sign]


def difference(found: Difference) -> str:
    """Return the one sentence of a comparison to remember."""
    if not found.total:
        return "There was nothing to compare."
    new, gone, other = (found.kinds[kind] for kind in (Kind.NEW, Kind.GONE, Kind.ACTION))
    parts = [
        *([f"{new:,} {'is' if new == 1 else 'are'} newly flagged"] if new else []),
        *([f"{gone:,} {'is' if gone == 1 else 'are'} no longer flagged"] if gone else []),
        *([f"{other:,} {'gets' if other == 1 else 'get'} another action"] if other else []),
    ]
    if not parts:
        return f"Nothing changes for any of {plural(found.total, 'comment')}."
    return f"Of {plural(found.total, 'comment')}, {listed(parts)}."


def before_and_after(found: Difference) -> str:
    """Say how many comments go to review, before and after."""
    before, after = found.flagged_before, found.flagged_after
    sentence = f"{plural(before, 'comment')} went to review, and {after:,} would now"
    if found.total >= 1000:  # noqa: PLR2004 - a rate in a thousand of fewer would mislead
        shares = (rate(1000 * number / found.total) for number in (before, after))
        sentence += f": {' and '.join(shares)} in a thousand"
    if found.days and before and after and before != after:
        paces = (_pace(number / found.days) for number in (before, after))
        sentence += f"; {' before, and '.join(paces)} now"
    return f"{sentence}."


def told_edits(found: Difference, new: About) -> tuple[list[Edit], list[Edit]]:
    """Return the edits that may have done something, the greatest effect first, and the others."""
    changes = {change.rule: change for change in found.rules}

    def effect(edit: Edit) -> tuple[int, int, int]:
        change = changes.get(edit.rule)
        if change is None:
            return 0, 0, 0
        to_the_list = change.newly_flagged + change.no_longer
        return to_the_list, change.moved, change.started + change.stopped + change.otherwise

    told = [edit for edit in new.edits if edit_effect(edit, changes) != NO_EFFECT]
    others = [edit for edit in new.edits if edit not in told]
    return sorted(told, key=effect, reverse=True), others


def edit_effect(edit: Edit, changes: Mapping[str, RuleChange]) -> str:
    """Say what an edited rule does to the list; empty where that cannot be told of one rule."""
    change = changes.get(edit.rule)
    if edit.rule.startswith("exception "):
        return ""
    if change is None or not change.changed:
        return NO_EFFECT
    parts = [
        *([f"newly flags {change.newly_flagged:,}"] if change.newly_flagged else []),
        *([f"no longer flags {change.no_longer:,}"] if change.no_longer else []),
    ]
    return f"{listed(parts or [_other_effect(change)]).capitalize()}."


def _other_effect(change: RuleChange) -> str:
    before = hits(change.hits_before, change.shadow_before)
    after = hits(change.hits_after, change.shadow_after)
    same = "the same comments go to review"
    if change.moved:
        same += f", and {change.moved:,} {'gets' if change.moved == 1 else 'get'} another action"
    if change.otherwise and not (change.started or change.stopped):
        others = "" if change.moved else ", where other rules decide as before"
        return f"acts otherwise on {change.otherwise:,}{others}; {same}"
    if change.shadow_before and not change.shadow_after and not change.hits_before:
        return f"acts on {after}; {before} before; {same}"
    return f"matches {after} instead of {before}; {same}"


def other_reasons(found: Difference) -> str:
    """Say how many comments are decided as before and matched otherwise; empty where none is."""
    if not found.other_reasons:
        return ""
    keep = "keeps its action" if found.other_reasons == 1 else "keep their action"
    count = plural(found.other_reasons, "comment")
    return f"{count} {keep} for other reasons: other rules match, or the same rules act otherwise."


def hits(live: int, shadow: int) -> str:
    """Write a number of matches, and how many of them were in shadow."""
    if not shadow:
        return f"{live:,}"
    return f"{shadow:,} in shadow" if not live else f"{live:,} and {shadow:,} in shadow"


def not_asked(about: About) -> str:
    """Name the rules that leave archives out, and the way to try them; empty where none does."""
    if not about.not_asked:
        return ""
    names = [one_line(rule, 80) for rule in about.not_asked[:_ENTRIES]]
    more = len(about.not_asked) - len(names)
    return (
        f"{listed([*names, f'{more:,} more'] if more else names)}: by scope not for archives."
        " To try them on this one, add archive to their sources."
    )


def entries(detail: EditDetail) -> str:
    """Return the first entries that an edit concerns."""
    shown = [one_line(entry, 60) for entry in detail.entries[:_ENTRIES]]
    more = len(detail.entries) - len(shown)
    return ", ".join(shown) + (f" and {more:,} more" if more else "")


def same_rules(old: About, new: About) -> bool:
    """Whether two rule sets have the same meaning."""
    return bool(old.ruleset) and old.ruleset == new.ruleset
