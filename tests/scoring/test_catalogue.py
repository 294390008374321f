"""What is known of models before any is opened."""

import pytest

from bot.scoring.catalogue import COMPACT, languages_of


@pytest.mark.parametrize("name", [COMPACT, "unbiased", "/models/own.ckpt"])
def test_a_model_is_english_unless_it_is_known_to_be_more(name: str) -> None:
    assert languages_of(name) == ("en",)


def test_the_multilingual_model_has_seven_languages() -> None:
    assert set(languages_of("multilingual")) == {"en", "fr", "es", "it", "pt", "tr", "ru"}
