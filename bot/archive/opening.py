"""From a path to comments: finds the format, and watches over the reading.

Lives here: `open_archive`, detection, and `Archive`. Not here: the formats (`formats`), and what
happens to the comments (`bot.replay`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path

from bot.archive.base import Format, Head
from bot.archive.decoding import PACKED_AGAIN, binary_kind, decode
from bot.archive.files import Bundle, DamagedError, Member
from bot.archive.links import Links
from bot.archive.rows import FIELDS
from bot.archive.source import Journal, Source
from bot.archive.table import FORMATS, formats
from bot.errors import Location, Problem, Severity, UserError, did_you_mean
from bot.model import Comment, Thread

HEAD_BYTES = 1 << 16


@dataclass(frozen=True, slots=True)
class _Part:
    format: Format
    member: Member


class Archive:
    """An archived thread, or many. Iterating reads it from its beginning, each time anew."""

    def __init__(
        self, bundle: Bundle, parts: tuple[_Part, ...], mapping: Mapping[str, str]
    ) -> None:
        """Read `parts` of `bundle` in turn; use `open_archive` to make one."""
        self.path = bundle.path
        self.format = ", ".join(dict.fromkeys(part.format.name for part in parts))
        self._bundle = bundle
        self._parts = parts
        self._mapping = mapping
        self._journal = Journal()

    @property
    def threads(self) -> Mapping[str, Thread]:
        """Titles and opening texts of the threads read so far, by id, without comments."""
        return self._journal.threads

    @property
    def skipped(self) -> Counter[str]:
        """How many entries were no comments to judge, by reason: deleted, system, empty."""
        return self._journal.skipped

    def __iter__(self) -> Iterator[Comment | Problem]:
        """Yield comments in file order, each problem where it was found."""
        journal = self._journal = Journal()
        yield from self._bundle.problems
        count = 0
        with self._bundle:
            for part in self._parts:
                for item in self._read(part, journal):
                    count += isinstance(item, Comment)
                    yield item
        if count == 0:
            message = f"no comment was found in it, read as {self.format}"
            journal.add(
                Problem(
                    "no-comments",
                    message,
                    Location(str(self.path)),
                    hint="name another format with --format",
                    severity=Severity.WARNING,
                )
            )
        yield from journal.close(str(self.path))

    def _read(self, part: _Part, journal: Journal) -> Iterator[Comment | Problem]:
        source = Source(self._bundle, part.member, journal, self._mapping)
        links = Links(source)
        for found in part.format.read(source):
            comment = links.admit(found)
            if journal.waiting:
                yield from journal.drain()
            yield comment
        links.close()
        yield from journal.drain()


def open_archive(
    path: Path,
    *,
    format: str | None = None,  # noqa: A002 - the word that users know
    mapping: Mapping[str, str] | None = None,
) -> Archive:
    """Open a file, a compressed file, a zip or a folder; the format is found by content.

    `mapping` is field → the name that a generic file uses for it. Raises `UserError` where the
    path is unreadable, empty, binary or of no known format.
    """
    names = _checked(mapping or {})
    chosen = _named(format) if format is not None else None
    bundle = Bundle(path)
    with bundle:
        parts = _whole(bundle, chosen) or tuple(_parts(bundle, chosen, names))
    return Archive(bundle, parts, names)


def _checked(mapping: Mapping[str, str]) -> Mapping[str, str]:
    for field in mapping:
        if field not in FIELDS:
            raise UserError(f"there is no field {field!r} to map", did_you_mean(field, FIELDS))
    return mapping


def _named(name: str) -> Format:
    for each in FORMATS:
        if each.name == name:
            return each
    raise UserError(f"there is no format {name!r}", did_you_mean(name, formats()))


def _whole(bundle: Bundle, chosen: Format | None) -> tuple[_Part, ...]:
    """Return one part for a format that is made of many files, where the bundle is one."""
    if bundle.is_single or not bundle.members:
        return ()
    head = Head("", tuple(member.name for member in bundle.members))
    found = (each for each in FORMATS if chosen in (None, each) and each.detect(head))
    return tuple(_Part(each, bundle.members[0]) for each in found)[:1]


def _parts(bundle: Bundle, chosen: Format | None, names: Mapping[str, str]) -> Iterator[_Part]:
    """Yield the members that can be read; a folder or zip holds other things as well."""
    found = [part for member in bundle.members if (part := _part(bundle, member, chosen, names))]
    telling = [part for part in found if part.format is not FORMATS[-1]]
    for part in found:
        # Plain text fits anything: beside real exports it is a licence or a note.
        if chosen is None and telling and part not in telling:
            bundle.problems.append(_not_read(part.member))
        else:
            yield part
    if not found:
        message = "nothing in it is an archive of a known format"
        place = Location(str(bundle.path))
        raise UserError(Problem("unknown-format", message, place, hint=_FORMAT_HINT))


_FORMAT_HINT = (
    f"--format txt reads each line as a comment; the other formats are {', '.join(formats()[:-1])}"
)


def _not_read(member: Member) -> Problem:
    return Problem(
        "not-read",
        "this is plain text beside archives of a known format; it is not read",
        Location(member.place),
        hint="read it on its own",
        severity=Severity.WARNING,
    )


def _part(
    bundle: Bundle, member: Member, chosen: Format | None, names: Mapping[str, str]
) -> _Part | None:
    """Return how to read a member; of a lone file, raise `UserError` where there is no way."""
    try:
        head = _head(bundle, member)
        found = chosen or _detected(head, member)
        found.check(Source(bundle, member, Journal(), names), head)
    except UserError as error:
        if bundle.is_single:
            raise
        bundle.problems.extend(replace(each, severity=Severity.WARNING) for each in error.problems)
        return None
    return _Part(found, member)


def _detected(head: Head, member: Member) -> Format:
    found = next((each for each in FORMATS if each.detect(head)), None)
    if found is None:
        place = Location(member.place, 1, 1, head.lines[0])
        message = "the format of this file is not known"
        raise UserError(Problem("unknown-format", message, place, hint=_FORMAT_HINT))
    return found


def _head(bundle: Bundle, member: Member) -> Head:
    place = Location(member.place)
    data = _first_bytes(bundle, member)
    if kind := binary_kind(data):
        message, hint = f"this is {kind}, not an archive of comments", "export the comments as text"
        if kind == PACKED_AGAIN:
            message, hint = f"this is {kind}; it is not looked into", "name it itself, or unpack it"
        raise UserError(Problem("binary", message, place, hint=hint))
    text = "".join(each.text for each in decode(iter((data,))))
    if not text.strip():
        message, hint = "the file is empty", "export it again, or name another file"
        raise UserError(Problem("empty", message, place, hint=hint))
    return Head(text)


def _first_bytes(bundle: Bundle, member: Member) -> bytes:
    data = b""
    with closing(bundle.pieces(member)) as pieces:
        try:
            while len(data) < HEAD_BYTES and (piece := next(pieces, b"")):
                data += piece
        except DamagedError as error:
            # What came before the damage may suffice; reading will meet it again, and note it.
            if not data:
                place = Location(member.place)
                raise UserError(Problem(error.code, str(error), place, hint=error.hint)) from error
    return data[:HEAD_BYTES]
