import json
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
import pytest

from bot.scoring.agreement import probe_texts
from bot.scoring.catalogue import find, measured_layout, measurements
from bot.scoring.engine import Layout, Precision
from bot.scoring.loading import load_fast, usual_layout
from bot.scoring.tokens import Window
from bot.scoring.tuning import live_ms, stream_counts, tokens_per_second, tune

NOTED = Layout(streams=2, batch=512, at_once=640)


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GAVEL_HOME", str(tmp_path / "home"))


@pytest.fixture
def model(tiny_models: dict[str, Path]) -> str:
    return str(tiny_models["bert"])


def windows_of(model: str) -> list[Window]:
    encoder = load_fast(find(model), Precision.F32).encoder
    return [window for of_text in encoder.encode(probe_texts()) for window in of_text]


def note(model: str, content: object) -> None:
    measurements().parent.mkdir(parents=True)
    measurements().write_text(json.dumps({find(model).name: content}))


@pytest.mark.parametrize("precision", Precision)
def test_streams_change_no_score_and_no_order(model: str, precision: Precision) -> None:
    usual = Layout(streams=1, batch=1024, at_once=8192)
    one = load_fast(find(model), precision, usual).engine
    many = load_fast(find(model), precision, replace(usual, streams=3, batch=128)).engine
    windows = windows_of(model)
    for some in (windows, windows[::-1], windows[:1], []):
        alone, side_by_side = one.run(some), many.run(some)
        assert side_by_side.shape == (len(some), 6)
        np.testing.assert_allclose(side_by_side, alone, atol=2e-3)


@pytest.mark.parametrize(
    ("cores", "counts"), [(1, []), (2, [2]), (3, [2]), (6, [2, 4]), (16, [2, 4, 8, 16])]
)
def test_each_stream_has_a_core(cores: int, counts: list[int]) -> None:
    assert stream_counts(cores) == counts


def test_a_layout_that_is_not_clearly_faster_is_not_taken(model: str) -> None:
    files = find(model)
    layout, speed = tune(files, Precision.F32, windows_of(model), 1e15)
    assert (layout, speed) == (replace(usual_layout(files), at_once=8192), 1e15)


def test_the_fastest_layout_is_taken_with_its_speed(model: str) -> None:
    """Whatever is tried is faster than next to nothing."""
    layout, speed = tune(find(model), Precision.F32, windows_of(model), 1e-9)
    assert speed > 1.0
    assert layout.batch in {512, 1024, 2048}
    assert layout.at_once == usual_layout(find(model)).at_once


def test_speeds_are_measured(model: str) -> None:
    loaded = load_fast(find(model), Precision.F32)
    windows = windows_of(model)
    assert tokens_per_second(loaded, windows) > 0
    assert live_ms(loaded, windows) > 0


def test_what_was_measured_here_is_used(model: str) -> None:
    note(model, {"precision": "bf16", "layout": asdict(NOTED)})
    assert measured_layout(find(model).name, Precision.BF16) == NOTED
    assert load_fast(find(model), Precision.BF16).budget == NOTED.at_once
    # In another precision, other layouts are best.
    assert load_fast(find(model), Precision.INT8).budget == usual_layout(find(model)).at_once


@pytest.mark.parametrize(
    "content",
    [
        None,
        [],
        {"precision": "bf16"},
        {"precision": "bf16", "layout": None},
        {"precision": "bf16", "layout": {"streams": 2}},
        {"precision": "bf16", "layout": {"streams": 0, "batch": 1, "at_once": 1}},
        {"precision": "bf16", "layout": {"streams": "2", "batch": 1, "at_once": 1}},
    ],
)
def test_a_spoiled_note_costs_only_speed(model: str, content: object) -> None:
    note(model, content)
    assert measured_layout(find(model).name, Precision.BF16) is None
    assert load_fast(find(model), Precision.BF16).budget == usual_layout(find(model)).at_once


def test_a_note_that_is_no_json_costs_only_speed(model: str) -> None:
    note(model, {})
    measurements().write_text("{")
    assert measured_layout(find(model).name, Precision.BF16) is None
