import random

import pytest

from bot.training import augment
from bot.training.data import Example, targets_of

RUDE = frozenset({"muppet"})


def example(text: str, toxicity: float) -> Example:
    return Example(text, targets_of({"toxicity": toxicity}), "source")


def test_telling_words_are_learnt_from_the_labels() -> None:
    rows = [example("you muppet", 1)] * 20 + [example("you there", 0)] * 20
    rows += [Example("muppet unlabelled", targets_of({}), "source")]
    assert augment.telling_words(rows) == RUDE


def test_disguise_changes_the_telling_word_and_nothing_else() -> None:
    for seed in range(200):
        changed = augment.obfuscate("go home, muppet, now", random.Random(seed), RUDE)
        assert changed.startswith("go home, ")
        assert changed.endswith(", now")


def test_texts_without_telling_words_are_disguised_too() -> None:
    rng = random.Random(3)
    changed = {augment.obfuscate("good morning everyone", rng, RUDE) for _ in range(50)}
    assert len(changed) > 20


@pytest.mark.parametrize("text", ["", "?!", "a b", "12:45 🤣"])
def test_disguise_bears_texts_without_words(text: str) -> None:
    assert augment.obfuscate(text, random.Random(0), RUDE) == text


@pytest.mark.parametrize("change", augment.OBFUSCATIONS)
def test_each_disguise_bears_the_shortest_word(change: object) -> None:
    assert callable(change)
    for seed in range(50):
        assert change("abc", random.Random(seed))


def test_identity_terms_stay_in_their_group_and_keep_their_case() -> None:
    group = next(group for group in augment.IDENTITY_GROUPS if "muslim" in group)
    for seed in range(30):
        first, _, *_, last = augment.swap_identities(
            "Muslim people are people, said the muslim", random.Random(seed)
        ).split()
        assert first == last.capitalize()
        assert last in group


def test_words_that_only_contain_a_term_stay() -> None:
    text = "the whiteboard was old-fashioned blindly"
    swapped = augment.swap_identities(text, random.Random(0))
    assert swapped.split()[1] == "whiteboard"
    assert swapped.split()[-1] == "blindly"


def test_variation_keeps_labels_source_and_mostly_the_text() -> None:
    rng = random.Random(0)
    row = example("you muppet over there", 1)
    varied = [augment.vary(row, rng, RUDE) for _ in range(500)]
    assert all((each.targets, each.source) == (row.targets, row.source) for each in varied)
    assert 0.8 < sum(each.text == row.text for each in varied) / 500 < 0.95


def test_clean_texts_are_disguised_as_often_as_toxic_ones() -> None:
    rng = random.Random(0)
    shares = []
    for text, toxicity in (("you muppet over there", 1.0), ("nice weather over there", 0.0)):
        row = example(text, toxicity)
        changed = sum(augment.vary(row, rng, RUDE).text != text for _ in range(2000))
        shares.append(changed / 2000)
    assert abs(shares[0] - shares[1]) < 0.03
