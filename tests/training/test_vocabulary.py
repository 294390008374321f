from pathlib import Path

import pytest
import torch
from transformers import BertTokenizer

from bot.training import vocabulary
from bot.training.vocabulary import Vocabulary
from tests.training.conftest import PIECES

TEXTS = ("you nice person", "the rain, the day!")


@pytest.fixture(scope="module")
def old(base: Path) -> BertTokenizer:
    tokenizer: BertTokenizer = BertTokenizer.from_pretrained(str(base))
    return tokenizer


@pytest.fixture(scope="module")
def pruned(old: BertTokenizer) -> Vocabulary:
    return vocabulary.build(old.backend_tokenizer, TEXTS, 1, 0)


def test_what_nobody_writes_goes_and_letters_stay(pruned: Vocabulary) -> None:
    kept = set(pruned.pieces)
    assert {"you", "nice", "person", "the", "rain", "day"} <= kept
    assert {"muppet", "thank", "##ing", "[unused0]"}.isdisjoint(kept)
    assert {piece for piece in PIECES if len(piece.removeprefix("##")) == 1} <= kept


def test_special_tokens_come_first_with_padding_at_zero(pruned: Vocabulary) -> None:
    assert pruned.pieces[: len(vocabulary.SPECIAL)] == vocabulary.SPECIAL
    assert len(set(pruned.pieces)) == len(pruned.pieces) == len(pruned.origins)


def test_floor_keeps_what_texts_happen_not_to_use(old: BertTokenizer) -> None:
    table = old.get_vocab()
    kept = vocabulary.kept_pieces(table, {}, least=1, floor=table["muppet"] + 1)
    assert "muppet" in kept
    assert "rain" not in kept


@pytest.mark.parametrize("text", [*TEXTS, "You, the RAIN!", "rained you", "ä nice däy"])
def test_kept_words_are_cut_as_before(old: BertTokenizer, pruned: Vocabulary, text: str) -> None:
    assert vocabulary.tokenizer_for(pruned).tokenize(text) == old.tokenize(text)


def test_lost_words_fall_into_kept_pieces_not_into_unknown(pruned: Vocabulary) -> None:
    pieces = vocabulary.tokenizer_for(pruned).tokenize("muppet")
    assert "".join(piece.removeprefix("##") for piece in pieces) == "muppet"


def test_emoji_are_known_alone_in_runs_and_behind_words(
    old: BertTokenizer, pruned: Vocabulary
) -> None:
    new = vocabulary.tokenizer_for(pruned)
    assert "[UNK]" in old.tokenize("🤣")
    assert new.tokenize("nice🤣 👍🏽🤣") == ["nice", "##🤣", "👍", "##🏽", "##🤣"]


def test_pieces_begin_with_their_old_vector_or_the_mean_of_their_name() -> None:
    table = torch.arange(12.0).reshape(4, 3)
    new = vocabulary.embeddings(table, [(2,), (0, 3)])
    assert torch.equal(new, torch.stack([table[2], (table[0] + table[3]) / 2]))
