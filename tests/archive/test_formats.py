"""The contract of every format in the table: detected by content, read whole, never surprised."""

import bz2
import gzip
import io
import lzma
import random
import shutil
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import zstandard

from bot.archive import FORMATS, formats
from bot.errors import Severity
from bot.model import Comment
from tests.archive.samples import FIXTURES, contents, disguised, fixture, whatever, written


@dataclass(frozen=True)
class Expected:
    """What a good fixture holds: ids with parents, authors, and what was left out."""

    replies: dict[str, str | None]
    authors: tuple[str, ...]
    first: datetime | None
    labels: tuple[bool | None, ...] = ()
    skipped: dict[str, int] = field(default_factory=dict)
    titles: tuple[str, ...] = ()


MARCH = datetime(2024, 3, 1, 7, 0, tzinfo=UTC)

GOOD: dict[str, Expected] = {
    "drupal": Expected(
        {
            "comment-1": "comment-2",
            "comment-2": None,
            "comment-3": None,
            "comment-4": "comment-3",
            "comment-5": None,
            "comment-6": None,
        },
        ("Old Miller", "J. R. Baker", "Ana María", "Ana María", "Ana María", "Lost Sheep"),
        datetime(2019, 3, 5, 9, 10, tzinfo=UTC),
        titles=("Town Council Votes To Move The Weekly Market",),
    ),
    "disqus": Expected(
        {"10": None, "11": "10", "13": None},
        ("Ilse", "Bruno", "Seller"),
        datetime(2020, 1, 2, 3, 4, 5, tzinfo=UTC),
        (False, True, True),
        {"deleted": 1},
        ("The market & we",),
    ),
    "wordpress": Expected(
        {"1": None, "2": "1", "3": None, "5": None, "6": None},
        ("Ilse",) * 5,
        datetime(2020, 1, 2, 3, 4, 1, tzinfo=UTC),
        (False, True, None, True, False),
        {"system": 1},
        ("The market moves",),
    ),
    "discord-json": Expected(
        {"101": None, "102": "101", "104": None, "105": None},
        ("Ilse",) * 4,
        datetime(2024, 3, 1, 8, 1, 0, 123000, tzinfo=UTC),
        skipped={"system": 1, "empty": 1},
        titles=("market-square",),
    ),
    "discord-csv": Expected(
        {"line-2": None, "line-3": None},
        ("ilse", "bruno"),
        datetime(2024, 2, 13, 21, 5, tzinfo=UTC),
        skipped={"empty": 1},
    ),
    "reddit-thread": Expected(
        {"c1": None, "c2": "c1", "c4": None},
        ("ilse",) * 3,
        MARCH,
        (None, True, False),
        {"not loaded": 1, "deleted": 1},
        ("My turnips",),
    ),
    "reddit-dump": Expected(
        {"c1": None, "c2": "c1", "c5": None, "aaa": None},
        ("ilse", "ilse", "", "bruno"),
        MARCH,
        (None, True, None, None),
        {"deleted": 1, "removed": 1},
    ),
    "wikiconv": Expected(
        {"1.1.1": None, "1.2.1": "1.1.1", "2.1.1": None},
        ("user-a", "user-b", "user-a"),
        datetime(2010, 5, 1, 10, 0, tzinfo=UTC),
        skipped={"empty": 1},
        titles=("Talk:Turnip", "Talk:Swede"),
    ),
    "discourse": Expected(
        {"55/1": None, "55/2": "55/1"},
        ("ilse", "bruno"),
        datetime(2024, 3, 1, 8, 1, tzinfo=UTC),
        (None, True),
        {"system": 1, "deleted": 1},
        ("The market",),
    ),
    "mastodon": Expected(
        {"1": None, "3": "1", "4": "3"},
        ("ilse",) * 3,
        datetime(2024, 3, 1, 8, 0, tzinfo=UTC),
        skipped={"empty": 1},
    ),
    "yt-dlp": Expected(
        {"k1.r1": "k1", "k1": None},
        ("@bruno", "@ilse"),
        MARCH + timedelta(minutes=1),
        titles=("Growing turnips",),
    ),
    "telegram": Expected(
        {"1234/2": None, "1234/3": "1234/2", "1234/4": None},
        ("Ilse", "Bruno", "Bruno"),
        MARCH + timedelta(minutes=1),
        skipped={"system": 1},
        titles=("Market square",),
    ),
    "hacker-news": Expected(
        {"2": None, "4": "2"},
        ("bruno", "ilse"),
        MARCH + timedelta(minutes=1),
        (None, True),
        {"deleted": 1},
        ("Turnips",),
    ),
    "isso": Expected(
        {"/market/#0": None, "/market/#1": "/market/#0", "/fair/#0": None},
        ("Ilse", "Bruno", ""),
        datetime(2020, 1, 2, 3, 4, 5, tzinfo=UTC),
        skipped={"empty": 1},
        titles=("The market", "The fair"),
    ),
    "slack": Expected(
        {
            "market/1709276401.000002": None,
            "market/1709276402.000003": "market/1709276401.000002",
            "market/1709362800.000001": None,
            "market/1709362802.000001": None,
        },
        ("Ilse", "bruno", "Cash register", "Ilse"),
        MARCH + timedelta(seconds=1, microseconds=2),
        skipped={"system": 1, "deleted": 1},
    ),
    "whatsapp": Expected(
        {"line-2": None, "line-4": None, "line-7": None},
        ("Ilse", "Bruno", "Ilse"),
        datetime(2024, 1, 13, 21, 6, tzinfo=UTC),
        skipped={"system": 1, "deleted": 1, "media": 1},
    ),
    "discord-text": Expected(
        {"line-1": None, "line-4": None, "line-5": None, "line-10": None},
        ("Ilse", "Ilse", "Bruno of the market", "Ilse"),
        datetime(2024, 1, 13, 21, 5, tzinfo=UTC),
        skipped={"empty": 1},
    ),
    "jsonl": Expected(
        {"a1": None, "a2": "a1", "line-3": None, "4": None},
        ("Ilse", "Bruno", "", ""),
        MARCH,
        (None, True, None, False),
        {"empty": 1},
        ("The market",),
    ),
    "csv": Expected(
        {"1": None, "2": "1", "3": "1"},
        ("Ilse", "Bruno", "Ilse"),
        datetime(2024, 3, 1, 8, 0, tzinfo=UTC),
        (False, True, None),
    ),
    "tsv": Expected({"1": None, "2": None}, ("Ilse", "Bruno"), None),
    "txt": Expected(
        {"line-1": None, "line-3": None, "line-4": None}, ("",) * 3, None, skipped={"empty": 1}
    ),
}

ALL = formats()
FILES = [name for name in ALL if name != "slack"]


def test_every_format_has_its_fixtures_and_no_fixture_is_left_over() -> None:
    assert set(GOOD) == set(ALL)
    assert {tuple(path.name.split(".")[:2]) for path in FIXTURES.iterdir()} == {
        (name, kind) for name in ALL for kind in ("good", "broken")
    }


@pytest.mark.parametrize("name", ALL)
def test_good_archive_is_known_by_content_alone_and_read_whole(name: str, tmp_path: Path) -> None:
    expected = GOOD[name]
    archive, comments, problems = contents(disguised(fixture(name, "good"), tmp_path))
    assert archive.format == name
    assert problems == []
    assert {comment.id: comment.parent_id for comment in comments} == expected.replies
    assert tuple(comment.author.name for comment in comments) == expected.authors
    assert comments[0].created_at == expected.first
    labels = tuple(comment.label for comment in comments)
    assert labels == (expected.labels or (None,) * len(comments))
    assert dict(archive.skipped) == expected.skipped
    assert tuple(thread.title for thread in archive.threads.values()) == expected.titles


@pytest.mark.parametrize("name", ALL)
def test_comments_keep_to_the_conventions(name: str) -> None:
    for kind in ("good", "broken"):
        _, comments, _ = contents(fixture(name, kind))
        assert len({comment.id for comment in comments}) == len(comments)
        for comment in comments:
            assert_conventions(comment)


def assert_conventions(comment: Comment) -> None:
    assert comment.id
    assert comment.thread_id
    assert comment.source == "archive"
    assert comment.text or "attachments" in comment.attributes or "embeds" in comment.attributes
    for time in (comment.created_at, comment.edited_at):
        assert time is None or time.utcoffset() == timedelta(0)
    for text in (comment.id, comment.text, comment.author.name, comment.author.id):
        assert "\0" not in text
        text.encode("utf-8")
    assert comment.parent_id != comment.id


@pytest.mark.parametrize("name", ALL)
def test_broken_archive_tells_each_problem_with_its_place_and_reads_on(
    name: str, tmp_path: Path
) -> None:
    path = disguised(fixture(name, "broken"), tmp_path)
    archive, comments, problems = contents(path)
    assert archive.format == name
    assert len(comments) >= 2
    assert problems
    for problem in problems:
        assert problem.location is not None
        assert problem.location.path.startswith(str(path))
        assert problem.location.line
        assert problem.render()


@pytest.mark.parametrize("name", ALL)
def test_reading_again_gives_the_same_again(name: str) -> None:
    archive, comments, _ = contents(fixture(name, "good"))
    skipped = dict(archive.skipped)
    assert list(archive) == comments
    assert dict(archive.skipped) == skipped


def zipped(data: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("inner/something", data)
    return buffer.getvalue()


PACKED: dict[str, Callable[[bytes], bytes]] = {
    "gz": gzip.compress,
    "zst": zstandard.ZstdCompressor().compress,
    "zst of two frames": lambda data: (
        zstandard.compress(data[: len(data) // 2]) + zstandard.compress(data[len(data) // 2 :])
    ),
    "bz2": bz2.compress,
    "xz": lzma.compress,
    "zip": zipped,
}


@pytest.mark.parametrize("packing", PACKED)
def test_packed_archives_are_read_directly(packing: str, tmp_path: Path) -> None:
    for name in FILES:
        path = disguised(fixture(name, "good"), tmp_path)
        plain = contents(path)[1]
        path.write_bytes(PACKED[packing](path.read_bytes()))
        archive, comments, problems = contents(path)
        assert (archive.format, comments, problems) == (name, plain, [])


@pytest.mark.parametrize("name", FILES)
def test_the_encoding_does_not_matter(name: str, tmp_path: Path) -> None:
    path = disguised(fixture(name, "good"), tmp_path)
    text, plain = path.read_text(encoding="utf-8"), contents(path)[1]
    for encoding in ("utf-8-sig", "utf-16", "utf-16-le", "utf-32"):
        path.write_bytes(text.encode(encoding))
        archive, comments, problems = contents(path)
        assert (archive.format, comments, problems) == (name, plain, [])
    path.write_bytes(text.replace("\n", "\r\n").encode())
    assert contents(path)[1] == plain


def test_slack_is_read_as_a_folder_and_as_a_zip_alike(tmp_path: Path) -> None:
    folder = fixture("slack", "good")
    packed = shutil.make_archive(str(tmp_path / "export"), "zip", folder)
    archive, comments, problems = contents(Path(packed))
    assert (archive.format, problems) == ("slack", [])
    assert comments == contents(folder)[1]


@pytest.mark.parametrize("name", FILES)
def test_truncation_anywhere_is_survived_and_never_silent(name: str, tmp_path: Path) -> None:
    data = fixture(name, "good").read_bytes()
    for length in range(0, len(data), max(1, len(data) // 60)):
        path = written(tmp_path, data[:length])
        items = list(whatever(path))
        assert items
        for item in items:
            if isinstance(item, Comment):
                assert_conventions(item)


@pytest.mark.parametrize("name", FILES)
def test_flipped_bytes_are_survived(name: str, tmp_path: Path) -> None:
    chance = random.Random(name)
    for kind in ("good", "broken"):
        data = fixture(name, kind).read_bytes()
        for _ in range(30):
            damaged = bytearray(data)
            for _ in range(chance.randint(1, 5)):
                damaged[chance.randrange(len(damaged))] = chance.randrange(256)
            for item in whatever(written(tmp_path, bytes(damaged))):
                if isinstance(item, Comment):
                    assert_conventions(item)


@pytest.mark.parametrize("name", FILES)
def test_a_format_can_be_forced_on_any_other_file(name: str, tmp_path: Path) -> None:
    for other in FILES:
        path = disguised(fixture(other, "good"), tmp_path)
        assert list(whatever(path, form=name))


def test_problems_that_cost_comments_are_errors_and_the_others_warnings() -> None:
    _, _, problems = contents(fixture("jsonl", "broken"))
    severities = {problem.code: problem.severity for problem in problems}
    assert severities == {
        "bad-json": Severity.ERROR,
        "bad-row": Severity.ERROR,
        "duplicate-id": Severity.WARNING,
        "bad-time": Severity.WARNING,
        "bad-label": Severity.WARNING,
        "orphan": Severity.WARNING,
        "reply-cycle": Severity.WARNING,
        "unfit-text": Severity.WARNING,
    }


def test_the_table_is_the_list_of_formats() -> None:
    assert tuple(each.name for each in FORMATS) == ALL
    assert len(set(ALL)) == len(ALL)
