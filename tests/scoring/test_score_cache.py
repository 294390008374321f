import logging
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.model import ModelInfo, Scores
from bot.store.score_cache import SqliteScoreCache

INFO = ModelInfo("model", "rev", ("toxicity", "threat"))
LIMIT = 1 << 20


def scores(toxicity: float = 0.25, windows: int = 1) -> Scores:
    return Scores(INFO.id, INFO.revision, {"toxicity": toxicity, "threat": 0.5}, windows)


@pytest.fixture
def cache(tmp_path: Path) -> Iterator[SqliteScoreCache]:
    cache = SqliteScoreCache(tmp_path / "deep" / "scores.sqlite", LIMIT)
    yield cache
    cache.close()


def test_what_is_put_comes_back(cache: SqliteScoreCache) -> None:
    known = {"": scores(), "a\0\ud800": scores(0.75, 3), "\U0001f600": scores(0.125)}
    cache.put_many(INFO, known)
    assert cache.get_many(INFO, [*known, "unknown"]) == known


@settings(max_examples=25, deadline=None)
@given(st.dictionaries(st.text(st.characters(exclude_categories=())), st.floats(0, 1, width=32)))
def test_round_trip(tmp_path_factory: pytest.TempPathFactory, values: dict[str, float]) -> None:
    cache = SqliteScoreCache(tmp_path_factory.mktemp("cache") / "scores.sqlite", LIMIT)
    known = {text: scores(value) for text, value in values.items()}
    cache.put_many(INFO, known)
    assert cache.get_many(INFO, list(known)) == known
    cache.close()


def test_model_and_revision_are_part_of_the_key(cache: SqliteScoreCache) -> None:
    cache.put_many(INFO, {"text": scores()})
    assert cache.get_many(ModelInfo("model", "next", INFO.labels), ["text"]) == {}
    assert cache.get_many(ModelInfo("other", "rev", INFO.labels), ["text"]) == {}


def test_another_number_of_labels_is_not_believed(cache: SqliteScoreCache) -> None:
    cache.put_many(INFO, {"text": scores()})
    assert cache.get_many(ModelInfo("model", "rev", ("toxicity",)), ["text"]) == {}


def test_texts_are_not_stored(cache: SqliteScoreCache, tmp_path: Path) -> None:
    cache.put_many(INFO, {"a very private sentence": scores()})
    cache.close()
    for path in (tmp_path / "deep").iterdir():
        assert b"private" not in path.read_bytes()


def test_size_stays_near_the_limit_and_the_newest_stay(tmp_path: Path) -> None:
    limit = 200_000
    cache = SqliteScoreCache(tmp_path / "scores.sqlite", limit)
    for start in range(0, 8000, 500):
        cache.put_many(INFO, {f"text {i}": scores() for i in range(start, start + 500)})
    kept = sum(cache.statistics().values())
    assert 500 < kept < 8000
    cache.close()
    assert (tmp_path / "scores.sqlite").stat().st_size < 2 * limit


def test_many_texts_at_once(cache: SqliteScoreCache) -> None:
    known = {f"text {i}": scores() for i in range(3000)}
    cache.put_many(INFO, known)
    assert cache.get_many(INFO, list(known)) == known
    assert cache.statistics() == {("model", "rev"): 3000}
    assert cache.size() > 0


def test_several_processes_write_at_once(tmp_path: Path) -> None:
    path = tmp_path / "scores.sqlite"
    code = (
        "import sys; from tests.scoring.test_score_cache import *\n"
        f"cache = SqliteScoreCache(Path({str(path)!r}), LIMIT)\n"
        "for i in range(30):\n"
        "    cache.put_many(INFO, {f'{sys.argv[1]} {i} {j}': scores() for j in range(10)})\n"
    )
    running = [subprocess.Popen([sys.executable, "-c", code, str(n)]) for n in range(3)]
    assert [process.wait() for process in running] == [0, 0, 0]
    cache = SqliteScoreCache(path, LIMIT)
    assert cache.statistics() == {("model", "rev"): 900}
    cache.close()


def test_damaged_file_is_told_once_and_scoring_goes_on(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "scores.sqlite"
    path.write_bytes(b"this is no database" * 1000)
    cache = SqliteScoreCache(path, LIMIT)
    with caplog.at_level(logging.WARNING):
        cache.put_many(INFO, {"text": scores()})
        assert cache.get_many(INFO, ["text"]) == {}
    assert len(caplog.records) == 1
    cache.clear()
    cache.put_many(INFO, {"text": scores()})
    assert cache.get_many(INFO, ["text"]) == {"text": scores()}
    cache.close()


def test_unwritable_place_is_told_once_and_scoring_goes_on(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "file").write_text("in the way")
    cache = SqliteScoreCache(tmp_path / "file" / "scores.sqlite", LIMIT)
    with caplog.at_level(logging.WARNING):
        cache.put_many(INFO, {"text": scores()})
        cache.put_many(INFO, {"text": scores()})
    assert len(caplog.records) == 1


def test_clear_deletes(cache: SqliteScoreCache, tmp_path: Path) -> None:
    cache.put_many(INFO, {"text": scores()})
    cache.clear()
    assert list((tmp_path / "deep").iterdir()) == []
    assert cache.get_many(INFO, ["text"]) == {}


def test_the_database_is_in_write_ahead_mode(cache: SqliteScoreCache, tmp_path: Path) -> None:
    cache.put_many(INFO, {"text": scores()})
    connection = sqlite3.connect(tmp_path / "deep" / "scores.sqlite")
    assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    connection.close()
