"""What is known of models before any is opened."""

from pathlib import Path

import pytest

from bot.errors import UserError
from bot.scoring.catalogue import COMPACT, SIDECAR, find, languages_of
from bot.scoring.tokens import as_read, clean


@pytest.mark.parametrize("name", [COMPACT, "unbiased", "/models/own.ckpt"])
def test_a_model_is_english_unless_it_is_known_to_be_more(name: str) -> None:
    assert languages_of(name) == ("en",)


def test_the_multilingual_model_has_seven_languages() -> None:
    assert set(languages_of("multilingual")) == {"en", "fr", "es", "it", "pt", "tr", "ru"}


def test_the_embedded_model_reads_as_people_do_and_others_take_what_they_get(
    tiny_models: dict[str, Path],
) -> None:
    assert find(COMPACT).sees() is as_read
    assert find(str(tiny_models["bert"])).sees() is clean


def test_a_revision_tells_how_texts_are_seen(tiny_models: dict[str, Path]) -> None:
    assert find(COMPACT).revision("bf16").endswith("-bf16-as_read")
    assert find(str(tiny_models["bert"])).revision("bf16").endswith("-bf16")


def test_a_way_of_seeing_that_is_not_known_is_refused(tmp_path: Path) -> None:
    (tmp_path / "own.ckpt").write_bytes(b"")
    (tmp_path / SIDECAR).write_text('{"sees": "as_red"}')
    with pytest.raises(UserError, match=r'no way of seeing "as_red".*as_read'):
        find(str(tmp_path)).sees()
