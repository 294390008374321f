"""The command line itself, `gavel score` and `gavel explain`."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from bot.cli import COMMANDS
from tests.cli.conftest import Run

ROOT = Path(__file__).parent.parent.parent


def test_every_command_is_listed_and_helps(gavel: Run) -> None:
    done = gavel("--help")
    assert done.code == 0
    for name in COMMANDS:
        assert name in done.out
        assert gavel(name, "--help").code == 0


def test_bad_usage(gavel: Run) -> None:
    assert gavel().code == 2
    assert "screen archived threads and write a report" in gavel().err
    assert gavel("dance").code == 2
    assert gavel("dryrun").code == 2
    for limit in ("0", "x", "-1", "1.5"):
        done = gavel("dryrun", "x", "--limit", limit)
        assert done.code == 2
        assert "is not a whole number above zero" in done.err
    assert gavel("dryrun", "x", "--map", "text").code == 2


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["dryrn"], 'argument COMMAND: there is no "dryrn"; did you mean "dryrun"?'),
        (["rules", "chekc"], 'there is no "chekc"; did you mean "check"?'),
        (
            ["dryrun", "x", "--format", "josnl"],
            'argument --format: there is no "josnl"; did you mean "jsonl"?',
        ),
        (["cache", "empty"], 'there is no "empty"; known: show, clear'),
    ],
)
def test_a_mistyped_word_is_answered_by_what_was_meant(
    gavel: Run, words: list[str], message: str
) -> None:
    done = gavel(*words)
    assert done.code == 2
    assert done.err.rstrip().endswith(message)


def test_a_file_that_is_not_there_is_named_once(gavel: Run) -> None:
    done = gavel("cache", "show", "--config", "nope.yaml")
    assert (done.code, done.err) == (2, "nope.yaml: error: there is no such file\n")


def test_version(gavel: Run) -> None:
    assert gavel("--version").out.startswith("gavel ")


def test_score_keeps_order_and_ids(gavel: Run, folder: Path) -> None:
    texts = ["you are a wonderful person", "", "you are a stupid idiot and I hate you", "ok"]
    lines = "\n".join(json.dumps({"id": f"n{i}", "text": t}) for i, t in enumerate(texts))
    (folder / "in.jsonl").write_text(lines, encoding="utf-8")
    assert gavel("score", "--in", "in.jsonl", "--out", "out.jsonl").code == 0
    rows = [json.loads(line) for line in (folder / "out.jsonl").read_text().splitlines()]
    assert [row["id"] for row in rows] == ["n0", "n1", "n2", "n3"]
    assert rows[2]["scores"]["toxicity"] > 0.8
    assert rows[0]["scores"]["toxicity"] < 0.2
    assert all(row["windows"] == 1 for row in rows)


def test_score_reads_standard_input(gavel: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO('{"text": "hello"}\n\n{"text": "there"}\n'))
    done = gavel("score")
    assert [json.loads(line)["id"] for line in done.out.splitlines()] == [1, 3]


@pytest.mark.parametrize("bad", ["{", '{"id": 1}', '{"text": 5}', "[]"])
def test_a_bad_row_is_named_and_rows_before_it_are_kept(gavel: Run, folder: Path, bad: str) -> None:
    (folder / "in.jsonl").write_text('{"text": "hello"}\n' + bad, encoding="utf-8")
    done = gavel("score", "--in", "in.jsonl")
    assert done.code == 2
    assert "in.jsonl:2:" in done.err
    assert len(done.out.splitlines()) == 1


def test_score_of_a_file_in_another_encoding(gavel: Run, folder: Path) -> None:
    (folder / "in.jsonl").write_bytes('{"text": "hé"}'.encode("latin-1"))
    done = gavel("score", "--in", "in.jsonl")
    assert done.code == 2
    assert "UTF-8" in done.err


def test_explain_tells_few_of_many_readings(gavel: Run) -> None:
    text = "you are a m.u.p.p.e.t and a 1d10t"
    few = [line for line in gavel("explain", "--text", text).out.splitlines() if "Folded" in line]
    whole = gavel("explain", "--all", "--text", text).out.splitlines()
    every = [line for line in whole if "Folded" in line]
    assert few[:-1] == every[:4]
    assert few[-1] == f"Folded   and in {len(every) - 4} other ways"


def test_explain_tells_scores_folding_rules_and_verdict(gavel: Run) -> None:
    done = gavel("explain", "--text", "you m\u200buppet")
    assert done.code == 0
    assert "toxicity" in done.out
    assert "you m⟨U+200B⟩uppet" in done.out
    assert "match         word.muppet (live, flag)" in done.out
    assert "4–11" in done.out
    assert done.out.rstrip().splitlines()[-3].startswith("Verdict  To review (flag)")


@pytest.mark.parametrize(
    ("words", "meant"),
    [
        (["you muppet"], "'you muppet'"),
        (["you", "muppet", "--reply"], "'you muppet'"),
        (["--text", "it's", "you"], """'it'"'"'s you'"""),
        (["you", "--stdin"], "you"),
        ([], "'…'"),
    ],
)
def test_explain_names_the_option_that_takes_the_text(
    gavel: Run, words: list[str], meant: str
) -> None:
    done = gavel("explain", *words)
    assert done.code == 2
    assert done.err == (
        "error: the text is given whole with --text, or on standard input with --stdin\n"
        f"  hint: gavel explain --text {meant}\n"
    )


def test_explain_names_the_words_that_raised_a_label(gavel: Run) -> None:
    done = gavel("explain", "--text", "you are an idiot, and the rain is nice")
    (line,) = [each for each in done.out.splitlines() if each.startswith("Raised   insult")]
    assert " idiot (+0." in line


def test_explain_a_miss(gavel: Run) -> None:
    done = gavel("explain", "--text", "the puppet show")
    assert "no match      word.muppet\n" in done.out
    assert "Verdict  Let through (allow)" in done.out
    for asked in (("--rule", "word."), ("--all",)):
        told = gavel("explain", "--text", "the puppet show", *asked).out
        assert "no match      word.muppet (live, flag)" in told
    assert "- words: muppet" in told


def test_explain_names_what_did_not_match_in_few_lines(gavel: Run, folder: Path) -> None:
    rules = [
        f"  - {{id: word.n{n}, when: {{words: [w{n}]}}, then: {{action: flag}}"
        f"{', scope: {channels: [elsewhere]}' if n % 2 else ''}}}"
        for n in range(20)
    ]
    rules.append("  - {id: word.x, when: {words: [w2]}, then: {action: flag}, status: shadow}")
    (folder / "rules/own.yaml").write_text("rules:\n" + "\n".join(rules), encoding="utf-8")
    told = gavel("explain", "--text", "w2 w3").out
    assert "         word.n2\n         word.x (shadow)\n" in told
    about = [line for line in told.splitlines() if line.startswith("  ") and "word." in line]
    assert about[0] == "  match         word.n2 (live, flag)"
    assert about[1] == "  match         word.x (shadow, flag)"
    assert about[2].startswith("  no match      word.n0, word.n10, word.n12, ")
    assert any(line.startswith("  out of scope  word.n1, word.n11, ") for line in about)
    assert len(about) < 12
    assert all(len(line) < 80 for line in about)


def test_a_reader_that_goes_away_is_no_error(folder: Path) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "bot", "explain", "--text", "you muppet"],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert process.stdout is not None
    process.stdout.close()
    _, said = process.communicate(timeout=200)
    assert b"Traceback" not in said
    assert process.returncode == 0


def test_streams_of_other_encodings_are_no_bug(folder: Path) -> None:
    def explain(*words: str, given: bytes = b"") -> subprocess.CompletedProcess[bytes]:
        return subprocess.run(
            [sys.executable, "-m", "bot", "explain", *words],
            env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "ascii"},
            cwd=folder,
            input=given,
            capture_output=True,
            check=False,
        )

    told = explain("--stdin", given="you mupp\u00e9t".encode())
    assert told.returncode == 0
    assert rb"you mupp\xe9t" in told.stdout
    broken = explain("--stdin", given=b"you \xff")
    assert broken.returncode == 2
    assert b"standard input is not UTF-8 text" in broken.stderr


def test_what_is_scored_or_compared_is_never_written_over(gavel: Run, folder: Path) -> None:
    (folder / "in.jsonl").write_text('{"text": "you muppet"}\n', encoding="utf-8")
    for words in (
        ("score", "--in", "in.jsonl", "--out", "./in.jsonl"),
        ("compare", "rules", "rules", "in.jsonl", "--out", "in.jsonl"),
        ("archive", "convert", "in.jsonl", "--out", "in.jsonl"),
    ):
        done = gavel(*words)
        assert done.code == 2, words
        assert "in.jsonl is itself read" in done.err
    assert (folder / "in.jsonl").read_text(encoding="utf-8") == '{"text": "you muppet"}\n'
