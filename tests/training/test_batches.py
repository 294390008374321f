import random
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from transformers import BertTokenizer

from bot.training import batches
from bot.training.batches import LENGTHS, TOKENS, Batch, cut, epoch_batches
from bot.training.data import Example, targets_of
from bot.training.rounds import Round

ROWS = [
    Example("you nice day " * (1 + number % 70), targets_of({"toxicity": number % 2}), "anywhere")
    for number in range(1200)
]
NONE: frozenset[str] = frozenset()
PLAN = Round(seed=1, epochs=1, pace=1, first_epoch=1, recipe={}, own={("plain",): 1.0})


@pytest.fixture(scope="module")
def tokenizer(base: Path) -> BertTokenizer:
    tokenizer: BertTokenizer = BertTokenizer.from_pretrained(str(base))
    return tokenizer


@pytest.fixture(scope="module")
def epoch(tokenizer: BertTokenizer) -> list[Batch]:
    return list(epoch_batches(ROWS, tokenizer, NONE, PLAN, 1))


def test_batches_have_few_shapes_and_keep_to_their_budget(epoch: list[Batch]) -> None:
    for ids, mask, targets in epoch:
        assert ids.shape == mask.shape
        assert ids.shape[1] in LENGTHS
        assert len(ids) == TOKENS // ids.shape[1] == len(targets)


def test_mask_covers_the_tokens_and_only_them(epoch: list[Batch]) -> None:
    for ids, mask, _ in epoch:
        assert torch.equal(mask.bool(), ids != 0)
        assert bool((mask[:, 0] == 1).all())


def test_absent_labels_arrive_as_no_number(epoch: list[Batch]) -> None:
    targets = torch.cat([batch.targets for batch in epoch])
    whole = ~targets.isnan().any(dim=1)
    assert whole.any()
    assert not whole.all()


def test_what_teachers_say_replaces_the_annotators(tokenizer: BertTokenizer) -> None:
    plan = replace(PLAN, own={})
    rows = [replace(row, lesson=targets_of({"toxicity": 0.25})) for row in ROWS]
    lessons = torch.cat([each.targets for each in epoch_batches(rows, tokenizer, NONE, plan, 1)])
    assert bool((lessons[:, 0] == 0.25).all())


def test_an_epoch_follows_from_its_seed(tokenizer: BertTokenizer, epoch: list[Batch]) -> None:
    again = list(epoch_batches(ROWS, tokenizer, NONE, PLAN, 1))
    other = list(epoch_batches(ROWS, tokenizer, NONE, PLAN, 2))
    assert all(torch.equal(a.ids, b.ids) for a, b in zip(epoch, again, strict=True))
    assert any(
        a.ids.shape != b.ids.shape or not torch.equal(a.ids, b.ids)
        for a, b in zip(epoch, other, strict=False)
    )


def test_cutting_keeps_the_closing_token() -> None:
    assert cut([1, 2, 3]) == [1, 2, 3]
    long = [7, *range(10, 400), 8]
    assert cut(long) == [*long[: LENGTHS[-1] - 1], 8]


def test_examples_that_fill_no_batch_wait() -> None:
    assert list(batches._buckets([5, 6, 7], random.Random(0))) == []
