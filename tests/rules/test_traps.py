"""Traps that other moderation systems fell into, each by name."""

from pathlib import Path

import pytest

from bot.errors import UserError
from bot.model import Action, Missing
from bot.rules import RuleBook, load_rules
from tests.rules.making import facts, matched, problems, rule, ruleset


def test_boundaries_are_not_blind_to_cyrillic() -> None:
    assert matched(rule("{words: [жопа]}"), facts("ты жопа!")) == ["a.rule"]
    assert matched(rule("{words: [жопа]}"), facts("жопастый")) == []


@pytest.mark.parametrize("entry", ["(h)", ".env", "c++", "#tag", "<3"])
def test_entries_that_begin_or_end_in_punctuation_match(entry: str) -> None:
    made = rule(f"{{words: ['{entry}']}}")
    assert matched(made, facts(f"what {entry} is")) == ["a.rule"]


def test_an_allowed_first_match_hides_no_later_one() -> None:
    made = ruleset("""
        rules: [{id: a, when: {words: ["*ass*"]}, then: {action: flag}}]
        exceptions: [{id: e, for: [a], words: [class], reason: r}]
    """)
    assert matched(made, facts("class, you ass")) == ["a"]


def test_an_allow_wildcard_swallows_no_neighbour() -> None:
    made = ruleset("""
        rules: [{id: a, when: {words: ["*ass*"]}, then: {action: flag}}]
        exceptions: [{id: e, for: [a], words: ["*class*"], reason: r}]
    """)
    assert matched(made, facts("ass class")) == ["a"]
    assert matched(made, facts("classical subclass")) == []


def test_a_rule_without_check_or_action_is_not_dropped_in_silence() -> None:
    shown = problems("rules:\n- {id: a, then: {action: flag}}\n- {id: b, when: {reply: true}}\n")
    assert 'rules.yaml:2:3: error: an entry of "rules" lacks the key "when"' in shown
    assert 'rules.yaml:3:3: error: an entry of "rules" lacks the key "then"' in shown


def test_a_key_written_twice_does_not_keep_the_last() -> None:
    shown = problems(
        "rules: [{id: a, when: {reply: true}, when: {quoted: true}, then: {action: flag}}]"
    )
    assert 'error: the key "when" stands here twice' in shown


def test_no_and_0123_become_neither_false_nor_83() -> None:
    shown = problems("rules: [{id: a, when: {words: [no, 0123]}, then: {action: flag}}]")
    assert "rules.yaml:1:32: error: no is text to some YAML readers and false to others" in shown
    assert "rules.yaml:1:36: error: 0123 is read as different numbers" in shown
    made = rule("{words: ['no', '0123']}")
    assert matched(made, facts("0123")) == matched(made, facts("no")) == ["a.rule"]


def test_what_failed_is_told_and_never_a_pass() -> None:
    failed = Missing("scores", failed=True)
    made = rule("{not: {score: {insult: '>= 0.5'}}}")
    evaluation = made.evaluate(facts(missing=(failed,)))
    assert evaluation.matches == ()
    assert evaluation.unknown[0].missing == (failed,)


@pytest.mark.parametrize("words", ["[]", "['']", "['*']", "['**']", "['* *']", "{list: l}"])
def test_an_empty_word_list_does_not_match_everything(words: str) -> None:
    assert "error" in problems(
        f"rules: [{{id: a, when: {{words: {words}}}, then: {{action: flag}}}}]"
    )


def test_an_empty_list_file_does_not_match_everything(tmp_path: Path) -> None:
    (tmp_path / "words.txt").write_text("# nothing yet\n\n")
    (tmp_path / "a.yaml").write_text(
        "lists: {l: {file: words.txt}}\n"
        "rules: [{id: a, when: {words: {list: l}}, then: {action: flag}}]\n"
    )
    with pytest.raises(UserError, match=r"the list file words\.txt has no entries"):
        load_rules(tmp_path)


def test_the_match_is_the_whole_word_and_not_one_character() -> None:
    (match,) = rule("{words: [muppet]}").evaluate(facts("you muppet!")).matches
    assert match.text == "muppet"


def test_hits_found_only_by_squeezing_spaces_go_to_review() -> None:
    made = rule("{words: {entries: [muppet], evasion: strong}}", then="{action: remove}")
    (match,) = made.evaluate(facts("you m.u.p.p.e.t")).matches
    assert match.action is Action.FLAG


@pytest.mark.parametrize("text", ["call 911 at 17:45", "142,460", "as she finished it"])
def test_numbers_and_plain_words_are_left_alone(text: str) -> None:
    made = rule("{words: {entries: [ass, shef, asshe, aaa], evasion: strong}}")
    assert matched(made, facts(text)) == []


def test_a_bad_reload_keeps_the_old_rules_and_says_so_once(tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    path.write_text("rules: [{id: a, when: {words: [cat]}, then: {action: flag}}]")
    book = RuleBook(tmp_path)
    old = book.current
    path.write_text("rules: [{id: a, when: {words: []}, then: {action: flag}}]")
    first, second = book.reload(), book.reload()
    assert (first.loaded, first.news) == (False, True)
    assert (second.loaded, second.news) == (False, False)
    assert first.problems == second.problems
    assert book.current is old
    path.write_text("rules: [{id: b, when: {words: [cat]}, then: {action: flag}}]")
    mended = book.reload()
    assert (mended.loaded, mended.news) == (True, True)
    assert (mended.added, mended.removed, mended.changed) == (("b",), ("a",), ())
    assert not book.reload().news
    path.write_text("rules: [{id: b, when: {words: [dog]}, then: {action: flag}}]")
    assert book.reload().changed == ("b",)


def test_rules_that_never_loaded_leave_no_book(tmp_path: Path) -> None:
    with pytest.raises(UserError):
        RuleBook(tmp_path / "none.yaml")
