"""Single words and phrases as examples: the listed ones, and innocent ones that look like them.

Comments teach what people say; they hold few plain threats, and hardly ever a bird or a town whose
name holds a bad word. Lives here: which list means which labels, and which plain words are
innocent. Not here: the lists themselves (`rules/`) and how often a word is shown (`data`).
"""

import random
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from bot.training.data import Example, targets_of

LISTED, PLAIN, LOOKALIKE = "listed", "plain_words", "lookalike_words"
"""The sources of these examples, for the recipe."""

MEANING: Mapping[str, Mapping[str, float]] = {
    "profanity-strong": {"toxicity": 0.9, "obscene": 0.95, "threat": 0.0},
    "insults": {"toxicity": 0.8, "insult": 0.9, "threat": 0.0},
    "slurs": {"toxicity": 0.95, "identity_attack": 0.9, "insult": 0.8, "threat": 0.0},
    "hate-phrases": {"toxicity": 0.95, "identity_attack": 0.95},
    "threats": {"toxicity": 0.9, "threat": 0.95},
    "death-wishes": {"toxicity": 0.95, "threat": 0.6},
    "hostile-phrases": {"toxicity": 0.8},
    "sexual-harassment": {"toxicity": 0.8, "obscene": 0.6},
    "self-harm-encouragement": {"toxicity": 0.95},
}
"""What an entry of a list says when somebody writes it, by the list's name."""

CLEAN = targets_of(dict.fromkeys(("toxicity", "severe_toxicity", "obscene", "threat"), 0.0))
INNOCENT = "innocent"
SHORTEST = 4
"""Letters of a plain word; shorter pieces are often no words."""


def entries(path: Path) -> list[str]:
    """Return the entries of a list file; a star at an edge goes, one inside drops the entry."""
    lines = (line.split("#")[0].strip() for line in path.read_text(encoding="utf-8").splitlines())
    plain = (line.strip("*") for line in lines)
    return [line for line in plain if line and "*" not in line]


def listed(folder: Path) -> list[Example]:
    """Return every entry of the lists that have a meaning here."""
    return [
        Example(entry, targets_of(labels), LISTED)
        for name, labels in MEANING.items()
        for entry in entries(folder / f"{name}.txt")
    ]


def innocent(folder: Path, words: Iterable[str], telling: frozenset[str]) -> list[Example]:
    """Return the innocent phrases of the lists, and of `words` those that mean nothing bad.

    A word that holds a listed one is what a model gets wrong, hence a source of its own. Words
    that toxic comments prefer (`telling`) are left out, whatever they hold.
    """
    bad = {
        word for path in folder.glob("*.txt") for entry in entries(path) for word in entry.split()
    }
    alone = (example.text.lower() for example in listed(folder))
    parts = tuple(word for word in alone if len(word) >= SHORTEST and word.isalpha())
    phrases = [
        entry for path in sorted((folder / INNOCENT).glob("*.txt")) for entry in entries(path)
    ]
    found = [Example(phrase, CLEAN, LOOKALIKE) for phrase in phrases]
    for word in words:
        if len(word) < SHORTEST or not word.isalpha() or word in telling or word in bad:
            continue
        if not any(_inflects(word, part) for part in parts if part in word):
            looks = any(part in word for part in parts)
            found.append(Example(word, CLEAN, LOOKALIKE if looks else PLAIN))
    return found


def _inflects(word: str, part: str) -> bool:
    """Tell whether `word` is likely a form of `part`, and so as bad as that."""
    return word.startswith(part) and len(word) - len(part) <= len("ing")


def among_others(rows: Sequence[Example], rng: random.Random) -> list[Example]:
    """Set a part of the listed phrases into clean comments, and plain words beside others."""
    clean = [row.text for row in rows if row.target("toxicity") == 0 and len(row.text) < 200]
    plain = [row.text for row in rows if row.source == PLAIN]
    return [_beside(row, clean, plain, rng) for row in rows]


def _beside(
    row: Example, clean: Sequence[str], plain: Sequence[str], rng: random.Random
) -> Example:
    if row.source == LISTED and " " in row.text and clean and rng.random() < 0.5:
        return replace(row, text=" ".join(rng.sample([row.text, rng.choice(clean)], 2)))
    if row.source == PLAIN and rng.random() < 0.5:
        return replace(row, text=" ".join([row.text, *rng.choices(plain, k=rng.randint(1, 4))]))
    return row
