"""Small models with random weights in Detoxify's own format, one of each architecture.

They are made as Detoxify makes its own: `config.arch.args`, `config.dataset.args.classes`, a
`state_dict`, and beside it `config.json` and the tokenizer, as a hub holds them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import tokenizers
import torch
import transformers

SIX = ("toxic", "severe_toxic", "obscene", "threat", "insult", "identity_hate")
SEVEN = (
    "toxicity",
    "severe_toxicity",
    "obscene",
    "identity_attack",
    "insult",
    "threat",
    "sexual_explicit",
)

LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789.,!?'"
_SHAPE: dict[str, Any] = {
    "hidden_size": 32,
    "num_hidden_layers": 3,
    "num_attention_heads": 2,
    "intermediate_size": 48,
    "hidden_dropout_prob": 0.0,
    "attention_probs_dropout_prob": 0.0,
}


@dataclass(frozen=True)
class Kind:
    """An architecture: its classes, its labels, how many outputs it has, its positions."""

    name: str
    prefix: str
    classes: tuple[str, ...]
    outputs: int
    positions: int


KINDS = {
    "bert": Kind("bert", "Bert", SIX, 6, 128),
    "roberta": Kind("roberta", "Roberta", SEVEN, 16, 130),
    "xlm-roberta": Kind("xlm-roberta", "XLMRoberta", SEVEN, 7, 130),
    "albert": Kind("albert", "Albert", SIX, 6, 128),
}


def make(folder: Path, kind: str = "bert", *, seed: int = 0, old: bool = True) -> Path:
    """Write a model into `folder` and return the path of its checkpoint.

    `old` adds the `position_ids` that checkpoints of older transformers carry. The file's name
    ends in its hash, as published checkpoints' names do.
    """
    spec = KINDS[kind]
    folder.mkdir(parents=True, exist_ok=True)
    model = _model(spec, seed)
    model.config.save_pretrained(folder)
    _save_tokenizer(folder, spec)
    state = {name: value.clone() for name, value in model.state_dict().items()}
    if old:
        body = model.base_model_prefix
        state[f"{body}.embeddings.position_ids"] = torch.arange(spec.positions)[None]
    return save(folder, content(spec, state))


def content(spec: Kind, state: dict[str, Any]) -> dict[str, Any]:
    """Return what Detoxify puts into a checkpoint."""
    arch = {
        "model_type": f"{spec.name}-base-never-looked-up",
        "model_name": f"{spec.prefix}ForSequenceClassification",
        "tokenizer_name": f"{spec.prefix}Tokenizer",
        "num_classes": spec.outputs,
    }
    config = {"arch": {"args": arch}, "dataset": {"args": {"classes": list(spec.classes)}}}
    return {"config": config, "state_dict": state}


def save(folder: Path, checkpoint: object, **options: Any) -> Path:
    """Save a checkpoint under a name that ends in eight digits of its hash."""
    unnamed = folder / "unnamed"
    torch.save(checkpoint, unnamed, **options)
    digest = hashlib.sha256(unnamed.read_bytes()).hexdigest()[:8]
    return unnamed.rename(folder / f"tiny-{digest}.ckpt")


def _model(spec: Kind, seed: int) -> Any:
    shape = dict(_SHAPE)
    if spec.name == "albert":
        shape["embedding_size"] = 16
    config = getattr(transformers, f"{spec.prefix}Config")(
        vocab_size=len(_vocabulary(spec)),
        max_position_embeddings=spec.positions,
        type_vocab_size=1 if "roberta" in spec.name else 2,
        num_labels=spec.outputs,
        pad_token_id=1 if "roberta" in spec.name else 0,
        bos_token_id=0,
        eos_token_id=2,
        **shape,
    )
    torch.manual_seed(seed)
    model = getattr(transformers, f"{spec.prefix}ForSequenceClassification")(config)
    with torch.no_grad():
        # Gentle layers, as training makes them, and a loud classifier: scores that differ, so
        # that a wrong computation shows, from layers that do not blow rounding up.
        for name, parameter in model.named_parameters():
            if "norm" in name.lower():
                continue
            loud = "classifier" in name or "embeddings" in name
            parameter.normal_(0.0, 0.5 if loud else 0.1)
    return model.eval()


def _specials(spec: Kind) -> Sequence[str]:
    if "roberta" in spec.name:
        return ("<s>", "<pad>", "</s>", "<unk>", "<mask>")
    if spec.name == "albert":
        return ("<pad>", "<unk>", "[CLS]", "[SEP]", "[MASK]")
    return ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]")


def _vocabulary(spec: Kind) -> list[str]:
    if spec.name == "bert":
        pieces = [*LETTERS, *(f"##{letter}" for letter in LETTERS), "the", "you", "##ing"]
    elif spec.name == "roberta":
        pieces = sorted(tokenizers.pre_tokenizers.ByteLevel.alphabet())
    else:
        pieces = ["▁", *LETTERS, *(f"▁{letter}" for letter in LETTERS), "▁the", "▁you", "ing"]
    return [*_specials(spec), *pieces]


def _save_tokenizer(folder: Path, spec: Kind) -> None:
    vocabulary = _vocabulary(spec)
    numbers = {piece: number for number, piece in enumerate(vocabulary)}
    kind = getattr(transformers, f"{spec.prefix}Tokenizer")
    if spec.name == "bert":
        tokenizer = kind(vocab=numbers)
    elif spec.name == "roberta":
        tokenizer = kind(vocab=numbers, merges=[])
    else:
        # The unigram model wants log probabilities; longer pieces are likelier here.
        scored = [(piece, float(len(piece) - 9)) for piece in vocabulary]
        tokenizer = kind(vocab=scored)
    tokenizer.save_pretrained(folder)
