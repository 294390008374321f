"""How many disguises of a word are seen through, per technique, and how few ordinary words are."""

from collections import Counter
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.model import Evasion
from bot.rules.fuzz import TECHNIQUES, obfuscations
from bot.rules.matcher import Matcher, Term
from bot.text import fold_many

WORDS = [
    "muppet", "numbskull", "blockhead", "dimwit", "plonker", "nincompoop", "birdbrain", "dullard",
    "bonehead", "halfwit", "simpleton", "pillock", "wazzock", "scumbag", "dirtbag", "sleazebag",
    "crap", "damn", "bloody", "bugger", "git", "prat", "twerp", "dork", "nitwit", "lowlife", "slimeball",
]  # fmt: skip

LEAST = {
    "zero-width": 0.99,
    "bidi": 0.99,
    "confusables": 0.95,
    "leet": 0.90,
    "spacing": 0.90,
    "separators": 0.90,
    "repeats": 0.95,
    "self-censoring": 0.80,
    "diacritics": 0.99,
    "full-width": 0.99,
    "emoji letters": 0.99,
    "markdown": 0.99,
    "splitting": 0.55,
    "chopping": 0.6,
    "upside down": 0.95,
    "backwards": 0.05,
}
"""A word split by a blank, or written backwards, mostly passes: ordinary words look like that."""

ORDINARY = """
the cat sat on the mat and looked at the door for a while before it went out
we should meet at half past two, the 2nd of may, in room 101b (bring $20 each)
it's a well-known fact that e-mail was invented before the web; i'd say so
call 911 at 17:45 or write to someone@example.org, see https://example.org/a1b2c3
he said: "don't!" and they've gone - she'd rather stay in the U.S. for now
good god, the coffee is too hot, put it back... looks good, feels cool
my wi-fi is slow, my pc has 16gb of ram, and the tv is 4k at 60fps
grammar, dwarf, gitar, approve, crape myrtle, dampen, bloodied, prattle, dorking
""".strip().splitlines()


def rates() -> dict[str, float]:
    rng = Random(7)
    made = [pair for word in WORDS for _ in range(12) for pair in obfuscations(word, rng)]
    matcher = Matcher([Term(word, Evasion.STRONG) for word in WORDS])
    hits = matcher.find_many(fold_many([f"you are a {text} , right" for _, text in made]))
    seen = Counter(name for (name, _), hit in zip(made, hits, strict=True) if hit)
    total = Counter(name for name, _ in made)
    return {name: seen[name] / total[name] for name in total}


RATES = rates()


@pytest.mark.parametrize("technique", TECHNIQUES)
def test_disguises_are_seen_through(technique: str) -> None:
    assert RATES[technique] >= LEAST[technique]


def test_every_technique_has_a_bar() -> None:
    assert set(LEAST) == set(TECHNIQUES) == set(RATES)


@pytest.mark.parametrize("text", ORDINARY)
def test_ordinary_sentences_hide_nothing(text: str) -> None:
    matcher = Matcher([Term(word, Evasion.STRONG) for word in WORDS])
    assert matcher.find_many(fold_many([text])) == [None]


@given(st.sampled_from(WORDS), st.integers(0, 10_000))
def test_a_disguise_is_another_text(word: str, seed: int) -> None:
    made = dict(obfuscations(word, Random(seed)))
    assert word not in made.values()
    assert made == dict(obfuscations(word, Random(seed)))


@pytest.mark.parametrize("word", ["", "a"])
def test_too_short_a_word_has_no_disguise(word: str) -> None:
    assert list(obfuscations(word, Random(1))) == []
