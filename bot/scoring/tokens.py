"""Texts to tokens in bulk, and long texts to overlapping windows.

Lives here: cleaning what no tokenizer takes, encoding many texts at once, and cutting a text that
is longer than the model sees. Not here: batches (`bot.scoring.batches`) and models.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from tokenizers import Encoding, Tokenizer

from bot.errors import Location, Problem, UserError
from bot.model import Evasion
from bot.text import fold

OVERLAP = 64
"""Tokens that two neighbouring windows of a long text share."""

_STRANGE = "\N{SNOWMAN}\N{HANGUL SYLLABLE GAG}"
"""What few vocabularies hold: a tokenizer without a piece for the unknown fails at it."""

_LONE_SURROGATE = re.compile("[\ud800-\udfff]")


class Window(NamedTuple):
    """A text, or a stretch of a long one, and its token ids with the model's special tokens."""

    text: str
    ids: tuple[int, ...]


def clean(text: str) -> str:
    """Replace lone surrogates, which have no UTF-8, by the replacement character, one for one."""
    return text if text.isascii() else _LONE_SURROGATE.sub("\N{REPLACEMENT CHARACTER}", text)


def as_read(text: str) -> str:
    """Return a text as its readers see it: nothing invisible, no letters that imitate others."""
    if text.isascii():
        return text
    # The views come weakest first; one that would change nothing more is left out.
    seen = [view.text for view in fold(text).views if view.evasion is not Evasion.STRONG]
    return clean(seen[-1])


Seeing = Callable[[str], str]

SEEING: Mapping[str, Seeing] = {"as_written": clean, "as_read": as_read}
"""How a model looks at a text, by the name that its `gavel.json` may give under `sees`."""


class Encoder:
    """Encodes texts with a model's own tokenizer; windows have at most `limit` tokens.

    `see` is how a text is looked at first: as it stands, or `as_read`.
    """

    def __init__(self, tokenizer: Tokenizer, limit: int, see: Seeing = clean) -> None:
        tokenizer.no_padding()
        tokenizer.no_truncation()
        self._see = see
        self._tokenizer = tokenizer
        self._limit = limit
        self._room = limit - tokenizer.num_special_tokens_to_add(is_pair=False)

    @property
    def pieces(self) -> int:
        """How many tokens there are; ids lie below it."""
        return self._tokenizer.get_vocab_size()

    def encode(self, texts: Sequence[str]) -> list[tuple[Window, ...]]:
        """Return each text's windows: one for a text that fits, several for a longer one."""
        cleaned = [self._see(text) for text in texts]
        encoded = self._tokenizer.encode_batch_fast(cleaned)
        return [
            (Window(text, tuple(one.ids)),)
            if len(one) <= self._limit
            else self._cut(text, self._room)
            for text, one in zip(cleaned, encoded, strict=True)
        ]

    def _cut(self, text: str, room: int) -> tuple[Window, ...]:
        """Cut `text` at word borders into stretches of about `room` tokens, and encode each."""
        encoding = self._tokenizer.encode(text, add_special_tokens=False)
        stretches = [text[start:end] for start, end in _stretches(encoding, room)]
        windows: list[Window] = []
        for stretch, one in zip(
            stretches, self._tokenizer.encode_batch_fast(stretches), strict=True
        ):
            if len(one) <= self._limit:
                windows.append(Window(stretch, tuple(one.ids)))
            else:
                # Cut off from its neighbours, a stretch can encode to more tokens than it had.
                windows.extend(self._cut(stretch, room // 2))
        return tuple(windows)


def _stretches(encoding: Encoding, room: int) -> list[tuple[int, int]]:
    """Return character spans of about `room` tokens that overlap by `OVERLAP` and cover all."""
    words, offsets = encoding.word_ids, encoding.offsets
    overlap = min(OVERLAP, room // 4)
    spans: list[tuple[int, int]] = []
    first = 0
    while True:
        last = min(first + room, len(offsets))
        if last < len(offsets):
            last = _word_start(words, last, first + room // 2)
        spans.append((offsets[first][0], offsets[last - 1][1]))
        if last == len(offsets):
            return spans
        first = max(first + 1, _word_start(words, last - overlap, last - 2 * overlap))


def _word_start(words: Sequence[int | None], position: int, lowest: int) -> int:
    """Move `position` back to where a word starts, but not below `lowest`."""
    for candidate in range(position, lowest, -1):
        if words[candidate] != words[candidate - 1]:
            return candidate
    return position


def load_encoder(folder: Path, limit: int, see: Seeing = clean) -> Encoder:
    """Return the encoder of the model in `folder`; raise `UserError` when it has no tokenizer."""
    path = folder / "tokenizer.json"
    try:
        # The library reports everything, a missing file as well, as a bare Exception.
        encoder = Encoder(Tokenizer.from_str(path.read_text(encoding="utf-8")), limit, see)
        encoder.encode([_STRANGE])
    except Exception as error:  # noqa: BLE001 - see above
        raise UserError(
            Problem(
                "model.tokenizer",
                f"the model's tokenizer cannot be read: {error}",
                Location(str(path)),
                hint="a model folder holds tokenizer.json as `save_pretrained` writes it",
            )
        ) from None
    return encoder
