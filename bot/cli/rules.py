"""`gavel rules`: check, test, list, document, import and export rules.

Lives here: options and printing. The work is done in `bot.rules`.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from random import Random

from bot.cli import DONE, FOUND_PROBLEMS, options
from bot.config import load_settings
from bot.errors import Problem, Severity, UserError
from bot.model import LABELS, Comment, Evasion, Scores
from bot.rules import ExampleResult, RuleSet, check_rules, load_rules, run_examples
from bot.rules.collide import collisions, exception_for, innocent_words
from bot.rules.conditions import CONDITIONS
from bot.rules.doc import condition_page, reference, rule_page
from bot.rules.exports import export_discord
from bot.rules.fuzz import explained
from bot.rules.imports import FORMATS
from bot.rules.language import rule_schema
from bot.rules.matcher import Term, TermError
from bot.rules.survival import survival
from bot.yamlfile import Report, read_lines

LARGEST_WORD_FILE = 50_000_000
"""Bytes; dictionaries are larger than rule files."""


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Register the command and what it can do."""
    parser = commands.add_parser("rules", help="check, test, list and document rules")
    tasks = parser.add_subparsers(dest="task", metavar="TASK", required=True)

    check = _task(tasks, "check", "tell all errors, or else all warnings, with their lines", _check)
    _add_path(check)

    test = _task(tasks, "test", "run the examples that stand in the rules", _test)
    _add_path(test)
    test.add_argument("--model", metavar="NAME", help="score examples that give no scores")
    test.add_argument("--gaps", action="store_true", help="show also the known gaps that are open")

    listing = _task(tasks, "list", "list the rules, or show some in full", _list)
    _add_path(listing)
    listing.add_argument(
        "--rule", action="append", default=[], metavar="ID", help="show this one; may be repeated"
    )

    doc = _task(tasks, "doc", "print the reference of the rule language", _doc)
    doc.add_argument(
        "condition",
        nargs="?",
        choices=[cls.name for cls in CONDITIONS],
        metavar="CONDITION",
        help=f"one alone: {', '.join(cls.name for cls in CONDITIONS)}",
    )

    _task(tasks, "schema", "print a JSON Schema, for editors that check while you type", _schema)

    _add_trials(tasks)
    _add_foreign(tasks)


def _add_trials(tasks: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    fuzz = _task(tasks, "fuzz", "disguise every entry, and tell which disguises pass", _fuzz)
    _add_path(fuzz)
    fuzz.add_argument(
        "--show",
        type=int,
        default=3,
        metavar="N",
        help="show so many that pass, of each kind of disguise (default: 3)",
    )
    fuzz.add_argument(
        "--evasion", choices=Evasion.names(), help="as if all rules had it (default: as written)"
    )

    collide = _task(tasks, "collide", "tell which innocent words entries would hit", _collide)
    collide.add_argument(
        "entry", nargs="*", metavar="ENTRY", help="new entries (default: all of the rules)"
    )
    collide.add_argument("--rules", type=Path, metavar="PATH", help="a folder or a rule file")
    collide.add_argument(
        "--evasion",
        choices=Evasion.names(),
        default="strong",
        help="of new entries (default: strong)",
    )
    _add_files(collide, "--words", "innocent words of your own, one a line; instead of Gavel's")
    _add_files(collide, "--archive", "comments that are innocent; instead of Gavel's words")


def _add_foreign(tasks: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    importing = _task(tasks, "import", "turn rules of another automod into a rule file", _import)
    importing.add_argument("file", type=Path, metavar="FILE", help="what the other one exports")
    importing.add_argument(
        "--from", dest="format", required=True, choices=list(FORMATS), help="what FILE comes from"
    )
    importing.add_argument("--out", type=Path, metavar="FILE", help="default: standard output")

    exporting = _task(tasks, "export", "print rules for Discord's own AutoMod, as JSON", _export)
    _add_path(exporting)
    exporting.add_argument(
        "--discord",
        required=True,
        metavar="CHANNEL",
        help="the id of the channel to which AutoMod sends its alerts",
    )
    exporting.add_argument("--rule", action="append", metavar="ID", help="only these, * for any")


def _task(
    tasks: argparse._SubParsersAction[argparse.ArgumentParser],
    name: str,
    summary: str,
    run: Callable[[argparse.Namespace], int],
) -> argparse.ArgumentParser:
    parser = tasks.add_parser(name, help=summary, description=f"{summary[0].upper()}{summary[1:]}.")
    parser.set_defaults(run=run)
    return parser


def _add_files(parser: argparse.ArgumentParser, name: str, about: str) -> None:
    parser.add_argument(name, type=Path, action="append", default=[], metavar="FILE", help=about)


def _add_path(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "path",
        nargs="?",
        type=Path,
        metavar="PATH",
        help="a folder or a rule file (default: ./rules, else the starter rules)",
    )


def _load(args: argparse.Namespace) -> RuleSet:
    return load_rules(options.rules_folder(args.path))


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")


def _check(args: argparse.Namespace) -> int:
    path = options.rules_folder(args.path)
    problems = check_rules(path, labels=LABELS, today=datetime.now(UTC).date())
    if problems:
        _say("\n\n".join(problem.render() for problem in problems) + "\n")
    errors = sum(problem.severity is Severity.ERROR for problem in problems)
    _say(f"{path}: {_count(errors, 'error')}, {_count(len(problems) - errors, 'warning')}")
    return FOUND_PROBLEMS if problems else DONE


def _test(args: argparse.Namespace) -> int:
    scorer = None if args.model is None else _scorer(args.model)
    results = run_examples(_load(args), scorer)
    failed = [result for result in results if result.failed]
    todo = [result for result in results if result.todo]
    closed = [result for result in todo if result.passed]
    for result in (*failed, *(todo if args.gaps else closed)):
        _say(_shown(result).render() + "\n")
    more = " (--gaps shows them)" if len(closed) < len(todo) and not args.gaps else ""
    _say(
        f"{_count(len(results) - len(todo), 'example')}, {len(failed)} failed; "
        f"{_count(len(todo), 'known gap')}{more}, {len(closed)} closed"
    )
    return FOUND_PROBLEMS if failed else DONE


def _shown(result: ExampleResult) -> Problem:
    """Return an example as a problem: a failure, or a known gap that is open or closed."""
    if result.todo:
        state = "is closed: move it out of todo" if result.passed else "is open"
        message = f"known gap of {result.rule} {state}"
        return Problem("todo", message, result.location, severity=Severity.WARNING)
    message = f"{result.rule}: expected {result.expected.value}, got {result.actual.value}"
    if result.scope:
        return Problem("example", message, result.location, f"out of scope: {result.scope}")
    lacks = ", ".join(item.what for item in result.missing)
    hint = f"not known: {lacks}; give it in the example" if lacks else ""
    if "scores" in lacks.split(", "):
        hint = "write scores into the example, or test with --model compact"
    return Problem("example", message, result.location, hint)


def _scorer(model: str) -> Callable[[Sequence[str]], Sequence[Scores]]:
    from bot.app import offline_scorer  # noqa: PLC0415 - the other tasks need no engine

    settings = options.with_model(load_settings(None), model)

    async def ask(texts: Sequence[str]) -> Sequence[Scores]:
        async with offline_scorer(settings) as scorer:
            return await scorer.score(texts)

    return lambda texts: asyncio.run(ask(texts))


def _list(args: argparse.Namespace) -> int:
    ruleset = _load(args)
    if args.rule:
        pages = {each.rule.id: each for each in ruleset.loaded}
        for name in args.rule:
            if name not in pages:
                raise UserError(f"there is no rule {name}", hint="gavel rules list names them")
            _say(rule_page(pages[name]))
        return DONE
    width = max(len(rule.id) for rule in ruleset.rules) if ruleset.rules else 0
    for rule in ruleset.rules:
        _say(
            f"{rule.id:<{width}}  {rule.status:<7}  {rule.level!s:<8}  {rule.action!s:<6}  {rule.title}"
        )
    _say(f"{_count(len(ruleset.rules), 'rule')}, set {ruleset.id}")
    return DONE


def _doc(args: argparse.Namespace) -> int:
    if args.condition is None:
        _say(reference())
    else:
        _say(next(condition_page(cls) for cls in CONDITIONS if cls.name == args.condition))
    return DONE


def _schema(args: argparse.Namespace) -> int:
    del args
    _say(json.dumps(rule_schema(), indent=2, ensure_ascii=False))
    return DONE


def _fuzz(args: argparse.Namespace) -> int:
    rng = Random(0)  # noqa: S311 - the same disguises every time
    evasion = Evasion[args.evasion.upper()] if args.evasion else None
    found = survival(_load(args), rng, evasion=evasion)
    width = max((len(each.technique) for each in found), default=0)
    for each in found:
        told = f"{each.tried:6} tried  {each.caught:7.1%} caught  {explained(each.technique)}"
        _say(f"{each.technique:<{width}}  {told}")
        for entry, disguised in each.missed[: args.show]:
            _say(f"{'':<{width}}    {entry}: {disguised!r}")
    tried = sum(each.tried for each in found)
    missed = sum(len(each.missed) for each in found)
    _say(f"{tried} disguises, {missed} missed ({missed / max(1, tried):.1%})")
    return DONE


def _collide(args: argparse.Namespace) -> int:
    terms = _terms(args)
    found = collisions(terms, _innocent_texts(args))
    for each in found:
        times = f" ({each.times} times)" if each.times > 1 else ""
        _say(f'"{each.entry}" hits "{each.word}"{times}')
    if found:
        _say(f"\nIf these are innocent, spare them:\n\n{exception_for(found)}")
    _say(f"{_count(len(terms), 'term')}, {_count(len(found), 'collision')}")
    return FOUND_PROBLEMS if found else DONE


def _terms(args: argparse.Namespace) -> tuple[Term, ...]:
    if not args.entry:
        return load_rules(options.rules_folder(args.rules)).terms
    try:
        return tuple(Term(entry, Evasion[args.evasion.upper()]) for entry in args.entry)
    except TermError as error:
        raise UserError(str(error), hint="write the letters that a word must hold") from None


def _innocent_texts(args: argparse.Namespace) -> Iterator[str]:
    if not args.words and not args.archive:
        yield from innocent_words()
    report = Report()
    for path in args.words:
        source = read_lines(path, report, largest=LARGEST_WORD_FILE)
        if source is None:
            raise UserError(report.problems)
        yield from source.lines
    if args.archive:
        from bot.archive import open_archive  # noqa: PLC0415 - only this option reads archives

        for path in args.archive:
            yield from (item.text for item in open_archive(path) if isinstance(item, Comment))


def _import(args: argparse.Namespace) -> int:
    report = Report()
    source = read_lines(args.file, report, largest=LARGEST_WORD_FILE)
    if source is None:
        raise UserError(report.problems)
    imported = FORMATS[args.format]("\n".join(source.lines), str(args.file))
    for note in imported.notes:
        sys.stderr.write(note.render() + "\n\n")
    if args.out is None:
        sys.stdout.write(imported.text)
    else:
        _write(args.out, imported.text)
    sys.stderr.write(
        f"{_count(imported.rules, 'rule')} imported, {_count(len(imported.notes), 'note')}\n"
    )
    if imported.notes:
        sys.stderr.write(
            "A rule that lost something is a draft, which is not run: look at it, then set its"
            " status to shadow.\n"
        )
    return FOUND_PROBLEMS if imported.notes else DONE


def _write(path: Path, text: str) -> None:
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise UserError(f"cannot write {path}: {error.strerror}") from None


def _export(args: argparse.Namespace) -> int:
    exported = export_discord(_load(args), args.discord, tuple(args.rule or ["*"]))
    for problem in exported.problems:
        sys.stderr.write(problem.render() + "\n\n")
    if any(problem.severity is Severity.ERROR for problem in exported.problems):
        return FOUND_PROBLEMS
    _say(json.dumps(list(exported.rules), indent=2, ensure_ascii=False))
    return DONE


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
