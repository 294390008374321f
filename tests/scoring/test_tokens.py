from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import UserError
from bot.scoring.batches import plan
from bot.scoring.catalogue import find
from bot.scoring.tokens import Encoder, as_read, clean, load_encoder
from tests.scoring import tiny


@pytest.fixture(scope="module")
def encoders(tiny_models: dict[str, Path]) -> dict[str, Encoder]:
    files = {kind: find(str(folder)) for kind, folder in tiny_models.items()}
    return {kind: load_encoder(each.folder, each.longest_input()) for kind, each in files.items()}


@pytest.mark.parametrize("kind", tiny.KINDS)
def test_short_text_is_one_window(encoders: dict[str, Encoder], kind: str) -> None:
    ((window,),) = encoders[kind].encode(["hello you"])
    assert window.text == "hello you"


@pytest.mark.parametrize("kind", tiny.KINDS)
def test_long_text_is_covered_by_overlapping_windows(
    encoders: dict[str, Encoder], kind: str
) -> None:
    text = " ".join(f"word{number}" for number in range(400))
    (windows,) = encoders[kind].encode([text])
    assert len(windows) > 3
    assert all(len(window.ids) <= 128 for window in windows)
    end = 0
    for number, window in enumerate(windows):
        start = text.index(window.text.strip(), 0)
        assert start <= end, f"a gap before window {number}"
        assert start == 0 or start < end, "neighbours share some words"
        end = start + len(window.text.strip())
    assert end == len(text)


def test_windows_begin_and_end_at_words(encoders: dict[str, Encoder]) -> None:
    words = {f"word{number}" for number in range(400)}
    (windows,) = encoders["bert"].encode([" ".join(sorted(words))])
    assert all(set(window.text.split()) <= words for window in windows)


@pytest.mark.parametrize("kind", tiny.KINDS)
@pytest.mark.parametrize("text", ["x" * 5000, "\U0001f4a9" * 700, "a\U0001f600" * 500])
def test_text_without_borders_is_cut_all_the_same(
    encoders: dict[str, Encoder], kind: str, text: str
) -> None:
    (windows,) = encoders[kind].encode([text])
    assert windows
    assert all(2 <= len(window.ids) <= 128 for window in windows)


@given(
    st.text(max_size=400)
    | st.text(alphabet="ab \ud800\0\u202e\U0001f600'", min_size=100, max_size=900)
)
def test_every_text_has_windows_that_fit(encoders: dict[str, Encoder], text: str) -> None:
    for encoder in encoders.values():
        (windows,) = encoder.encode([text])
        assert windows
        assert all(len(window.ids) <= 128 for window in windows)


@given(st.text(alphabet=st.characters(exclude_categories=())))
def test_cleaning_keeps_offsets(text: str) -> None:
    cleaned = clean(text)
    assert len(cleaned) == len(text)
    cleaned.encode()


def test_no_texts() -> None:
    assert plan([], 10) == []


@given(st.lists(st.integers(1, 600), max_size=60), st.integers(1, 3000))
def test_plan_takes_each_once_within_the_budget(lengths: list[int], budget: int) -> None:
    batches = plan(lengths, budget)
    assert sorted(position for batch in batches for position in batch) == list(range(len(lengths)))
    for batch in batches:
        assert len(batch) == 1 or len(batch) * max(lengths[i] for i in batch) <= budget


def test_unlike_lengths_are_not_padded_to_each_other() -> None:
    assert plan([10, 400, 12, 390], 4000) == [[1, 3], [2, 0]]


@pytest.mark.parametrize("content", [None, "{}", "not json"])
def test_missing_or_broken_tokenizer_is_named(tmp_path: Path, content: str | None) -> None:
    if content is not None:
        (tmp_path / "tokenizer.json").write_text(content)
    with pytest.raises(UserError, match="tokenizer cannot be read"):
        load_encoder(tmp_path, 512)


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("plain ASCII, *as it is*", "plain ASCII, *as it is*"),
        ("m\u200bup\u2060pet", "muppet"),
        ("m\u03c5pp\u0435t", "muppet"),
        ("\uff4d\uff55\uff50pet", "muppet"),
        ("\ud800", "\N{REPLACEMENT CHARACTER}"),
    ],
)
def test_a_text_is_seen_as_its_readers_see_it(written: str, read: str) -> None:
    assert as_read(written) == read


def test_an_encoder_looks_at_texts_as_it_is_told(tiny_models: dict[str, Path]) -> None:
    reader = load_encoder(tiny_models["bert"], 64, as_read)
    plain = load_encoder(tiny_models["bert"], 64)
    disguised, bare = reader.encode(["m\u03c5ppet", "muppet"])
    assert disguised == bare
    assert plain.encode(["m\u03c5ppet"]) != plain.encode(["muppet"])
