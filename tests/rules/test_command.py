"""`gavel rules` as its users meet it: what it prints, where, and its exit codes."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from bot.cli import main

GOOD = """\
rules:
- id: a.cat
  title: Cats
  when: {words: ["*cat*"]}
  then: {action: remove}
  examples:
    match: [a cat]
    no_match: [a dog]
    todo_match: [kitten]
"""


@pytest.fixture
def rules(tmp_path: Path) -> Path:
    path = tmp_path / "rules.yaml"
    path.write_text(GOOD)
    return path


Shown = pytest.CaptureFixture[str]


def test_check_of_good_rules(rules: Path, capsys: Shown) -> None:
    assert main(["rules", "check", str(rules)]) == 0
    assert capsys.readouterr().out == f"{rules}: 0 errors, 0 warnings\n"


def test_check_of_wrong_rules_shows_all_and_fails(rules: Path, capsys: Shown) -> None:
    rules.write_text(GOOD.replace('["*cat*"]', "[]").replace("remove", "rmeove"))
    assert main(["rules", "check", str(rules)]) == 1
    assert capsys.readouterr().out == (
        f'{rules}:4:17: error: "words" is empty\n'
        " 4 |   when: {words: []}\n"
        "   |                 ^\n\n"
        f'{rules}:5:18: error: "action" must be note, flag, hold or remove, not the text "rmeove"\n'
        " 5 |   then: {action: rmeove}\n"
        "   |                  ^^^^^^\n"
        '   = hint: did you mean "remove"?\n\n'
        f"{rules}: 2 errors, 0 warnings\n"
    )


def test_check_knows_the_labels_of_models(rules: Path, capsys: Shown) -> None:
    rules.write_text(GOOD.replace('{words: ["*cat*"]}', '{score: {insutl: "> 0.5"}}'))
    assert main(["rules", "check", str(rules)]) == 1
    assert 'the model has no label "insutl"' in capsys.readouterr().out


def test_test_reports_known_gaps_and_fails_only_for_failures(rules: Path, capsys: Shown) -> None:
    assert main(["rules", "test", str(rules)]) == 0
    assert capsys.readouterr().out == (
        "2 examples, 0 failed; 1 known gap (--gaps shows them), 0 closed\n"
    )
    assert main(["rules", "test", str(rules), "--gaps"]) == 0
    assert capsys.readouterr().out == (
        f"{rules}:9:18: warning: known gap of a.cat is open\n"
        " 9 |     todo_match: [kitten]\n"
        "   |                  ^^^^^^\n\n"
        "2 examples, 0 failed; 1 known gap, 0 closed\n"
    )
    rules.write_text(GOOD.replace("[kitten]", "[category]"))
    assert main(["rules", "test", str(rules)]) == 0
    assert "known gap of a.cat is closed: move it out of todo" in capsys.readouterr().out
    rules.write_text(GOOD.replace("a dog", "scatter"))
    assert main(["rules", "test", str(rules)]) == 1
    assert "a.cat: expected no match, got match" in capsys.readouterr().out


def test_test_tells_how_to_decide_an_example_without_scores(rules: Path, capsys: Shown) -> None:
    rules.write_text(GOOD.replace('{words: ["*cat*"]}', '{score: {insult: "> 0.5"}}'))
    assert main(["rules", "test", str(rules)]) == 1
    assert "write scores into the example, or test with --model compact" in capsys.readouterr().out


def test_list_and_pages(rules: Path, capsys: Shown) -> None:
    assert main(["rules", "list", str(rules)]) == 0
    assert capsys.readouterr().out.startswith(
        "a.cat  live     medium    remove  Cats\n1 rule, set "
    )
    assert main(["rules", "list", str(rules), "--rule", "a.cat"]) == 0
    assert capsys.readouterr().out.startswith("a.cat: Cats\n")
    assert main(["rules", "list", str(rules), "--rule", "b"]) == 2
    assert "there is no rule b" in capsys.readouterr().err


def test_doc_and_schema(capsys: Shown) -> None:
    assert main(["rules", "doc"]) == 0
    assert "# The rule language" in capsys.readouterr().out
    assert main(["rules", "doc", "words"]) == 0
    assert capsys.readouterr().out.startswith("### words\n")
    assert main(["rules", "schema"]) == 0
    assert json.loads(capsys.readouterr().out)["title"] == "Gavel rules"


def test_fuzz_prints_a_line_a_technique(rules: Path, capsys: Shown) -> None:
    assert main(["rules", "fuzz", str(rules), "--show", "1"]) == 0
    out = capsys.readouterr().out
    assert "zero-width" in out
    assert "disguises," in out.splitlines()[-1]


def test_collide_with_the_touchstone_and_with_files(
    rules: Path, tmp_path: Path, capsys: Shown
) -> None:
    assert main(["rules", "collide", "zyzzyva", "xyloid"]) == 0
    assert capsys.readouterr().out == "2 terms, 0 collisions\n"
    rules.write_text(GOOD.replace("*cat*", "*ass*"))
    assert main(["rules", "collide", "--rules", str(rules)]) == 1
    assert '"*ass*" hits "Assisi"' in capsys.readouterr().out
    words = tmp_path / "words.txt"
    words.write_text("scatter\ndog\n")
    assert main(["rules", "collide", "*cat*", "--words", str(words)]) == 1
    assert capsys.readouterr().out == (
        '"*cat*" hits "scatter"\n\n'
        "If these are innocent, spare them:\n\n"
        "exceptions:\n"
        "  - id: innocent\n"
        "    for:\n"
        "      - RULE.ID\n"
        "    words:\n"
        "      - scatter\n"
        "    reason: innocent words\n\n"
        "1 term, 1 collision\n"
    )
    archive = tmp_path / "thread.jsonl"
    archive.write_text('{"id": "1", "text": "vacate it"}\n{"id": "2", "text": "vacate"}\n')
    assert main(["rules", "collide", "*cat*", "--archive", str(archive)]) == 1
    assert '"*cat*" hits "vacate" (2 times)' in capsys.readouterr().out


def test_collide_refuses_an_entry_of_wildcards(capsys: Shown) -> None:
    assert main(["rules", "collide", "*"]) == 2
    assert "would match every text" in capsys.readouterr().err


def test_import_writes_rules_that_check(tmp_path: Path, capsys: Shown) -> None:
    words, out = tmp_path / "bad words.txt", tmp_path / "rules.yaml"
    words.write_text("cat\ndog\n")
    assert main(["rules", "import", str(words), "--from", "words", "--out", str(out)]) == 0
    assert capsys.readouterr().err == "1 rule imported, 0 notes\n"
    assert main(["rules", "list", str(out)]) == 0
    assert capsys.readouterr().out.startswith("imported.bad-words  shadow")
    words.write_text("*\n")
    assert main(["rules", "import", str(words), "--from", "words"]) == 1
    assert "A rule that lost something is a draft" in capsys.readouterr().err


def test_every_task_says_what_it_does_and_what_it_takes(capsys: Shown) -> None:
    tasks = ("check", "test", "list", "doc", "schema", "fuzz", "collide", "import", "export")
    for task in tasks:
        with pytest.raises(SystemExit):
            main(["rules", task, "--help"])
        told = capsys.readouterr().out
        sections = told.split("\n\n")
        assert sections[1].endswith("."), task
        for line in "\n".join(sections[2:]).splitlines():
            taken = re.match(r"  (-\S+|[A-Z]+)( [A-Z]+)?$", line)
            assert taken is None, f"{task}: {line}"


def test_import_of_what_is_not_there_and_to_where_nobody_may_write(
    tmp_path: Path, capsys: Shown
) -> None:
    gone = str(tmp_path / "gone.txt")
    assert main(["rules", "import", gone, "--from", "words"]) == 2
    assert "gone.txt: error: there is no such file" in capsys.readouterr().err
    words = tmp_path / "words.txt"
    words.write_text("cat\n")
    assert main(["rules", "import", str(words), "--from", "words", "--out", str(tmp_path)]) == 2
    assert "cannot write" in capsys.readouterr().err


def test_export_prints_json_or_says_why_not(rules: Path, capsys: Shown) -> None:
    assert main(["rules", "export", str(rules), "--discord", "42"]) == 0
    (rule,) = json.loads(capsys.readouterr().out)
    assert rule["trigger_metadata"]["keyword_filter"] == ["*cat*"]
    regexes = ", ".join(f"'x{number}+'" for number in range(61))
    rules.write_text(GOOD.replace('{words: ["*cat*"]}', f"{{regex: [{regexes}]}}"))
    assert main(["rules", "export", str(rules), "--discord", "42"]) == 1
    assert "a server may have 6" in capsys.readouterr().err


def test_rules_that_are_not_there(tmp_path: Path, capsys: Shown) -> None:
    assert main(["rules", "test", str(tmp_path / "gone")]) == 2
    assert "gone" in capsys.readouterr().err
