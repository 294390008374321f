import math
from collections.abc import Iterator

import pytest
import torch
from torch.nn.functional import binary_cross_entropy_with_logits
from transformers import BertConfig, BertForSequenceClassification

from bot.training.batches import Batch
from bot.training.train import (
    LABEL_WEIGHTS,
    Average,
    Progress,
    fine_tune,
    masked_loss,
    rate,
    schedule,
)

NAN = math.nan


def test_absent_labels_weigh_nothing() -> None:
    logits = torch.randn(2, 6, requires_grad=True)
    targets = torch.tensor([[1.0, NAN, NAN, NAN, NAN, NAN], [NAN, NAN, NAN, 0.25, NAN, NAN]])
    loss = masked_loss(logits, targets)
    known = binary_cross_entropy_with_logits(logits[0, 0], torch.tensor(1.0)) * LABEL_WEIGHTS[0]
    soft = binary_cross_entropy_with_logits(logits[1, 3], torch.tensor(0.25)) * LABEL_WEIGHTS[3]
    assert loss.item() == pytest.approx(((known + soft) / 2).item())
    (gradient,) = torch.autograd.grad(loss, logits)
    assert torch.equal(gradient != 0, ~targets.isnan())


def test_batch_without_any_label_costs_nothing() -> None:
    assert masked_loss(torch.randn(3, 6), torch.full((3, 6), NAN)).item() == 0


def test_rates_fall_towards_the_words() -> None:
    names = [
        "classifier.weight",
        "bert.pooler.dense.weight",
        "bert.encoder.layer.5.output.dense.weight",
        "bert.encoder.layer.0.output.dense.weight",
        "bert.embeddings.word_embeddings.weight",
        "bert.embeddings.position_embeddings.weight",
    ]
    rates = [rate(name, layers=6) for name in names]
    assert rates == sorted(rates, reverse=True)
    assert len(set(rates)) == len(rates)


def test_schedule_rises_then_falls_and_never_ends_at_nothing() -> None:
    shares = [schedule(step, 1000) for step in range(1001)]
    top = shares.index(max(shares))
    assert 30 <= top <= 90
    assert shares[:top] == sorted(shares[:top])
    assert shares[top:] == sorted(shares[top:], reverse=True)
    assert shares[-1] > 0


def test_average_follows_the_weights_and_does_not_move_them() -> None:
    model = torch.nn.Linear(1, 1, bias=False)
    model.weight.data.fill_(0.0)
    average = Average(model)
    model.weight.data.fill_(1.0)
    seen = []
    for step in range(0, 400, 4):
        average.update(model, step)
        seen.append(average.state(model)["weight"].item())
    assert seen == sorted(seen)
    assert 0.0 < seen[0] <= 1.0
    assert seen[-1] == pytest.approx(1.0, abs=1e-3)
    assert model.weight.item() == 1.0


def test_training_learns_a_word_and_tells_where_it_stands() -> None:
    torch.manual_seed(0)
    config = BertConfig(
        vocab_size=12,
        hidden_size=16,
        num_hidden_layers=1,
        num_attention_heads=2,
        intermediate_size=16,
        initializer_range=0.2,
        hidden_dropout_prob=0.0,
        attention_probs_dropout_prob=0.0,
    )
    config.num_labels = 6
    model = BertForSequenceClassification(config)
    ids = torch.tensor([[2, 5, 3], [2, 6, 3]] * 8)
    targets = torch.full((16, 6), NAN)
    targets[:, 0] = torch.tensor([1.0, 0.0] * 8)

    def epochs(_: int) -> Iterator[Batch]:
        yield Batch(ids, torch.ones_like(ids), targets)

    told: list[Progress] = []
    state = fine_tune(model, epochs, 200, told.append)
    assert [each.step for each in told] == list(range(200))
    assert told[-1].loss < 0.98 * told[0].loss
    model.load_state_dict(state)
    rude, clean = model.train(mode=False)(input_ids=ids[:2]).logits[:, 0].tolist()
    assert rude > clean
