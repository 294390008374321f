"""Files are written whole, or not at all."""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path

import pytest

from bot.cli.writing import replacing
from bot.errors import UserError


def test_what_stood_there_stays_until_all_is_written(tmp_path: Path) -> None:
    path = tmp_path / "report.html"
    path.write_text("of yesterday")
    with replacing(path) as file:
        file.write("of today")
        file.flush()
        assert path.read_text() == "of yesterday"
    assert path.read_text() == "of today"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("error", [KeyboardInterrupt, ValueError, BrokenPipeError])
def test_nothing_is_left_of_what_was_not_finished(
    tmp_path: Path, error: type[BaseException]
) -> None:
    path = tmp_path / "report.html"
    path.write_text("of yesterday")

    def half() -> None:
        with replacing(path) as file:
            file.write("half of")
            raise error

    with pytest.raises(error):
        half()
    assert path.read_text() == "of yesterday"
    assert list(tmp_path.iterdir()) == [path]


def test_a_full_disk_is_said(tmp_path: Path) -> None:
    path = tmp_path / "report.html"
    with pytest.raises(UserError) as refused, replacing(path):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    assert refused.value.render() == (
        f"error: cannot write {path}: No space left on device\n"
        "  hint: name a file in a folder that you own"
    )
    assert list(tmp_path.iterdir()) == []


def test_a_private_file_is_never_readable_for_others(tmp_path: Path) -> None:
    path = tmp_path / "token"
    path.write_text("old")
    path.chmod(0o644)
    with replacing(path, private=True) as file:
        (part,) = set(tmp_path.iterdir()) - {path}
        assert stat.S_IMODE(part.stat().st_mode) == 0o600
        file.write("new")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_link_still_leads_to_the_file(tmp_path: Path) -> None:
    real, link = tmp_path / "real", tmp_path / "link"
    real.write_text("old")
    link.symlink_to(real)
    with replacing(link) as file:
        file.write("new")
    assert link.is_symlink()
    assert real.read_text() == "new"


def test_a_device_is_written_as_it_is() -> None:
    with replacing(Path(os.devnull)) as file:
        file.write("gone")
    assert Path(os.devnull).is_char_device()
