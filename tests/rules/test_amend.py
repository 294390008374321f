"""Examples and exceptions added to rule files by moderators."""

from pathlib import Path

import pytest

from bot.errors import UserError
from bot.model import Comment, Facts, Scores
from bot.rules import RuleSet, load_rules, run_examples
from bot.rules.amend import add_example, add_exception
from bot.text import fold

RULES = """\
# Our rules
rules:
  - id: abuse.muppet   # mild
    when: {words: [muppet]}
    then: {action: flag}
    examples:
      match: [{text: you muppet}]
  - id: abuse.insult
    when: {score: {insult: ">= 0.9"}}
    then: {action: flag}
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    written = tmp_path / "rules.yaml"
    written.write_text(RULES, encoding="utf-8")
    return written


def comment(text: str, **more: str) -> Comment:
    return Comment("7", text, **more)  # type: ignore[arg-type]  # strings only are given


def matches(rules: RuleSet, text: str) -> list[str]:
    found = rules.evaluate(Facts(comment(text), fold(text)))
    return [match.rule for match in found.matches]


def test_an_example_stands_in_the_file_and_holds(path: Path) -> None:
    amended = add_example(load_rules(path), "abuse.muppet", "match", comment("a muppet!"), None)
    assert (amended.section, amended.snippet) == ("examples.match", '- {text: "a muppet!"}')
    amended.save()
    assert path.read_text(encoding="utf-8") == RULES.replace(
        "[{text: you muppet}]", '[{text: "a muppet!"}, {text: you muppet}]'
    )
    assert all(result.passed for result in run_examples(load_rules(path)))


def test_what_a_rule_does_not_do_yet_is_a_known_gap(path: Path) -> None:
    amended = add_example(
        load_rules(path), "abuse.muppet", "no_match", comment("the muppet show"), None
    )
    assert amended.section == "examples.todo_no_match"
    amended.save()
    results = run_examples(load_rules(path))
    assert [result.failed for result in results] == [False, False]


def test_an_example_keeps_the_scores_that_its_rule_asks_for(path: Path) -> None:
    scores = Scores("m", "1", {"insult": 0.900012, "threat": 0.3})
    said = comment("you fool", parent_id="5")
    amended = add_example(load_rules(path), "abuse.insult", "match", said, scores)
    assert amended.snippet == '- {text: "you fool", scores: {insult: 0.9}, reply: true}'
    assert amended.section == "examples.match"
    amended.save()
    assert all(result.passed for result in run_examples(load_rules(path)))


def test_an_exception_cancels_what_it_covers_from_then_on(path: Path) -> None:
    add = add_exception(load_rules(path), ["abuse.muppet"], ["Muppet Show"], "a show", "case-7")
    assert matches(load_rules(path), "the Muppet Show") == ["abuse.muppet"]
    add.save()
    assert matches(load_rules(path), "the Muppet Show") == []
    assert matches(load_rules(path), "you muppet") == ["abuse.muppet"]
    add_exception(load_rules(path), ["abuse.muppet"], ["muppets"], "a film", "case-7").save()
    assert {each.id.value for each in load_rules(path).exceptions} == {"case-7", "case-7-2"}
    assert path.read_text(encoding="utf-8").startswith(RULES)


def test_a_file_that_changed_meanwhile_is_left_alone(path: Path) -> None:
    amended = add_example(load_rules(path), "abuse.muppet", "match", comment("a muppet"), None)
    path.write_text(RULES + "# and more\n", encoding="utf-8")
    with pytest.raises(UserError, match="same moment"):
        amended.save()
    assert path.read_text(encoding="utf-8") == RULES + "# and more\n"


def test_a_folder_that_cannot_be_written_tells_what_to_paste(path: Path) -> None:
    amended = add_example(load_rules(path), "abuse.muppet", "match", comment("a muppet"), None)
    path.unlink()
    path.mkdir()
    with pytest.raises(UserError, match=r'- \{text: "a muppet"\}'):
        amended.save()


def test_what_no_rule_file_may_hold_is_refused_before_anything_is_written(path: Path) -> None:
    rules = load_rules(path)
    with pytest.raises(UserError, match="at most"):
        add_exception(rules, ["abuse.muppet"], ["x" * 300], "why", "case-7")
    with pytest.raises(KeyError):
        add_exception(rules, ["abuse.muppet", "no.such"], ["x"], "why", "case-7")
    assert path.read_text(encoding="utf-8") == RULES


def test_a_rule_that_left_its_file_is_named(path: Path) -> None:
    rules = load_rules(path)
    path.write_text("rules: []\n", encoding="utf-8")
    with pytest.raises(UserError, match=r"no longer holds the rule abuse\.muppet"):
        add_example(rules, "abuse.muppet", "match", comment("a muppet"), None)
