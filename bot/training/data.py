"""Reads labelled comments and decides which of them an epoch shows, and how often.

Here live the label order, the reading of the files, the held-out part and the balance of sources
and classes. What is done to a text afterwards lives in `augment`.
"""

import gzip
import hashlib
import json
import math
import random
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

LABELS = ("toxicity", "severe_toxicity", "obscene", "threat", "insult", "identity_attack")
ABSENT = math.nan
NATURAL = "wikipedia_talk_natural"
TALK = ("jigsaw_slice", "jigsaw_six_labels")


@dataclass(frozen=True, slots=True)
class Example:
    """One text; a label that nobody annotated is NaN in `targets` and weighs nothing.

    `lesson` replaces the targets in the loss, where teachers softened them.
    """

    text: str
    targets: tuple[float, ...]
    source: str
    lesson: tuple[float, ...] | None = None

    def target(self, label: str) -> float:
        """Return the value of one label, NaN where it is absent."""
        return self.targets[LABELS.index(label)]


@dataclass(frozen=True, slots=True)
class Share:
    """How often an epoch shows the rows of one source, by class, and how often the rare ones."""

    positive: float = 1.0
    negative: float = 1.0
    rare: float = 1.0


# The balance is deliberate. Talk pages are what the model is for, so the slice is shown more than
# once. Tweets labelled by slur carry a dialect bias, so most of their positives are left out.
# Article sentences full of identity terms teach that naming a group is no attack.
RECIPE: Mapping[str, Share] = {
    "jigsaw_slice": Share(2.0, 2.0),
    "jigsaw_six_labels": Share(6.0, 3.0, rare=6.0),
    "civil_comments_spans": Share(1.0, 1.0, rare=3.0),
    "paradetox": Share(1.0, 0.6),
    "davidson_tweets": Share(0.2, 1.0, rare=1.0),
    "hatemoji_build": Share(1.5, 1.5, rare=2.5),
    "stormfront_sentences": Share(2.0, 0.35),
    "wikipedia_talk_natural": Share(2.0, 1.0),
    "wikipedia_identity_terms_clean": Share(1.0, 0.5),
}

# A row is rare when one of these labels reaches its value: few annotators ever agree on them.
RARE: Mapping[str, float] = {
    "severe_toxicity": 0.5,
    "obscene": 0.3,
    "threat": 0.25,
    "identity_attack": 0.4,
}


def read(path: Path, limit: int | None = None) -> list[dict[str, object]]:
    """Read the rows of a JSON-lines file, gzipped or not."""
    opener = gzip.open if path.suffix == ".gz" else open
    with opener(path, "rt", encoding="utf-8") as lines:
        rows = (json.loads(line) for line in lines if line.strip())
        return [row for index, row in enumerate(rows) if limit is None or index < limit]


def targets_of(labels: Mapping[str, float]) -> tuple[float, ...]:
    """Order the labels of a row; those that are absent become NaN."""
    return tuple(float(labels.get(name, ABSENT)) for name in LABELS)


def load(folder: Path, limit: int | None = None) -> list[Example]:
    """Load every file of a folder, without repeated texts, in a stable order."""
    seen: set[tuple[str, str]] = set()
    examples = []
    for path in sorted(folder.glob("*.jsonl*")):
        source = path.name.split(".")[0]
        for row in read(path, limit):
            text, labels = str(row["text"]), row["labels"]
            if (source, text) in seen or not isinstance(labels, dict):
                continue
            seen.add((source, text))
            examples.append(Example(text, targets_of(labels), source))
    return examples


def held_out(text: str, fraction: float) -> bool:
    """Tell by a hash whether a text belongs to the part that calibrates and never trains."""
    digest = hashlib.sha256(text.encode("utf-8", "replace")).digest()
    return int.from_bytes(digest[:4], "big") < fraction * 2**32


def split(
    examples: Iterable[Example], fraction: float = 0.06
) -> tuple[list[Example], list[Example]]:
    """Split into what trains and what is held out; equal texts fall on the same side."""
    kept: list[Example] = []
    held: list[Example] = []
    for example in examples:
        (held if held_out(example.text, fraction) else kept).append(example)
    return kept, held


def is_positive(example: Example) -> bool:
    """Tell whether any annotated label reaches one half."""
    return any(value >= 0.5 for value in example.targets)


def is_rare(example: Example) -> bool:
    """Tell whether a label with few examples is among those that this row carries."""
    return any(example.target(label) >= least for label, least in RARE.items())


def times_shown(example: Example, recipe: Mapping[str, Share]) -> float:
    """Return how often, on average, an epoch shows this row."""
    share = recipe.get(example.source, Share())
    base = share.positive if is_positive(example) else share.negative
    return max(base, share.rare) if is_rare(example) else base


def epoch(
    examples: Sequence[Example], rng: random.Random, recipe: Mapping[str, Share] = RECIPE
) -> Iterator[Example]:
    """Draw one epoch: whole copies for the whole part of the share, a draw for the rest."""
    for example in examples:
        shown = times_shown(example, recipe)
        copies = int(shown) + (rng.random() < shown - int(shown))
        for _ in range(copies):
            yield example
