import math
from collections.abc import Mapping, Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.training import evaluation
from bot.training.evaluation import Functionality


def array(*values: float) -> evaluation.Array:
    return np.array(values, dtype=np.float64)


def test_area_by_hand() -> None:
    # Of the four pairs of a positive and a negative, three are in the right order.
    assert evaluation.auc(array(0, 1, 0, 1), array(0.1, 0.4, 0.6, 0.8)) == 0.75
    assert evaluation.auc(array(0, 1, 1), array(0.5, 0.5, 0.9)) == 0.75
    assert math.isnan(evaluation.auc(array(1, 1), array(0.2, 0.3)))
    assert math.isnan(evaluation.auc(array(), array()))


@given(st.lists(st.tuples(st.booleans(), st.integers(0, 5)), min_size=2, max_size=40))
def test_area_is_the_share_of_pairs_in_the_right_order(rows: list[tuple[bool, int]]) -> None:
    truth = array(*(float(positive) for positive, _ in rows))
    score = array(*(float(value) for _, value in rows))
    positives, negatives = score[truth == 1], score[truth == 0]
    area = evaluation.auc(truth, score)
    if not len(positives) or not len(negatives):
        assert math.isnan(area)
        return
    pairs = np.sign(positives[:, None] - negatives[None, :]) / 2 + 0.5
    assert area == pytest.approx(pairs.mean())


def test_interval_holds_the_area_and_repeats() -> None:
    rng = np.random.default_rng(1)
    truth = (rng.random(400) < 0.3).astype(np.float64)
    score = truth + rng.normal(0, 1, 400)
    low, high = evaluation.auc_interval(truth, score)
    assert low < evaluation.auc(truth, score) < high
    assert 0.02 < high - low < 0.2
    assert evaluation.auc_interval(truth, score) == (low, high)
    assert all(map(math.isnan, evaluation.auc_interval(array(1, 1), array(0.1, 0.2))))


def test_precision_by_hand() -> None:
    got = evaluation.average_precision(array(1, 0, 1, 0), array(0.9, 0.8, 0.7, 0.1))
    assert got == pytest.approx((1 + 2 / 3) / 2)
    assert math.isnan(evaluation.average_precision(array(0, 0), array(0.1, 0.2)))


def test_recall_at_few_false_alarms_by_hand() -> None:
    truth = array(*[0] * 100, 1, 1, 1, 1)
    score = array(*np.linspace(0, 0.99, 100), 0.985, 0.5, 0.995, 1.0)
    # One of a hundred negatives may pass the bar: it is at 0.98, above all others but one.
    assert evaluation.recall_at(truth, score) == 0.75
    assert evaluation.recall_at(truth, score, 0.6) == 1
    assert math.isnan(evaluation.recall_at(array(1, 1), array(0.1, 0.2)))


def test_calibration_error_by_hand() -> None:
    # Half the rows say 0.25 and are right half the time; the others say 1.0 and are right.
    assert evaluation.calibration_error(
        array(0, 1, 1, 1), array(0.25, 0.25, 1.0, 1.0)
    ) == pytest.approx(0.125)


def test_movement_by_hand() -> None:
    rows = [
        {"id": "a", "variant": "plain"},
        {"id": "b", "variant": "plain"},
        {"id": "a", "variant": "identity_swapped"},
        {"id": "b", "variant": "identity_swapped"},
        {"id": "alone", "variant": "plain"},
        {},
    ]
    got = evaluation.movement(rows, array(0.1, 0.5, 0.4, 0.4, 0.9, 0.0))
    assert got == pytest.approx(0.2)
    assert evaluation.movement([{}], array(0.1)) is None


class Echo:
    """A scorer that says toxic where the text says so, and knows one label only."""

    def __init__(self) -> None:
        self.calls = 0

    def __call__(self, texts: Sequence[str]) -> Sequence[Mapping[str, float]]:
        self.calls += 1
        return [{"toxicity": 0.9 if "rude" in text else 0.2} for text in texts]


def test_set_is_scored_once_and_only_annotated_labels_are_told() -> None:
    rows: list[dict[str, object]] = [
        {"text": "rude", "labels": {"toxicity": 1, "insult": 1}, "functionality": "direct"},
        {"text": "kind", "labels": {"toxicity": 0}, "functionality": "kind words"},
        {"text": "hidden", "labels": {"toxicity": 0.8}, "functionality": "direct"},
        {"text": "rude but nobody said so"},
    ]
    scorer = Echo()
    quality = evaluation.evaluate("some set", rows, scorer)
    assert scorer.calls == 1
    assert (quality.name, quality.rows, quality.movement) == ("some set", 4, None)
    (toxicity,) = quality.labels
    assert (toxicity.label, toxicity.rows, toxicity.positives) == ("toxicity", 3, 2)
    assert toxicity.auc == 0.75
    assert quality.functionalities == (
        Functionality("direct", cases=2, right=1),
        Functionality("kind words", cases=1, right=1),
    )


def test_empty_set_has_no_figures() -> None:
    quality = evaluation.evaluate("nothing", [], Echo())
    assert quality.labels == ()
