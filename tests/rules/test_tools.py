"""The tools of rule authors: reference, collisions, survival, export."""

import json
import re
from random import Random

import pytest

from bot.model import Evasion
from bot.rules import run_examples
from bot.rules.collide import Collision, collisions, exception_for, innocent_words
from bot.rules.conditions import CONDITIONS
from bot.rules.doc import EXAMPLE_FILE, FIRST_FILE, reference, rule_page
from bot.rules.exports import export_discord
from bot.rules.imports.discord import read_discord
from bot.rules.language import RULE_FILE
from bot.rules.matcher import Matcher, Term
from bot.rules.survival import survival
from bot.text import fold
from tests.rules.making import facts, matched, problems, rule, ruleset

# --- reference -------------------------------------------------------------------------------


def test_reference_tells_every_condition_and_every_key() -> None:
    text = reference()
    for cls in CONDITIONS:
        assert f"### {cls.name}\n" in text
        assert cls.example in text
        for each in () if cls.bare else cls.parameters:
            assert f"| `{each.name}` |" in text
    for each in RULE_FILE.fields:
        assert f"| `{each.name}` |" in text
    for part in re.findall(r"^\| .* \|$", text, re.MULTILINE):
        assert part.replace("\\|", "").count("|") in {3, 4}, part


@pytest.mark.parametrize("text", [FIRST_FILE, EXAMPLE_FILE])
def test_the_examples_of_the_reference_load_and_pass_their_own_examples(text: str) -> None:
    assert text in reference()
    assert problems(text) == ""
    results = run_examples(ruleset(text))
    assert results
    assert all(result.passed for result in results)


def test_the_reference_says_truly_what_each_level_undoes() -> None:
    told = re.search(r"`none`: .*? than `flag`", reference(), re.DOTALL)
    assert told is not None
    parts = re.split(r"`(none|light|strong)`: ", told[0])[1:]
    for level, said in zip(parts[::2], parts[1::2], strict=True):
        evasion = Evasion[level.upper()]
        written = [each for each in re.findall(r"`([^`]+)`", said) if each not in {"cat", "flag"}]
        assert len(written) >= 2, level
        for text in (each for each in written if each not in Evasion.names()):
            hits = Matcher([Term("cat", evasion)]).find(fold(text)).terms[0]
            assert hits[0].evasion is evasion, (level, text)


def test_page_of_a_rule() -> None:
    (loaded,) = ruleset(EXAMPLE_FILE).loaded
    assert rule_page(loaded) == (
        "house.name-calling: Name-calling in a reply\n"
        "  live, level medium, action flag\n"
        "  at rules.yaml:7:9\n"
        "  known problems: Friends who tease each other are flagged too.\n"
        "  matches: you muppet\n"
        "  leaves: the muppet show is on"
    )


# --- collisions ------------------------------------------------------------------------------


def test_collisions_name_the_innocent_words_and_not_the_entry() -> None:
    found = collisions(
        [Term("*cat*", Evasion.LIGHT)], ["cat", "concatenate it", "Concatenate", "a dog"]
    )
    assert found == [
        Collision("*cat*", "Concatenate"),
        Collision("*cat*", "concatenate"),
    ]


def test_the_suggested_exception_loads_and_spares_what_was_found() -> None:
    found = collisions([Term("*ass*")], innocent_words())
    assert "Scunthorpe" not in {each.word for each in found}
    assert {"class", "assume", "Assisi"} <= {each.word for each in found}
    text = "rules: [{id: a.b, when: {words: ['*ass*']}, then: {action: flag}}]\n"
    assert matched(ruleset(text), facts("assume")) == ["a.b"]
    spared = ruleset(text + exception_for(found, "a.*"))
    for each in found:
        assert matched(spared, facts(each.word)) == []


def test_the_most_frequent_collision_comes_first() -> None:
    found = collisions([Term("*cat*")], ["scatter", "vacate", "vacate", "cat"])
    assert [(each.word, each.times) for each in found] == [("vacate", 2), ("scatter", 1)]


# --- survival --------------------------------------------------------------------------------


def test_survival_tells_what_each_technique_hides() -> None:
    rules = rule("{words: {entries: [muppet, birdbrain], evasion: none}}")
    plain = {each.technique: each for each in survival(rules, Random(1))}
    strong = {each.technique: each for each in survival(rules, Random(1), evasion=Evasion.STRONG)}
    assert plain["zero-width"].caught == 0.0
    assert {entry for entry, _ in plain["zero-width"].missed} == {"muppet", "birdbrain"}
    assert strong["zero-width"].caught == 1.0
    assert plain.keys() == strong.keys()


def test_survival_of_no_words_is_nothing() -> None:
    assert survival(rule("{reply: true}"), Random(1)) == []


# --- export ----------------------------------------------------------------------------------


def test_export_carries_words_and_says_what_stays() -> None:
    rules = ruleset("""
        rules:
        - {id: a, when: {words: [cat, dog*]}, then: {action: remove}}
        - {id: b, when: {any: [{words: [cow]}, {regex: 'b[ai]rd'}]}, then: {action: hold}}
        - {id: c, when: {words: ["*pig*"]}, then: {action: remove, timeout: 10m}}
        - {id: d, when: {score: {insult: "> 0.5"}}, then: {action: flag}}
        - {id: e, when: {words: [note]}, then: {action: note}}
        - {id: f, status: shadow, when: {words: [shadow]}, then: {action: flag}}
        exceptions: [{id: x, for: [c], words: [pigment, piglet, dogma], reason: r}]
    """)
    exported = export_discord(rules, "42")
    assert [(each["name"], each["trigger_metadata"]) for each in exported.rules] == [
        (
            "Gavel remove",
            {
                "keyword_filter": ["*pig*"],
                "regex_patterns": [],
                "allow_list": ["piglet", "pigment"],
            },
        ),
        (
            "Gavel remove",
            {"keyword_filter": ["cat", "dog*"], "regex_patterns": [], "allow_list": []},
        ),
        (
            "Gavel hold",
            {"keyword_filter": ["cow"], "regex_patterns": ["b[ai]rd"], "allow_list": []},
        ),
    ]
    assert [action["type"] for action in exported.rules[0]["actions"]] == [1, 2, 3]
    assert [problem.message for problem in exported.problems] == [
        "d needs more than words: it stays with Gavel"
    ]


def test_export_keeps_to_the_limits() -> None:
    words = ", ".join(f"word{number}" for number in range(2500))
    rules = ruleset(f"""
        rules:
        - {{id: a, when: {{words: [{words}, {"x" * 61}]}}, then: {{action: flag}}}}
        - {{id: b, when: {{regex: '{"y" * 261}'}}, then: {{action: flag}}}}
    """)
    exported = export_discord(rules, "42")
    assert [each["name"] for each in exported.rules] == [
        "Gavel flag",
        "Gavel flag 2",
        "Gavel flag 3",
    ]
    assert max(len(each["trigger_metadata"]["keyword_filter"]) for each in exported.rules) == 1000
    assert [problem.message for problem in exported.problems] == [
        f'a "{"x" * 30}…" has 61 characters; AutoMod takes 60',
        f'b "{"y" * 30}…" has 261 characters; AutoMod takes 260',
    ]


def test_more_rules_than_a_server_may_have_are_an_error() -> None:
    regexes = ", ".join(f"'x{number}+'" for number in range(61))
    rules = ruleset(f"rules: [{{id: a, when: {{regex: [{regexes}]}}, then: {{action: flag}}}}]")
    (problem,) = export_discord(rules, "42").problems
    assert problem.render() == (
        "error: 7 keyword rules are needed; a server may have 6\n"
        "  hint: export fewer rules, or give more of them the same action"
    )


@pytest.mark.parametrize("wanted", [("a",), ("b", "a"), ("*",)])
def test_what_is_exported_can_be_imported(wanted: tuple[str, ...]) -> None:

    rules = rule("{words: [cat]}", name="a", then="{action: remove}")
    back = read_discord(json.dumps(list(export_discord(rules, "1", wanted).rules)), "x.json")
    assert back.rules == 1
    assert back.notes == ()
