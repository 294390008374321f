import random
from pathlib import Path

from bot.training import words
from bot.training.data import RECIPE, TALK_RECIPE, Example, targets_of, times_shown

LISTS = Path(__file__).parent.parent.parent / "rules" / "en" / "lists"
CLEAN = Example("the rain is nice", targets_of({"toxicity": 0}), "jigsaw_slice")


def test_every_list_that_has_a_meaning_is_there_and_has_entries() -> None:
    found = words.listed(LISTS)
    assert all(words.entries(LISTS / f"{name}.txt") for name in words.MEANING)
    assert {example.source for example in found} == {words.LISTED}


def test_entries_are_read_without_comments_and_without_stars(lists: Path) -> None:
    assert words.entries(lists / "insults.txt") == ["muppet"]


def test_a_threat_is_a_threat_and_an_insult_is_none(lists: Path) -> None:
    by_text = {example.text: example for example in words.listed(lists)}
    assert by_text["you will regret it"].target("threat") > 0.9
    assert by_text["muppet"].target("threat") == 0
    assert by_text["muppet"].target("insult") > 0.8


def test_what_holds_a_listed_word_and_is_no_form_of_it_is_a_lookalike(lists: Path) -> None:
    given = ["muppets", "supermuppetry", "garden", "regret", "cat", "rude"]
    found = words.innocent(lists, given, frozenset({"rude"}))
    assert {(example.text, example.source) for example in found} == {
        ("The Muppet Show", words.LOOKALIKE),
        ("supermuppetry", words.LOOKALIKE),
        ("garden", words.PLAIN),
    }
    assert all(example.target("toxicity") == 0 for example in found)


def test_phrases_also_stand_in_comments_and_keep_their_labels(lists: Path) -> None:
    rows = [*words.listed(lists), CLEAN] * 20
    shown = words.among_others(rows, random.Random(1))
    assert [row.targets for row in shown] == [row.targets for row in rows]
    texts = {row.text for row in shown}
    assert "you will regret it" in texts
    assert texts & {"you will regret it the rain is nice", "the rain is nice you will regret it"}


def test_only_the_second_round_shows_words_alone() -> None:
    for row in words.listed(LISTS)[:50]:
        assert times_shown(row, RECIPE) == 0
        assert times_shown(row, TALK_RECIPE) >= 1
