"""Makes the word-piece vocabulary small: what nobody writes goes, emoji come.

Here lives the choice of pieces and their embeddings. Tokenising itself is the library's; the
transformer above the embeddings is not touched.
"""

import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import torch
from tokenizers import Tokenizer
from transformers import BertTokenizer

SPECIAL = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]")
EMOJI_BLOCKS = ((0x1F300, 0x1F64F), (0x1F680, 0x1F6FF), (0x1F900, 0x1FAFF), (0x2600, 0x27BF))


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The kept pieces in their new order, and for each the old ids whose mean it starts from."""

    pieces: tuple[str, ...]
    origins: tuple[tuple[int, ...], ...]


def piece_counts(tokenizer: Tokenizer, texts: Sequence[str]) -> Counter[int]:
    """Count how often each old id occurs."""
    counts: Counter[int] = Counter()
    for encoding in tokenizer.encode_batch(list(texts), add_special_tokens=False):
        counts.update(encoding.ids)
    return counts


def kept_pieces(
    vocabulary: Mapping[str, int], counts: Mapping[int, int], least: int, floor: int
) -> list[str]:
    """Keep special tokens, single characters, pieces seen `least` times and the first `floor`.

    Pieces stand in the vocabulary by their frequency in general English, which makes the first
    ones a sensible floor for what our texts happen not to use.
    """
    kept = [
        (index, piece)
        for piece, index in vocabulary.items()
        if not piece.startswith("[unused")
        and (
            piece in SPECIAL
            or len(piece.removeprefix("##")) == 1
            or counts.get(index, 0) >= least
            or index < floor
        )
    ]
    kept.sort(key=lambda item: (SPECIAL.index(item[1]) if item[1] in SPECIAL else 5, item[0]))
    return [piece for _, piece in kept]


def emoji() -> list[str]:
    """List the pictographs that have a name."""
    return [
        chr(code)
        for first, last in EMOJI_BLOCKS
        for code in range(first, last + 1)
        if unicodedata.category(chr(code)) in ("So", "Sk") and unicodedata.name(chr(code), "") != ""
    ]


def build(tokenizer: Tokenizer, texts: Sequence[str], least: int, floor: int) -> Vocabulary:
    """Choose the pieces: those kept, then each emoji alone and inside a run of emoji."""
    old = tokenizer.get_vocab()
    pieces = kept_pieces(old, piece_counts(tokenizer, texts), least, floor)
    origins: list[tuple[int, ...]] = [(old[piece],) for piece in pieces]
    for sign in emoji():
        name = unicodedata.name(sign).lower()
        meaning = tuple(tokenizer.encode(name, add_special_tokens=False).ids)
        for piece in (sign, "##" + sign):
            if piece not in old:
                pieces.append(piece)
                origins.append(meaning)
    return Vocabulary(tuple(pieces), tuple(origins))


def embeddings(old: torch.Tensor, origins: Iterable[Sequence[int]]) -> torch.Tensor:
    """Give every kept piece its old vector, and a new one the mean of the words of its name."""
    return torch.stack([old[list(ids)].mean(dim=0) for ids in origins])


def tokenizer_for(vocabulary: Vocabulary, max_length: int = 512) -> BertTokenizer:
    """Build the tokenizer that ships: the library's own, over our pieces."""
    table = {piece: index for index, piece in enumerate(vocabulary.pieces)}
    return BertTokenizer(vocab=table, do_lower_case=True, model_max_length=max_length)
