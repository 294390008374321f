"""From a folder of rule files to a rule set, or to all that is wrong with them.

Lives here: finding files, reading them, and what they mean together. Not here: what single keys
mean (`bot.rules.language`) and findings that do not stop a rule set (`bot.rules.lint`).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from bot.errors import Location, UserError
from bot.model import Rule
from bot.rules.binder import FileBinder, Registry
from bot.rules.exceptions import RuleException
from bot.rules.language import RULE_FILE, Defaults, RuleFile, RuleSpec
from bot.rules.matcher import Matcher
from bot.rules.ruleset import LoadedList, LoadedRule, RuleSet
from bot.yamlfile import Located, Report, parse, salvage

ENDINGS = (".yaml", ".yml")


def load_rules(path: Path, *, labels: Collection[str] | None = None) -> RuleSet:
    """Load a rule file, or all `*.yaml` and `*.yml` files under a folder.

    `labels` are those of the model; a score on any other is an error, without them none is.
    Raise `UserError` with every problem of every file.
    """
    report = Report()
    ruleset = read_rules(path, report, labels=labels)
    if ruleset is None:
        raise UserError(report.errors)
    return ruleset


def read_rules(
    path: Path, report: Report, *, labels: Collection[str] | None = None
) -> RuleSet | None:
    """Load rules as `load_rules` does; with errors in the report, return `None`."""
    files = [_File(each, _read(each, report)) for each in _found_files(path, report)]
    folder = path if path.is_dir() else path.parent
    return _join(files, folder, labels, report)


def _read(path: Path, report: Report) -> RuleFile | None:
    """Return a file's content, or what could be read of it: all problems are told at once."""
    node = parse(path, report)
    return None if node is None else salvage(node, RULE_FILE, report, "a rule file")


@dataclass(frozen=True, slots=True)
class _File:
    path: Path
    content: RuleFile | None


def rule_files(path: Path) -> list[Path]:
    """Return a rule file, or those under a folder, in order."""
    if not path.is_dir():
        return [path]
    # Hidden folders hold what tools keep, not rules.
    return sorted(
        each
        for each in path.rglob("*")
        if each.suffix in ENDINGS
        and not any(part.startswith(".") for part in each.relative_to(path).parts)
    )


def _found_files(path: Path, report: Report) -> list[Path]:
    found = rule_files(path)
    if not found:
        report.error(
            "no-rules",
            "the folder holds no rule files",
            Location(str(path)),
            "rule files end in .yaml",
        )
    return found


def _join(
    files: Sequence[_File], folder: Path, labels: Collection[str] | None, report: Report
) -> RuleSet | None:
    known = [(file.path, file.content) for file in files if file.content is not None]
    rule_ids = _unique((rule.id for _, content in known for rule in content.rules), "rule", report)
    _unique((each.id for _, content in known for each in content.exceptions), "exception", report)
    complete = len(known) == len(files) and "" not in rule_ids
    registry = Registry()
    rules: list[LoadedRule] = []
    exceptions: list[RuleException] = []
    lists: list[LoadedList] = []
    for path, content in known:
        names = (rule_ids if complete else None, labels)
        binder = FileBinder((path, folder), content, names, registry, report)
        rules += [_load(rule, content.defaults, binder) for rule in content.rules]
        exceptions += [each.bind(binder) for each in content.exceptions]
        lists += binder.lists
    if report.errors:
        return None
    return RuleSet(
        tuple(sorted(rules, key=lambda loaded: loaded.rule.id)),
        tuple(sorted(exceptions, key=lambda each: each.id.value)),
        Matcher(tuple(registry.terms), tuple(registry.patterns)),
        tuple(lists),
    )


def _unique(ids: Iterable[Located[str]], what: str, report: Report) -> list[str]:
    seen: dict[str, Located[str]] = {}
    for each in ids:
        if each.value and each.value in seen:
            first = seen[each.value].node.location
            report.error(
                "duplicate-id",
                f'two {what}s have the id "{each.value}"',
                each.node,
                f"the first is at {first}; rename one",
            )
        else:
            seen.setdefault(each.value, each)
    return list(seen)


def _load(spec: RuleSpec, defaults: Defaults, binder: FileBinder) -> LoadedRule:
    when = spec.when.bind(binder)
    if spec.reason is not None:
        for label in sorted(spec.reason.value.labels):
            binder.label(label, spec.reason)
    parts = tuple(when.walk())
    rule = Rule(
        id=spec.id.value,
        title=spec.title or spec.id.value,
        status=spec.status or defaults.status,
        level=defaults.level if spec.level is None else spec.level,
        action=spec.then.action,
        when=when,
        reason=spec.reason.value.written if spec.reason else "",
        labels=spec.then.labels,
        effects=spec.then.effects,
        known_problems=spec.known_problems,
        thresholds=tuple(each for part in parts for each in part.thresholds()),
        quota_per_day=spec.quota.per_day if spec.quota else None,
        where=str(spec.id.node.location),
    )
    return LoadedRule(
        rule=rule,
        when=when,
        scope=spec.scope.over(defaults.scope),
        reason=spec.reason.value if spec.reason else None,
        examples=spec.examples,
        spec=spec,
    )
