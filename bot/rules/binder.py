"""What conditions get from outside themselves: lists, the matcher's entries, known names.

Lives here: `Registry`, the entries and regexes of a whole rule set, and `FileBinder`, which one
file's conditions ask. Each reports what is wrong and goes on.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from bot.errors import did_you_mean
from bot.model import Evasion
from bot.rules.language import ListFile, RuleFile, WordList
from bot.rules.matcher import Pattern, PatternError, Term, TermError
from bot.rules.ruleset import LoadedList
from bot.yamlfile import Located, RefusedError, Report, ScalarNode, Text, read_lines

_ENTRY = Text("a word or phrase", longest=200)

# Classes (`\\p{Greek}`) and code points (`\\x{1f600}`) have braces of their own.
_NAME_IN_REGEX = re.compile(r"(?<!\\[pPx])\{([a-z][a-z0-9_-]*)\}")


@dataclass
class Registry:
    """The word entries and regexes of a rule set, each once; their place is their number."""

    terms: dict[Term, int] = field(default_factory=dict)
    patterns: dict[Pattern, int] = field(default_factory=dict)

    def term(self, term: Term) -> int:
        """Return the number of a word entry."""
        return self.terms.setdefault(term, len(self.terms))

    def pattern(self, pattern: Pattern) -> int:
        """Return the number of a regex."""
        return self.patterns.setdefault(pattern, len(self.patterns))


class FileBinder:
    """Answers the conditions and exceptions of one file."""

    def __init__(
        self,
        paths: tuple[Path, Path],
        content: RuleFile,
        known: tuple[Collection[str] | None, Collection[str] | None],
        registry: Registry,
        report: Report,
    ) -> None:
        """Read the lists; `paths` are the file and its folder, `known` the rules' ids and labels."""
        self._rules, self._labels = known
        self._registry = registry
        self._report = report
        lists = content.lists
        self._lists = {name: self._read_list(*paths, words) for name, words in lists.items()}
        self._patterns = content.patterns
        self._places = {name: words.node.location for name, words in lists.items()}
        self._used: set[str] = set()
        for name in self._patterns.keys() & self._lists.keys():
            self._report.error(
                "duplicate-name",
                f'a list and a pattern are both called "{name}"',
                self._patterns[name].node,
                "rename one",
            )

    @property
    def lists(self) -> tuple[LoadedList, ...]:
        """The file's lists and patterns, and whether anything that was bound used them."""
        lists = (
            LoadedList(name, self._places[name], entries, name in self._used)
            for name, entries in self._lists.items()
        )
        patterns = (
            LoadedList(name, each.node.location, (), name in self._used, "pattern")
            for name, each in self._patterns.items()
        )
        return (*lists, *patterns)

    def entries(self, lists: tuple[Located[str], ...]) -> tuple[Located[str], ...]:
        """Return the entries of named lists."""
        found: list[Located[str]] = []
        for name in lists:
            self._used.add(name.value)
            if name.value in self._lists:
                found += self._lists[name.value]
            else:
                hint = did_you_mean(name.value, self._lists) or 'name it under "lists"'
                self._report.error(
                    "unknown-list", f'this file has no list "{name.value}"', name.node, hint
                )
        return tuple(found)

    def terms(self, entries: tuple[Located[str], ...], evasion: Evasion) -> frozenset[int]:
        """Return the matcher's numbers of word entries."""
        return frozenset(self._registry.term(term) for term in self._made(entries, evasion))

    def _made(self, entries: tuple[Located[str], ...], evasion: Evasion) -> Iterator[Term]:
        for entry in entries:
            try:
                yield Term(entry.value, evasion)
            except TermError:
                self._report.error(
                    "entry-matches-all",
                    f'the entry "{entry.value}" would match every text',
                    entry.node,
                    "write the letters that a word must hold",
                )

    def written_out(self, sources: tuple[Located[str], ...]) -> tuple[Located[str], ...]:
        """Return regexes with what it stands for in the place of each `{list}` or `{pattern}`."""
        return tuple(
            replace(source, value=self._filled(self._with_patterns(source))) for source in sources
        )

    def _with_patterns(self, source: Located[str]) -> Located[str]:
        def pattern(found: re.Match[str]) -> str:
            if found[1] not in self._patterns:
                return found[0]
            self._used.add(found[1])
            return f"(?:{self._patterns[found[1]].value})"

        return replace(source, value=_NAME_IN_REGEX.sub(pattern, source.value))

    def _filled(self, source: Located[str]) -> str:
        def entries(found: re.Match[str]) -> str:
            listed = self.entries((replace(source, value=found[1]),))
            terms = self._made(listed, Evasion.NONE)
            return f"(?:{'|'.join(sorted({term.regex for term in terms}))})"

        return _NAME_IN_REGEX.sub(entries, source.value)

    def patterns(self, sources: tuple[Located[str], ...], evasion: Evasion) -> frozenset[int]:
        """Return the matcher's numbers of regexes."""
        numbers = set()
        for source in sources:
            try:
                numbers.add(self._registry.pattern(Pattern(source.value, evasion)))
            except PatternError as error:
                place = (
                    source.node.inside(error.offset or 0)
                    if isinstance(source.node, ScalarNode) and source.node.text == source.value
                    else source.node.location
                )
                self._report.error("regex", str(error), place, error.hint)
        return frozenset(numbers)

    def label(self, label: str, where: Located[Any]) -> None:
        """Check that the model has a label."""
        if self._labels is not None and label not in self._labels:
            self._report.error(
                "unknown-label",
                f'the model has no label "{label}"',
                where.node,
                did_you_mean(label, self._labels),
            )

    def rule(self, rule: Located[str]) -> None:
        """Check that there is a rule of this id, unless some rules could not be read."""
        if self._rules is not None and rule.value not in self._rules:
            hint = did_you_mean(rule.value, self._rules)
            self._report.error(
                "unknown-rule",
                f'there is no rule "{rule.value}"',
                rule.node,
                hint if hint.startswith("did") else "",
            )

    def _read_list(self, file: Path, folder: Path, words: WordList) -> tuple[Located[str], ...]:
        if not isinstance(words.value, ListFile):
            return words.value
        name = words.value.file
        if not name.value:
            return ()
        path = file.parent / name.value
        if not path.resolve().is_relative_to(folder.resolve()):
            self._report.error(
                "list-outside",
                f"{name.value} lies outside the folder of the rules",
                name.node,
                "keep lists beside the rules that use them",
            )
            return ()
        if not path.is_file():
            self._report.error(
                "list-missing",
                f"the list file {name.value} is not there",
                name.node,
                f"looked for {path}",
            )
            return ()
        return self._entries_of(path, name)

    def _entries_of(self, path: Path, name: Located[str]) -> tuple[Located[str], ...]:
        source = read_lines(path, self._report)
        if source is None:
            return ()
        entries = []
        for number, line in enumerate(source.lines):
            text = line.strip()
            if not text or text.startswith("#"):
                continue
            column = len(line) - len(line.lstrip())
            node = ScalarNode(source, number, column, len(text), text, text, verbatim=True)
            try:
                entries.append(Located(_ENTRY.read(node, "an entry", self._report), node))
            except RefusedError:
                continue
        if not entries:
            self._report.error(
                "empty-list", f"the list file {name.value} has no entries", name.node
            )
        return tuple(entries)
