"""Changes texts the way people do who hide words, and the way a fair model should not notice.

Here live the obfuscations and the exchange of identity terms.
Every change keeps the label. Which texts an epoch shows is decided in `data`.
"""

import math
import random
import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace

from bot.training.data import Example

WORD = re.compile(r"[^\W\d_]{3,}")

LEET: Mapping[str, str] = {
    "a": "@4",
    "b": "8",
    "e": "3",
    "g": "9",
    "i": "1!",
    "l": "1|",
    "o": "0",
    "s": "$5",
    "t": "7+",
}
LOOKALIKES = str.maketrans("aceiopxy", "асеіорху")

# Terms that can stand for one another in a sentence; every group is one part of speech.
IDENTITY_GROUPS: Sequence[Sequence[str]] = (
    (
        "gay",
        "straight",
        "lesbian",
        "bisexual",
        "transgender",
        "queer",
        "heterosexual",
        "homosexual",
    ),
    ("black", "white", "asian", "latino", "african", "european", "american", "mexican", "chinese"),
    ("muslim", "jewish", "christian", "catholic", "buddhist", "hindu", "sikh", "atheist"),
    ("muslims", "jews", "christians", "catholics", "buddhists", "hindus", "sikhs", "atheists"),
    ("deaf", "blind", "paralyzed", "disabled", "autistic"),
    ("old", "young", "elderly", "teenage"),
    ("women", "men", "girls", "boys"),
    ("woman", "man", "girl", "boy"),
    ("immigrants", "refugees", "foreigners", "tourists", "locals"),
)
_GROUP_OF = {term: group for group in IDENTITY_GROUPS for term in group}
IDENTITY = re.compile(
    r"\b(" + "|".join(sorted(_GROUP_OF, key=len, reverse=True)) + r")\b", re.IGNORECASE
)


def _leet(word: str, rng: random.Random) -> str:
    return "".join(
        rng.choice(LEET[c.lower()]) if c.lower() in LEET and rng.random() < 0.6 else c for c in word
    )


def _space(word: str, rng: random.Random) -> str:
    return rng.choice(" .-_*").join(word)


def _repeat(word: str, rng: random.Random) -> str:
    at = rng.randrange(len(word))
    return word[:at] + word[at] * rng.randint(2, 5) + word[at + 1 :]


def _lookalike(word: str, _: random.Random) -> str:
    return word.lower().translate(LOOKALIKES)


def _censor(word: str, rng: random.Random) -> str:
    hidden = rng.randint(1, len(word) - 2)
    start = rng.randint(1, len(word) - 1 - hidden)
    mark = rng.choice("**#-_")
    return word[:start] + mark * hidden + word[start + hidden :]


def _swap(word: str, rng: random.Random) -> str:
    at = rng.randrange(len(word) - 1)
    return word[:at] + word[at + 1] + word[at] + word[at + 2 :]


def _drop(word: str, rng: random.Random) -> str:
    at = rng.randrange(1, len(word))
    return word[:at] + word[at + 1 :]


OBFUSCATIONS: Sequence[Callable[[str, random.Random], str]] = (
    _leet,
    _leet,
    _space,
    _repeat,
    _repeat,
    _lookalike,
    _censor,
    _censor,
    _swap,
    _drop,
)


def telling_words(
    examples: Iterable[Example], least: int = 8, ratio: float = 6.0
) -> frozenset[str]:
    """Learn from the data which words toxic texts use far more often than others do."""
    toxic: Counter[str] = Counter()
    clean: Counter[str] = Counter()
    for example in examples:
        value = example.target("toxicity")
        if not math.isnan(value):
            words = set(WORD.findall(example.text.lower()))
            (toxic if value >= 0.5 else clean).update(words)
    scale = (sum(clean.values()) + 1) / (sum(toxic.values()) + 1)
    return frozenset(
        word
        for word, count in toxic.items()
        if count >= least and count * scale / (clean[word] + 1) >= ratio
    )


def obfuscate(text: str, rng: random.Random, telling: frozenset[str]) -> str:
    """Disguise the telling words of a text, or one to three others where it has none."""
    words = list(WORD.finditer(text))
    chosen = [m for m in words if m.group().lower() in telling]
    if not chosen:
        chosen = rng.sample(words, min(len(words), rng.randint(1, 3)))
    change = rng.choice(OBFUSCATIONS)
    for match in sorted(chosen, key=lambda m: m.start(), reverse=True):
        text = text[: match.start()] + change(match.group(), rng) + text[match.end() :]
    return text


def swap_identities(text: str, rng: random.Random) -> str:
    """Exchange each identity term for another of its group, the same one throughout."""
    chosen: dict[str, str] = {}

    def other(match: re.Match[str]) -> str:
        term = match.group().lower()
        new = chosen.setdefault(term, rng.choice(_GROUP_OF[term]))
        return new.capitalize() if match.group()[0].isupper() else new

    return IDENTITY.sub(other, text)


def vary(
    example: Example, rng: random.Random, telling: frozenset[str], obfuscated: float = 0.12
) -> Example:
    """Return the text as it is, mostly; else disguised, in other case, or with other identities."""
    text = example.text
    if rng.random() < 0.5:
        text = swap_identities(text, rng)
    if rng.random() < obfuscated:
        text = obfuscate(text, rng, telling)
    return replace(example, text=text)
