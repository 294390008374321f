"""What is hostile, cut off or unreadable is told, and costs no more than it must."""

import gzip
import io
import json
import zipfile
import zlib
from pathlib import Path

import pytest
import zstandard

from bot.archive import open_archive
from bot.archive.files import FREE_BYTES
from bot.errors import Problem, UserError
from bot.model import Comment
from tests.archive.samples import contents, fixture, written

ROWS = "".join(
    json.dumps({"id": f"c{n}", "text": f"Good morning, number {n}"}) + "\n" for n in range(9000)
).encode()


def zip_of(folder: Path, members: dict[str, bytes]) -> Path:
    path = folder / "some.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return path


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "empty"),
        (b"\xef\xbb\xbf \n\t\n", "empty"),
        (b"\x89PNG\r\n\x1a\n\x00\x00", "binary"),
        (b"%PDF-1.7\n1 0 obj", "binary"),
        (bytes(range(256)) * 9, "binary"),
        (b"<html><body>A page</body></html>", "unknown-format"),
        (b'["just", "words"]', "unknown-format"),
        (b"PK\x03\x04 and no zip", "unreadable"),
        (gzip.compress(b""), "empty"),
        (b"\x1f\x8b\x08 and no gzip at all", "damaged"),
    ],
)
def test_what_cannot_be_read_is_refused_at_once_with_a_way_out(
    data: bytes, code: str, tmp_path: Path
) -> None:
    path = written(tmp_path, data)
    with pytest.raises(UserError) as refused:
        open_archive(path)
    (problem,) = refused.value.problems
    assert problem.code == code
    assert problem.hint
    assert problem.location is not None
    assert problem.location.path == str(path)


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="there is no such file"):
        open_archive(tmp_path / "nowhere")


def test_an_empty_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="nothing in it is an archive"):
        open_archive(tmp_path)


@pytest.mark.parametrize("pack", [gzip.compress, zstandard.compress])
def test_a_cut_off_compressed_file_gives_what_it_holds_and_a_problem(
    pack: object, tmp_path: Path
) -> None:
    assert callable(pack)
    whole = pack(ROWS)
    _, comments, problems = contents(written(tmp_path, whole[: len(whole) // 2]))
    assert 1000 < len(comments) < 9000
    assert "truncated" in [problem.code for problem in problems]


def test_a_bomb_is_stopped_and_what_came_before_is_kept(tmp_path: Path) -> None:
    packer = zlib.compressobj(9, wbits=31)
    bomb = packer.compress(b'{"text": "Good morning"}\n')
    for _ in range(2 * FREE_BYTES >> 20):
        bomb += packer.compress(b" " * (1 << 20))
    path = written(tmp_path, bomb + packer.flush())
    _, comments, problems = contents(path)
    assert [comment.text for comment in comments] == ["Good morning"]
    assert [problem.code for problem in problems] == ["bomb", "too-long"]


def test_a_zip_bomb_is_stopped_by_what_it_declares(tmp_path: Path) -> None:
    path = zip_of(tmp_path, {"a.txt": b"Good morning\n", "b.txt": b"A" * (FREE_BYTES + 1)})
    _, comments, problems = contents(path)
    assert [comment.text for comment in comments] == ["Good morning"]
    assert [problem.code for problem in problems] == ["bomb"]


@pytest.mark.parametrize(
    "name", ["../evil.txt", "/etc/evil.txt", "a/../../evil.txt", "C:\\evil.txt", "..\\evil.txt"]
)
def test_names_that_lead_outside_are_refused_and_the_rest_is_read(
    name: str, tmp_path: Path
) -> None:
    path = zip_of(tmp_path, {name: b"Evil\n", "good.txt": b"Good morning\n"})
    _, comments, problems = contents(path)
    assert [comment.text for comment in comments] == ["Good morning"]
    assert [problem.code for problem in problems] == ["unsafe-path"]


def test_links_that_lead_outside_of_a_folder_are_refused(tmp_path: Path) -> None:
    outside = written(tmp_path, "Evil\n", "outside.txt")
    folder = tmp_path / "export"
    folder.mkdir()
    written(folder, "Good morning\n", "good.txt")
    (folder / "link.txt").symlink_to(outside)
    _, comments, problems = contents(folder)
    assert [comment.text for comment in comments] == ["Good morning"]
    assert [problem.code for problem in problems] == ["unsafe-path"]


def test_a_zip_with_a_password_says_so(tmp_path: Path) -> None:
    path = zip_of(tmp_path, {"good.txt": b"Good morning\n"})
    data = bytearray(path.read_bytes())
    for signature, flags in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.index(signature) + flags] |= 1
    path.write_bytes(data)
    with pytest.raises(UserError, match="password"):
        open_archive(path)


def test_a_damaged_member_costs_only_itself(tmp_path: Path) -> None:
    path = tmp_path / "some.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a.txt", "Good morning\n")
        archive.writestr("b.txt", "Good evening\n")
    path.write_bytes(path.read_bytes().replace(b"Good morning\n", b"Bad morning!\n"))
    _, comments, problems = contents(path)
    assert "Good evening" in [comment.text for comment in comments]
    assert [problem.code for problem in problems] == ["damaged"]


def test_a_folder_of_many_formats_is_read_but_for_licences_and_pictures(tmp_path: Path) -> None:
    for name in ("disqus", "isso"):
        written(tmp_path, fixture(name, "good").read_bytes(), name)
    written(tmp_path, "A licence\n", "LICENSE")
    written(tmp_path, b"\x89PNG\r\n\x1a\n\x00", "cake.png")
    archive, comments, problems = contents(tmp_path)
    assert archive.format == "disqus, isso"
    assert len(comments) == 6
    assert sorted(problem.code for problem in problems) == ["binary", "not-read"]
    assert {str(problem.severity) for problem in problems} == {"warning"}


def test_a_zip_within_a_folder_is_not_looked_into_and_the_way_out_is_told(tmp_path: Path) -> None:
    (tmp_path / "notes.jsonl").write_bytes(ROWS)
    zip_of(tmp_path, {"talk.jsonl": ROWS})
    items = list(open_archive(tmp_path))
    assert sum(isinstance(item, Comment) for item in items) == 9000
    (problem,) = [item for item in items if isinstance(item, Problem)]
    assert "some.zip" in problem.render()
    assert problem.hint == "name it itself, or unpack it"


def test_a_zip_of_channels_is_read_channel_by_channel(tmp_path: Path) -> None:
    data = fixture("discord-json", "good").read_bytes()
    other = data.replace(b'"id": "2"', b'"id": "3"')
    path = zip_of(tmp_path, {"one.json": data, "two.json": other})
    archive, comments, problems = contents(path)
    assert (archive.format, problems) == ("discord-json", [])
    assert [comment.thread_id for comment in comments] == ["2"] * 4 + ["3"] * 4


def test_overlong_lines_are_skipped_and_the_rest_is_read(tmp_path: Path) -> None:
    huge = io.BytesIO()
    huge.write(b'{"text": "before"}\n{"text": "')
    for _ in range(34):
        huge.write(b"ab" * (1 << 19))
    huge.write(b'"}\n{"text": "after"}\n')
    _, comments, problems = contents(written(tmp_path, huge.getvalue()))
    assert [comment.text for comment in comments] == ["before", "after"]
    assert [(each.code, str(each.location)[-2:]) for each in problems] == [("too-long", ":2")]


@pytest.mark.parametrize("content", ['"hello"', "42", "null\n", " true "])
def test_a_lone_json_word_is_no_archive(tmp_path: Path, content: str) -> None:
    with pytest.raises(UserError, match="format of this file is not known") as caught:
        open_archive(written(tmp_path, content))
    assert "--format txt reads each line as a comment" in caught.value.render()
    assert len(list(open_archive(written(tmp_path, content), format="txt"))) == 1


@pytest.mark.parametrize("ending", ["gz", "zst", "zip"])
def test_a_name_that_promises_compression_is_doubted(tmp_path: Path, ending: str) -> None:
    _, comments, problems = contents(written(tmp_path, '{"text": "hello"}\n', f"thread.{ending}"))
    assert [comment.text for comment in comments] == ["hello"]
    assert [problem.code for problem in problems] == ["not-compressed"]
