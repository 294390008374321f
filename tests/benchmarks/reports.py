"""What counting costs: `python -m tests.benchmarks.reports [COMMENTS]`.

Counts made-up comments, one in fifty of them flagged, and prints processor microseconds a comment beside
the time that making them takes, the seconds of summary and page, and the peak memory.
"""

from __future__ import annotations

import resource
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from bot.model import (
    LABELS,
    Action,
    Author,
    Comment,
    Level,
    Match,
    RuleStatus,
    Scores,
    Span,
    Verdict,
)
from bot.report import About, Comparison, Screened, Tally, compare_html, html

START = datetime(2020, 1, 1, tzinfo=UTC)
AUTHORS = [Author(id=f"a{number}", name=f"Author {number}") for number in range(5000)]
INSULT = Match(
    "abuse.insult",
    RuleStatus.LIVE,
    Action.FLAG,
    Level.HIGH,
    "matched muppet",
    (Span(4, 10),),
    "muppet",
)


def made_up(count: int) -> Iterator[tuple[Comment, Verdict, Verdict]]:
    """Yield comments with a verdict before, and one after that flags half as many."""
    for number in range(count):
        comment = Comment(
            id=str(number),
            text=f"you muppet, said comment {number} about the roses in bed {number % 97} " * 3,
            author=AUTHORS[number % len(AUTHORS)],
            created_at=START + timedelta(minutes=number),
            thread_id=f"t{number // 40}",
            parent_id=str(number - 1) if number % 40 else None,
        )
        values = dict.fromkeys(LABELS[:6], number * 7919 % 997 / 1300)
        scores = Scores("compact", "1", values)
        yield (
            comment,
            verdict(comment, scores, number % 50 == 0),
            verdict(comment, scores, number % 100 == 0),
        )


def verdict(comment: Comment, scores: Scores, flagged: bool) -> Verdict:
    matches = (INSULT,) if flagged else ()
    action = Action.FLAG if flagged else Action.ALLOW
    return Verdict("v", comment.id, action, matches, scores, "rules", "compact")


def seconds(start: float) -> float:
    return time.process_time() - start


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 200_000
    start = time.process_time()
    for _ in made_up(count):
        pass
    making = seconds(start)
    print(f"making a comment       {making / count * 1e6:8.1f} µs")
    start, tally = time.process_time(), Tally()
    for comment, old, _ in made_up(count):
        tally.add(Screened(comment, old))
    counting = seconds(start) - making
    print(
        f"counting it            {counting / count * 1e6:8.1f} µs   {counting / making:.1f} times"
    )
    start = time.process_time()
    page = html(tally.summary(), About())
    print(f"summary and page       {seconds(start):8.2f} s    {len(page) / 1024:.0f} KiB")
    start, comparison = time.process_time(), Comparison()
    for comment, old, new in made_up(count):
        comparison.add(comment, old, new)
    comparing = seconds(start) - making
    print(
        f"comparing it           {comparing / count * 1e6:8.1f} µs   {comparing / making:.1f} times"
    )
    start = time.process_time()
    page = compare_html(comparison.difference(), About(), About())
    print(f"difference and page    {seconds(start):8.2f} s    {len(page) / 1024:.0f} KiB")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"peak memory            {peak:8.0f} MiB  for {count:,} comments")


if __name__ == "__main__":
    main()
