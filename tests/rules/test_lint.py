"""What the author of a rule is advised to look at."""

from datetime import date
from pathlib import Path

import pytest

from bot.rules import check_rules

GOOD = "examples: {match: [cat], no_match: [dog]}"


def found(tmp_path: Path, text: str, today: date | None = None) -> list[str]:
    path = tmp_path / "rules.yaml"
    path.write_text(text, encoding="utf-8")
    problems = check_rules(path, today=today)
    return [problem.render().replace(f"{tmp_path}/", "") for problem in problems]


def one(when: str, more: str = GOOD) -> str:
    return f"rules: [{{id: a, when: {when}, then: {{action: flag}}, {more}}}]\n"


def test_good_rules_have_no_findings(tmp_path: Path) -> None:
    assert found(tmp_path, one("{words: [cat]}")) == []


FINDINGS = {
    "no examples": (
        one("{words: [cat]}", "title: t"),
        [
            "the rule a has no example that matches",
            "the live rule a has no example that it leaves alone",
        ],
    ),
    "shadow without counter-example": (
        one("{words: [cat]}", "status: shadow, examples: {match: [cat]}"),
        [],
    ),
    "threshold out of reach": (
        one("{score: {insult: '>= 1.5'}}"),
        ["insult >= 1.5 never holds: scores lie between 0 and 1"],
    ),
    "threshold that always holds": (
        one("{score: {insult: '>= 0'}}"),
        ["insult >= 0 always holds: scores lie between 0 and 1"],
    ),
    "strange label": (
        one("{score: {insutl: '>= 0.5'}}"),
        ["no model of ours has the label insutl"],
    ),
    "regex of words": (
        one(r"{regex: '\b(?:cat|dog)\b'}"),
        ["this regex only lists words"],
    ),
    "real regex": (one(r"{regex: '\bcat+\b'}"), []),
    "strange source": (
        one("{words: [cat]}", f"scope: {{sources: [dicsord]}}, {GOOD}"),
        ["the rule a is for the source dicsord, which Gavel does not have"],
    ),
    "short wildcard": (
        one("{words: ['*as*', '*ass*', as]}"),
        ['"*as*" finds "as" inside countless innocent words'],
    ),
    "duplicate entry": (
        one("{words: [cat, dog, 'Cat ']}"),
        ['the entry "Cat " stands here twice'],
    ),
    "invisible character": (
        one('{words: ["ca\\u200bt"]}'),
        ["the entry holds an invisible character (U+200B)"],
    ),
    "unused list": (
        "lists: {l: [cat]}\n" + one("{words: [cat]}"),
        ['no rule of this file uses the list "l"'],
    ),
    "same condition": (
        f"""\
rules:
- {{id: a, when: {{words: [cat, dog]}}, then: {{action: flag}}, {GOOD}}}
- {{id: b, when: {{words: [dog, cat]}}, then: {{action: note}}, {GOOD}}}
""",
        ["the rule b asks the same as a"],
    ),
    "expired exception": (
        one("{words: ['*cat*']}")
        + "exceptions: [{id: e, for: [a], words: [scatter], reason: r, expires: 2024-01-01}]",
        ["the exception e has expired on 2024-01-01"],
    ),
    "exception without rule": (
        one("{words: ['*cat*']}")
        + "exceptions: [{id: e, for: [b.*], words: [scatter], reason: r}]",
        ["no rule fits b.*"],
    ),
    "useless exception": (
        one("{words: ['*cat*']}")
        + "exceptions: [{id: e, for: [a], words: [scatter, dogma], reason: r}]",
        ['no rule that it is for finds anything in "dogma"'],
    ),
}


@pytest.mark.parametrize(("text", "expected"), FINDINGS.values(), ids=FINDINGS)
def test_finding(tmp_path: Path, text: str, expected: list[str]) -> None:
    shown = found(tmp_path, text, date(2024, 1, 1))
    assert [line.split("\n")[0].partition("warning: ")[2] for line in shown] == expected
    assert all("= hint: " in line for line in shown)


def test_exception_is_not_expired_before_its_day(tmp_path: Path) -> None:
    text, _ = FINDINGS["expired exception"]
    assert found(tmp_path, text, date(2023, 12, 31)) == []
    assert found(tmp_path, text) == []


def test_finding_is_shown_in_full(tmp_path: Path) -> None:
    (shown,) = found(tmp_path, one("{words: [cat, dog, cat]}"))
    assert shown == (
        'rules.yaml:1:42: warning: the entry "cat" stands here twice\n'
        " 1 | rules: [{id: a, when: {words: [cat, dog, cat]}, then: {action: flag}, "
        "examples: {match: [cat], no_match: [dog]}}]\n"
        "   |                                          ^^^\n"
        "   = hint: the first is on line 1; remove one"
    )


def test_errors_leave_no_room_for_warnings(tmp_path: Path) -> None:
    (shown,) = found(tmp_path, one("{words: []}", "title: t"))
    assert "error: " in shown


def test_duplicates_in_list_files_are_found_at_their_line(tmp_path: Path) -> None:
    (tmp_path / "words.txt").write_text("# some\ncat\n  dog\ncat\n")
    text = "lists: {l: {file: words.txt}}\n" + one("{words: {list: l}}")
    (shown,) = found(tmp_path, text)
    assert shown.startswith('words.txt:4:1: warning: the entry "cat" stands here twice')
