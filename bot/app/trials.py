"""`/dryrun`: what rules would have done to comments of the past, beside the live bot.

Lives here: laying out what was uploaded, running it, and the summary in words. Not here: gathering
the comments (`bot.chat`), screening (`bot.replay`) and the reports themselves (`bot.report`).
"""

from __future__ import annotations

import asyncio
import re
import shutil
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

from bot import report
from bot.app.aside import Aside
from bot.archive import open_archive
from bot.chat.settings import Trial, TrialResult, Upload
from bot.errors import Problem, UserError
from bot.model import Comment
from bot.pipeline import Pipeline
from bot.ports import Scorer
from bot.replay import replay, replay_both
from bot.report import words
from bot.review import RefusedError
from bot.rules import RuleBook, RuleSet, load_rules
from bot.rules.loader import ENDINGS
from bot.store.memory import MemoryHistory
from bot.verdict import Policy

_LONGEST_PROBLEM = 1_500
_MOST_RULES = 12
_IDS = re.compile(r"""\bid:\s*["']?([\w.-]+)""")


@dataclass(frozen=True, slots=True)
class Trials:
    """Runs trials one after another; each has a history of its own, and tells nobody."""

    book: RuleBook
    policy: Policy
    aside: Aside
    _one_at_a_time: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def run(self, trial: Trial) -> TrialResult:
        """Return what was found; raise `RefusedError` for what was uploaded and cannot be used."""
        async with self._one_at_a_time:
            with TemporaryDirectory(prefix="gavel-") as name:
                folder = Path(name)
                try:
                    return await self.aside.run(lambda scorer: self._run(trial, folder, scorer))
                except UserError as error:
                    said = error.render().replace(f"{folder}/", "").replace("```", "'''")
                    raise RefusedError(f"```\n{said[:_LONGEST_PROBLEM]}\n```") from None

    async def _run(self, trial: Trial, folder: Path, scorer: Scorer) -> TrialResult:
        live = self.book.current
        reading = _Reading(trial, folder, self.aside)
        if trial.rules is None:
            return await self._screen(reading, live, scorer)
        path = _with_upload(self.book, trial.rules, folder / "rules")
        new = load_rules(path, labels=scorer.model.labels)
        return await self._compare(reading, live, new, scorer)

    async def _screen(self, reading: _Reading, rules: RuleSet, scorer: Scorer) -> TrialResult:
        tally, trial = report.Tally(), reading.trial
        pipeline = self._pipeline(rules, scorer)
        async for comment, verdict in replay(
            reading.comments(), pipeline, progress=trial.progress, stopped=trial.stopped
        ):
            tally.add(report.Screened(comment, verdict))
        summary = tally.summary()
        page = report.html(summary, reading.about(rules, scorer))
        return TrialResult("\n".join(_told(summary, reading)), _bytes(page))

    async def _compare(
        self, reading: _Reading, live: RuleSet, new: RuleSet, scorer: Scorer
    ) -> TrialResult:
        comparison, tally, trial = report.Comparison(), report.Tally(), reading.trial
        before, after = self._pipeline(live, scorer), self._pipeline(new, scorer)
        async for comment, old, would in replay_both(
            reading.comments(), before, after, progress=trial.progress, stopped=trial.stopped
        ):
            comparison.add(comment, old, would)
            tally.add(report.Screened(comment, would))
        summary, found = tally.summary(), comparison.difference()
        sides = (
            reading.about(live, scorer, "the live rules"),
            reading.about(new, scorer, "with the attached file"),
        )
        told = [*_difference(found), "", "With the attached file:", *_told(summary, reading)]
        return TrialResult(
            "\n".join(told),
            _bytes(report.html(summary, sides[1])),
            _bytes(report.compare_html(found, *sides)),
        )

    def _pipeline(self, rules: RuleSet, scorer: Scorer) -> Pipeline:
        return Pipeline(lambda: rules, scorer, MemoryHistory(), self.policy, score_all=True)


class _Reading:
    """The comments of a trial, and what was wrong with its archive."""

    def __init__(self, trial: Trial, folder: Path, aside: Aside) -> None:
        self.trial = trial
        self.problems: list[Problem] = []
        self._aside = aside
        self._archive = None
        if trial.archive is not None:
            self._archive = open_archive(_laid_out(trial.archive, folder / "archive"))

    def comments(self) -> Iterator[Comment]:
        archive = self._archive
        for item in self._aside.each(self.trial.comments if archive is None else archive):
            if isinstance(item, Problem):
                self.problems.append(item)
            else:
                yield item

    def about(self, rules: RuleSet, scorer: Scorer, name: str = "") -> report.About:
        archive = self._archive
        return report.About(
            files=(archive.path.name,) if archive else ("this channel",),
            rules=rules.rules,
            ruleset=rules.id,
            model=scorer.model,
            problems=tuple(self.problems),
            interrupted=self.trial.stopped(),
            skipped=archive.skipped if archive else {},
            threads=archive.threads if archive else {},
            name=name,
        )


def _laid_out(upload: Upload, folder: Path) -> Path:
    """Write what was uploaded under the last part of its name, whatever it calls itself."""
    folder.mkdir()
    path = folder / (Path(upload.name).name or "upload")
    path.write_bytes(upload.content)
    return path


def _with_upload(book: RuleBook, upload: Upload, folder: Path) -> Path:
    """Copy the live rules, with the uploaded file in place of one of them, or beside them."""
    name = Path(upload.name).name
    if Path(name).suffix not in ENDINGS:
        raise RefusedError("Rules are attached as one rule file, its name ending in .yaml.")
    replaced = _replaced(book, name, upload.content.decode("utf-8", "replace"))
    target = folder / name
    for source in sorted(book.sources):
        copy = folder / source.resolve().relative_to(book.folder.resolve())
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, copy)
        if source == replaced:
            target = copy
    target.write_bytes(upload.content)
    return folder


def _replaced(book: RuleBook, name: str, text: str) -> Path | None:
    """Return the live file that an uploaded one replaces: that of its name, or of its rules.

    A copy often comes under another name. Raise `RefusedError` for a part of a file.
    """
    if same := [source for source in sorted(book.sources) if source.name == name]:
        return same[-1]
    files: defaultdict[Path, set[str]] = defaultdict(set)
    for each in book.current.loaded:
        files[Path(each.spec.id.node.source.path)].add(each.rule.id)
    uploaded = set(_IDS.findall(text))
    for path, rules in files.items():
        if rules <= uploaded:
            return path
        if known := sorted(rules & uploaded):
            raise RefusedError(
                f"`{known[0]}` stands in {path.name}, with rules that {name} leaves out: attach the"
                " whole file as it is to be, and it is tried in its place."
            )
    return None


def _bytes(page: str) -> bytes:
    return page.encode("utf-8", "replace")


def _told(summary: report.Summary, reading: _Reading) -> Iterator[str]:
    if reading.trial.stopped():
        yield "Stopped for want of time: this is what was screened until then."
    yield f"**{words.headline(summary)}**"
    if summary.workload:
        yield f"{words.span_of_time(summary.workload)}: {words.reviews(summary.workload)}."
    for rule in summary.rules[:_MOST_RULES]:
        shadow = f", {rule.shadow:,} in shadow" if rule.shadow else ""
        hits = words.plural(rule.hits, "hit")
        yield f"`{rule.rule}`: {hits}, {rule.sole:,} found by no other rule{shadow}"
    if len(summary.rules) > _MOST_RULES:
        yield f"and {len(summary.rules) - _MOST_RULES} more rules"
    if summary.degraded:
        yield f"{words.plural(summary.degraded, 'comment')} could not be fully judged."
    if reading.problems:
        yield f"{words.problems(reading.problems)} while reading; the report tells."


def _difference(found: report.Difference) -> Iterator[str]:
    yield (
        f"**Against the live rules:** {found.newly_flagged.total:,} newly flagged,"
        f" {found.no_longer_flagged.total:,} no longer flagged,"
        f" {found.action_changed.total:,} treated otherwise, of {found.total:,}."
    )
