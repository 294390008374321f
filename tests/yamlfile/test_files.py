"""Files that cannot be read: missing, too large, or of another encoding."""

import tracemalloc
from pathlib import Path

import pytest

from bot.yamlfile import Report, parse


def test_large_file_is_refused_unread(tmp_path: Path) -> None:
    path = tmp_path / "huge.yaml"
    with path.open("wb") as file:
        file.truncate(50_000_000)
    tracemalloc.start()
    report = Report()
    assert parse(path, report) is None
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 1_000_000
    (problem,) = report.problems
    assert problem.render() == (
        f"{path}: error: the file has 50,000,000 bytes; at most 1,000,000 are read\n"
        "  hint: split it into several files"
    )


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (
            b"a: 1\nb: caf\xe9 au lait\n",
            """\
{path}:2:7: error: byte 0xe9 is not UTF-8
 2 | b: caf\N{REPLACEMENT CHARACTER} au lait
   |       ^
   = hint: save the file as UTF-8""",
        ),
        (
            "a: b".encode("utf-16"),
            "{path}: error: the file is UTF-16, not UTF-8\n  hint: save it as UTF-8",
        ),
        (b"", "{path}: error: the file is empty"),
    ],
)
def test_wrong_encoding_names_the_byte(tmp_path: Path, data: bytes, expected: str) -> None:
    path = tmp_path / "x.yaml"
    path.write_bytes(data)
    report = Report()
    assert parse(path, report) is None
    (problem,) = report.problems
    assert problem.render() == expected.format(path=path)


def test_missing_file_and_folder_are_named(tmp_path: Path) -> None:
    report = Report()
    assert parse(tmp_path / "gone.yaml", report) is None
    assert parse(tmp_path, report) is None
    assert [problem.message for problem in report.problems] == [
        "this is not a file",
        "there is no such file",
    ]
