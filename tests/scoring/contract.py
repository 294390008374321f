"""What every scorer owes its callers; run against each implementation by `test_contract`."""

from __future__ import annotations

import math

import pytest

from bot.errors import ScoringError
from bot.model import Priority, Scores
from bot.ports import Scorer

ODD_TEXTS = {
    "empty": "",
    "one character": "a",
    "white space": " \t\r\n",
    "long": "you are the one. " * 300,
    "no space in 5,000 characters": "x" * 5_000,
    "lone surrogate": "half \ud83d a pair",
    "NUL": "a\0b",
    "only emoji": "\U0001f600\U0001f4a9" * 20,
    "controls": "".join(map(chr, range(32))),
    "words of the tokenizer": "[CLS] [SEP] [PAD] <s> </s> <pad> <mask>",
}


class ScorerContract:
    """Subclasses give a fixture `scorer`."""

    async def test_no_text_gives_no_row(self, scorer: Scorer) -> None:
        assert list(await scorer.score([])) == []

    @pytest.mark.parametrize("count", [1, 2, 3, 7, 40])
    async def test_as_many_rows_as_texts_in_order(self, scorer: Scorer, count: int) -> None:
        texts = [f"comment {'very ' * (i % 5)}number {i}" for i in range(count)]
        rows = await scorer.score(texts)
        assert len(rows) == count
        for text, row in zip(texts, rows, strict=True):
            _same(row, (await scorer.score([text]))[0])

    async def test_all_labels_as_probabilities(self, scorer: Scorer) -> None:
        (row,) = await scorer.score(["hello"])
        assert tuple(row.values) == scorer.model.labels
        assert all(0.0 <= value <= 1.0 for value in row.values.values())
        assert (row.model, row.revision) == (scorer.model.id, scorer.model.revision)

    @pytest.mark.parametrize("name", ODD_TEXTS)
    async def test_odd_texts_have_finite_scores(self, scorer: Scorer, name: str) -> None:
        odd, plain = await scorer.score([ODD_TEXTS[name], "hello"])
        assert all(math.isfinite(value) for value in odd.values.values())
        _same(plain, (await scorer.score(["hello"]))[0])

    async def test_equal_texts_have_equal_rows(self, scorer: Scorer) -> None:
        first, _, again = await scorer.score(["twice", "other", "twice"])
        assert first == again

    async def test_live_and_bulk_agree(self, scorer: Scorer) -> None:
        (live,) = await scorer.score(["the same"], Priority.LIVE)
        (bulk,) = await scorer.score(["the same"], Priority.BULK)
        _same(live, bulk)

    async def test_closed_means_an_error_not_a_hang(self, scorer: Scorer) -> None:
        await scorer.score(["before"])
        await scorer.close()
        with pytest.raises(ScoringError):
            await scorer.score(["after"])


def _same(one: Scores, other: Scores) -> None:
    assert one.windows == other.windows
    for label, value in one.values.items():
        assert value == pytest.approx(other.values[label], abs=2e-3)
