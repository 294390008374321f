"""Turns an epoch of examples into tensors of a few fixed shapes.

Lives here: tokenising, cutting, bucketing by length and padding. A handful of shapes instead of
one for every length spares the processor from preparing its kernels anew at each step.
"""

import random
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import torch
from tokenizers import Encoding
from transformers import BertTokenizer

from bot.training import augment, sentences
from bot.training.data import NATURAL, Example, epoch
from bot.training.rounds import Round

LENGTHS = (16, 24, 32, 48, 64, 96, 144)
"""Tokens a row, padding included; longer texts are cut for training only."""

TOKENS = 3072
"""Tokens a batch."""

CLEAN_CHARACTERS = 200
"""The longest clean text that stands beside one of our own sentences."""


class Batch(NamedTuple):
    """Rows × tokens of ids and mask, and rows × labels of targets, `nan` where absent."""

    ids: torch.Tensor
    mask: torch.Tensor
    targets: torch.Tensor


def epoch_batches(
    examples: Sequence[Example],
    tokenizer: BertTokenizer,
    telling: frozenset[str],
    plan: Round,
    seed: int,
) -> Iterator[Batch]:
    """Yield one epoch: drawn as `plan` says, varied, bucketed and shuffled, all by `seed`."""
    rng = random.Random(seed)
    rows = list(epoch(examples, rng, plan.recipe))
    drawn, clean = len(rows), [row.text for row in rows if _is_clean(row)]
    for names, share in plan.own.items():
        rows += sentences.draw(sentences.ours(names), round(share * drawn), rng, clean)
    rng.shuffle(rows)
    rows = [augment.vary(row, rng, telling) for row in rows]
    ids = [cut(encoding.ids) for encoding in _encode(tokenizer, [row.text for row in rows])]
    for length, places in _buckets([len(row) for row in ids], rng):
        yield _tensors(
            [ids[i] for i in places], [rows[i].lesson or rows[i].targets for i in places], length
        )


def _is_clean(row: Example) -> bool:
    return (
        row.source == NATURAL and row.target("toxicity") < 0.1 and len(row.text) <= CLEAN_CHARACTERS
    )


def cut(ids: list[int]) -> list[int]:
    """Cut to the longest length, the closing token kept."""
    longest = LENGTHS[-1]
    return ids if len(ids) <= longest else [*ids[: longest - 1], ids[-1]]


def _encode(tokenizer: BertTokenizer, texts: list[str]) -> list[Encoding]:
    encoded: list[Encoding] = tokenizer.backend_tokenizer.encode_batch(texts)
    return encoded


def _buckets(lengths: Sequence[int], rng: random.Random) -> list[tuple[int, list[int]]]:
    """Group places into full batches of one length each; what fills none waits for another epoch."""
    waiting: dict[int, list[int]] = {}
    full: list[tuple[int, list[int]]] = []
    order = list(range(len(lengths)))
    rng.shuffle(order)
    for place in order:
        length = next(limit for limit in LENGTHS if lengths[place] <= limit)
        bucket = waiting.setdefault(length, [])
        bucket.append(place)
        if len(bucket) == max(1, TOKENS // length):
            full.append((length, bucket))
            waiting[length] = []
    rng.shuffle(full)
    return full


def _tensors(ids: list[list[int]], targets: list[tuple[float, ...]], length: int) -> Batch:
    rows = torch.zeros(len(ids), length, dtype=torch.long)
    mask = torch.zeros_like(rows)
    for row, tokens in enumerate(ids):
        rows[row, : len(tokens)] = torch.tensor(tokens)
        mask[row, : len(tokens)] = 1
    return Batch(rows, mask, torch.tensor(targets))
