from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.errors import UserError
from bot.scoring.download import download
from tests.fakes.web import FileServer, serving

CONTENT = bytes(range(256)) * 4000


@pytest.fixture
def server(tmp_path: Path) -> Iterator[FileServer]:
    folder = tmp_path / "served"
    folder.mkdir()
    (folder / "file.bin").write_bytes(CONTENT)
    with serving(folder) as server:
        yield server


@pytest.fixture
def target(tmp_path: Path) -> Path:
    return tmp_path / "file.bin"


class Watcher:
    """Remembers what it was told, and how long it was asked to wait."""

    def __init__(self) -> None:
        self.told: list[tuple[str, int, int | None]] = []
        self.waits: list[float] = []

    def progress(self, name: str, size: int, total: int | None) -> None:
        self.told.append((name, size, total))


def fetch(server: FileServer, target: Path, watcher: Watcher | None = None) -> Watcher:
    watcher = watcher or Watcher()
    download(f"{server.address}/file.bin", target, watcher.progress, watcher.waits.append)
    return watcher


def test_whole_file_with_progress(server: FileServer, target: Path) -> None:
    told = fetch(server, target).told
    assert target.read_bytes() == CONTENT
    assert told[-1] == ("file.bin", len(CONTENT), len(CONTENT))
    assert [size for _, size, _ in told] == sorted(size for _, size, _ in told)


def test_broken_connection_is_resumed_where_it_broke(server: FileServer, target: Path) -> None:
    server.breaks, server.break_after = 2, 400_000
    watcher = fetch(server, target)
    assert target.read_bytes() == CONTENT
    assert [asked for _, asked in server.asked] == [None, "bytes=400000-", "bytes=800000-"]
    assert watcher.waits == [1.0, 2.0]


def test_resumes_what_an_earlier_run_left(server: FileServer, target: Path) -> None:
    target.with_name("file.bin.part").write_bytes(CONTENT[:1000])
    fetch(server, target)
    assert target.read_bytes() == CONTENT
    assert server.asked == [("/file.bin", "bytes=1000-")]
    assert not target.with_name("file.bin.part").exists()


def test_server_without_ranges_starts_over(server: FileServer, target: Path) -> None:
    server.ranges = False
    target.with_name("file.bin.part").write_bytes(b"other")
    fetch(server, target)
    assert target.read_bytes() == CONTENT


def test_more_than_the_server_has_starts_over(server: FileServer, target: Path) -> None:
    target.with_name("file.bin.part").write_bytes(CONTENT + b"surplus")
    fetch(server, target)
    assert target.read_bytes() == CONTENT


def test_server_trouble_is_tried_again(server: FileServer, target: Path) -> None:
    server.refusals = 3
    assert fetch(server, target).waits == [1.0, 2.0, 4.0]
    assert target.read_bytes() == CONTENT


def test_gives_up_and_keeps_what_arrived(server: FileServer, target: Path) -> None:
    server.breaks, server.break_after = 9, 1000
    with pytest.raises(UserError, match=r"broke off .*5 tries; 5,000 bytes are kept") as caught:
        fetch(server, target)
    assert "run the command again" in caught.value.render()
    assert target.with_name("file.bin.part").read_bytes() == CONTENT[:5000]
    assert not target.exists()


def test_a_try_that_brings_much_is_not_in_vain(server: FileServer, target: Path) -> None:
    """However often a large file breaks off, it arrives as long as it gets on."""
    large = CONTENT * 8
    (server.folder / "file.bin").write_bytes(large)
    server.breaks, server.break_after = 7, 1 << 20
    assert fetch(server, target).waits == [1.0] * 7
    assert target.read_bytes() == large


def test_each_new_try_is_told(
    server: FileServer, target: Path, caplog: pytest.LogCaptureFixture
) -> None:
    server.refusals = 1
    fetch(server, target)
    (told,) = caplog.messages
    assert told == "file.bin: the server answers 503 Service Unavailable; trying again in 1 s"


@pytest.mark.parametrize("address", ["http://[x/a.ckpt", "http://a b/a.ckpt", "http://h:p/a.ckpt"])
def test_what_is_no_address_is_not_tried_again(address: str, target: Path) -> None:
    watcher = Watcher()
    with pytest.raises(UserError, match="it is no address"):
        download(address, target, watcher.progress, watcher.waits.append)
    assert watcher.waits == []


def test_missing_file_is_not_tried_again(server: FileServer, target: Path) -> None:
    watcher = Watcher()
    with pytest.raises(UserError, match="404") as caught:
        download(f"{server.address}/nothing", target, watcher.progress, watcher.waits.append)
    assert watcher.waits == []
    assert "--from" in caught.value.render()


def test_absent_server_is_named(target: Path) -> None:
    watcher = Watcher()
    with pytest.raises(UserError, match=r"127\.0\.0\.1:9/file\.bin: Connection refused") as caught:
        download("http://127.0.0.1:9/file.bin", target, watcher.progress, watcher.waits.append)
    assert "is this machine online?" in caught.value.render()


def test_full_disk_is_named(server: FileServer, target: Path) -> None:
    # The device that is always full stands for a disk that fills.
    target.with_name("file.bin.part").symlink_to("/dev/full")
    with pytest.raises(UserError, match=r"cannot write .*No space left") as caught:
        fetch(server, target)
    assert "make room" in caught.value.render()


def test_unwritable_folder_is_named(server: FileServer, tmp_path: Path) -> None:
    with pytest.raises(UserError, match="cannot write"):
        fetch(server, tmp_path / "no such folder" / "file.bin")
