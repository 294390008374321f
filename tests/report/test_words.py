import re
from datetime import timedelta
from pathlib import Path

import pytest

from bot.model import Evasion
from bot.proportion import Proportion, percent
from bot.report import words
from tests.report.corpus import match

TEXT = Path(__file__).parents[2] / "bot/text"


@pytest.mark.parametrize(
    ("number", "text"), [(0, "0"), (0.034, "0.03"), (1, "1"), (7.25, "7.2"), (300, "300")]
)
def test_a_rate_has_few_digits_and_no_false_zero(number: float, text: str) -> None:
    assert words.rate(number) == text


@pytest.mark.parametrize(
    ("share", "text"),
    [
        (None, "–"),
        (0.0, "0 %"),
        (0.004, "0.4 %"),
        (0.5, "50 %"),
        (0.996, "99.6 %"),
        (0.9996, "99.9 %"),
        (1.0, "100 %"),
    ],
)
def test_a_percentage_never_rounds_to_certainty(share: float | None, text: str) -> None:
    assert percent(share) == text


def test_a_proportion_tells_what_it_is_made_of() -> None:
    assert words.proportion(Proportion(8, 10)) == "80 % (49–94 %; 8 of 10)"
    assert words.proportion(Proportion(0, 0)) == "not known"


@pytest.mark.parametrize(
    ("length", "text"),
    [
        (timedelta(0), "less than a minute"),
        (timedelta(minutes=1), "1 minute"),
        (timedelta(hours=6), "6 hours"),
        (timedelta(days=30), "30 days"),
    ],
)
def test_a_duration(length: timedelta, text: str) -> None:
    assert words.duration(length) == text


@pytest.mark.parametrize(
    ("items", "text"),
    [([], ""), (["a"], "a"), (["a", "b"], "a and b"), (["a", "b", "c"], "a, b and c")],
)
def test_a_list_reads_like_a_sentence(items: list[str], text: str) -> None:
    assert words.listed(items) == text


def test_disguises_are_told_in_plain_words() -> None:
    hidden = match("w.e.e.d", evasion=Evasion.STRONG, folding=("separators", "leet"))
    assert words.disguise(hidden) == (
        "Found only after undoing letters set apart and digits and signs for letters."
    )
    assert words.disguise(match("weed")) == ""


def test_every_folding_step_has_plain_words() -> None:
    source = "".join(path.read_text(encoding="utf-8") for path in TEXT.glob("*.py"))
    named = set(re.findall(r'(?:mapped|edited|picked)\(.*, "([a-z -]+)"\)', source))
    assert len(named) >= 8
    assert named <= set(words.STEPS)


@pytest.mark.parametrize(
    ("reason", "text"),
    [
        ("Strong swearing: weed", "weed"),
        ("strong swearing", ""),
        ("Strong swearing, in capitals: weed", "in capitals: weed"),
        ("Strong swearingly", "Strong swearingly"),
        ("matched weed", "matched weed"),
    ],
)
def test_a_reason_does_not_repeat_its_rules_title(reason: str, text: str) -> None:
    assert words.reason(match("weed", reason=reason), "Strong swearing") == text
