"""The fixtures, found by name: `FORMAT.good.*` and `FORMAT.broken.*`, files or folders."""

import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path

from bot.archive import Archive, open_archive
from bot.errors import Problem, UserError
from bot.model import Comment

FIXTURES = Path(__file__).parent / "fixtures"


def fixture(name: str, kind: str) -> Path:
    """Return the one fixture of a format and kind."""
    (path,) = (each for each in FIXTURES.iterdir() if each.name.split(".")[:2] == [name, kind])
    return path


def disguised(path: Path, folder: Path) -> Path:
    """Copy a fixture to a name that tells nothing of its format."""
    if path.is_dir():
        return Path(shutil.copytree(path, folder / "something"))
    return Path(shutil.copy(path, folder / "something"))


def written(folder: Path, data: bytes | str, name: str = "something") -> Path:
    """Write a file and return its path."""
    path = folder / name
    path.write_bytes(data.encode() if isinstance(data, str) else data)
    return path


def contents(
    path: Path, *, mapping: Mapping[str, str] | None = None
) -> tuple[Archive, list[Comment], list[Problem]]:
    """Read a whole archive."""
    archive = open_archive(path, mapping=mapping or {})
    items = list(archive)
    comments = [item for item in items if isinstance(item, Comment)]
    problems = [item for item in items if isinstance(item, Problem)]
    return archive, comments, problems


def whatever(path: Path, form: str | None = None) -> Iterator[Comment | Problem]:
    """Read what may be anything: `UserError` is the only error allowed."""
    try:
        yield from open_archive(path, format=form)
    except UserError as error:
        yield from error.problems
