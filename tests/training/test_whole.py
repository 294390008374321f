"""The one command, from data to a model that the real Detoxify class loads and that has learnt."""

import json
from pathlib import Path

import pytest
import torch
from detoxify import Detoxify

from bot.training.__main__ import main
from bot.training.export import LOCAL_TYPE


def run(data: Path, base: Path, out: Path) -> None:
    folders = ["--data", str(data), "--base", str(base), "--out", str(out)]
    threads = torch.get_num_threads()
    main([*folders, "--epochs", "40", "--threads", "1"])
    torch.set_num_threads(threads)


@pytest.fixture(scope="module")
def root(data: Path, base: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("checkout")
    run(data, base, root / LOCAL_TYPE)
    return root


def test_one_command_makes_a_model_that_has_learnt(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = json.loads((root / LOCAL_TYPE / "config.json").read_text())
    assert config["dtype"] == "float32"
    monkeypatch.chdir(root)
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    detoxify = Detoxify(checkpoint=f"{LOCAL_TYPE}/compact.ckpt", huggingface_config_path=LOCAL_TYPE)
    rude, kind = (detoxify.predict(text) for text in ("you muppet log off", "nice day the rain"))
    assert rude["toxicity"] > kind["toxicity"]
    assert rude["insult"] > kind["insult"]
    assert all(0 <= value <= 1 for value in (rude | kind).values())


def test_the_same_seed_makes_the_same_file(
    root: Path, data: Path, base: Path, tmp_path: Path
) -> None:
    run(data, base, tmp_path / "again")
    first, again = root / LOCAL_TYPE / "compact.ckpt", tmp_path / "again" / "compact.ckpt"
    assert first.read_bytes() == again.read_bytes()
