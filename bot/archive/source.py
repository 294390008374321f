"""What a reader reads from, and where it notes what went wrong.

Lives here: `Source` (the text of one stream, with lines and places), `Journal` (problems, threads
and what was skipped, over one pass), and the small conversions that all readers share. Not here:
bytes (`files`, `decoding`) and any format (`formats`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Generator, Iterator, Mapping
from contextlib import closing
from datetime import UTC, datetime
from functools import lru_cache

from bot.archive.decoding import decode
from bot.archive.files import Bundle, DamagedError, Member
from bot.archive.times import LocalDates, parse_time
from bot.errors import Location, Problem, Severity
from bot.frozen import maker
from bot.model import ANONYMOUS, Author, Comment, Thread

MAX_FIELD = 1 << 25
"""Longest line or value, in code points; beyond it a file is no list of comments."""

ARCHIVE = "archive"
"""Where comments come from, for rules that ask; a name by place is read faster than a default."""

make_comment = maker(Comment)
"""Takes what `Comment` takes; they come by the million."""

MOST_THREADS = 100_000
MOST_ALIKE = 1_000
_SHOWN_LINE = 2_000
_LATEST_SECONDS = 1 << 35

_YES = frozenset(
    {"true", "yes", "y", "1", "abusive", "toxic", "spam", "removed", "uphold", "upheld"}
)
_NO = frozenset(
    {"false", "no", "n", "0", "fine", "clean", "ok", "ham", "approved", "dismiss", "dismissed"}
)


_ENCODING = (
    "the bytes here are not UTF-8; all such bytes are read as Windows-1252",
    "save the file as UTF-8 if names or letters look wrong",
)
_UNFIT = (
    "NUL, a control character or half a character; all such become \N{REPLACEMENT CHARACTER}",
    "nothing else of the text is changed",
)


class Journal:
    """Notes of one pass. Problems wait here until they are drained, in file order."""

    def __init__(self) -> None:
        self.threads: dict[str, Thread] = {}
        self.skipped: Counter[str] = Counter()
        self.waiting: list[Problem] = []
        self._alike: Counter[str] = Counter()

    def add(self, problem: Problem) -> None:
        """Note a problem; of one kind only the first thousand are kept, the rest are counted."""
        self._alike[problem.code] += 1
        if self._alike[problem.code] <= MOST_ALIKE:
            self.waiting.append(problem)

    def drain(self) -> list[Problem]:
        """Return the problems noted since the last call."""
        drained, self.waiting = self.waiting, []
        return drained

    def close(self, place: str) -> list[Problem]:
        """Return what is left to say at the end of the pass."""
        more = (
            Problem(
                "more-problems",
                f"{count - MOST_ALIKE:,} more problems of the kind {code!r} are not listed",
                Location(place),
            )
            for code, count in self._alike.items()
            if count > MOST_ALIKE
        )
        return [*self.drain(), *more]


class Source:
    """The text of one stream. `line` and `column` tell where reading stands, from 1."""

    def __init__(
        self,
        bundle: Bundle,
        member: Member,
        journal: Journal,
        mapping: Mapping[str, str],
    ) -> None:
        """Read `member` of `bundle`; `mapping` is field → the name that the file uses."""
        self.bundle = bundle
        self.member = member
        self.journal = journal
        self.mapping = mapping
        self.line = 0
        self.column: int | None = None
        self._warned: set[str] = set()

    @property
    def stem(self) -> str:
        """The file's name without endings: the thread's id where a format has none."""
        return self.member.stem

    def turn_to(self, member: Member) -> None:
        """Go on with another stream of the same bundle, from its beginning."""
        self.member, self.line, self.column = member, 0, None
        self._warned = set()

    def probe(self) -> Source:
        """Return a second look at the stream, which notes nothing."""
        return Source(self.bundle, self.member, Journal(), self.mapping)

    # --- text ----------------------------------------------------------------------------

    def text(self) -> Iterator[str]:
        """Yield the text piece by piece; damage ends it, and is noted."""
        lines_before = 0
        with closing(self._pieces()) as pieces:
            for decoded in decode(pieces):
                if decoded.bad is not None:
                    line = lines_before + decoded.text.count("\n", 0, decoded.bad) + 1
                    self._warn_once("encoding", *_ENCODING, line)
                if decoded.nul is not None:
                    self.warn_of_unfit_text(
                        lines_before + decoded.text.count("\n", 0, decoded.nul) + 1
                    )
                lines_before += decoded.text.count("\n")
                yield decoded.text

    def _pieces(self) -> Generator[bytes, None, None]:
        try:
            yield from self.bundle.pieces(self.member)
        except DamagedError as error:
            self.problem(error.code, str(error), hint=error.hint)

    def warn_of_unfit_text(self, line: int | None = None) -> None:
        """Note that text held what no file or database can: NUL, or half a surrogate pair."""
        self._warn_once("unfit-text", *_UNFIT, line)

    def _warn_once(self, code: str, message: str, hint: str, line: int | None) -> None:
        # Where one place is wrong, thousands are.
        if code not in self._warned:
            self._warned.add(code)
            self.warn(code, message, line=line, hint=hint)

    def lines(self) -> Iterator[str]:
        """Yield the lines without their ends; overlong ones are noted and left out."""
        # `self.line` may be set by readers meanwhile: the count is kept here.
        for number, line in enumerate(self._all_lines(), 1):
            self.line = number
            if len(line) <= MAX_FIELD:
                yield line
            else:
                message = f"the line is longer than {MAX_FIELD:,} characters; it is skipped"
                self.problem("too-long", message)

    def _all_lines(self) -> Iterator[str]:
        parts: list[str] = []
        held = 0
        for text in self.text():
            first, *others = text.split("\n")
            # Of an overlong line just enough is kept to know it as one.
            if held <= MAX_FIELD:
                parts.append(first)
                held += len(first)
            if others:
                yield "".join(parts)
                *whole, last = others
                yield from whole
                parts, held = [last], len(last)
        if held:
            yield "".join(parts)

    def begins_with(self, char: str) -> bool:
        """Tell whether `char` is the first character that is no space."""
        return next(self.text(), "").lstrip().startswith(char)

    # --- notes ---------------------------------------------------------------------------

    def problem(
        self,
        code: str,
        message: str,
        *,
        line: int | None = None,
        column: int | None = None,
        text: str | None = None,
        hint: str = "",
        severity: Severity = Severity.ERROR,
    ) -> None:
        """Note a problem, at the place where reading stands unless told otherwise.

        `text` is the line at fault, for people to see.
        """
        shown = text[: (column or 0) + _SHOWN_LINE] if text else None
        place = Location(self.member.place, line or self.line or None, column or self.column, shown)
        self.journal.add(Problem(code, message, place, hint, severity))

    def warn(self, code: str, message: str, *, line: int | None = None, hint: str = "") -> None:
        """Note something that costs no comment."""
        self.problem(code, message, line=line, hint=hint, severity=Severity.WARNING)

    def skip(self, reason: str) -> None:
        """Count a row that is no comment to judge: deleted, system, empty."""
        self.journal.skipped[reason] += 1

    def thread(self, name: str, title: str = "", context: str = "") -> None:
        """Remember a thread's title and opening text; the oldest are forgotten in huge files."""
        threads = self.journal.threads
        if name not in threads and (title or context):
            threads[name] = Thread(name, title, context)
            if len(threads) > MOST_THREADS:
                del threads[next(iter(threads))]

    # --- conversions -----------------------------------------------------------------------

    def time(self, value: object) -> datetime | None:
        """Return a time as aware UTC; `None`, with a note, where nobody can parse it."""
        if type(value) is int and 0 <= value < _LATEST_SECONDS:
            return datetime.fromtimestamp(value, UTC)  # What most rows hold, the shortest way.
        if value is None or value == "":
            return None
        try:
            return parse_time(value)
        except ValueError:
            self._warn_of_time(value)
            return None

    def local_time(self, value: str, dates: LocalDates) -> datetime | None:
        """Return a local time as if it were UTC; otherwise as `time`."""
        try:
            return dates.parse(value)
        except ValueError:
            self._warn_of_time(value)
            return None

    def _warn_of_time(self, value: object) -> None:
        self.warn(
            "bad-time",
            f"the time {_short(value)} cannot be understood; the comment is read without it",
            hint="ISO 8601 (2018-05-01T21:30:00Z) and seconds since 1970 are understood",
        )

    def label(self, value: object) -> bool | None:
        """Return a past decision: true for abusive, false for fine; a share counts from 0.5."""
        if value is None or value == "":
            return None
        if isinstance(value, bool):
            return value
        word = str(value).strip().lower()
        if word in _YES or word in _NO:
            return word in _YES
        try:
            share = float(word)
        except ValueError:
            share = -1.0
        if 0 <= share <= 1:
            return share >= 0.5  # noqa: PLR2004 - half of the annotators
        self.warn(
            "bad-label",
            f"the label {_short(value)} is neither abusive nor fine; it is left out",
            hint="use true or false, 1 or 0, abusive or fine",
        )
        return None


def _short(value: object) -> str:
    shown = repr(value)
    return shown if len(shown) <= 60 else shown[:57] + "..."  # noqa: PLR2004 - fits a line


@lru_cache(maxsize=1 << 16)
def author_of(name: str, number: str = "") -> Author:
    """Return an author known by name, number or both; few authors write most comments."""
    return Author(number or name, name) if name or number else ANONYMOUS


def objects(value: object) -> Iterator[dict[str, object]]:
    """Yield the objects of a JSON list; nothing where there is none."""
    if isinstance(value, list):
        yield from (each for each in value if isinstance(each, dict))


def text_of(value: object) -> str:
    """Return an id or a name as text; absent ones as the empty text."""
    if isinstance(value, str):
        return value
    return "" if value is None or isinstance(value, dict | list) else str(value)
