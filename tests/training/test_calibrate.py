import torch

from bot.training import calibrate, heldout
from bot.training.data import Example, targets_of
from bot.training.evaluation import calibration_error


def overconfident(rows: int = 4000) -> tuple[torch.Tensor, torch.Tensor]:
    """Return logits three times too large and one too low, and targets that know the truth."""
    generator = torch.Generator().manual_seed(0)
    truth = torch.randn(rows, 6, generator=generator) * 1.5
    drawn = torch.rand(rows, 6, generator=generator) < truth.sigmoid()
    return truth * 3 - 3, drawn.float()


def test_fit_undoes_most_of_a_distortion() -> None:
    logits, targets = overconfident()
    scale, shift = calibrate.fit(logits, targets, torch.ones(len(logits)))
    assert torch.allclose(scale, torch.full((6,), 1 / 3), atol=0.1)
    assert torch.allclose(shift, torch.ones(6), atol=0.3)
    before, after = logits.sigmoid()[:, 0], (logits * scale + shift).sigmoid()[:, 0]
    truth = targets[:, 0].double().numpy()
    assert calibration_error(truth, after.detach().double().numpy()) < 0.05
    assert calibration_error(truth, before.double().numpy()) > 0.08


def test_label_without_examples_stays_as_it_is() -> None:
    logits, targets = overconfident(200)
    targets[:, 3] = torch.nan
    scale, shift = calibrate.fit(logits, targets, torch.ones(200))
    assert scale[3].item() == 1
    assert shift[3].item() == 0


def test_rows_of_no_weight_do_not_count() -> None:
    logits, targets = overconfident(1000)
    weights = torch.cat([torch.ones(1000), torch.zeros(1000)])
    twice = calibrate.fit(torch.cat([logits, -logits]), torch.cat([targets, targets]), weights)
    once = calibrate.fit(logits, targets, torch.ones(1000))
    for left, right in zip(twice, once, strict=True):
        assert torch.allclose(left, right, atol=1e-3)


def test_folding_gives_what_scaling_gives() -> None:
    state = {"classifier.weight": torch.randn(6, 8), "classifier.bias": torch.randn(6)}
    scale, shift, pooled = torch.rand(6) + 0.5, torch.randn(6), torch.randn(5, 8)
    plain = pooled @ state["classifier.weight"].T + state["classifier.bias"]
    folded = calibrate.fold(state | {"other": torch.ones(1)}, scale, shift)
    got = pooled @ folded["classifier.weight"].T + folded["classifier.bias"]
    assert torch.allclose(got, plain * scale + shift, atol=1e-5)
    assert torch.equal(folded["other"], torch.ones(1))


def test_talk_pages_count_more_than_sets_chosen_for_their_toxicity() -> None:
    sources = ("wikipedia_talk_natural", "jigsaw_slice", "davidson_tweets")
    rows = [Example("text", targets_of({"toxicity": 1}), source) for source in sources]
    natural, talk, tweets = heldout.natural_weights(rows).tolist()
    assert natural == talk > tweets
    assert heldout.targets(rows)[:, 0].tolist() == [1, 1, 1]
