import zipfile
from pathlib import Path

import pytest
import torch
from detoxify import Detoxify
from transformers import BertForSequenceClassification, BertTokenizer

from bot.training.data import LABELS
from bot.training.export import LOCAL_TYPE, checkpoint, export, packed

TEXTS = ("you muppet", "nice day, the rain", "")


@pytest.fixture(scope="module")
def model(base: Path) -> BertForSequenceClassification:
    torch.manual_seed(1)
    model: BertForSequenceClassification = BertForSequenceClassification.from_pretrained(
        str(base), num_labels=6
    )
    model.classifier.weight.data.normal_(0, 3)
    model.train(mode=False)
    return model


@pytest.fixture(scope="module")
def root(
    base: Path, model: BertForSequenceClassification, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """A folder that looks like the root of a checkout, with the model where it ships."""
    root = tmp_path_factory.mktemp("checkout")
    tokenizer = BertTokenizer.from_pretrained(str(base))
    export(model.state_dict(), model.config, tokenizer, root / LOCAL_TYPE)
    return root


def test_the_real_class_loads_it_offline_from_the_root(
    root: Path, base: Path, model: BertForSequenceClassification, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(root)
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    detoxify = Detoxify(checkpoint=f"{LOCAL_TYPE}/compact.ckpt", huggingface_config_path=LOCAL_TYPE)
    assert detoxify.class_names == list(LABELS)
    assert {value.dtype for value in detoxify.model.parameters()} == {torch.float32}
    tokenizer = BertTokenizer.from_pretrained(str(base))
    for text in TEXTS:
        logits = model(**tokenizer(text, return_tensors="pt")).logits[0]
        got = torch.tensor([detoxify.predict(text)[label] for label in LABELS])
        assert torch.allclose(got, logits.sigmoid(), atol=0.02)


def test_every_weight_is_in_the_file_and_none_is_strange(
    root: Path, model: BertForSequenceClassification
) -> None:
    loaded = torch.load(root / LOCAL_TYPE / "compact.ckpt", weights_only=True)
    state = loaded["state_dict"]
    assert state.keys() == model.state_dict().keys()
    for name, value in model.state_dict().items():
        coarsest = value.float().abs().max().item() / 127
        assert torch.allclose(state[name].float(), value.float(), rtol=2**-8, atol=coarsest)
    assert loaded["config"]["arch"]["args"]["num_classes"] == len(LABELS)


def test_file_is_deflated_and_the_same_each_time(model: BertForSequenceClassification) -> None:
    content = checkpoint(model.state_dict())
    first, second = packed(content), packed(content)
    assert first == second
    assert len(first) < sum(value.nbytes for value in content["state_dict"].values())  # type: ignore[attr-defined]


def test_deflated_members_are_what_torch_reads(root: Path) -> None:
    with zipfile.ZipFile(root / LOCAL_TYPE / "compact.ckpt") as file:
        kinds = {member.compress_type for member in file.infolist()}
    assert kinds == {zipfile.ZIP_DEFLATED}
