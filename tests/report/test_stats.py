import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.proportion import Proportion
from bot.report.stats import BINS, Histogram, Quality, ScoreCounts


def histogram(*scores: float, label: bool | None = None) -> Histogram:
    counts = ScoreCounts()
    for score in scores:
        counts.add({"toxicity": score}, abusive=label)
    return counts.histograms()[0] if scores else Histogram("toxicity", (0,) * BINS, (), (), ())


def test_wilson_interval_agrees_with_the_textbook() -> None:
    ends = Proportion(8, 10).interval
    assert ends is not None
    assert ends.low == pytest.approx(0.4902, abs=1e-4)
    assert ends.high == pytest.approx(0.9433, abs=1e-4)


def test_without_trials_nothing_is_claimed() -> None:
    assert Proportion(0, 0).value is None
    assert Proportion(0, 0).interval is None
    assert Quality(0, 0, 0).f1 is None


def test_f1_is_the_harmonic_mean() -> None:
    quality = Quality(hits=30, false_alarms=10, misses=20)
    precision, recall = 0.75, 0.6
    assert quality.f1 == pytest.approx(2 * precision * recall / (precision + recall))


@given(st.integers(0, 500), st.integers(0, 500), st.integers(0, 500))
def test_every_interval_holds_its_value(hits: int, alarms: int, misses: int) -> None:
    quality = Quality(hits, alarms, misses)
    for share in (quality.precision, quality.recall):
        if share.value is not None:
            ends = share.interval
            assert ends is not None
            assert 0 <= ends.low <= share.value + 1e-12
            assert share.value <= ends.high + 1e-12
            assert ends.high <= 1
    if quality.f1 is not None:
        ends = quality.f1_interval
        assert ends is not None
        assert ends.low <= quality.f1 + 1e-12
        assert quality.f1 <= ends.high + 1e-12


@given(st.lists(st.floats(0, 1)))
def test_every_score_is_in_one_bin(scores: list[float]) -> None:
    counted = histogram(*scores)
    assert counted.total == len(scores)
    assert len(counted.counts) == BINS


@pytest.mark.parametrize("thousandths", range(0, 1001, 10))
def test_a_score_that_equals_a_threshold_reaches_it(thousandths: int) -> None:
    threshold = thousandths / 1000
    assert histogram(threshold).at_or_above(threshold) == 1


@given(st.lists(st.integers(0, 1000), min_size=1), st.integers(0, 50))
def test_the_same_rate_threshold_comes_as_near_as_it_can(raw: list[int], wanted: int) -> None:
    counted = histogram(*(number / 1000 for number in raw))
    possible = {counted.at_or_above(number / 1000) for number in (*raw, *(n + 1 for n in raw))}
    nearest = max((count for count in possible if count <= wanted), default=0)
    threshold = counted.threshold_for(wanted)
    if nearest:
        assert counted.at_or_above(threshold) == nearest
        assert round(threshold * 1000) in raw
    else:
        assert threshold == 1


def test_the_curve_needs_labels() -> None:
    assert histogram(0.3, 0.9).curve == ()


def test_the_curve_ends_with_everything_caught() -> None:
    counts = ScoreCounts()
    for score, abusive in ((0.9, True), (0.7, False), (0.2, True)):
        counts.add({"toxicity": score}, abusive=abusive)
    (counted,) = counts.histograms()
    curve = counted.curve
    assert (curve[0].precision, curve[0].recall) == (1, 0.5)
    assert curve[-1].precision == pytest.approx(2 / 3)
    assert curve[-1].recall == 1


def test_scores_that_pass_a_comparison_are_counted_on_its_side() -> None:
    counted = histogram(0.1, 0.5, 0.5, 0.9)
    passing = {sign: counted.passing(sign, 0.5) for sign in (">=", ">", "<", "<=", "==")}
    assert passing == {">=": 3, ">": 3, "<": 1, "<=": 1, "==": 2}
