"""A tiny base model and a few labelled comments, so that a whole training takes seconds."""

import gzip
import json
from pathlib import Path

import pytest
import torch
from transformers import BertConfig, BertModel, BertTokenizer

from bot.training.data import LABELS

WORDS = ("you", "muppet", "rain", "nice", "day", "thank", "log", "off", "gay", "person", "the")
LETTERS = "abcdefghijklmnopqrstuvwxyz.,!"
SPECIAL = ("[PAD]", "[unused0]", "[UNK]", "[CLS]", "[SEP]", "[MASK]")
PIECES = (*SPECIAL, *LETTERS, *(f"##{letter}" for letter in LETTERS), *WORDS, "##ing", "##pet")


@pytest.fixture(scope="session")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A BERT as small as can be, untrained, in the form in which a hub holds one."""
    folder = tmp_path_factory.mktemp("base")
    torch.manual_seed(0)
    config = BertConfig(
        vocab_size=len(PIECES),
        hidden_size=24,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=32,
        max_position_embeddings=512,
        initializer_range=0.2,
    )
    BertModel(config).save_pretrained(folder)
    table = {piece: number for number, piece in enumerate(PIECES)}
    BertTokenizer(vocab=table, do_lower_case=True).save_pretrained(folder)
    return folder


@pytest.fixture(scope="session")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder as the shared one: `train` with two sources, one of them with one label only."""
    folder = tmp_path_factory.mktemp("data")
    (folder / "train").mkdir()
    clean = dict.fromkeys(LABELS, 0)
    rude = clean | {"toxicity": 1, "insult": 0.75}
    six = [{"text": f"nice day {n % 7} the rain {n}", "labels": clean} for n in range(120)]
    six += [{"text": f"you muppet {n % 5} log off {n}", "labels": rude} for n in range(120)]
    one = [{"text": f"thank you {n}", "labels": {"toxicity": 0}} for n in range(60)]
    for name, rows in (("jigsaw_six_labels", six), ("wikipedia_talk_natural", one)):
        path = folder / "train" / f"{name}.jsonl.gz"
        with gzip.open(path, "wt", encoding="utf-8") as file:
            file.writelines(json.dumps(row) + "\n" for row in rows)
    return folder
