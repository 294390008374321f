import math
import random
from collections.abc import Sequence

import pytest
import torch

from bot.training import distil
from bot.training.data import LABELS, NATURAL, Example, targets_of


def network(texts: Sequence[str]) -> torch.Tensor:
    """A teacher that hates shouting and nothing else."""
    each = torch.tensor([3.0 if text.isupper() else -3.0 for text in texts])
    return each[:, None].expand(-1, len(LABELS))


def row(text: str, source: str = "jigsaw_slice", **labels: float) -> Example:
    return Example(text, targets_of(labels), source)


KEPT = [row(f"YOU MUPPET LOG OFF {n} AT ONCE", toxicity=1) for n in range(60)]
KEPT += [row(f"what a nice day {n} in the old town", NATURAL, toxicity=0) for n in range(60)]
HELD = [row(f"SUCH A MUPPET {n}", toxicity=1) for n in range(30)]
HELD += [row(f"such a nice town {n}", toxicity=0) for n in range(30)]


@pytest.fixture(scope="module")
def teachers() -> distil.Teachers:
    return distil.agree(network, KEPT, HELD)


def test_both_teachers_count(teachers: distil.Teachers) -> None:
    assert min(teachers.weights) > 0
    both, words, case, none = teachers.toxicity(
        ["A MUPPET", "a muppet", "A NICE DAY", "a nice day"], [None] * 4
    )
    assert both > max(words, case) >= min(words, case) > none


def test_annotators_keep_their_say(teachers: distil.Teachers) -> None:
    wrong = row("what a nice day 5 in the old town", NATURAL, toxicity=1, insult=0.75)
    (softened,) = distil.soften([wrong], teachers)
    assert softened.targets == wrong.targets
    assert softened.lesson is not None
    assert 0.5 < softened.lesson[0] < 0.7
    assert softened.lesson[LABELS.index("insult")] == 0.75
    assert math.isnan(softened.lesson[LABELS.index("threat")])


def test_labels_that_mean_something_else_are_left_alone(teachers: distil.Teachers) -> None:
    rows = [row("A MUPPET", "hatemoji_build", toxicity=0), row("A MUPPET", "paradetox", insult=1)]
    assert distil.soften(rows, teachers) == rows


def test_pieces_come_from_talk_pages_with_what_the_teachers_think(
    teachers: distil.Teachers,
) -> None:
    other = row("Sentences of other places stay whole", "paradetox", toxicity=0)
    made = distil.pieces([*KEPT, other], teachers, random.Random(1))
    known = {word for each in KEPT for word in each.text.split()}
    assert len(made) == len(KEPT)
    assert all(set(piece.text.replace(".", " ").split()) <= known for piece in made)
    rude = [piece for piece in made if "MUPPET" in piece.text and "nice" not in piece.text]
    kind = [piece for piece in made if "nice" in piece.text and "MUPPET" not in piece.text]
    assert min(piece.targets[0] for piece in rude) > max(piece.targets[0] for piece in kind)
    assert all(math.isnan(value) for piece in made for value in piece.targets[1:])


def test_without_talk_pages_there_are_no_pieces(teachers: distil.Teachers) -> None:
    assert distil.pieces([row("x", "paradetox", toxicity=1)], teachers, random.Random(1)) == []
