"""The embedded model, as it ships."""

from pathlib import Path

import pytest

from bot.model import ModelInfo, Priority
from bot.scoring import open_scorer
from bot.scoring.agreement import probe_texts
from bot.scoring.catalogue import measured
from bot.scoring.explain import word_contributions
from bot.scoring.install import verify
from bot.scoring.scorer import ModelScorer


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GAVEL_HOME", str(tmp_path))


def test_agrees_with_detoxify_and_notes_its_speed() -> None:
    assert measured("compact") == {}
    trial = verify("compact")
    assert trial.passed
    assert measured("compact")["live_ms"] == trial.live_ms


async def test_neighbours_change_no_score() -> None:
    scorer = open_scorer("compact")
    texts = probe_texts()
    together = await scorer.score(texts)
    for text, row in list(zip(texts, together, strict=True))[::4]:
        (alone,) = await scorer.score([text], Priority.LIVE)
        for label, value in row.values.items():
            assert alone.values[label] == pytest.approx(value, abs=2e-3)
    await scorer.close()


async def test_hundred_thousand_characters_are_scored_whole() -> None:
    scorer = open_scorer("compact")
    kind, unkind = "What a lovely day it is. ", "You are a pathetic idiot. "
    (row,) = await scorer.score([kind * 2000 + unkind + kind * 2000])
    (calm,) = await scorer.score([kind * 20])
    assert row.windows > 40
    assert row.values["toxicity"] > calm.values["toxicity"]
    await scorer.close()


async def test_names_the_word_that_insults() -> None:
    scorer = open_scorer("compact")
    text = "Thank you for the map, you pathetic idiot, see you on Monday"
    first, *_ = await word_contributions(scorer, text, ["insult"])
    assert text[first.span.start : first.span.end].strip(",") in {"pathetic", "idiot"}
    await scorer.close()


def test_is_described_without_being_loaded() -> None:
    model = open_scorer("compact").model
    assert isinstance(model, ModelInfo)
    assert set(model.labels) >= {"toxicity", "threat", "insult"}
    assert isinstance(open_scorer("compact"), ModelScorer)
