import math
import random
from collections import Counter
from pathlib import Path

import pytest

from bot.errors import UserError
from bot.training import sentences
from bot.training.rounds import SOFTENED

SMALL = """
slots: {thing: [rain, snow]}
families:
  - name: complaints
    labels: {toxicity: 0.25}
    unsure: [insult]
    sentences: ["I hate {thing}"]
"""


@pytest.fixture
def small(tmp_path: Path) -> sentences.Book:
    path = tmp_path / "small.yaml"
    path.write_text(SMALL)
    return sentences.load(path)


def test_slots_are_filled_and_labels_are_those_of_the_family(small: sentences.Book) -> None:
    drawn = sentences.draw([small], 200, random.Random(1))
    assert {"rain" in row.text.lower() for row in drawn} == {True, False}
    for row in drawn:
        assert "{" not in row.text
        assert row.target("toxicity") == 0.25
        assert row.target("threat") == 0
        assert math.isnan(row.target("insult"))


def test_some_sentences_stand_beside_a_clean_text(small: sentences.Book) -> None:
    drawn = sentences.draw([small], 200, random.Random(1), ["The museum opens at nine"])
    beside = [row for row in drawn if "museum" in row.text]
    assert 20 < len(beside) < 80
    assert all("hate" in row.text.lower() for row in beside)


def test_the_same_seed_writes_the_same_sentences(small: sentences.Book) -> None:
    assert sentences.draw([small], 20, random.Random(1)) == sentences.draw(
        [small], 20, random.Random(1)
    )


def test_a_slot_that_nothing_fills_is_told_with_its_sentence(tmp_path: Path) -> None:
    path = tmp_path / "small.yaml"
    path.write_text(SMALL.replace('{thing}"', '{weather}"'))
    with pytest.raises(UserError) as raised:
        sentences.load(path)
    (problem,) = raised.value.problems
    assert "nothing fills {weather}" in problem.message
    assert problem.location is not None
    assert problem.location.line == 7


def test_our_sentences_are_toxic_and_harmless_and_none_stands_twice() -> None:
    names = tuple(name for some in SOFTENED.own for name in some)
    assert sorted(names) == sorted(path.stem for path in sentences.FOLDER.glob("*.yaml"))
    families = [family for book in sentences.ours(names) for family in book.families]
    texts = [each.value for family in families for each in family.sentences]
    assert [text for text, count in Counter(texts).items() if count > 1] == []
    assert {max(family.labels.values(), default=0) > 0.5 for family in families} == {True, False}
