"""`gavel cache`: what is there, what is not, and the way out when it is damaged."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.model import ModelInfo, Scores
from bot.store.score_cache import SqliteScoreCache
from tests.cli.conftest import Run


@pytest.fixture
def cache(folder: Path) -> Path:
    path = folder / "cache"
    (folder / "config.yaml").write_text("cache: {folder: cache}\n", encoding="utf-8")
    return path / "scores.sqlite"


def fill(path: Path) -> None:
    model = ModelInfo("compact", "r1", ("insult",))
    kept = SqliteScoreCache(path, 1 << 30)
    kept.put_many(model, {"hello": Scores("compact", "r1", {"insult": 0.5})})
    kept.close()


def test_what_is_cached_is_shown_and_cleared(gavel: Run, cache: Path) -> None:
    assert "Nothing is cached yet" in gavel("cache").out
    fill(cache)
    assert "compact r1: 1 text\n" in gavel("cache").out
    assert "Deleted" in gavel("cache", "clear").out
    assert not cache.exists()


def test_clearing_nothing_says_so(gavel: Run, cache: Path) -> None:
    done = gavel("cache", "clear")
    assert done.code == 0
    assert "Nothing was cached" in done.out
    assert not cache.exists()


def test_a_damaged_cache_names_the_way_out(gavel: Run, cache: Path) -> None:
    cache.parent.mkdir()
    cache.write_bytes(b"no database at all" * 100)
    done = gavel("cache")
    assert done.code == 2
    assert "gavel cache clear" in done.err
    assert "Deleted" in gavel("cache", "clear").out
    assert "Nothing is cached yet" in gavel("cache").out
