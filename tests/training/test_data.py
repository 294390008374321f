import math
import random
from collections import Counter
from pathlib import Path

from bot.training.data import (
    LABELS,
    RARE,
    RECIPE,
    Example,
    Share,
    epoch,
    held_out,
    is_rare,
    load,
    read,
    split,
    targets_of,
    times_shown,
)


def example(source: str = "some_source", text: str = "text", **labels: float) -> Example:
    return Example(text, targets_of(labels), source)


def test_absent_labels_are_no_zeroes() -> None:
    targets = targets_of({"toxicity": 0, "insult": 0.25})
    assert targets[LABELS.index("toxicity")] == 0
    assert targets[LABELS.index("insult")] == 0.25
    assert sum(math.isnan(value) for value in targets) == len(LABELS) - 2


def test_loading_names_sources_and_drops_repeats(tmp_path: Path) -> None:
    row = '{"text": "a", "labels": {"toxicity": 1}}\n'
    (tmp_path / "one.jsonl").write_text(row * 2 + "\n" + row.replace('"a"', '"b"'))
    (tmp_path / "two.jsonl").write_text(row + '{"text": "c", "labels": null}\n')
    loaded = load(tmp_path)
    assert [(each.source, each.text) for each in loaded] == [
        ("one", "a"),
        ("one", "b"),
        ("two", "a"),
    ]


def test_reading_stops_at_its_limit(data: Path) -> None:
    assert len(read(data / "train" / "wikipedia_talk_natural.jsonl.gz", limit=3)) == 3


def test_held_out_part_is_stable_disjoint_and_of_its_size() -> None:
    rows = [example(text=f"text {number}") for number in range(4000)]
    kept, held = split(rows, 0.1)
    assert 300 < len(held) < 500
    assert {each.text for each in kept}.isdisjoint(each.text for each in held)
    assert split(reversed(rows), 0.1)[1] == held[::-1]
    assert held_out("\ud800 lone surrogate", 1.0)


def test_epoch_balances_sources_and_classes_as_the_recipe_says() -> None:
    recipe = {"a": Share(2.0, 0.25), "b": Share(1.0, 1.0, rare=3.0)}
    rows = [example("a", toxicity=1)] * 100 + [example("a", toxicity=0)] * 400
    rows += [example("b", toxicity=0.3, threat=0.5)] * 50 + [example("b", toxicity=0)] * 50
    shown = Counter((row.source, row.targets[0]) for row in epoch(rows, random.Random(1), recipe))
    assert shown["a", 1] == 200
    assert 70 < shown["a", 0] < 130
    assert shown["b", 0.3] == 150
    assert shown["b", 0] == 50


def test_epoch_is_the_same_for_the_same_seed() -> None:
    rows = [example("davidson_tweets", text=str(n), toxicity=n % 2) for n in range(200)]
    one, two, other = (list(epoch(rows, random.Random(seed))) for seed in (1, 1, 2))
    assert one == two != other


def test_rare_rows_are_shown_more_but_never_less() -> None:
    assert is_rare(example(threat=RARE["threat"]))
    assert not is_rare(example(toxicity=1, threat=0.1))
    assert times_shown(example("x", toxicity=1, threat=1), {"x": Share(4.0, 1.0, rare=2.0)}) == 4


def test_source_without_a_line_in_the_recipe_is_shown_once() -> None:
    assert times_shown(example("unheard_of", toxicity=1), RECIPE) == 1
