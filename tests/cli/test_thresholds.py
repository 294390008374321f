"""`gavel thresholds`: from a share of comments to the score that they reach."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.cli.thresholds import score_reached_by
from tests.cli.conftest import Run

ABUSIVE, KIND = "you are a stupid idiot and I hate you", "what a lovely day, thank you"


@given(st.lists(st.floats(0, 1), min_size=1), st.floats(0.01, 100))
def test_as_many_comments_reach_the_score_as_were_asked_for(
    scores: list[float], percent: float
) -> None:
    scores.sort(reverse=True)
    found = score_reached_by(scores, percent)
    wanted = round(len(scores) * percent / 100)
    assert (found is None) == (wanted == 0)
    if found is not None:
        assert sum(score >= found for score in scores) >= wanted
        assert found > scores[wanted - 1] - 0.0011


def test_a_share_of_an_archive_has_its_scores(gavel: Run, folder: Path) -> None:
    lines = [json.dumps({"text": f"{ABUSIVE if i < 2 else KIND} {i}"}) for i in range(10)]
    (folder / "old.jsonl").write_text("\n".join(lines) + "\n{\n", encoding="utf-8")
    done = gavel("thresholds", "old.jsonl", "--share", "20", "--share", "1%")
    assert done.code == 0
    assert "10 comments, scored by compact" in done.out
    head, *rows = [line.split() for line in done.out.splitlines()[1:]]
    assert head == ["1", "%", "20", "%"]
    (toxicity,) = [row for row in rows if row[0] == "toxicity"]
    assert toxicity[1] == "(TOXICITY)"
    assert toxicity[2] == "–"
    assert float(toxicity[3]) > 0.5
    assert "old.jsonl:11" in done.err


@pytest.mark.parametrize("share", ["0", "-1", "101", "nan", "x"])
def test_a_share_is_a_percentage(gavel: Run, share: str) -> None:
    assert gavel("thresholds", "old.jsonl", f"--share={share}").code == 2


def test_an_archive_without_comments_tells_why(gavel: Run, folder: Path) -> None:
    (folder / "bad.jsonl").write_text("{\n", encoding="utf-8")
    done = gavel("thresholds", "bad.jsonl", "--format", "jsonl")
    assert done.code == 2
    assert "bad.jsonl:1" in done.err
