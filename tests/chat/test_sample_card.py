"""The card in the docs is the one that the bot posts, and its picture shows that very card."""

import json
from xml.etree import ElementTree as ET

from tests.chat import sample_card
from tests.fakes.discord.limits import check_message

AGAIN = "write it anew: python -m tests.chat.sample_card"


def test_the_documented_card_is_what_the_bot_posts() -> None:
    assert sample_card.CARD.read_text(encoding="utf-8") == sample_card.as_json(), AGAIN


def test_the_picture_is_drawn_from_that_card() -> None:
    assert sample_card.PICTURE.read_text(encoding="utf-8") == sample_card.as_picture(), AGAIN


def test_discord_would_take_it() -> None:
    check_message(json.loads(sample_card.CARD.read_text(encoding="utf-8")))


def test_the_picture_is_small_and_holds_the_text() -> None:
    text = sample_card.PICTURE.read_text(encoding="utf-8")
    assert len(text) < 10_000
    shown = " ".join(ET.fromstring(text).itertext())  # noqa: S314 - our own file
    for words in ("Case 128", "abuse.name-calling", "@saltmarsh_tom", "14 March 2026", "Why?"):
        assert words in shown
    assert "||" not in shown
    assert "**" not in shown
